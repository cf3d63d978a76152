"""The paper that figures are drawn on: colours, styles, title and subtitle."""

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, ScalarFormatter

from bnreport.plots import Arm

WIDTH = 7.0
SUBTITLE_CHARACTERS = 104
# A longer logarithmic axis has room for some powers of ten alone.
MOST_PLAIN, MOST_POWERS = 1e5, 8
# Over a shorter one, ticks at 1, 2 and 5 would be one or none.
SHORT = 4.0
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

    @property
    def colors(self) -> tuple[str, ...]:
        """Every colour, in one order for all palettes."""
        return (self.ink, self.faint, *(self.arms[arm] for arm in sorted(self.arms)))


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


@contextmanager
def style(palette: Palette) -> Iterator[None]:
    """What all figures of a palette have in common."""
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


def frame(title: str, subtitle: str, height: float, width: float = WIDTH) -> Figure:
    """An empty figure of that height below its title and its subtitle."""
    lines = textwrap.wrap(subtitle, int(SUBTITLE_CHARACTERS * width / WIDTH))
    head = 0.42 + 0.17 * len(lines)
    height += head
    room = ConstrainedLayoutEngine(rect=(0, 0, 1, 1 - head / height))
    figure = Figure(figsize=(width, height), layout=room)
    left = 0.084 / width
    figure.text(left, 1 - 0.08 / height, title, size=12, weight="bold", va="top")
    figure.text(left, 1 - 0.33 / height, "\n".join(lines), size=9, va="top", alpha=0.85)
    return figure


def log_axis(ax: Axes) -> None:
    """A logarithmic x axis with plain numbers, or over many decades with powers of ten alone."""
    ax.set_xscale("log")
    left, right = ax.get_xlim()
    if right / left > MOST_PLAIN:
        ax.xaxis.set_major_locator(LogLocator(numticks=MOST_POWERS))
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    else:
        ticks = LogLocator(subs=(1, 2, 5)) if right / left > SHORT else MaxNLocator(5)
        ax.xaxis.set_major_locator(ticks)
        ax.xaxis.set_major_formatter(ScalarFormatter())
    ax.xaxis.set_minor_formatter(NullFormatter())
