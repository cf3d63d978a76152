"""Draw a matrix of words."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from bnreport.figures.frame import DPI, PAPERS, SMALL, frame, measured, wrapped
from bnreport.figures.palettes import Palette
from bnreport.presentation.plots import Matrix, Tile

# Points: the least that names beside the tiles have, and what is left free between tiles, at an
# edge, and beside the words of a tile.
NAMES, GAP, EDGE, ASIDE = 150.0, 3.0, 3.0, 8.0
# Points: a tile, a line of the head, and a line of the name above a row on a phone.
TILE, LINE, NAME = 25.0, 12.0, 14.0


def matrix(plot: Matrix, palette: Palette) -> Figure:
    """The figure of a matrix: names beside the rows, or above them on a phone."""
    paper, phone = PAPERS[plot.form], plot.form == "phone"
    width = DPI * paper.width
    left = EDGE if phone else _names(plot, width, paper.text)
    share = (width - left - EDGE) / len(plot.columns)
    above = NAME if phone else 0.0
    size = paper.text - 0.5
    tall = [_height(tiles, share - GAP, size) for _, tiles in plot.rows]
    head = LINE * max(name.count("\n") + 1 for name in plot.columns) + GAP
    tops = [head + sum(tall[:place]) + place * (GAP + above) for place in range(len(tall))]
    height = tops[-1] + above + tall[-1] + GAP + EDGE
    figure = frame(plot.title, plot.subtitle, height / DPI, form=plot.form)
    figure.set_layout_engine("none")
    ax = figure.add_axes((0, 0, 1, height / figure.bbox.height))
    ax.set_axis_off()
    ax.set(xlim=(0, width), ylim=(height, 0))
    for place, name in enumerate(plot.columns):
        middle = left + place * share + (share - GAP) / 2
        ax.text(middle, head - GAP, name, ha="center", va="bottom", size=SMALL, linespacing=1.1)
    for (name, tiles), top, high in zip(plot.rows, tops, tall, strict=True):
        lines = [name] if phone else wrapped(name, left - 2 * EDGE, paper.text)
        under = top + NAME / 2 if phone else top + high / 2
        ax.text(EDGE, under, "\n".join(lines), va="center", size=paper.text, linespacing=1.05)
        for across, tile in enumerate(tiles):
            if tile is not None:
                corner = (left + across * share, top + above)
                _tile(ax, tile, corner, (share - GAP, high, size), palette)
    return figure


def _lines(tile: Tile, width: float, size: float) -> list[str]:
    """The words of a tile, line by line."""
    weight = "normal" if tile.tone == "neutral" else "bold"
    return wrapped(tile.text, width - 2, size, weight)


def _height(tiles: Sequence[Tile | None], width: float, size: float) -> float:
    """The height of the tiles of a row: more than two lines need more than most do."""
    most = max((len(_lines(tile, width, size)) for tile in tiles if tile), default=1)
    return max(TILE, most * size + TILE - 2 * size)


def _names(plot: Matrix, width: float, size: float) -> float:
    """The width of the names beside the tiles: what they need, if the words of tiles leave it."""
    words = [tile.text for _, tiles in plot.rows for tile in tiles if tile]
    widest = max(measured(text, size - 0.5, "bold") for text in words) + ASIDE + GAP
    needed = max(measured(name, size) for name, _ in plot.rows) + 4 * EDGE
    return max(NAMES, min(needed, width - EDGE - widest * len(plot.columns)))


def _tile(
    ax: Axes,
    tile: Tile,
    corner: tuple[float, float],
    room: tuple[float, float, float],
    palette: Palette,
) -> None:
    """A tile from its upper left corner; `room` is its width, its height and its text's size."""
    color, (x, y), (width, height, size) = palette.arms[tile.tone], corner, room
    ax.add_patch(Rectangle(corner, width, height, fc=color, ec="none", alpha=0.18))
    ax.add_patch(Rectangle(corner, width, height, fc="none", ec=color, lw=0.8))
    weight = "normal" if tile.tone == "neutral" else "bold"
    middle = (x + width / 2, y + height / 2)
    text = "\n".join(_lines(tile, width, size))
    ax.text(*middle, text, ha="center", va="center", size=size, weight=weight, linespacing=1.0)
