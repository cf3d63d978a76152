"""Draw one series of curves: a thin line a run, the mean, and the interval around it."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from bnreport.figures.frame import LINES
from bnreport.figures.palettes import Palette
from bnreport.presentation.plots import Series
from bnreport.statistics.intervals import t_interval

# The interval of so few runs is wider than their curves are apart: the runs alone say more.
FEW = 3


def draw_series(ax: Axes, series: Series, palette: Palette) -> None:
    """Draw the runs of a series, their interval and their mean."""
    color, runs = palette.arms[series.arm], len(series.y)
    if runs > 1:
        for y in series.y:
            ax.plot(series.x, y, color=color, linewidth=0.6, alpha=0.35)
    if runs > FEW:
        band = [t_interval(column) for column in series.y.T if np.isfinite(column).all()]
        known = np.isfinite(series.y).all(axis=0)
        ax.fill_between(
            series.x[known],
            [i.low for i in band],
            [i.high for i in band],
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
