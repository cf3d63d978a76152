"""Draw small multiples of curves."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator, ScalarFormatter

from bnreport.figures.frame import LINES, Palette, frame, log_axis
from bnreport.plots import Curves, Panel, Series
from bnreport.statistics import t_interval

MOST_TICKS = 12
LABEL_POINTS = 12
# The interval of so few runs is wider than their curves are apart: the runs alone say more.
FEW = 3


def curves(plot: Curves, palette: Palette) -> Figure:
    """The figure of some curves."""
    figure = frame(plot.title, plot.subtitle, 3.2)
    alike = _alike(plot.panels)
    axes = figure.subplots(1, len(plot.panels), squeeze=False, sharey=alike)[0]
    for ax, panel in zip(axes, plot.panels, strict=True):
        ax.set_title(panel.title)
        ax.set_xlabel(plot.x_label)
        if not alike or panel is plot.panels[0]:
            ax.set_ylabel(panel.y_label)
        _scales(ax, plot, panel)
        for series in panel.series:
            _one_series(ax, series, palette)
        if not alike or panel is plot.panels[-1]:
            _end_labels(ax, panel, palette, figure.dpi, 0.1 + 0.1 * len(plot.panels))
        for marks in panel.marks:
            ax.plot(marks.x, marks.y, "x", color=palette.ink, markersize=6, mew=1.6, zorder=5)
            # Where no curve runs: below the end of a fall, below the start of a rise.
            falls = marks.y[-1] < marks.y[0]
            ax.annotate(
                marks.label,
                (marks.x[-1], marks.y[-1]) if falls else (marks.x[0], marks.y[0]),
                xytext=(-5, -12) if falls else (7, -11),
                textcoords="offset points",
                ha="right" if falls else "left",
                color=palette.ink,
                size=9,
            )
        if panel.from_zero:
            ax.set_ylim(bottom=0)
        if panel.level:
            height, word = panel.level
            left = _named_near(ax, panel, height, figure.dpi)
            ax.axhline(height, color=palette.ink, linewidth=1.2, linestyle=(0, (1, 1.5)))
            ax.annotate(
                f"{word}: {height:g}",
                (0.01 if left else 0.99, height),
                xycoords=("axes fraction", "data"),
                xytext=(0, 4),
                textcoords="offset points",
                ha="left" if left else "right",
                size=9,
            )
    return figure


def _named_near(ax: Axes, panel: Panel, height: float, dpi: float) -> bool:
    """Whether the name of a curve stands at the right end where the word of a level would."""
    if len(panel.series) < 2:
        return False
    ends = [float(np.nanmean(s.y[:, -1])) for s in panel.series]
    places = ax.transData.transform([(1.0, y) for y in (height, *ends)])[:, 1]
    above = places[1:] - places[0]
    line = LABEL_POINTS * dpi / 72
    return bool(((above > -line / 2) & (above < 2 * line)).any())


def _alike(panels: Sequence[Panel]) -> bool:
    """Whether three panels or more show the same measure of the same series: one set of names."""
    names = {(p.y_label, p.y_scale, *(series.label for series in p.series)) for p in panels}
    return len(panels) > 2 and len(names) == 1


def _scales(ax: Axes, plot: Curves, panel: Panel) -> None:
    ax.set_xscale(plot.x_scale)
    ax.set_yscale(panel.y_scale)
    if plot.x_scale == "log" and len(panel.series[0].x) > MOST_TICKS:
        log_axis(ax)
    elif plot.x_scale == "log":
        x = panel.series[0].x
        # Beside other panels there is no room for all: every second of two.
        ax.set_xticks(x, [_plain(v) if i % len(plot.panels) == 0 else "" for i, v in enumerate(x)])
        ax.xaxis.set_minor_locator(NullLocator())
        if x[0] > x[-1]:
            # What falls in the course of a run is read from left to right, too.
            ax.invert_xaxis()
    elif all((np.diff(series.x) == 1).all() for series in panel.series):
        longest = max(len(series.x) for series in panel.series)
        ax.set_xticks(range(1, int(max(s.x[-1] for s in panel.series)) + 1, 1 + longest // 12))
    if panel.y_scale == "log":
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter(ScalarFormatter())
        ax.yaxis.set_minor_formatter(NullFormatter())


def _plain(value: float) -> str:
    """The number of a tick; what is 1/2, 1/4, 1/8 and so on, is said so."""
    halvings = math.log2(1 / value)
    return f"1/{2 ** int(halvings)}" if halvings > 0 and halvings.is_integer() else f"{value:g}"


def _one_series(ax: Axes, series: Series, palette: Palette) -> None:
    color = palette.arms[series.arm]
    dash = (0, (4, 2)) if series.dashed else "-"
    runs = len(series.y)
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
    mean = series.y.mean(axis=0)
    shape = LINES[series.arm] if len(series.x) < 15 and not series.dashed else None
    ax.plot(series.x, mean, color=color, linewidth=2, linestyle=dash, marker=shape, markersize=3.5)


def _end_labels(ax: Axes, panel: Panel, palette: Palette, dpi: float, room: float) -> None:
    """Name each curve to the right of where it ends; names that would touch are moved apart."""
    if len(panel.series) < 2:
        return
    left, right = ax.get_xlim()
    if ax.get_xscale() == "log":
        ax.set_xlim(left, right * (right / left) ** room)
    else:
        ax.set_xlim(left, right + room * (right - left))
    ends = sorted(
        ((float(np.nanmean(s.y[:, -1])), s) for s in panel.series), key=lambda end: end[0]
    )
    places = [float(ax.transData.transform((s.x[-1], y))[1]) for y, s in ends]
    apart = LABEL_POINTS * dpi / 72
    lowest = -np.inf
    for (y, series), place in zip(ends, places, strict=True):
        lowest = max(place, lowest + apart)
        ax.annotate(
            series.label,
            (series.x[-1], y),
            xytext=(7, (lowest - place) * 72 / dpi),
            textcoords="offset points",
            va="center",
            color=palette.arms[series.arm],
            size=9,
            weight="bold",
            annotation_clip=False,
        )
