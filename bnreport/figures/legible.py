"""Find in a drawn figure what a reader could not read: words on words, on lines or cut off."""

import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.spines import Spine
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from bnreport.figures.spots import comes_near, in_pixels, is_curve

# Boxes of text hold room above and below their letters: so many pixels may be shared.
SHARED = 2.0
# A hyphen in front of a number, or in its exponent, where a minus belongs.
HYPHEN = re.compile(r"(?<![\w.\]=])-\d|\de[+-]\d")

# A number of four or more digits without commas, unless it is a year.
UNCUT = re.compile(r"(?<![\w.,-])(?!(?:19|20)\d\d(?!\d))\d{4,}(?![\w-]|\.\d)")


def faults(figure: Figure) -> list[str]:
    """Name what cannot be read in a figure that was drawn: one line for each fault."""
    shown = list(_texts(figure))
    unreadable = [*_crossed(shown), *_cut(figure, shown)]
    for ax in figure.axes:
        unreadable += [*_struck(ax, shown), *_buried(ax, shown), *_repeated(ax)]
    for text, _ in shown:
        if HYPHEN.search(text.get_text()) and text.get_fontfamily() != ["monospace"]:
            unreadable.append(f"{text.get_text()!r} has a hyphen for a minus, or an exponent")
        if UNCUT.search(text.get_text()):
            unreadable.append(f"{text.get_text()!r} lacks a comma between thousands")
    return unreadable


def _texts(figure: Figure) -> Iterator[tuple[Text, Bbox]]:
    """Every text that is shown, with its place in pixels."""
    # It measures letters as they are, not as they fall on the pixels of one screen.
    make: Any = RendererSVG
    renderer = make(figure.bbox.width, figure.bbox.height, io.StringIO(), image_dpi=72)
    outside = {id(text) for ax in figure.axes for text in _hidden_ticks(ax)}
    for text in figure.findobj(Text):
        if id(text) not in outside and _drawn(text):
            yield text, text.get_window_extent(renderer)


def _drawn(text: Text) -> bool:
    ax = text.axes
    if ax is not None and not ax.axison:
        # An axis that is switched off keeps its labels and shows none.
        own = {id(label) for axis in (ax.xaxis, ax.yaxis) for label in axis.findobj(Text)}
        if id(text) in own:
            return False
    return text.get_visible() and bool(text.get_text().strip())


def _hidden_ticks(ax: Axes) -> Iterator[Text]:
    """The labels of ticks beyond the ends of their axis, and of those that show none."""
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        room = 1e-9 * abs(high - low)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            inside = low - room <= tick.get_loc() <= high + room
            if not inside or not tick.label1.get_visible():
                yield tick.label1
            yield tick.label2


def _crossed(shown: list[tuple[Text, Bbox]]) -> Iterator[str]:
    for (first, box), (second, beside) in combinations(shown, 2):
        wide = min(box.x1, beside.x1) - max(box.x0, beside.x0)
        high = min(box.y1, beside.y1) - max(box.y0, beside.y0)
        if wide > SHARED and high > SHARED:
            yield f"{first.get_text()!r} lies on {second.get_text()!r}"


def _cut(figure: Figure, shown: list[tuple[Text, Bbox]]) -> Iterator[str]:
    whole = figure.bbox
    for text, box in shown:
        if (
            box.x0 < whole.x0 - SHARED
            or box.x1 > whole.x1 + SHARED
            or box.y0 < whole.y0 - SHARED
            or box.y1 > whole.y1 + SHARED
        ):
            yield f"{text.get_text()!r} is cut off at the edge"


def _struck(ax: Axes, shown: list[tuple[Text, Bbox]]) -> Iterator[str]:
    """Words through which the line of an axis goes, or a level or upright line."""
    lines = []
    if ax.axison:
        lines += [_edge(spine) for spine in ax.spines.values() if spine.get_visible()]
    lines += [_extent(line) for line in ax.lines if _straight(line)]
    for line in lines:
        for text, box in shown:
            if not any(map(str.isalnum, text.get_text())):
                continue
            wide = min(box.x1, line.x1) - max(box.x0, line.x0)
            high = min(box.y1, line.y1) - max(box.y0, line.y0)
            inside = (
                box.y0 + SHARED < line.y0 < box.y1 - SHARED and wide > SHARED
                if line.width > line.height
                else box.x0 + SHARED < line.x0 < box.x1 - SHARED and high > SHARED
            )
            if inside:
                yield f"{text.get_text()!r} is struck through by a line"


def _buried(ax: Axes, shown: list[tuple[Text, Bbox]]) -> Iterator[str]:
    """Names in the axes that lie on a curve that is no single run."""
    inside = {id(text) for text in ax.texts}
    for line in ax.lines:
        if not is_curve(line) or _straight(line):
            continue
        path = in_pixels(line)
        for text, box in shown:
            letters = box.padded(-SHARED)
            if id(text) in inside and comes_near(line, path, letters, clear=0):
                yield f"{text.get_text()!r} lies on a curve"


def _edge(spine: Spine) -> Bbox:
    points = spine.get_transform().transform(spine.get_path().vertices)
    return Bbox([points.min(axis=0), points.max(axis=0)])


def _straight(line: Line2D) -> bool:
    points = np.asarray(line.get_path().vertices)
    return len(points) == 2 and line.get_linestyle() != "None" and not _sloping(_extent(line))


def _sloping(box: Bbox) -> bool:
    return min(box.width, box.height) > 0.5


def _extent(line: Line2D) -> Bbox:
    points = line.get_transform().transform(line.get_xydata())
    return Bbox([points.min(axis=0), points.max(axis=0)])


def _repeated(ax: Axes) -> Iterator[str]:
    """Numbers that stand at two ticks of one axis."""
    hidden = {id(text) for text in _hidden_ticks(ax)}
    for axis in (ax.xaxis, ax.yaxis) if ax.axison else ():
        counts = Counter(
            tick.label1.get_text()
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
            if id(tick.label1) not in hidden and tick.label1.get_text()
        )
        numbers = {word: n for word, n in counts.items() if not any(map(str.isalpha, word))}
        yield from (f"{word!r} names {n} ticks" for word, n in numbers.items() if n > 1)
