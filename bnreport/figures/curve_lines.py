"""Draw one series of curves: a thin line a run, the mean, and the interval around it."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from bnreport.figures.frame import LINES
from bnreport.figures.palettes import Palette
from bnreport.presentation.plots import Series
from bnreport.statistics.intervals import Interval, t_interval

# The interval of so few runs is wider than their curves are apart: the runs alone say more.
FEW = 3


def band(series: Series) -> tuple[NDArray[np.bool_], list[Interval]]:
    """Say at which points all runs of a series are known, and give the intervals of their means.

    There are none of so few runs that they are wider than the curves are apart.
    """
    many = len(series.y) > FEW
    known = np.array([many and bool(np.isfinite(column).all()) for column in series.y.T])
    return known, [t_interval(column) for column in series.y.T[known]]


def draw_series(ax: Axes, series: Series, palette: Palette) -> None:
    """Draw the runs of a series, their interval and their mean."""
    color, runs = palette.arms[series.arm], len(series.y)
    if runs > 1:
        for y in series.y:
            ax.plot(series.x, y, color=color, linewidth=0.6, alpha=0.35)
    known, intervals = band(series)
    if intervals:
        ax.fill_between(
            series.x[known],
            [i.low for i in intervals],
            [i.high for i in intervals],
            color=color,
            alpha=0.25,
            linewidth=0,
        )
    ax.plot(series.x, series.y.mean(axis=0), **look(series, palette))


def look(series: Series, palette: Palette) -> dict[str, Any]:
    """The style in which the mean of a series is drawn."""
    return {
        "color": palette.arms[series.arm],
        "linewidth": 2,
        "linestyle": (0, (4, 2)) if series.dashed else "-",
        "marker": LINES[series.arm] if len(series.x) < 15 and not series.dashed else None,
        "markersize": 3.5,
    }
