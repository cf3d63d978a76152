"""Name the curves of a panel: at their ends, along a height, or in a key above."""

from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox, offset_copy

from bnreport.figures.curve_lines import look
from bnreport.figures.frame import DPI, PAPERS, SMALL, measured
from bnreport.figures.heights import spread
from bnreport.figures.palettes import Palette
from bnreport.figures.spots import LABEL, Spot, Way, name
from bnreport.presentation.formats import placed
from bnreport.presentation.plots import Curves, Panel

# Points: from the end of a curve to its name.
OFF = 7.0
# Points: what the axis of heights takes on a phone, and the sample of a line in a key.
AXIS, SAMPLE = 48.0, 26.0
# Names that take a smaller share of a panel are repeated in every panel.
ROOMY = 0.32
# The sides of a point on which a name may stand, and what it begins or ends with there.
SIDES: tuple[tuple[int, Literal["left", "center", "right"]], ...] = (
    (1, "left"),
    (0, "center"),
    (-1, "right"),
)
# Where a name may stand beside a point: so many points right and up of it.
AROUND: tuple[Way, ...] = (
    (7, 0, "left"),
    (7, -11, "left"),
    (7, 11, "left"),
    (0, 11, "center"),
    (0, -11, "center"),
    (-7, 11, "right"),
    (-5, -12, "right"),
    (-7, 0, "right"),
)
# The same where curves run close by, farther off.
FARTHER: tuple[Way, ...] = tuple(
    (7.0 * side, up, align)
    for up in (-15.0, 15.0, -20.0, 20.0, -25.0, 25.0)
    for side, align in SIDES
)
# The same where all of these lie on a curve.
FAR: tuple[Way, ...] = tuple(
    (7.0 * side, up, align)
    for up in (-31.0, 31.0, -37.0, 37.0, -43.0, 43.0)
    for side, align in SIDES
)
# Where along a level its name may stand, as shares of the panel: the middle first.
CLOSE = 13.0
ALONG = tuple(0.5 + side * step / 40 for step in range(19) for side in (1, -1))


def widest(panel: Panel) -> float:
    """The width of the longest name of a curve, in points."""
    return max(measured(series.label, SMALL, "bold") for series in panel.series)


def roomy(plot: Curves) -> float:
    """The widest that names at the ends of curves may be in a single panel, in points."""
    return ROOMY * DPI * PAPERS[plot.form].width


def columns_of(panel: Panel, plot: Curves) -> int:
    """The number of columns in which the names of a key fit."""
    widths = [SAMPLE + measured(series.label, SMALL, "bold") for series in panel.series]
    room = DPI * PAPERS[plot.form].width - AXIS
    for columns in range(len(widths), 1, -1):
        # A legend fills its columns one after the other, each as wide as its widest name.
        parts = np.array_split(widths, columns)
        if sum(float(part.max()) for part in parts) <= room:
            return columns
    return 1


def draw_key(ax: Axes, panel: Panel, palette: Palette, columns: int, up: float) -> None:
    """Name the curves so many points above the axes, each beside a piece of its line."""
    lines = [Line2D([], [], label=series.label, **look(series, palette)) for series in panel.series]
    ax.legend(
        handles=lines,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        bbox_transform=offset_copy(ax.transAxes, ax.get_figure(root=True), 0, up, units="points"),
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


def write_names(ax: Axes, panel: Panel, palette: Palette, ends: bool) -> None:
    """Write the names in a panel: of its curves, of the printed numbers, and of its level."""
    if panel.named_at is not None:
        taken = _labels_along(ax, panel, panel.named_at, palette)
    else:
        taken = _end_labels(ax, panel, palette) if ends else []
    if key := ax.get_legend():
        taken.append(key.get_window_extent())
    for marks in panel.marks:
        # Below the end of a fall, below the start of a rise, or at whichever no curve runs by.
        step = -1 if marks.y[-1] < marks.y[0] else 1
        spots = [
            Spot(float(x), float(y), *way)
            for ways in (AROUND[::step], FARTHER)
            for x, y in zip(marks.x[::step], marks.y[::step], strict=True)
            for way in ways
        ]
        name(ax, marks.label, spots, taken, palette.ink)
    if panel.level:
        height, word = panel.level
        left, right = ax.get_xlim()
        spots = [Spot(right, height, -2, up, "right") for up in (9, -9)]
        spots += [Spot(left, height, 2, up, "left") for up in (9, -9)]
        # Where curves run along both ends, somewhere between, within the axes.
        text = f"{word}: {placed(height)}"
        half = measured(text, SMALL) / 2 / ax.get_window_extent().width
        between = ax.transAxes + ax.transData.inverted()
        along = [
            Spot(float(between.transform((share, 0))[0]), height, 0, up, "center")
            for up in (9, -9, 13, -13, 18, -18, 24, -24, 30, -30)
            for share in ALONG
            if half <= share <= 1 - half
        ]
        close = [spot for spot in along if abs(spot.up) <= CLOSE]
        name(ax, text, spots + close, taken, palette.ink, far=along)


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
            spots = [Spot(float(series.x[-1]), y, *way) for way in AROUND + FARTHER]
            # Or anywhere along the curve itself.
            along = zip(series.x, np.nanmean(series.y, axis=0), strict=True)
            far = [Spot(float(x), float(y), *way) for x, y in along for way in AROUND]
            far += [Spot(float(series.x[-1]), y, *way) for way in FAR]
            name(ax, series.label, spots, taken, palette.arms[series.arm], "bold", far)
    return taken


def _labels_along(ax: Axes, panel: Panel, height: float, palette: Palette) -> list[Bbox]:
    """Name each curve right of where it last passes a height; the room that the names take."""
    taken: list[Bbox] = []
    for series in panel.series:
        mean = np.nanmean(series.y, axis=0)
        passed = int(np.flatnonzero(mean >= height)[-1])
        spot = Spot(float(series.x[passed]), height, OFF, 0, "left")
        name(ax, series.label, [spot], taken, palette.arms[series.arm], "bold")
    return taken
