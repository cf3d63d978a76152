"""Draw the picture that other sites show beside a link to this one."""

import io
from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from bnreport.figures.frame import measured, style, wrapped
from bnreport.figures.palettes import LIGHT

# Pixels, as the sites that show it ask for.
WIDTH, HEIGHT, DPI = 1200, 630, 100
GROUND = "#ffffff"
MARGIN, TOP = 80.0, 545.0
# Points of the title, the counts and the words; a title that is too wide shrinks.
TITLE, LEAST, COUNT, WORD = 44, 24, 26, 18
BAR, GAP, NARROWEST = (275.0, 66.0), 6.0, 6.0
# What stands below the bar: a column for each word, in a row or in two.
SWATCH, BESIDE, BETWEEN, ROW = 18.0, 10.0, 26.0, 82.0


def card(title: str, shares: Sequence[tuple[str, int, str]], below: str) -> bytes:
    """The picture as PNG: a title, a bar of counts, what its parts are, and a line below.

    Args:
        title: at most two lines.
        shares: what is counted, how many, and the colour; from left to right.
        below: a line of text.
    """
    with style(LIGHT):
        image = io.BytesIO()
        sketch(title, shares, below).savefig(image, format="png", metadata={"Software": None})
    return image.getvalue()


def sketch(title: str, shares: Sequence[tuple[str, int, str]], below: str) -> Figure:
    """The picture as matplotlib holds it; what counts nothing is left out."""
    figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=GROUND)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set_axis_off()
    ax.set(xlim=(0, WIDTH), ylim=(0, HEIGHT))
    room = WIDTH - 2 * MARGIN
    size = next(s for s in range(TITLE, LEAST - 1, -1) if s == LEAST or _fits(title, s, room))
    ax.text(MARGIN, TOP, title, size=size, weight="bold", va="top", linespacing=1.25)
    shares = [share for share in shares if share[1]]
    left = MARGIN
    for width, (_, _, color) in zip(_widths([n for _, n, _ in shares], room), shares, strict=True):
        ax.add_patch(Rectangle((left, BAR[0]), width, BAR[1], color=color))
        left += width + GAP
    left, top = MARGIN, BAR[0] - 28
    for word, count, color in shares:
        width = SWATCH + BESIDE + max(_wide(word, WORD, "normal"), _wide(str(count), COUNT))
        if left > MARGIN and left + width > WIDTH - MARGIN:
            left, top = MARGIN, top - ROW
        ax.add_patch(Rectangle((left, top - 26), SWATCH, SWATCH, color=color))
        x = left + SWATCH + BESIDE
        ax.text(x, top - 17, str(count), size=COUNT, weight="bold", va="center")
        ax.text(x, top - 55, word, size=WORD, va="center")
        left += width + BETWEEN
    lines = wrapped(below, room * 72 / DPI, WORD)
    grey = LIGHT.arms["neutral"]
    ax.text(MARGIN, 40, "\n".join(lines), size=WORD, va="bottom", color=grey)
    return figure


def _wide(text: str, size: float, weight: str = "bold") -> float:
    """The width of a line in pixels."""
    return measured(text, size, weight) * DPI / 72


def _fits(text: str, size: float, room: float) -> bool:
    return all(_wide(line, size) <= room for line in text.splitlines())


def _widths(counts: Sequence[int], room: float) -> list[float]:
    """The widths of the parts of the bar: in proportion, but the least can still be seen."""
    free = room - GAP * (len(counts) - 1) - NARROWEST * len(counts)
    return [NARROWEST + free * count / max(sum(counts), 1) for count in counts]
