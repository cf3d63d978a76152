"""Draw the marks of rows of dots: the dots, their mean and interval, or the hump of many."""

import math
from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from bnreport.figures.frame import LINES
from bnreport.figures.palettes import Palette
from bnreport.presentation.plots import Dots, Form, Row

# The smoothing of a hump, in standard deviations: quantiles are even and need little.
SMOOTH = 0.3
# How high the highest hump is, in heights of a row: on a phone its name stands above it.
PEAK: Mapping[Form, float] = {"wide": 0.85, "phone": 0.7}
# Twelve dots of one value stay below the row above.
STACK = 0.03

Floats: TypeAlias = NDArray[np.float64]


def draw_rows(ax: Axes, rows: list[Row], places: Floats, palette: Palette, plot: Dots) -> None:
    """Draw the marks of all rows, the first at the top."""
    if plot.humps:
        _humps(ax, rows, places, palette, PEAK[plot.form])
    narrow = plot.narrow or plot.centre != "mean"
    for place, row in zip(places[::-1], reversed(rows), strict=True):
        if narrow:
            _narrow_row(ax, place, row, palette, plot)
        else:
            _one_row(ax, place, row, palette)


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


def _narrow_row(ax: Axes, place: float, row: Row, palette: Palette, plot: Dots) -> None:
    color = palette.arms[row.arm]
    if not plot.humps:
        _values(ax, place, row, palette)
    if plot.centre == "mean":
        ax.plot([row.low, row.high], [place] * 2, color=color, linewidth=2.5)
    point = np.clip(row.point, row.low, row.high)
    ax.plot([point], [place], "|", color=color, markersize=13, mew=2.5)


def _stacked(values: Floats) -> Floats:
    """The height to which each dot of a row is lifted, so that equal ones can be counted."""
    rounded = [f"{value:.9g}" for value in values]
    return np.array([STACK * rounded[:place].count(value) for place, value in enumerate(rounded)])


def _humps(ax: Axes, rows: list[Row], places: Floats, palette: Palette, peak: float) -> None:
    """The density of each row above its line; all humps have one area, the highest that peak."""
    ends = np.concatenate([row.values for row in rows])
    room = 0.1 * (ends.max() - ends.min())
    x = np.linspace(ends.min() - room, ends.max() + room, 241)
    densities = [density(row.values, x) for row in rows]
    scale = peak / max(heights.max() for heights in densities)
    for place, row, heights in zip(places[::-1], reversed(rows), reversed(densities), strict=True):
        color, base = palette.arms[row.arm], place - 0.35
        seen = heights > 0.002 * heights.max()
        ax.fill_between(x[seen], base, base + scale * heights[seen], color=color, alpha=0.3, lw=0)
        ax.plot(x[seen], base + scale * heights[seen], color=color, linewidth=1)


def density(quantiles: Floats, x: Floats) -> Floats:
    """The density at `x`, (points,), of a distribution of which evenly spaced quantiles are known.

    A sum of normal densities of one width around the quantiles: a kernel estimate.
    """
    width = SMOOTH * quantiles.std() or 1.0
    away = (x[:, None] - quantiles[None]) / width
    heights: Floats = np.exp(-0.5 * away**2).mean(axis=1) / (width * math.sqrt(2 * math.pi))
    return heights
