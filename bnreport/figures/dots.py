"""Draw rows of dots."""

import textwrap
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bnreport.figures.frame import LINES, Palette, frame, log_axis
from bnreport.figures.words import shortest
from bnreport.plots import Dots, Row

LABEL_CHARACTERS = 34
# Twelve dots of one value stay below the row above.
STACK = 0.03


def dots(plot: Dots, palette: Palette) -> Figure:
    """The figure of some rows of dots."""
    narrow = plot.narrow or plot.centre != "mean"
    figure = frame(plot.title, plot.subtitle, 0.8 + (0.3 if narrow else 0.62) * len(plot.rows))
    ax = figure.subplots()
    places = np.arange(len(plot.rows))[::-1]
    if plot.paired:
        for values in np.array([row.values for row in plot.rows]).T:
            ax.plot(values, places, color=palette.faint, linewidth=0.8, zorder=1)
    least, most = _ends(plot)
    for place, row in zip(places, plot.rows, strict=True):
        draw_row = _narrow_row if narrow else _one_row
        draw_row(ax, int(place), _within(row, least, most), palette, plot)
    labels = [textwrap.fill(row.label, LABEL_CHARACTERS) for row in plot.rows]
    ax.set_yticks(places, labels)
    for label, row in zip(ax.get_yticklabels(), plot.rows, strict=True):
        label.set_color(palette.arms[row.arm])
        label.set_fontweight("bold")
    ax.set_ylim(-0.6, len(plot.rows) - 0.4)
    if plot.from_zero:
        ax.set_xlim(left=0)
    if plot.nothing is not None:
        ax.axvline(plot.nothing, color=palette.ink, linewidth=1)
    if plot.x_scale == "log":
        log_axis(ax)
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(plot.x_label)
    return figure


def _ends(plot: Dots) -> tuple[float, float]:
    """How far the axis goes: to the finite numbers, and a little beyond where some are infinite."""
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


def _values(ax: Axes, place: int, row: Row, palette: Palette) -> None:
    """The dots of a row, what is too small to matter behind them, and the printed numbers."""
    heights = place + _stacked(row.values)
    color = palette.arms[row.arm]
    if row.band:
        left, right = row.band
        ax.fill_between([left, right], place - 0.4, place + 0.25, color=palette.faint, alpha=0.6)
    ax.plot(row.values, heights, LINES[row.arm], color=color, alpha=0.45, markersize=5, mew=0)
    for value in row.published:
        ax.plot([value], [place], "x", color=palette.ink, markersize=7, mew=1.8, zorder=5)


def _one_row(ax: Axes, place: int, row: Row, palette: Palette, plot: Dots) -> None:
    color = palette.arms[row.arm]
    _values(ax, place, row, palette)
    ax.plot([row.low, row.high], [place - 0.22] * 2, color=color, linewidth=2.5)
    point = np.clip(row.point, row.low, row.high)
    ax.plot([point], [place - 0.22], "|", color=color, markersize=11, mew=2.5)
    ax.annotate(
        _labelled(row.point, plot.decimals),
        (point, place - 0.22),
        xytext=(0, -8),
        textcoords="offset points",
        ha="center",
        va="top",
        color=color,
        size=9,
    )
    if row.published:
        ax.annotate(
            row.cross,
            (row.published[-1], place),
            xytext=(0, 8),
            textcoords="offset points",
            ha="center",
            size=9,
        )


def _stacked(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each dot of a row is lifted, so that dots of one value can be counted."""
    rounded = [f"{value:.9g}" for value in values]
    return np.array([STACK * rounded[:place].count(value) for place, value in enumerate(rounded)])


def _labelled(value: float, decimals: int) -> str:
    # Nothing below zero that rounds to zero keeps its sign.
    return f"{round(value, decimals) + 0.0:.{decimals}f}" if np.isfinite(value) else "never"


def _narrow_row(ax: Axes, place: int, row: Row, palette: Palette, plot: Dots) -> None:
    color = palette.arms[row.arm]
    _values(ax, place, row, palette)
    if plot.centre == "mean":
        ax.plot([row.low, row.high], [place] * 2, color=color, linewidth=2.5)
    point = np.clip(row.point, row.low, row.high)
    ax.plot([point], [place], "|", color=color, markersize=13, mew=2.5)
    ax.annotate(
        shortest(row.point) if plot.centre == "largest" else _labelled(row.point, plot.decimals),
        (max(row.high, row.values.max()), place),
        xytext=(9, 0),
        textcoords="offset points",
        va="center",
        color=color,
        size=9,
    )
