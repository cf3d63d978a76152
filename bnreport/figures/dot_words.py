"""Write the names of rows of dots, and their numbers."""

from typing import TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from bnreport.figures.frame import DPI, PAPERS, SMALL, balanced
from bnreport.figures.palettes import Palette
from bnreport.figures.spots import Spot, Way, name
from bnreport.presentation.formats import number, scientific
from bnreport.presentation.plots import Dots, Row

# Points: the widest name of a row, and how far a number stands from a line.
LABEL, NEAR = 215.0, 4.0
# On a phone a name has the whole width but for so many.
EDGE = 10.0
# A number below its mark, and where the word for a printed number may stand.
BELOW = -13.0
ABOVE: tuple[Way, ...] = (
    (0, 12, "center"),
    (-4, 12, "left"),
    (4, 12, "right"),
    (9, 0, "left"),
    (-9, 0, "right"),
)
# How far a row reaches below and above its middle, in its own heights; with more marks, higher.
BOTTOM, TOP, HIGH = 0.72, 0.32, 0.5

Floats: TypeAlias = NDArray[np.float64]


def names_of(plot: Dots) -> list[list[str]]:
    """The names of the rows, in lines that fit beside the axes, or above the row on a phone."""
    paper = PAPERS[plot.form]
    room = DPI * paper.width - EDGE if plot.form == "phone" else LABEL
    return [balanced(row.label, room, paper.text, "bold") for row in plot.rows]


def top_of(plot: Dots) -> float:
    """The height that the marks of a row reach above its middle, in heights of a row."""
    return HIGH if plot.narrow or plot.humps or plot.centre != "mean" else TOP


def name_at_left(
    ax: Axes, plot: Dots, names: list[list[str]], places: Floats, palette: Palette
) -> None:
    """Name the rows beside the axes."""
    ax.set_yticks(places, ["\n".join(lines) for lines in names])
    for label, row in zip(ax.get_yticklabels(), plot.rows, strict=True):
        label.set_color(palette.arms[row.arm])
        label.set_fontweight("bold")
    if plot.nothing is not None:
        ax.axvline(plot.nothing, color=palette.ink, linewidth=1)


def name_above(
    ax: Axes, plot: Dots, names: list[list[str]], places: Floats, palette: Palette
) -> None:
    """Name each row above its dots; the line of no effect ends below each name."""
    ax.set_yticks([])
    ax.spines.left.set_visible(False)
    for place, row, lines in zip(places, plot.rows, names, strict=True):
        ax.annotate(
            "\n".join(lines),
            (0.0, place + top_of(plot)),
            xycoords=("axes fraction", "data"),
            va="bottom",
            color=palette.arms[row.arm],
            weight="bold",
            annotation_clip=False,
        )
        if plot.nothing is not None:
            ends = [place - BOTTOM, place + top_of(plot)]
            ax.plot([plot.nothing] * 2, ends, color=palette.ink, linewidth=1)


def number_below(ax: Axes, rows: list[Row], places: Floats, palette: Palette, plot: Dots) -> None:
    """Write the numbers below their marks, and the words of the printed ones above theirs.

    A number that the line of no effect would cross stands beside that line, on its own side.
    """
    taken: list[Bbox] = []
    upward = list(zip(places[::-1], reversed(rows), reversed(plot.rows), strict=True))
    for place, row, given in upward:
        at, height = float(np.clip(row.point, row.low, row.high)), place - 0.22
        spots = [Spot(at, height, 0, BELOW, "center")]
        if plot.nothing is not None:
            sides = [
                Spot(plot.nothing, height, NEAR, BELOW, "left"),
                Spot(plot.nothing, height, -NEAR, BELOW, "right"),
            ]
            spots += sides if at >= plot.nothing else sides[::-1]
        name(ax, _number_of(given.point, plot), spots, taken, palette.arms[row.arm])
    for place, row, _ in upward:
        if row.published:
            spots = [Spot(row.published[-1], place, *way) for way in ABOVE]
            name(ax, row.cross, spots, taken, palette.ink)


def number_in_column(ax: Axes, plot: Dots, places: Floats, palette: Palette) -> None:
    """Write the numbers in a column at the right: beside a row's last dot they would seem its."""
    cells = zip(places[::-1], reversed(plot.rows), strict=True)
    words = [(place, _number_of(row.point, plot), palette.arms[row.arm]) for place, row in cells]
    for place, text, color in [*words, (places[0] + 0.5, plot.centre, palette.ink)]:
        ax.annotate(
            text,
            (1.0, place),
            xycoords=("axes fraction", "data"),
            xytext=(NEAR, 0),
            textcoords="offset points",
            va="center",
            color=color,
            size=SMALL,
            annotation_clip=False,
        )


def _number_of(value: float, plot: Dots) -> str:
    """The number of a row."""
    if plot.centre == "largest":
        return scientific(value)
    return number(value, plot.decimals) if np.isfinite(value) else "never"
