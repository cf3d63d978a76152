"""What it is."""

import math
from collections.abc import Iterator

import numpy as np

from bnreport import reference
from bnreport.formats import number
from bnreport.plots import Arm, Arrow, Cells, Diagram, Shape, Words
from bnreport.study import Analysis, Value

# One feature of five examples, and what the net has learned for that feature.
COLUMN = np.array([3.0, 5.0, 8.0, 4.0, 10.0])
GAMMA, BETA = 0.5, 1.0
FEATURES, CHOSEN = 4, 2
# An example whose feature is 5, with two others who have less of it, or more.
MINE, LOW_MATES, HIGH_MATES = 5.0, (1.0, 3.0), (7.0, 9.0)
DEPTH = 20
# Batches of so many normal draws, from which fixed gamma and beta should get the input back.
BATCHES = (2, 4, 32, 256)


def normalized(column: tuple[float, ...] | np.ndarray) -> np.ndarray:
    """One feature of a batch in units of its own deviation, (examples,)."""
    made = reference.forward(np.reshape(column, (-1, 1)), [1.0], [0.0], epsilon=0.0)
    return made.output[:, 0]


def unexpressed(n: int) -> float:
    """The least error with which fixed gamma and beta undo BN, as a share of the feature's spread.

    The feature is a normal draw, the batch holds n of them, and epsilon is left out. With the
    batch's own deviation s, the best gamma is the mean of s, beta is the feature's mean, and the
    mean squared error that stays is one less the square of that mean. The mean of s over batches
    is that of a chi distribution with n - 1 degrees of freedom, divided by the root of n.
    """
    mean_deviation = math.sqrt(2 / n) * math.exp(math.lgamma(n / 2) - math.lgamma((n - 1) / 2))
    return math.sqrt(1 - mean_deviation**2)


def analyse() -> Analysis:
    """One column of a batch, before and after; and what depth does to a factor."""
    return Analysis(values=dict(_values()), plots={"column": _column()})


def _values() -> Iterator[tuple[str, Value]]:
    mean, deviation = COLUMN.mean(), COLUMN.std()
    yield "mean", Value(number(mean, 0), "mean of the five numbers")
    yield "deviation", Value(number(deviation, 2), "root of their mean squared distance from it")
    first = normalized(COLUMN)[0]
    yield "first.before", Value(number(COLUMN[0], 0), "the first of the five")
    yield "first.normalized", Value(number(first, 2), "less the mean, by the deviation")
    yield "first.after", Value(number(GAMMA * first + BETA, 2), "times gamma, plus beta")
    for name, mates in (("low", LOW_MATES), ("high", HIGH_MATES)):
        mine = normalized((MINE, *mates))[0]
        yield f"mates.{name}", Value(number(mine, 2, signed=True), f"5 in a batch with {mates}")
    for n in BATCHES:
        share = f"{number(100 * unexpressed(n), 0)}%"
        yield f"left.{n}", Value(share, f"batches of {n} normal draws, without epsilon")
    for name, factor in (("shrink", 0.5), ("grow", 1.5)):
        text = f"{factor**DEPTH:.1g}" if factor < 1 else f"{factor**DEPTH:,.0f}"
        plain = f"{float(text):f}".rstrip("0") if factor < 1 else text
        yield f"depth.{name}", Value(plain, f"{factor} to the power of {DEPTH}")


def _column() -> Diagram:
    side, top, left = 0.34, 2.05, 0.2
    rows = len(COLUMN)
    heights = [top - (row + 0.5) * side for row in range(rows)]
    tones: tuple[tuple[Arm | None, ...], ...] = tuple(
        tuple("bn" if place == CHOSEN else None for place in range(FEATURES)) for _ in range(rows)
    )
    after = GAMMA * normalized(COLUMN) + BETA
    columns = (
        (2.35, "x", [f"{value:g}" for value in COLUMN]),
        (3.4, "x̂", [number(value, 2) for value in normalized(COLUMN)]),
        (4.45, "y", [number(value, 2) for value in after]),
    )
    shapes: list[Shape] = [
        Cells((left, top), side, tones),
        Words((left, top + 0.4), "a row is an example,", align="left"),
        Words((left, top + 0.18), "a column is a feature", align="left"),
        Arrow((left + FEATURES * side + 0.1, heights[2]), (2.1, heights[2]), tone="bn"),
    ]
    for x, name, texts in columns:
        shapes.append(Words((x, top + 0.18), name, "bn", 12.0, True))
        shapes += [Words((x, y), text) for y, text in zip(heights, texts, strict=True)]
    mean, deviation = f"{COLUMN.mean():g}", number(COLUMN.std(), 2)
    for x, first, second in (
        (2.87, f"− {mean}", f"÷ {deviation}"),
        (3.94, f"× {GAMMA:g}", f"+ {BETA:g}"),
    ):
        shapes.append(Arrow((x - 0.18, heights[2]), (x + 0.18, heights[2])))
        shapes.append(Words((x, heights[1] - 0.02), first, size=9.0))
        shapes.append(Words((x, heights[3] + 0.02), second, size=9.0))
    shapes.append(Words((2.87, 0.12), "measured", size=9.0))
    shapes.append(Words((3.94, 0.12), "learned", size=9.0))
    return Diagram(
        title="One column of a batch",
        subtitle="Each feature is treated alike and by itself",
        width=4.8,
        height=2.6,
        shapes=tuple(shapes),
        alt=(
            f"A table of {rows} examples and {FEATURES} features with one column marked. Its "
            f"numbers are {', '.join(columns[0][2])}. Their mean, {mean}, is taken away and they "
            f"are divided by their deviation, {deviation}, which gives {', '.join(columns[1][2])}. "
            f"These are multiplied by a learned {GAMMA:g} and a learned {BETA:g} is added, which "
            f"gives {', '.join(columns[2][2])}."
        ),
    )
