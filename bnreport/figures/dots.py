"""Draw rows of dots."""

import math
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from bnreport.figures.frame import (
    DPI,
    LINES,
    PAPERS,
    SMALL,
    across,
    balanced,
    beside,
    frame,
    laid_out,
    log_axis,
)
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
# What the number of a tick at the end of an axis may need beyond it.
OVERHANG = 14.0
# Inches for a row, and for the head over the numbers of narrow ones.
ROW, NARROW, HUMP, HEAD = 0.62, 0.3, 0.38, 0.15
# How far a row reaches below and above its middle, in its own heights; inches for a line of a name
# above it, and between it and the row above.
BOTTOM, TOP = 0.6, 0.32
LINE, GAP = 0.16, 0.06
# The smoothing of a hump, in standard deviations: quantiles are even and need little.
SMOOTH = 0.3
# Twelve dots of one value stay below the row above.
STACK = 0.03

Floats: TypeAlias = NDArray[np.float64]


def dots(plot: Dots, palette: Palette) -> Figure:
    """The figure of some rows of dots, each named at its left, or on a phone above it."""
    narrow = plot.narrow or plot.centre != "mean"
    each = HUMP if plot.humps else NARROW if narrow else ROW
    names = _names(plot)
    step = _step(plot, names, each)
    height = 0.8 + each * step * len(plot.rows) + (HEAD if narrow else 0)
    figure = frame(plot.title, plot.subtitle, height, form=plot.form)
    if plot.x_scale == "log" and not narrow:
        beside(figure, OVERHANG)
    ax = figure.subplots()
    places = np.arange(len(plot.rows))[::-1] * np.float64(step)
    if plot.paired:
        for values in np.array([row.values for row in plot.rows]).T:
            ax.plot(values, places, color=palette.faint, linewidth=0.8, zorder=1)
    least, most = _ends(plot)
    rows = [_within(row, least, most) for row in plot.rows]
    _draw_rows(ax, rows, places, palette, plot)
    if plot.form == "phone":
        _above(ax, plot, names, places, palette)
    else:
        _at_left(ax, plot, names, places, palette)
    ax.set_ylim(-BOTTOM, step * len(plot.rows) - (0.4 if plot.form == "wide" else BOTTOM))
    if plot.from_zero:
        ax.set_xlim(left=0)
    ax.set_xscale(plot.x_scale)
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(across(plot.x_label, plot.form))
    if narrow:
        _column(ax, plot, places, palette)
    # What stands inside the axes is placed once they have their size, and changes it no more.
    laid_out(figure)
    if plot.x_scale == "log":
        log_axis(ax, ax.get_window_extent().width)
    if not narrow:
        _below(ax, rows, places, palette, plot)
    return figure


def _step(plot: Dots, names: list[list[str]], each: float) -> float:
    """The distance of rows, in heights of a row; on a phone their names stand between them."""
    if plot.form == "wide":
        return 1.0
    return BOTTOM + _top(plot) + (LINE * max(map(len, names)) + GAP) / each


def _top(plot: Dots) -> float:
    """The height that the marks of a row reach above its middle, in heights of a row."""
    return BOTTOM - 0.1 if plot.narrow or plot.humps or plot.centre != "mean" else TOP


def _names(plot: Dots) -> list[list[str]]:
    """The names of the rows, in lines that fit beside the axes, or above the row on a phone."""
    paper = PAPERS[plot.form]
    room = DPI * paper.width - EDGE if plot.form == "phone" else LABEL
    return [balanced(row.label, room, paper.text, "bold") for row in plot.rows]


def _at_left(
    ax: Axes, plot: Dots, names: list[list[str]], places: Floats, palette: Palette
) -> None:
    """Name the rows beside the axes."""
    ax.set_yticks(places, ["\n".join(lines) for lines in names])
    for label, row in zip(ax.get_yticklabels(), plot.rows, strict=True):
        label.set_color(palette.arms[row.arm])
        label.set_fontweight("bold")
    if plot.nothing is not None:
        ax.axvline(plot.nothing, color=palette.ink, linewidth=1)


def _above(ax: Axes, plot: Dots, names: list[list[str]], places: Floats, palette: Palette) -> None:
    """Name each row above its dots; the line of no effect ends below each name."""
    ax.set_yticks([])
    ax.spines.left.set_visible(False)
    for place, row, lines in zip(places, plot.rows, names, strict=True):
        ax.annotate(
            "\n".join(lines),
            (0.0, place + _top(plot)),
            xycoords=("axes fraction", "data"),
            va="bottom",
            color=palette.arms[row.arm],
            weight="bold",
            annotation_clip=False,
        )
        if plot.nothing is not None:
            ends = [place - BOTTOM, place + _top(plot)]
            ax.plot([plot.nothing] * 2, ends, color=palette.ink, linewidth=1)


