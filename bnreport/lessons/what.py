"""Say what batch normalization is."""

import math
from collections.abc import Iterator

import numpy as np

from bnreport import reference
from bnreport.presentation.formats import number
from bnreport.presentation.tables import Analysis, Value

# One feature of five examples, and what the net has learned for that feature.
COLUMN = np.array([3.0, 5.0, 8.0, 4.0, 10.0])
GAMMA, BETA = 0.5, 1.0
# An example whose feature is 5, with two others who have less of it, or more.
MINE, LOW_MATES, HIGH_MATES = 5.0, (1.0, 3.0), (7.0, 9.0)
DEPTH = 20
# Batches of so many normal draws, from which fixed gamma and beta should get the input back.
BATCHES = (2, 4, 32, 256)


def normalized(column: tuple[float, ...] | np.ndarray) -> np.ndarray:
    """One feature of a batch in units of its own deviation, (examples,)."""
    batch = reference.forward(np.reshape(column, (-1, 1)), [1.0], [0.0], epsilon=0.0)
    return batch.output[:, 0]


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
    return Analysis(values=dict(_values()), pictures={"column": _column()})


def _column() -> dict[str, object]:
    """Work the column before, between and after the two steps, in words."""
    between = normalized(COLUMN)
    words = {
        "x": [f"{value:g}" for value in COLUMN],
        "normalized": [number(value, 2) for value in between],
        "y": [number(value, 2) for value in GAMMA * between + BETA],
    }
    return {
        **words,
        "rows": [*zip(*words.values(), strict=True)],
        "mean": f"{COLUMN.mean():g}",
        "deviation": number(COLUMN.std(), 2),
        "gamma": f"{GAMMA:g}",
        "beta": f"{BETA:g}",
    }


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
