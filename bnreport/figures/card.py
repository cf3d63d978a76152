"""Draw the picture that other sites show beside a link to this one."""

import io
from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from bnreport.figures.frame import measured, style, wrapped
from bnreport.figures.palettes import LIGHT

# Pixels, as the sites that show it ask for.
WIDTH, HEIGHT, DPI = 1200, 630, 100
GROUND = "#ffffff"
MARGIN, TOP = 72.0, 570.0
# Points of the title, of the names and numbers of bars, and of the line below; a title that is too
# long for its lines shrinks.
TITLE, LEAST, NAME, BELOW = 40, 22, 24, 16
LINES = 3
# The bars: the height of one and the way to the next, and the top of the first.
BAR, STEP, FIRST = 56.0, 80.0, 350.0
BESIDE = 18.0


def card(title: str, bars: Sequence[tuple[str, float, str]], below: str) -> bytes:
    """The picture as PNG: a title, bars of one unit, and a line below.

    Args:
        title: a sentence, or two on lines of their own.
        bars: the name, the length, which is written as a multiple, and the colour; from the top.
        below: a line of text.
    """
    with style(LIGHT):
        image = io.BytesIO()
        sketch(title, bars, below).savefig(image, format="png", metadata={"Software": None})
    return image.getvalue()


def sketch(title: str, bars: Sequence[tuple[str, float, str]], below: str) -> Figure:
    """The picture as matplotlib holds it."""
    figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=GROUND)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set_axis_off()
    ax.set(xlim=(0, WIDTH), ylim=(0, HEIGHT))
    room = WIDTH - 2 * MARGIN
    size = next(s for s in range(TITLE, LEAST - 1, -1) if s == LEAST or _fits(title, s, room))
    lines = _lines(title, size, room)
    ax.text(MARGIN, TOP, "\n".join(lines), size=size, weight="bold", va="top", linespacing=1.2)
    names = max((_wide(name, NAME, "bold") for name, _, _ in bars), default=0.0)
    numbers = max((_wide(_times(ratio), NAME, "bold") for _, ratio, _ in bars), default=0.0)
    free = room - names - numbers - 2 * BESIDE
    longest = max((ratio for _, ratio, _ in bars), default=1.0)
    for place, (name, ratio, color) in enumerate(bars):
        top, left = FIRST - STEP * place, MARGIN + names + BESIDE
        width = free * ratio / longest
        middle = top - BAR / 2
        bold: dict[str, Any] = {
            "size": NAME,
            "weight": "bold",
            "va": "center_baseline",
            "color": color,
        }
        ax.text(left - BESIDE, middle, name, ha="right", **bold)
        ax.add_patch(Rectangle((left, top - BAR), width, BAR, color=color))
        ax.text(left + width + BESIDE, middle, _times(ratio), **bold)
    last = "\n".join(wrapped(below, room * 72 / DPI, BELOW))
    ax.text(MARGIN, 34, last, size=BELOW, va="bottom", color=LIGHT.arms["neutral"])
    return figure


def _times(ratio: float) -> str:
    return f"{ratio:.2f} ×"


def _lines(title: str, size: float, room: float) -> list[str]:
    """The title in lines; a line of its own stays one."""
    paragraphs = title.splitlines()
    return [line for text in paragraphs for line in wrapped(text, room * 72 / DPI, size, "bold")]


def _wide(text: str, size: float, weight: str = "normal") -> float:
    """The width of a line in pixels."""
    return measured(text, size, weight) * DPI / 72


def _fits(title: str, size: float, room: float) -> bool:
    return len(_lines(title, size, room)) <= LINES
