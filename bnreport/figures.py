"""Draw figures as SVG, once for each palette, byte for byte the same every time."""

import io
import math
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator, ScalarFormatter
from numpy.typing import NDArray

from bnreport.plots import Arm, Curves, Dots, Panel, Plot, Row, Series
from bnreport.statistics import t_interval

WIDTH = 7.0
SUBTITLE_CHARACTERS = 104
MOST_TICKS = 12
# A longer logarithmic axis has room for some powers of ten alone.
MOST_PLAIN, MOST_POWERS = 1e5, 8
LABEL_CHARACTERS = 34
LABEL_POINTS = 12
# Twelve dots of one value stay below the row above.
STACK = 0.03
# The interval of so few runs is wider than their curves are apart: the runs alone say more.
FEW = 3
# Shape and dash repeat what colour says.
LINES = {
    "raw": "o",
    "std": "^",
    "bn": "s",
    "std-bn": "P",
    "ln": "v",
    "gn": "X",
    "neutral": "D",
}


@dataclass(frozen=True)
class Palette:
    """The colours of one palette; arms keep theirs in every figure (after Okabe and Ito)."""

    name: str
    ink: str
    faint: str
    arms: dict[Arm, str]


LIGHT = Palette(
    "light",
    "#24292f",
    "#d0d4d9",
    {
        "raw": "#b85000",
        "std": "#00785a",
        "bn": "#0068a8",
        "std-bn": "#a03d7c",
        "ln": "#7d6600",
        "gn": "#6a4fc4",
        "neutral": "#5a6068",
    },
)
DARK = Palette(
    "dark",
    "#e4e7eb",
    "#4a505a",
    {
        "raw": "#f0a040",
        "std": "#3fcf9f",
        "bn": "#6cc0f0",
        "std-bn": "#ec8fc4",
        "ln": "#e8dc58",
        "gn": "#b3a2f5",
        "neutral": "#a8b0b8",
    },
)


def draw(plot: Plot, palette: Palette) -> str:
    """The figure as the text of an SVG file with a transparent background."""
    with _style(palette):
        figure = _curves(plot, palette) if isinstance(plot, Curves) else _dots(plot, palette)
        text = io.StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    # Viewers scale an SVG by its view box; trailing spaces make noisy diffs.
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


@contextmanager
def _style(palette: Palette) -> Iterator[None]:
    settings: Any = {
        "svg.hashsalt": "bnreport",
        "svg.fonttype": "none",
        "font.family": "sans-serif",
        "font.size": 10,
        "text.color": palette.ink,
        "axes.edgecolor": palette.faint,
        "axes.labelcolor": palette.ink,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 10,
        "axes.titlelocation": "left",
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": palette.faint,
        "grid.linewidth": 0.5,
        "grid.alpha": 0.6,
        "xtick.color": palette.ink,
        "ytick.color": palette.ink,
        "path.simplify_threshold": 0.2,
    }
    with mpl.rc_context(settings):
        yield


def _frame(title: str, subtitle: str, height: float) -> Figure:
    lines = textwrap.wrap(subtitle, SUBTITLE_CHARACTERS)
    head = 0.42 + 0.17 * len(lines)
    height += head
    room = ConstrainedLayoutEngine(rect=(0, 0, 1, 1 - head / height))
    figure = Figure(figsize=(WIDTH, height), layout=room)
    figure.text(0.012, 1 - 0.08 / height, title, size=12, weight="bold", va="top")
    figure.text(0.012, 1 - 0.33 / height, "\n".join(lines), size=9, va="top", alpha=0.85)
    return figure


def _curves(plot: Curves, palette: Palette) -> Figure:
    figure = _frame(plot.title, plot.subtitle, 3.2)
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
        _log_axis(ax)
    elif plot.x_scale == "log":
        x = panel.series[0].x
        # Beside other panels there is no room for all: every second of two.
        ax.set_xticks(x, [_plain(v) if i % len(plot.panels) == 0 else "" for i, v in enumerate(x)])
        ax.xaxis.set_minor_locator(NullLocator())
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


