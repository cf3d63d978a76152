"""Draw diagrams: boxes, arrows, words, cells and paths at their places."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from bnreport.figures.frame import LINES, Palette, frame
from bnreport.plots import Arrow, Box, Cells, Diagram, Path, Shape, Words

TEXT = 10.0
MONOSPACE = "monospace"
DASHES = (0, (4, 2))


def diagram(plot: Diagram, palette: Palette) -> Figure:
    """The figure of a diagram; its axes measure inches and are not drawn."""
    figure = frame(plot.title, plot.subtitle, plot.height, plot.width)
    figure.set_layout_engine("none")
    height = figure.get_size_inches()[1]
    ax = figure.add_axes((0, 0, 1, plot.height / height))
    ax.set_axis_off()
    ax.set(xlim=(0, plot.width), ylim=(0, plot.height))
    for shape in plot.shapes:
        _shape(ax, shape, palette)
    return figure


def _shape(ax: Axes, shape: Shape, palette: Palette) -> None:
    match shape:
        case Box():
            _box(ax, shape, palette)
        case Arrow():
            _arrow(ax, shape, palette)
        case Words():
            _words(ax, shape, palette)
        case Cells():
            _cells(ax, shape, palette)
        case Path():
            _path(ax, shape, palette)


def _box(ax: Axes, box: Box, palette: Palette) -> None:
    color = palette.arms[box.tone]
    (x, y), rounding = box.at, 0.06
    corner = (x - box.width / 2 + rounding, y - box.height / 2 + rounding)
    size = (box.width - 2 * rounding, box.height - 2 * rounding)
    outline = f"round,pad={rounding}"
    if box.filled:
        ax.add_patch(FancyBboxPatch(corner, *size, outline, fc=color, ec="none", alpha=0.15))
    ax.add_patch(FancyBboxPatch(corner, *size, outline, fc="none", ec=color, lw=1.2))
    family = MONOSPACE if box.code else None
    ax.text(x, y, box.text, ha="center", va="center", size=TEXT, family=family, linespacing=1.35)


def _arrow(ax: Axes, arrow: Arrow, palette: Palette) -> None:
    color = palette.arms[arrow.tone]
    patch = FancyArrowPatch(
        arrow.start,
        arrow.end,
        arrowstyle="-|>" if arrow.head else "-",
        connectionstyle=f"arc3,rad={-arrow.bend}",
        mutation_scale=11,
        shrinkA=0,
        shrinkB=0,
        color=color,
        lw=1.2,
        linestyle=DASHES if arrow.dashed else "-",
    )
    ax.add_patch(patch)
    if arrow.text:
        x, y = ((a + b) / 2 for a, b in zip(arrow.start, arrow.end, strict=True))
        level = abs(arrow.end[1] - arrow.start[1]) < abs(arrow.end[0] - arrow.start[0])
        ax.annotate(
            arrow.text,
            (x, y),
            xytext=(0, 4) if level else (5, 0),
            textcoords="offset points",
            ha="center" if level else "left",
            va="bottom" if level else "center",
            color=color,
            size=9,
        )


def _words(ax: Axes, words: Words, palette: Palette) -> None:
    color = palette.ink if words.tone == "neutral" else palette.arms[words.tone]
    weight = "bold" if words.bold else "normal"
    ax.text(
        *words.at,
        words.text,
        ha=words.align,
        va="center",
        size=words.size,
        weight=weight,
        color=color,
        linespacing=1.35,
    )


def _cells(ax: Axes, cells: Cells, palette: Palette) -> None:
    left, top = cells.at
    for down, row in enumerate(cells.tones):
        for right, tone in enumerate(row):
            x, y = left + right * cells.side, top - (down + 1) * cells.side
            ground = palette.arms[tone] if tone else "none"
            square = Rectangle((x, y), cells.side, cells.side, fc=ground, ec="none", alpha=0.35)
            ax.add_patch(square)
            edge = Rectangle((x, y), cells.side, cells.side, fc="none", ec=palette.ink, lw=0.6)
            ax.add_patch(edge)
            if tone:
                middle = (x + cells.side / 2, y + cells.side / 2)
                ax.plot(*middle, LINES[tone], color=palette.arms[tone], markersize=4)


def _path(ax: Axes, path: Path, palette: Palette) -> None:
    color = palette.arms[path.tone]
    dashes = DASHES if path.dashed else "-"
    ax.plot(path.x, path.y, color=color, lw=1.6, linestyle=dashes)
    if path.filled:
        ax.fill(path.x, path.y, color=color, alpha=0.15, lw=0)
