"""Draw rows of dots, each named at its left, or on a phone above it."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

from bnreport.figures.dot_rows import draw_rows
from bnreport.figures.dot_words import (
    BOTTOM,
    name_above,
    name_at_left,
    names_of,
    number_below,
    number_in_column,
    top_of,
)
from bnreport.figures.frame import (
    across,
    beside,
    frame,
    laid_out,
    log_axis,
    name_within,
    with_commas,
)
from bnreport.figures.palettes import Palette
from bnreport.presentation.plots import Dots, Row

# What the number of a tick at the end of an axis may need beyond it.
OVERHANG = 14.0
# Inches for a row, for a narrow one among few or many, and for the head over their numbers.
ROW, NARROW, CROWDED, HUMP, HEAD = 0.62, 0.3, 0.28, 0.38, 0.15
# So many narrow rows are many: with an answer above them they still share a screen.
MANY = 11
# Inches for a line of a name above its row, and between it and the row above.
LINE, GAP = 0.16, 0.06


def dots(plot: Dots, palette: Palette) -> Figure:
    """The figure of some rows of dots, each named at its left, or on a phone above it."""
    narrow = plot.narrow or plot.centre != "mean"
    close = CROWDED if plot.form == "wide" and len(plot.rows) >= MANY else NARROW
    each = HUMP if plot.humps else close if narrow else ROW
    names = names_of(plot)
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
    draw_rows(ax, rows, places, palette, plot)
    if plot.form == "phone":
        name_above(ax, plot, names, places, palette)
    else:
        name_at_left(ax, plot, names, places, palette)
    ax.set_ylim(-BOTTOM, step * len(plot.rows) - (0.4 if plot.form == "wide" else BOTTOM))
    if plot.from_zero:
        ax.set_xlim(left=0)
    ax.set_xscale(plot.x_scale)
    ax.grid(axis="y", visible=False)
    ax.set_xlabel(across(plot.x_label, plot.form))
    if narrow:
        number_in_column(ax, plot, places, palette)
    with_commas(ax.xaxis)
    # What stands inside the axes is placed once they have their size, and changes it no more.
    laid_out(figure)
    if plot.x_scale == "log":
        log_axis(ax, ax.get_window_extent().width)
        name_within(ax)
    if not narrow:
        number_below(ax, rows, places, palette, plot)
    return figure


def _step(plot: Dots, names: list[list[str]], each: float) -> float:
    """The distance of rows, in heights of a row; on a phone their names stand between them."""
    if plot.form == "wide":
        # Two names of several lines, one below the other, would seem one.
        most = max((min(map(len, pair)) for pair in pairwise(names)), default=1)
        return max(1.0, (LINE * most + GAP) / each) if most > 1 else 1.0
    return BOTTOM + top_of(plot) + (LINE * max(map(len, names)) + GAP) / each


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
