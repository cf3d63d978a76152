"""Draw small multiples of curves."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations_with_replacement, pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from bnreport.figures.frame import (
    BETWEEN,
    DPI,
    LINES,
    PAPERS,
    SMALL,
    across,
    beside,
    frame,
    laid_out,
    log_axis,
    measured,
)
from bnreport.figures.palettes import Palette
from bnreport.figures.spots import LABEL, Spot, Way, name
from bnreport.presentation.formats import plain
from bnreport.presentation.plots import Curves, Panel, Series
from bnreport.statistics.intervals import t_interval

MOST_TICKS = 12
# Points: from the end of a curve to its name, at both ends of an axis, and how
# close a line may come to the middle of a name.
OFF, PAD, LINE = 7.0, 7.0, 7.0
# How high a shelf is beside what stands above it.
SHELF = 0.2
# Inches: a panel side by side with others, and one on a phone.
ABREAST, STACKED = 3.2, 2.5
# Points: what the axis of heights takes on a phone, and the sample of a line in a key.
AXIS, SAMPLE = 48.0, 26.0
# The height of a line of a key.
KEY = 14.0
# Names that take a smaller share of a panel are repeated in every panel.
ROOMY = 0.32
# Where a name may stand beside a point: so many points right and up of it.
AROUND: tuple[Way, ...] = (
    (7, 0, "left"),
    (7, -11, "left"),
    (7, 11, "left"),
    (0, 11, "center"),
    (0, -11, "center"),
    (-7, 11, "right"),
    (-5, -12, "right"),
)
# A line that does not move weighs so much more than a name that does.
FIXED = 1e6
# The interval of so few runs is wider than their curves are apart: the runs alone say more.
FEW = 3


def curves(plot: Curves, palette: Palette) -> Figure:
    """The figure of some curves."""
    return _stacked(plot, palette) if plot.form == "phone" else _abreast(plot, palette)


def _abreast(plot: Curves, palette: Palette) -> Figure:
    """The panels side by side."""
    figure = frame(plot.title, plot.subtitle, ABREAST)
    alike = _alike(plot.panels)
    # Names too long for every panel stand once, right of the last, beyond its axes.
    aside = alike and max(map(_widest, plot.panels)) > _roomy(plot) / len(plot.panels)
    if aside:
        beside(figure, OFF + max(map(_widest, plot.panels)))
    axes = figure.subplots(1, len(plot.panels), squeeze=False, sharex=alike, sharey=alike)[0]
    for ax, panel in zip(axes, plot.panels, strict=True):
        ax.set_title(panel.title)
        ax.set_xlabel(plot.x_label)
        if not alike or panel is plot.panels[0]:
            ax.set_ylabel(panel.y_label)
        ax.set_xscale(plot.x_scale)
        _panel(ax, panel, palette)
    # What stands inside the axes is placed once they have their size, and changes it no more.
    laid_out(figure)
    for ax, panel in zip(axes, plot.panels, strict=True):
        _x_axis(ax, plot, plot.panels if alike else [panel], aside)
        _names(ax, panel, palette, not aside or panel is plot.panels[-1])
    return figure


def _stacked(plot: Curves, palette: Palette) -> Figure:
    """The panels one below the other; names too long for the ends of curves become a key."""
    alike = _alike(plot.panels)
    keyed = [len(p.series) > 1 and _widest(p) > _roomy(plot) for p in plot.panels]
    # Alike panels share one key, above the first.
    keys = [
        _columns(panel, plot) if key and (panel is plot.panels[0] or not alike) else 0
        for key, panel in zip(keyed, plot.panels, strict=True)
    ]
    lines = [
        math.ceil(len(p.series) / k) if k else 0 for k, p in zip(keys, plot.panels, strict=True)
    ]
    height = STACKED * len(keys) + sum(lines) * KEY / DPI
    figure = frame(plot.title, plot.subtitle, height, form=plot.form)
    axes = figure.subplots(len(keys), 1, squeeze=False, sharex=alike, sharey=alike)[:, 0]
    for ax, panel, columns, rows in zip(axes, plot.panels, keys, lines, strict=True):
        ax.set_title(panel.title, pad=float(mpl.rcParams["axes.titlepad"]) + rows * KEY)
        ax.set_ylabel(panel.y_label)
        ax.set_xscale(plot.x_scale)
        if not alike or panel is plot.panels[-1]:
            ax.set_xlabel(across(plot.x_label, plot.form))
        _panel(ax, panel, palette)
        if columns:
            _key(ax, panel, palette, columns)
    laid_out(figure)
    for ax, panel, key in zip(axes, plot.panels, keyed, strict=True):
        _x_axis(ax, plot, plot.panels if alike else [panel], key)
        _names(ax, replace(panel, named_at=None) if key else panel, palette, not key)
    return figure


def _roomy(plot: Curves) -> float:
    """The widest that names at the ends of curves may be in a single panel, in points."""
    return ROOMY * DPI * PAPERS[plot.form].width


def _columns(panel: Panel, plot: Curves) -> int:
    """The number of columns in which the names of a key fit."""
    widths = [SAMPLE + measured(series.label, SMALL, "bold") for series in panel.series]
    room = DPI * PAPERS[plot.form].width - AXIS
    for columns in range(len(widths), 1, -1):
        # A legend fills its columns one after the other, each as wide as its widest name.
        parts = np.array_split(widths, columns)
        if sum(float(part.max()) for part in parts) <= room:
            return columns
    return 1


def _key(ax: Axes, panel: Panel, palette: Palette, columns: int) -> None:
    """Name the curves above the axes, each beside a piece of its line."""
    lines = [
        Line2D([], [], label=series.label, **_look(series, palette)) for series in panel.series
    ]
    ax.legend(
        handles=lines,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=columns,
        prop={"size": SMALL, "weight": "bold"},
        labelcolor="linecolor",
        frameon=False,
        borderpad=0,
        borderaxespad=0.2,
        handlelength=1.6,
        handletextpad=0.4,
        columnspacing=0.8,
        labelspacing=0.3,
    )


def _panel(ax: Axes, panel: Panel, palette: Palette) -> None:
    """The lines of a panel."""
    _y_scale(ax, panel, palette)
    for series in panel.series:
        _one_series(ax, series, palette)
    for marks in panel.marks:
        ax.plot(marks.x, marks.y, "x", color=palette.ink, markersize=6, mew=1.6, zorder=5)
    if panel.from_zero:
        ax.set_ylim(0, 1.05 * max(float(np.nanmax(series.y)) for series in panel.series))
    if panel.level:
        dots = (0, (1, 1.5))
        ax.axhline(panel.level[0], color=palette.ink, linewidth=1.2, linestyle=dots)


def _names(ax: Axes, panel: Panel, palette: Palette, ends: bool) -> None:
    """The names in a panel: of its curves, of the printed numbers, and of its level."""
    if panel.named_at is not None:
        taken = _labels_along(ax, panel, panel.named_at, palette)
    else:
        taken = _end_labels(ax, panel, palette) if ends else []
    for marks in panel.marks:
        # Below the end of a fall, below the start of a rise, if no curve runs there.
        falls = marks.y[-1] < marks.y[0]
        x, y = (marks.x[-1], marks.y[-1]) if falls else (marks.x[0], marks.y[0])
        spots = [Spot(float(x), float(y), *way) for way in (AROUND[::-1] if falls else AROUND)]
        name(ax, marks.label, spots, taken, palette.ink)
    if panel.level:
        height, word = panel.level
        left, right = ax.get_xlim()
        spots = [Spot(right, height, -2, up, "right") for up in (9, -9)]
        spots += [Spot(left, height, 2, up, "left") for up in (9, -9)]
        name(ax, f"{word}: {plain(height)}", spots, taken, palette.ink)


def _alike(panels: Sequence[Panel]) -> bool:
    """Say whether three panels or more show one measure of the same series: one set of axes."""
    names = {(p.y_label, p.y_scale, *(series.label for series in p.series)) for p in panels}
    return len(panels) > 2 and len(names) == 1


def _widest(panel: Panel) -> float:
    """The width of the longest name of a curve, in points."""
    return max(measured(series.label, SMALL, "bold") for series in panel.series)


def _y_scale(ax: Axes, panel: Panel, palette: Palette) -> None:
    ax.set_yscale(panel.y_scale)
    if panel.shelf is not None:
        _shelf(ax, panel, panel.shelf, palette)
    if panel.y_scale == "log":
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter(lambda value, _: plain(value))
        ax.yaxis.set_minor_formatter(NullFormatter())


def _shelf(ax: Axes, panel: Panel, edge: float, palette: Palette) -> None:
    """Squeeze the heights below an edge, and shade them."""
    numbers = np.concatenate([series.y[np.isfinite(series.y)] for series in panel.series])
    least, most = float(numbers.min()), float(numbers.max())
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


def _x_axis(ax: Axes, plot: Curves, panels: Sequence[Panel], aside: bool) -> None:
    """An axis that ends where the curves end, with room beyond for their names."""
    curves = [series.x for panel in panels for series in panel.series]
    curves += [marks.x for panel in panels for marks in panel.marks]
    least, most = float(min(x.min() for x in curves)), float(max(x.max() for x in curves))
    # What falls in the course of a run is read from left to right, too.
    start, end = (most, least) if curves[0][0] > curves[0][-1] else (least, most)
    room, names = ax.get_window_extent().width, PAD
    if not aside and any(len(panel.series) > 1 and panel.named_at is None for panel in panels):
        names += OFF + max(map(_widest, panels))
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
        longest = max(len(series.x) for panel in panels for series in panel.series)
        ax.set_xticks(range(1, int(most) + 1, 1 + longest // 12))
    else:
        low, high = sorted((at(-PAD), last))
        ax.set_xticks([tick for tick in ax.get_xticks() if low <= tick <= high])
    ax.set_xlim(at(-PAD), at(room - PAD))
    ax.spines.bottom.set_bounds(at(-PAD), last)


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
    ax.set_xticks(x, [_plain(value) if i % step == 0 else "" for i, value in enumerate(x)])
    ax.xaxis.set_minor_locator(NullLocator())


def _plain(value: float) -> str:
    """The number of a tick; what is 1/2, 1/4, 1/8 and so on, is said so."""
    halvings = math.log2(1 / value)
    return f"1/{2 ** int(halvings)}" if halvings > 0 and halvings.is_integer() else plain(value)


def _one_series(ax: Axes, series: Series, palette: Palette) -> None:
    look = _look(series, palette)
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
    ax.plot(series.x, series.y.mean(axis=0), **look)


def _look(series: Series, palette: Palette) -> dict[str, Any]:
    """The style in which the mean of a series is drawn."""
    return {
        "color": palette.arms[series.arm],
        "linewidth": 2,
        "linestyle": (0, (4, 2)) if series.dashed else "-",
        "marker": LINES[series.arm] if len(series.x) < 15 and not series.dashed else None,
        "markersize": 3.5,
    }


def _end_labels(ax: Axes, panel: Panel, palette: Palette) -> list[Bbox]:
    """Name each curve to the right of where it ends; the room that the names take."""
    if len(panel.series) < 2:
        return []
    last = max(panel.series, key=lambda s: s.x[-1] * (1 if s.x[-1] >= s.x[0] else -1)).x[-1]
    ends = sorted(
        ((float(np.nanmean(s.y[:, -1])), s) for s in panel.series), key=lambda end: end[0]
    )
    taken: list[Bbox] = []
    beyond = [(y, s) for y, s in ends if s.x[-1] == last]
    wanted = [float(ax.transData.transform((s.x[-1], y))[1]) for y, s in beyond]
    box = ax.get_window_extent()
    lines = []
    if panel.level:
        lines.append(float(ax.transData.transform((last, panel.level[0]))[1]))
    places = spread(wanted, lines, box.y0, box.y1 + LABEL / 2)
    for (y, series), at, place in zip(beyond, wanted, places, strict=True):
        spot = Spot(float(last), y, OFF, place - at, "left")
        name(ax, series.label, [spot], taken, palette.arms[series.arm], "bold")
    for y, series in ends:
        if series.x[-1] != last:
            # Other curves go on there: at the side that is free.
            spots = [Spot(float(series.x[-1]), y, *way) for way in AROUND]
            name(ax, series.label, spots, taken, palette.arms[series.arm], "bold")
    return taken


def spread(
    wanted: Sequence[float], lines: Sequence[float], floor: float, ceiling: float
) -> list[float]:
    """Heights for names, near those wanted, apart from one another and from lines.

    Args:
        wanted: heights in points, rising.
        lines: heights that no name may lie on, rising.
        floor: no name reaches below.
        ceiling: no name reaches above, while there is room.
    """
    best: tuple[float, list[float]] = (math.inf, list(wanted))
    # A line may have any number of the names below it.
    for below in combinations_with_replacement(range(len(wanted) + 1), len(lines)):
        items = [(at, LABEL / 2, 1.0) for at in wanted]
        for line, place in sorted(zip(lines, below, strict=True), reverse=True):
            items.insert(place, (line, LINE - LABEL / 2, FIXED))
        items = [(floor, 0.0, FIXED), *items, (ceiling, 0.0, FIXED)]
        levels = _levelled(items)
        moves = sum(
            weight * (at - to) ** 2 for (at, _, weight), to in zip(items, levels, strict=True)
        )
        if moves < best[0]:
            named = [to for (_, _, weight), to in zip(items, levels, strict=True) if weight == 1.0]
            best = moves, named
    return best[1]


def _levelled(items: Sequence[tuple[float, float, float]]) -> list[float]:
    """Places in that order, each its half height from the next, with the least squares of moves.

    This is weighted isotonic regression of the places less the distances below them.
    """
    gaps = np.cumsum([0.0, *(lower[1] + upper[1] for lower, upper in pairwise(items))])
    blocks: list[tuple[float, float, int]] = []
    for (at, _, weight), gap in zip(items, gaps, strict=True):
        mean, total, count = at - gap, weight, 1
        while blocks and blocks[-1][0] > mean:
            before, heavy, many = blocks.pop()
            mean = (before * heavy + mean * total) / (heavy + total)
            total, count = heavy + total, many + count
        blocks.append((mean, total, count))
    level = np.repeat([block[0] for block in blocks], [block[2] for block in blocks])
    return [float(at) for at in level + gaps]


def _labels_along(ax: Axes, panel: Panel, height: float, palette: Palette) -> list[Bbox]:
    """Name each curve right of where it last passes a height; the room that the names take."""
    taken: list[Bbox] = []
    for series in panel.series:
        mean = np.nanmean(series.y, axis=0)
        passed = int(np.flatnonzero(mean >= height)[-1])
        spot = Spot(float(series.x[passed]), height, OFF, 0, "left")
        name(ax, series.label, [spot], taken, palette.arms[series.arm], "bold")
    return taken