def _draw_rows(ax: Axes, rows: list[Row], places: Floats, palette: Palette, plot: Dots) -> None:
    """The marks of all rows, the first at the top."""
    if plot.humps:
        _humps(ax, rows, places, palette)
    narrow = plot.narrow or plot.centre != "mean"
    for place, row in zip(places[::-1], reversed(rows), strict=True):
        if narrow:
            _narrow_row(ax, place, row, palette, plot)
        else:
            _one_row(ax, place, row, palette)


def _ends(plot: Dots) -> tuple[float, float]:
    """The ends of the axis: the finite numbers, and a little beyond where some are infinite."""
    numbers = np.concatenate([[*row.values, row.low, row.high] for row in plot.rows])
    known = numbers[np.isfinite(numbers) & ((numbers > 0) | (plot.x_scale == "linear"))]
    if not len(known):
        return 0.5, 2.0
    if plot.x_scale == "log":
        beyond = (known.max() / known.min()) ** 0.15 * 1.1
        return float(known.min() / beyond), float(known.max() * beyond)
    beyond = 0.15 * (known.max() - known.min()) or 1.0
    return float(known.min() - beyond), float(known.max() + beyond)


def _within(row: Row, least: float, most: float) -> Row:
    """The row with its infinite numbers, of runs that never arrived, at the end of the axis."""
    low, high = (float(np.clip(end, least, most)) for end in (row.low, row.high))
    return replace(row, values=np.clip(row.values, least, most), low=low, high=high)


def _values(ax: Axes, place: float, row: Row, palette: Palette) -> None:
    """The dots of a row, what is too small to matter behind them, and the printed numbers."""
    heights = place + _stacked(row.values)
    color = palette.arms[row.arm]
    if row.band:
        left, right = row.band
        ax.fill_between([left, right], place - 0.4, place + 0.25, color=palette.faint, alpha=0.6)
    ax.plot(row.values, heights, LINES[row.arm], color=color, alpha=0.45, markersize=5, mew=0)
    for value in row.published:
        ax.plot([value], [place], "x", color=palette.ink, markersize=7, mew=1.8, zorder=5)


def _one_row(ax: Axes, place: float, row: Row, palette: Palette) -> None:
    color = palette.arms[row.arm]
    _values(ax, place, row, palette)
    ax.plot([row.low, row.high], [place - 0.22] * 2, color=color, linewidth=2.5)
    point = np.clip(row.point, row.low, row.high)
    ax.plot([point], [place - 0.22], "|", color=color, markersize=11, mew=2.5)


def _stacked(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The height to which each dot of a row is lifted, so that equal ones can be counted."""
    rounded = [f"{value:.9g}" for value in values]
    return np.array([STACK * rounded[:place].count(value) for place, value in enumerate(rounded)])


def _number_of(value: float, plot: Dots) -> str:
    """The number of a row."""
    if plot.centre == "largest":
        return scientific(value)
    return number(value, plot.decimals) if np.isfinite(value) else "never"


def _below(ax: Axes, rows: list[Row], places: Floats, palette: Palette, plot: Dots) -> None:
    """The numbers below their marks, and the words of the printed ones above theirs.

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


def _narrow_row(ax: Axes, place: float, row: Row, palette: Palette, plot: Dots) -> None:
    color = palette.arms[row.arm]
    if not plot.humps:
        _values(ax, place, row, palette)
    if plot.centre == "mean":
        ax.plot([row.low, row.high], [place] * 2, color=color, linewidth=2.5)
    point = np.clip(row.point, row.low, row.high)
    ax.plot([point], [place], "|", color=color, markersize=13, mew=2.5)


def _humps(ax: Axes, rows: list[Row], places: Floats, palette: Palette) -> None:
    """The density of each row above its line; all humps have one area."""
    ends = np.concatenate([row.values for row in rows])
    room = 0.1 * (ends.max() - ends.min())
    x = np.linspace(ends.min() - room, ends.max() + room, 241)
    densities = [density(row.values, x) for row in rows]
    scale = 0.85 / max(heights.max() for heights in densities)
    for place, row, heights in zip(places[::-1], reversed(rows), reversed(densities), strict=True):
        color, base = palette.arms[row.arm], place - 0.35
        seen = heights > 0.002 * heights.max()
        ax.fill_between(x[seen], base, base + scale * heights[seen], color=color, alpha=0.3, lw=0)
        ax.plot(x[seen], base + scale * heights[seen], color=color, linewidth=1)


def density(quantiles: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The density at `x`, (points,), of a distribution of which evenly spaced quantiles are known.

    A sum of normal densities of one width around the quantiles: a kernel estimate.
    """
    width = SMOOTH * quantiles.std() or 1.0
    away = (x[:, None] - quantiles[None]) / width
    heights: NDArray[np.float64] = np.exp(-0.5 * away**2).mean(axis=1) / (
        width * math.sqrt(2 * math.pi)
    )
    return heights


def _column(ax: Axes, plot: Dots, places: Floats, palette: Palette) -> None:
    """The numbers in a column at the right: beside a row's last dot they would seem to be its."""
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
