"""Find heights for the names at the ends of curves, apart from one another and from lines."""

import math
from collections.abc import Sequence
from itertools import combinations_with_replacement, pairwise

import numpy as np

from bnreport.figures.spots import LABEL

# Points: how close a line may come to the middle of a name.
LINE = 7.0
# A line that does not move weighs so much more than a name that does.
FIXED = 1e6


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
    # Each way to share the names out below and above the lines is tried: the least moves win.
    best: tuple[float, list[float]] = (math.inf, list(wanted))
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
        # A block that would stand above the next is pooled with it, at their weighted mean.
        while blocks and blocks[-1][0] > mean:
            before, heavy, many = blocks.pop()
            mean = (before * heavy + mean * total) / (heavy + total)
            total, count = heavy + total, many + count
        blocks.append((mean, total, count))
    level = np.repeat([block[0] for block in blocks], [block[2] for block in blocks])
    return [float(at) for at in level + gaps]