def _dots(plot: Dots, palette: Palette) -> Figure:
    narrow = plot.narrow or plot.centre != "mean"
    figure = _frame(plot.title, plot.subtitle, 0.8 + (0.3 if narrow else 0.62) * len(plot.rows))
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
        _log_axis(ax)
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


def _log_axis(ax: Axes) -> None:
    """A logarithmic x axis with plain numbers, or over many decades with powers of ten alone."""
    ax.set_xscale("log")
    left, right = ax.get_xlim()
    if right / left > MOST_PLAIN:
        ax.xaxis.set_major_locator(LogLocator(numticks=MOST_POWERS))
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    else:
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_major_formatter(ScalarFormatter())
    ax.xaxis.set_minor_formatter(NullFormatter())


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


def _shortest(value: float) -> str:
    """A number of any size in two digits."""
    return f"{value:#.2g}".removesuffix(".") if value else "0"


def _narrow_row(ax: Axes, place: int, row: Row, palette: Palette, plot: Dots) -> None:
    color = palette.arms[row.arm]
    _values(ax, place, row, palette)
    if plot.centre == "mean":
        ax.plot([row.low, row.high], [place] * 2, color=color, linewidth=2.5)
    point = np.clip(row.point, row.low, row.high)
    ax.plot([point], [place], "|", color=color, markersize=13, mew=2.5)
    ax.annotate(
        _shortest(row.point) if plot.centre == "largest" else _labelled(row.point, plot.decimals),
        (max(row.high, row.values.max()), place),
        xytext=(9, 0),
        textcoords="offset points",
        va="center",
        color=color,
        size=9,
    )


def describe(plot: Plot) -> str:
    """The figure in words, made from its data: its alternative text."""
    if isinstance(plot, Dots):
        words = WORDS[plot.centre]
        rows = "; ".join(words(row, plot.decimals) for row in plot.rows)
        return f"{plot.title}. {plot.subtitle}. {plot.x_label}: {rows}."
    panels = ". ".join(_panel_words(panel, plot.x_label) for panel in plot.panels)
    return f"{plot.title}. {plot.subtitle}. {panels}."


def _row_words(row: Row, decimals: int) -> str:
    words = (
        f"{row.label} {row.point:.{decimals}f} on average, 95% interval {row.low:.{decimals}f} to "
        f"{row.high:.{decimals}f}, runs from {row.values.min():.{decimals}f} to "
        f"{row.values.max():.{decimals}f}"
    )
    if row.published:
        words += f", {row.cross} " + " to ".join(
            f"{v:g}" for v in row.published[:: max(1, len(row.published) - 1)]
        )
    return words


def _median_words(row: Row, decimals: int) -> str:
    return (
        f"{row.label} {row.point:.{decimals}f} in the median, rounds from "
        f"{row.low:.{decimals}f} to {row.high:.{decimals}f}"
    )


def _largest_words(row: Row, _: int) -> str:
    words = f"{row.label} at most {_shortest(row.point)}"
    return f"{words}, shaded up to {row.band[1]:g}" if row.band else words


WORDS = {"mean": _row_words, "median": _median_words, "largest": _largest_words}


def _panel_words(panel: Panel, x_label: str) -> str:
    parts = [_series_words(series, x_label) for series in panel.series]
    parts += [
        f"printed numbers go from {m.y[0]:g} at {x_label} {m.x[0]:g} to {m.y[-1]:g} at {m.x[-1]:g}"
        for m in panel.marks
    ]
    if panel.level:
        parts.append(f"{panel.level[1]}: {panel.level[0]:g}")
    return f"{panel.title or panel.y_label}: " + "; ".join(parts)


def _series_words(series: Series, x_label: str) -> str:
    mean = series.y.mean(axis=0)
    low, high = int(np.nanargmin(mean)), int(np.nanargmax(mean))
    return (
        f"{series.label} goes from {mean[0]:.3g} at {x_label} {series.x[0]:g} to {mean[-1]:.3g} at "
        f"{series.x[-1]:g}, lowest {mean[low]:.3g} at {series.x[low]:g}, highest {mean[high]:.3g} "
        f"at {series.x[high]:g}"
    )
