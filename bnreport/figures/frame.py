"""The paper that figures are drawn on: colours, styles, title and subtitle."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FixedLocator, MaxNLocator, NullFormatter, ScalarFormatter

from bnreport.figures.palettes import Palette
from bnreport.presentation.formats import plain
from bnreport.presentation.phone import COLUMN
from bnreport.presentation.plots import Form

# Points: what is measured before a figure is written stays where it was.
DPI = 72
SMALL = 9
MARGIN = 6.0
# A logarithmic axis names as many of these numbers in a decade as it has room for.
IN_A_DECADE = ((1, 1.5, 2, 3, 4, 5, 7), (1, 2, 5), (1, 3), (1,))
# The least room between two names of ticks, in points.
BETWEEN = 10.0
# Over a shorter one, ticks at 1, 2 and 5 would be one or none.
SHORT = 4.0
# From here on a number has a comma.
UNCUT = 1_000
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
class Paper:
    """The width of a figure, in inches, and the sizes of its title, its subtitle and its text."""

    width: float
    title: float
    subtitle: float
    text: float
    margin: float = MARGIN


# A phone shows it at its own size: no text is below 11 px, which are 8.25 points.
PAPERS: dict[Form, Paper] = {
    "wide": Paper(7.0, 12, 9, 10),
    "phone": Paper(COLUMN / 96, 11, 9, 9, margin=2.0),
}


class _Canvas(FigureCanvasBase):
    """Lends every figure one renderer: what it measured of a text, it knows at the next figure."""

    renderer: Any = cast(Any, RendererAgg)(1, 1, DPI)

    def get_renderer(self) -> Any:
        """The renderer that text is measured with while a figure is laid out."""
        return self.renderer


@contextmanager
def style(palette: Palette, form: Form = "wide") -> Iterator[None]:
    """Set what all figures of a palette and a form have in common."""
    settings: Any = {
        "svg.hashsalt": "bnreport",
        "svg.fonttype": "none",
        "font.family": "sans-serif",
        "font.size": PAPERS[form].text,
        "text.color": palette.ink,
        "axes.edgecolor": palette.faint,
        "axes.labelcolor": palette.ink,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": PAPERS[form].text,
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


def frame(
    title: str, subtitle: str, height: float, width: float | None = None, form: Form = "wide"
) -> Figure:
    """An empty figure of that height below its title and its subtitle, as wide as its form."""
    paper = PAPERS[form]
    width = width or paper.width
    room = DPI * width - 2 * paper.margin
    heads = wrapped(title, room, paper.title, "bold")
    lines = wrapped(subtitle, room, paper.subtitle)
    first = 0.42 + 0.2 * (len(heads) - 1)
    head = first + 0.17 * len(lines)
    height += head
    layout = ConstrainedLayoutEngine(rect=(0, 0, 1, 1 - head / height))
    figure = Figure(figsize=(width, height), layout=layout, dpi=DPI)
    _Canvas(figure)
    left, below = paper.margin / DPI / width, 1 - (first - 0.09) / height
    top = 1 - 0.08 / height
    figure.text(left, top, "\n".join(heads), size=paper.title, weight="bold", va="top")
    figure.text(left, below, "\n".join(lines), size=paper.subtitle, va="top", alpha=0.85)
    return figure


def beside(figure: Figure, points: float) -> None:
    """Keep so much room free at the right of all axes."""
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        left, bottom, width, height = engine.get()["rect"]
        engine.set(rect=(left, bottom, width - points / figure.bbox.width, height))


def laid_out(figure: Figure) -> None:
    """Give the axes of a figure their size, for good."""
    engine = figure.get_layout_engine()
    if engine is not None:
        with _ticks_found_once(figure):
            engine.execute(figure)
    figure.set_layout_engine(None)


# What an axis does half a dozen times while a figure is laid out, and only its size changes there.
REPEATED = ("_update_ticks", "_get_ticklabel_bboxes")


@contextmanager
def _ticks_found_once(figure: Figure) -> Iterator[None]:
    """Let axes look for their ticks once for each size that they get: the figure is the same."""
    axes = [axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]
    for axis in axes:
        for name in REPEATED:
            setattr(axis, name, _once_a_size(axis, getattr(axis, name)))
    try:
        yield
    finally:
        for axis in axes:
            for name in REPEATED:
                delattr(axis, name)


def _once_a_size(axis: Axis, find: Callable[..., Any]) -> Callable[..., Any]:
    known: dict[tuple[float, ...], Any] = {}

    def look(*given: object) -> Any:
        size = axis.axes.bbox.bounds
        if size not in known:
            known.clear()
            known[size] = find(*given)
        return known[size]

    return look


@lru_cache(maxsize=4096)
def measured(text: str, size: float, weight: str = "normal") -> float:
    """The width of a line of text, in points."""
    font = FontProperties(family="sans-serif", size=size, weight=weight)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width)


def balanced(text: str, room: float, size: float, weight: str = "normal") -> list[str]:
    """The text in as few lines as fit in `room` points, all of about one width."""
    lines = wrapped(text, room, size, weight)
    for share in (0.9, 0.8, 0.7, 0.6):
        evener = wrapped(text, share * room, size, weight)
        if len(evener) > len(lines):
            break
        lines = evener
    return lines


def wrapped(text: str, room: float, size: float, weight: str = "normal") -> list[str]:
    """The text in lines that are no wider than `room` points, however its words fall."""
    # The widths of words add up: each word is measured once, whatever texts it stands in.
    space, lines, reached = measured(" ", size, weight), list[str](), math.inf
    # A thin space keeps a number and its unit in one line.
    for word in re.split("[ \n]+", text.strip()):
        width = measured(word, size, weight)
        if reached + space + width <= room:
            lines[-1] += f" {word}"
            reached += space + width
        else:
            lines.append(word)
            reached = width
    return lines


def across(label: str, form: Form) -> str:
    """The label of an axis of x, in lines where a phone has no room for it in one."""
    if form == "wide":
        return label
    paper = PAPERS[form]
    return "\n".join(balanced(label, 0.8 * DPI * paper.width, paper.text))


def log_axis(ax: Axes, room: float) -> None:
    """A logarithmic x axis with as many plain numbers as do not touch in so many points."""
    ax.set_xscale("log")
    left, right = sorted(ax.get_xlim())
    size = float(mpl.rcParams["font.size"])
    if right / left > SHORT:
        ticks = _log_ticks(left, right, room, size)
    else:
        ticks = [float(tick) for tick in MaxNLocator(5).tick_values(left, right)]
    ax.xaxis.set_major_locator(FixedLocator([t for t in ticks if left <= t <= right]))
    ax.xaxis.set_major_formatter(lambda value, _: plain(value))
    powers = range(math.floor(math.log10(left)), math.ceil(math.log10(right)) + 1)
    small = [part * 10.0**power for power in powers for part in range(1, 10)]
    ax.xaxis.set_minor_locator(FixedLocator([tick for tick in small if left <= tick <= right]))
    ax.xaxis.set_minor_formatter(NullFormatter())


def with_commas(axis: Axis) -> None:
    """Name ticks of four and more digits with commas, as numbers in text have them."""
    long = max(map(abs, axis.get_view_interval())) >= UNCUT
    if long and isinstance(axis.get_major_formatter(), ScalarFormatter):
        axis.set_major_formatter(lambda value, _: plain(value))


def name_within(ax: Axes) -> None:
    """Name only ticks of x whose names the figure has room for; axes have their size for good."""
    size = float(mpl.rcParams["font.size"])
    places = ax.get_xaxis_transform().transform([(tick, 0) for tick in ax.get_xticks()])[:, 0]
    named = [
        float(tick)
        for tick, place in zip(ax.get_xticks(), places, strict=True)
        if (half := measured(plain(tick), size) / 2) <= place <= ax.figure.bbox.width - half
    ]
    ax.xaxis.set_major_locator(FixedLocator(named))


def _log_ticks(left: float, right: float, room: float, size: float) -> list[float]:
    """The densest round numbers on the axis whose names have room between them."""
    scale = room / math.log10(right / left)
    first, last = math.floor(math.log10(left)), math.ceil(math.log10(right))
    for parts in IN_A_DECADE:
        ticks = [part * 10.0**power for power in range(first, last + 1) for part in parts]
        ticks = [tick for tick in ticks if left <= tick <= right]
        if _apart(ticks, scale, size):
            return ticks
    for step in range(2, last - first + 1):
        # Counted from one, so that the value of no effect is among them.
        ticks = [10.0**power for power in range(first, last + 1) if power % step == 0]
        ticks = [tick for tick in ticks if left <= tick <= right]
        if _apart(ticks, scale, size):
            break
    return ticks


def _apart(ticks: Sequence[float], scale: float, size: float) -> bool:
    """Say whether the names of the ticks leave room between them, at so many points a decade."""
    widths = [measured(plain(tick), size) for tick in ticks]
    ways = [scale * math.log10(b / a) for a, b in pairwise(ticks)]
    return all(
        way >= (left + right) / 2 + BETWEEN
        for way, (left, right) in zip(ways, pairwise(widths), strict=True)
    )
