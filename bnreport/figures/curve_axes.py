"""Scale the axes of a panel of curves, with room beyond the curves for their names."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator
from numpy.typing import NDArray

from bnreport.figures.curve_lines import band
from bnreport.figures.curve_names import OFF, widest
from bnreport.figures.frame import BETWEEN, log_axis, measured, with_commas
from bnreport.figures.palettes import Palette
from bnreport.presentation.formats import plain
from bnreport.presentation.plots import Curves, Panel

MOST_TICKS = 12
# An axis of heights over so large a ratio has ticks at powers of ten alone.
DECADES = 2_000
# Points: left free at both ends of an axis.
PAD = 7.0
# How high a shelf is beside what stands above it.
SHELF = 0.2


def y_scale(ax: Axes, panel: Panel, panels: Sequence[Panel], palette: Palette) -> None:
    """Scale the axis of heights, which may be that of several panels."""
    ax.set_yscale(panel.y_scale)
    if panel.shelf is not None:
        _shelf(ax, panels, panel.shelf, palette)
    if panel.y_scale == "log":
        heights = np.concatenate([s.y[np.isfinite(s.y) & (s.y > 0)] for s in panel.series])
        many = heights.max() > DECADES * heights.min()
        ax.yaxis.set_major_locator(LogLocator(subs=(1,) if many else (1, 2, 5)))
        ax.yaxis.set_major_formatter(lambda value, _: plain(value))
        ax.yaxis.set_minor_formatter(NullFormatter())


def _shelf(ax: Axes, panels: Sequence[Panel], edge: float, palette: Palette) -> None:
    """Squeeze the heights below an edge, and shade them."""
    drawn = [series for panel in panels for series in panel.series]
    numbers = np.concatenate([series.y[np.isfinite(series.y)] for series in drawn])
    tops = [interval.high for series in drawn for interval in band(series)[1]]
    least, most = float(numbers.min()), max([float(numbers.max()), *tops])
    # The heights below the edge take a fixed share of the axis, however far down they go.
    top, squeezed = most + 0.05 * (most - edge), SHELF * (most - edge) / (edge - least)
    ax.set_yscale(
        "function",
        functions=(
            lambda y: np.where(y < edge, edge - squeezed * (edge - y), y),
            lambda y: np.where(y < edge, edge - (edge - y) / squeezed, y),
        ),
    )
    # One round number says where the failures lie.
    ticks = [tick for tick in MaxNLocator(5).tick_values(edge, top) if edge <= tick <= top]
    ax.set_yticks([10 * round(least / 10), *ticks])
    ax.set_ylim(least - 0.3 * (edge - least), top)
    ax.axhspan(least - 0.3 * (edge - least), edge, color=palette.faint, alpha=0.35, lw=0)


def x_axis(ax: Axes, plot: Curves, panels: Sequence[Panel], aside: bool) -> None:
    """An axis that ends where the curves end, with room beyond for their names."""
    curves = [series.x for panel in panels for series in panel.series]
    curves += [marks.x for panel in panels for marks in panel.marks]
    least, most = float(min(x.min() for x in curves)), float(max(x.max() for x in curves))
    # What falls in the course of a run is read from left to right, too.
    start, end = (most, least) if curves[0][0] > curves[0][-1] else (least, most)
    room, names = ax.get_window_extent().width, PAD
    if not aside and any(len(panel.series) > 1 and panel.named_at is None for panel in panels):
        names += OFF + max(map(widest, panels))
    # What the names leave is for the data: `at` says what lies so many points along the axis.
    data = room - names - 2 * PAD
    whole, log = (math.log(end / start) if plot.x_scale == "log" else end - start), plot.x_scale

    def at(points: float) -> float:
        part = whole * points / data
        return start * math.exp(part) if log == "log" else start + part

    last = at(data + PAD)
    ax.set_xlim(at(-PAD), last)
    x = panels[0].series[0].x
    if plot.x_scale == "log" and len(x) > MOST_TICKS:
        log_axis(ax, room - names)
    elif plot.x_scale == "log":
        _at_each(ax, x, data / abs(whole))
    elif all((np.diff(series.x) == 1).all() for panel in panels for series in panel.series):
        ax.set_xticks(counted_ticks(int(most), data / whole, float(ax.xaxis.label.get_fontsize())))
    else:
        low, high = sorted((at(-PAD), last))
        ax.set_xticks([tick for tick in ax.get_xticks() if low <= tick <= high])
    ax.set_xlim(at(-PAD), at(room - PAD))
    with_commas(ax.xaxis)
    ax.spines.bottom.set_bounds(at(-PAD), last)


def counted_ticks(last: int, scale: float, size: float) -> list[int]:
    """The ticks of an axis that counts from one: few round numbers, whose names do not touch.

    Args:
        last: the end of the count.
        scale: points of the axis for each.
        size: the size of the names.
    """
    room = measured(str(last), size) + BETWEEN / 2
    steps = (digit * 10**power for power in range(6) for digit in (1, 2, 5))
    step = next(step for step in steps if step * scale >= room and last <= MOST_TICKS * step)
    first = [1] if step == 1 or (step - 1) * scale >= room else []
    return first + list(range(max(step, 2), last + 1, step))


def _at_each(ax: Axes, x: NDArray[np.float64], scale: float) -> None:
    """A tick at each setting, named at every second or third where names would touch.

    Args:
        ax: the axes, with a logarithmic x axis.
        x: the settings.
        scale: points of the axis for each unit of the natural logarithm.
    """
    size = float(ax.xaxis.label.get_fontsize())
    widths = [measured(_plain(value), size) for value in x]
    places = scale * np.log(x)

    def fit(step: int) -> bool:
        return all(
            abs(places[b] - places[a]) >= (widths[a] + widths[b]) / 2 + BETWEEN
            for a, b in pairwise(range(0, len(x), step))
        )

    step = next((step for step in range(1, len(x)) if fit(step)), len(x))
    # Of factors about one, one itself is named.
    first = len(x) // 2 % step if x[len(x) // 2] == 1 and len(x) > 2 * step else 0
    ax.set_xticks(x, [_plain(value) if i % step == first else "" for i, value in enumerate(x)])
    ax.xaxis.set_minor_locator(NullLocator())


def _plain(value: float) -> str:
    """The number of a tick; what is 1/2, 1/4, 1/8 and so on, is said so."""
    halvings = math.log2(1 / value)
    return f"1/{2 ** int(halvings)}" if halvings > 0 and halvings.is_integer() else plain(value)
