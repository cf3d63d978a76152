"""Draw small multiples of curves: panels side by side, or one below the other on a phone."""

import math
from collections.abc import Sequence
from dataclasses import replace

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bnreport.figures.curve_axes import x_axis, y_scale
from bnreport.figures.curve_lines import draw_series
from bnreport.figures.curve_names import OFF, columns_of, draw_key, roomy, widest, write_names
from bnreport.figures.frame import DPI, across, beside, frame, laid_out, with_commas
from bnreport.figures.palettes import Palette
from bnreport.presentation.plots import Curves, Panel

# Inches: a panel side by side with others, and one on a phone.
ABREAST, STACKED = 3.2, 2.5
# Points: the height of a line of a key.
KEY = 14.0


def curves(plot: Curves, palette: Palette) -> Figure:
    """The figure of some curves."""
    return _stacked(plot, palette) if plot.form == "phone" else _abreast(plot, palette)


def _abreast(plot: Curves, palette: Palette) -> Figure:
    """The panels side by side."""
    figure = frame(plot.title, plot.subtitle, ABREAST)
    alike = _alike(plot)
    # Names too long for every panel stand once, right of the last, beyond its axes.
    aside = alike and max(map(widest, plot.panels)) > roomy(plot) / len(plot.panels)
    if aside:
        beside(figure, OFF + max(map(widest, plot.panels)))
    axes = figure.subplots(1, len(plot.panels), squeeze=False, sharex=alike, sharey=alike)[0]
    for ax, panel in zip(axes, plot.panels, strict=True):
        ax.set_title(panel.title)
        ax.set_xlabel(plot.x_label)
        if not alike or panel is plot.panels[0]:
            ax.set_ylabel(panel.y_label)
        ax.set_xscale(plot.x_scale)
        _panel(ax, panel, plot.panels if alike else [panel], palette)
    # What stands inside the axes is placed once they have their size, and changes it no more.
    laid_out(figure)
    for ax, panel in zip(axes, plot.panels, strict=True):
        x_axis(ax, plot, plot.panels if alike else [panel], aside)
        write_names(ax, panel, palette, not aside or panel is plot.panels[-1])
    return figure


def _stacked(plot: Curves, palette: Palette) -> Figure:
    """The panels one below the other; names too long for the ends of curves become a key."""
    alike = _alike(plot)
    keyed = [len(p.series) > 1 and widest(p) > roomy(plot) for p in plot.panels]
    # Alike panels share one key, above the first.
    keys = [
        columns_of(panel, plot) if key and (panel is plot.panels[0] or not alike) else 0
        for key, panel in zip(keyed, plot.panels, strict=True)
    ]
    lines = [
        math.ceil(len(p.series) / k) if k else 0 for k, p in zip(keys, plot.panels, strict=True)
    ]
    height = STACKED * len(keys) + sum(lines) * KEY / DPI
    figure = frame(plot.title, plot.subtitle, height, form=plot.form)
    pad = float(mpl.rcParams["axes.titlepad"])
    title = pad + KEY if plot.panels[0].title else 0.0
    axes = figure.subplots(len(keys), 1, squeeze=False, sharex=alike, sharey=alike)[:, 0]
    for ax, panel, columns, rows in zip(axes, plot.panels, keys, lines, strict=True):
        # A key of all panels stands above the title of the first, that of one panel below it.
        ax.set_title(panel.title, pad=pad if alike else pad + rows * KEY)
        ax.set_ylabel(panel.y_label)
        ax.set_xscale(plot.x_scale)
        if not alike or panel is plot.panels[-1]:
            ax.set_xlabel(across(plot.x_label, plot.form))
        _panel(ax, panel, plot.panels if alike else [panel], palette)
        if columns:
            draw_key(ax, panel, palette, columns, title if alike else 0.0)
    laid_out(figure)
    for ax, panel, key in zip(axes, plot.panels, keyed, strict=True):
        x_axis(ax, plot, plot.panels if alike else [panel], key)
        write_names(ax, replace(panel, named_at=None) if key else panel, palette, not key)
    return figure


def _panel(ax: Axes, panel: Panel, panels: Sequence[Panel], palette: Palette) -> None:
    """The lines of a panel, whose axis of heights is that of `panels`."""
    y_scale(ax, panel, panels, palette)
    for series in panel.series:
        draw_series(ax, series, palette)
    for marks in panel.marks:
        ax.plot(marks.x, marks.y, "x", color=palette.ink, markersize=6, mew=1.6, zorder=5)
    if panel.from_zero:
        ax.set_ylim(0, 1.05 * max(float(np.nanmax(series.y)) for series in panel.series))
    if panel.level:
        dots = (0, (1, 1.5))
        ax.axhline(panel.level[0], color=palette.ink, linewidth=1.2, linestyle=dots)
        if panel.shaded:
            top = ax.get_ylim()[1]
            ax.axhspan(panel.level[0], top, color=palette.arms["std"], alpha=0.14, lw=0, zorder=0)
            ax.set_ylim(top=top)
    with_commas(ax.yaxis)


def _alike(plot: Curves) -> bool:
    """Say whether the panels show one measure of the same series, on one set of axes."""
    names = {(p.y_label, p.y_scale, *(series.label for series in p.series)) for p in plot.panels}
    return (len(plot.panels) > 2 or plot.shared) and len(names) == 1
