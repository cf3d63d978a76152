"""Dropout, clipping, optimizers, half precision: what each does to BN, worked in small numbers."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bnreport.presentation.formats import number
from bnreport.presentation.plots import Curves, Panel, Series
from bnreport.presentation.tables import Analysis, Table, Value
from bnreport.reference import backward, forward

Floats = NDArray[np.float64]

FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
RATE = 0.1
# The share that dropout drops in the text and in the picture.
DROPPED = 0.5
ORIGIN = "worked by the code of this page"


def example() -> tuple[Floats, Floats, Floats]:
    """A batch of 64 examples with 10 features, a target for each, and a weight for each feature."""
    rng = np.random.default_rng(1)
    x, weights = rng.normal(size=(64, 10)), rng.normal(size=10)
    return x, np.sign(x @ rng.normal(size=10)), weights / np.linalg.norm(weights)


def gradient(x: Floats, target: Floats, weights: Floats) -> Floats:
    """The gradient of the mean squared error by the weights of one unit in front of BN, (10,).

    Epsilon is 0, so that the scale of the weights plays no part.
    """
    normalized = forward((x @ weights)[:, None], [1.0], [0.0], epsilon=0.0)
    back = backward(2 * (normalized.output - target[:, None]) / len(x), normalized)
    gained: Floats = x.T @ back.x[:, 0]
    return gained


def sgd(by_weights: Floats) -> Floats:
    """The step of plain gradient descent."""
    return -RATE * by_weights


def adam(by_weights: Floats) -> Floats:
    """The first step of Adam: its averages, with their bias corrected, are the gradient itself.

    Source: Kingma and Ba 2015 (arXiv 1412.6980), algorithm 1, with epsilon 0 and t = 1.
    """
    return -RATE * by_weights / np.sqrt(by_weights**2)


def turn(weights: Floats, step: Floats) -> float:
    """The angle by which a step turns the weights, in degrees.

    By the half angle's tangent: the cosine of a small angle keeps only half of its digits.
    """
    after = weights + step
    before, after = weights / np.linalg.norm(weights), after / np.linalg.norm(after)
    apart, along = np.linalg.norm(after - before), np.linalg.norm(after + before)
    return 2 * math.degrees(math.atan2(apart, along))


def turns(rule: Callable[[Floats], Floats], factors: Sequence[float] = FACTORS) -> list[float]:
    """The angles by which one step turns weights scaled by each factor, in degrees."""
    x, target, unit = example()
    return [turn(f * unit, rule(gradient(x, target, f * unit))) for f in factors]


def tenfold(rule: Callable[[Floats], Floats]) -> float:
    """The turn that a step gives weights of length 1, over that of weights ten times as long."""
    short, long = turns(rule, (1.0, 10.0))
    return short / long


def steps_table() -> Table:
    """The gradient and two kinds of steps, by the scale of weights in front of BN."""
    x, target, unit = example()
    rows = []
    for factor, by_sgd, by_adam in zip(FACTORS, turns(sgd), turns(adam), strict=True):
        norm = float(np.linalg.norm(gradient(x, target, factor * unit)))
        cells = (norm, norm / factor, by_sgd, by_adam)
        decimals = (3, 3, 2, 2)
        rows.append((f"{factor:g}", *(number(c, d) for c, d in zip(cells, decimals, strict=True))))
    return Table(
        "One step of weights in front of BN, by the norm of the weights",
        (
            "norm of the weights",
            "norm of the gradient",
            "the two, divided",
            "SGD turns by, degrees",
            "Adam turns by, degrees",
        ),
        tuple(rows),
        note=f"Learning rate {RATE}; Adam's first step, which moves each weight by the rate.",
    )


def turning() -> Curves:
    """Draw how far a step turns the weights, over their norm."""
    x = np.array(FACTORS)
    return Curves(
        title="Long weights in front of BN turn less, under SGD most of all",
        subtitle="The same unit and batch; the weights scaled, the learning rate the same.",
        x_label="norm of the weights",
        x_scale="log",
        panels=(
            Panel(
                "",
                "degrees",
                (
                    Series("SGD", "bn", x, np.array([turns(sgd)])),
                    Series("Adam", "raw", x, np.array([turns(adam)]), dashed=True),
                ),
                y_scale="log",
            ),
        ),
    )


def dropped_variance(mean: float, variance: float, kept: float) -> float:
    """The variance of a feature behind dropout in training, when a share of it is kept.

    What is kept is divided by that share, so that the mean stays.
    """
    return (variance + mean**2) / kept - mean**2


# A standard normal, and what ReLU makes of it: mean and variance.
INPUTS = {
    "mean 0, variance 1": (0.0, 1.0),
    "the same behind ReLU": (1 / math.sqrt(2 * math.pi), 0.5 - 0.5 / math.pi),
}


def dropout_table() -> Table:
    """The ratio of a variance in training to that in inference, by the share dropped."""
    rows = tuple(
        (
            words,
            *(
                number(dropped_variance(mean, variance, 1 - share) / variance, 2)
                for share in (0.1, 0.2, 0.5)
            ),
        )
        for words, (mean, variance) in INPUTS.items()
    )
    return Table(
        "Variance in training, over that in inference, behind dropout",
        ("feature", "10% dropped", "20% dropped", "50% dropped"),
        rows,
    )


def branch_share(block: int) -> float:
    """The share of the variance behind a block that its branch adds, at the start.

    Each branch ends in BN and adds variance 1 to a shortcut that begins with variance 1.
    """
    return 1 / (block + 1)


def half(values: NDArray[np.float16]) -> float:
    """The variance as the mean of squares less the squared mean, all in 16 bits."""
    n = np.float16(len(values))
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.add.reduce(values * values, dtype=np.float16) / n
        mean = np.add.reduce(values, dtype=np.float16) / n
        return float(squares - mean * mean)


def brained(values: ArrayLike) -> Floats:
    """Numbers rounded to bfloat16: eight digits in base two, ties to even; the range of float32.

    Source: Kalamkar et al. 2019 (arXiv 1905.12322), section 2: the upper half of a float32.
    """
    bits = np.asarray(values, np.float32).view(np.uint32)
    up = bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    return (up & np.uint32(0xFFFF0000)).view(np.float32).astype(np.float64)


def half_brained(values: ArrayLike) -> float:
    """The same variance as `half`, all in bfloat16, with sums of pairs; a power of two numbers."""

    def added(terms: Floats) -> Floats:
        while len(terms) > 1:
            terms = brained(terms[::2] + terms[1::2])
        return terms

    kept = brained(values)
    squares, mean = (brained(added(each) / len(kept)) for each in (brained(kept * kept), kept))
    return float(brained(squares - brained(mean * mean))[0])


def half_table() -> Table:
    """The variance of the same numbers, computed in two kinds of 16 bits and in 32."""
    rng = np.random.default_rng(2)
    rows = []
    for mean, deviation in ((0, 1), (10, 0.1), (30, 1), (0, 300)):
        values = rng.normal(mean, deviation, 256).astype(np.float32)
        variances = (half(values.astype(np.float16)), half_brained(values), float(values.var()))
        cells = (
            number(value, 3 if abs(value) < 99 else 0) if math.isfinite(value) else "overflow"
            for value in variances
        )
        rows.append((f"around {mean}, spread {deviation}", *cells))
    return Table(
        "The variance of the same 256 numbers",
        ("numbers", "float16", "bfloat16", "float32"),
        tuple(rows),
    )


def averaged() -> dict[str, float]:
    """The variance of one unit under two weights at a right angle, and under their mean.

    The inputs are independent with variance 1, so that a variance is the squared norm.
    """
    first, second = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    held = (first @ first + second @ second) / 2
    mean = (first + second) / 2
    return {"held": float(held), "true": float(mean @ mean)}


def analyse() -> Analysis:
    """Every worked number, table and picture of the page."""
    variances = averaged()
    values = {
        "largest": number(float(np.finfo(np.float16).max), 0),
        "twice": number(0.99**2, 2),
        "sgd.ratio": number(tenfold(sgd), 0),
        "adam.ratio": number(tenfold(adam), 0),
        "dropout.half": number(dropped_variance(0.0, 1.0, 1 - DROPPED), 0),
        "dropout.most": number(dropped_variance(0.0, 1.0, 0.1), 0),
        "dropout.smaller": number(1 / math.sqrt(dropped_variance(0.0, 1.0, 1 - DROPPED)), 2),
        "dropout.least": number(1 / math.sqrt(dropped_variance(0.0, 1.0, 0.1)), 2),
        "averaged.held": number(variances["held"], 1),
        "averaged.true": number(variances["true"], 1),
        "averaged.factor": number(math.sqrt(variances["true"] / variances["held"]), 2),
        "branch.first": f"{branch_share(1):.0%}",
        "branch.tenth": f"{branch_share(10):.0%}",
        "branch.fiftieth": f"{branch_share(50):.0%}",
    }
    return Analysis(
        values={name: Value(text, ORIGIN) for name, text in values.items()},
        tables={"steps": steps_table(), "dropout": dropout_table(), "half": half_table()},
        plots={"turning": turning()},
        pictures={"orders": {"share": f"{DROPPED:.0%}", "training": values["dropout.half"]}},
    )
