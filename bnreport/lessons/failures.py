"""Lead from a symptom of failure to its cause, and work causes in small numbers."""

import math

import numpy as np

from bnreport.lessons import diagnosis
from bnreport.lessons import sorted_batches as company
from bnreport.presentation.formats import number, ten_to
from bnreport.presentation.tables import Analysis, Table, Value
from bnreport.reference import MOMENTUM, Trained, inference, moved

EPSILONS = (1e-3, 1e-5)
# 55,000 images in batches of 32.
STEPS_AN_EPOCH = 1719
SHARES = (0.0, 0.25, 0.5, 0.75)
# The means of two kinds of input with spread 1, and for how many steps one layer meets both.
KINDS, KINDS_STEPS = (0.0, 10.0), 5_000
LARGE = (10.0, 1e3, 1e5, 1e7)


def classes(apart: float) -> dict[str, tuple[float, float]]:
    """The place of two classes after BN of one feature: the distance from 0, and the spread.

    Each class has variance 1 and lies `apart` from 0, one on either side.
    """
    within, whole = 1.0, 1.0 + apart**2
    return {
        "mixed": (apart / math.sqrt(whole), math.sqrt(within / whole)),
        # A batch of one class takes its own mean away.
        "sorted": (0.0, 1.0),
        # The averages hold the mean of both classes, and the variance within one.
        "inference": (apart / math.sqrt(within), 1.0),
    }


def tenths(share: float, up: bool) -> str:
    """A share to the tenth below it or above it: so much holds whatever the rounding of a sum."""
    return f"under {math.ceil(10 * share):.0f}0%" if up else f"over {math.floor(10 * share):.0f}0%"


def in_company() -> Table:
    """The accuracy of a small net in mixed batches and in batches of one class."""
    rows = []
    for name, mixed in (("mixed", True), ("of one class", False)):
        scores = company.means(mixed)
        up = not mixed
        cells = (
            tenths(scores.printed, False),
            *(tenths(s, up) for s in (scores.trained, scores.fresh)),
        )
        rows.append((name, *cells))
    return Table(
        "A small net, trained in mixed batches and in batches of one class each",
        ("batches", "printed", "same images", "new images"),
        tuple(rows),
        note="Right answers: as training prints them, then in inference on the images trained on "
        f"and on new ones. Means of {len(company.SEEDS)} nets; with {company.CLASSES} classes "
        f"chance is {1 / company.CLASSES:.0%}. Two layers of {company.UNITS} units with BN, "
        f"{company.STEPS} steps, Keras' momentum {company.MOMENTUM}. Given in "
        "steps of ten percent, since nets in sorted batches differ with the last digit of sums.",
        text=True,
    )


def two_kinds(means: tuple[float, float] = KINDS) -> tuple[Trained, tuple[float, float]]:
    """The outputs of one layer for two kinds of input, and their means in inference.

    Both kinds have variance 1, and take turns.
    """
    mean, variance = np.zeros(1), np.ones(1)
    for _ in range(KINDS_STEPS):
        for kind in means:
            mean, variance = moved(mean, kind), moved(variance, 1.0)
    kept = Trained(np.ones(1), np.zeros(1), mean, variance)
    first, second = (float(inference([[kind]], kept)[0, 0]) for kind in means)
    return kept, (first, second)


def large_mean(mean: float) -> tuple[float, float]:
    """The largest error of BN in float32 on 256 numbers around a mean, with spread 1.

    First when each number is multiplied and the multiplied mean subtracted, then when the mean is
    subtracted first. The mean and the variance are right in both, but for their rounding.
    """
    x = np.random.default_rng(0).normal(mean, 1.0, 256).astype(np.float32)
    exact = x.astype(np.float64)
    right = (exact - exact.mean()) / exact.std()
    middle, slope = np.float32(exact.mean()), np.float32(1 / exact.std())
    both = (x * slope - middle * slope, (x - middle) * slope)
    first, second = (float(np.abs(rounded - right).max()) for rounded in both)
    return first, second


def large_means() -> Table:
    """The precision that is lost at a large mean, by the order of the two operations."""
    return Table(
        "The largest error of a normalized number in float32, by the mean of a feature of spread 1",
        ("mean", "multiplied first", "subtracted first"),
        tuple(
            (
                f"{mean:,.0f}",
                *(
                    power(error) if error < 0.001 else number(error, 3)
                    for error in large_mean(mean)
                ),
            )
            for mean in LARGE
        ),
        note="256 numbers drawn at random; mean and variance from float64.",
    )


def curves(distance: float, spread: float) -> list[list[tuple[float, float]]]:
    """Work the bells of two classes on either side of 0, as points; a spread of 1 is 1 high."""
    x = np.linspace(-4.4, 4.4, 89)
    bells = (np.exp(-0.5 * ((x - at) / spread) ** 2) / spread for at in (distance, -distance))
    return [[*zip(x.tolist(), bell.tolist(), strict=True)] for bell in bells]


def padded(share: float, mean: float = 1.0, variance: float = 1.0) -> tuple[float, float]:
    """Mean and variance of a feature of which a share of the places is filled with zeros."""
    kept = 1 - share
    return kept * mean, kept * (variance + mean**2) - (kept * mean) ** 2


def power(value: float) -> str:
    """A small number as one digit and a power of ten."""
    digit, exponent = f"{value:.0e}".split("e")
    return f"{digit} × {ten_to(int(exponent))}"


def analyse() -> Analysis:
    """The chart, the picture of sorted batches, and padding and constant features in numbers."""
    origin = "worked by the code of this page"
    left_over = MOMENTUM**STEPS_AN_EPOCH
    gains = [1 / math.sqrt(left_over + epsilon) for epsilon in EPSILONS]
    apart = classes(2.0)
    kept, (first, second) = two_kinds()
    between = float(np.var(KINDS))
    rows = []
    for share in SHARES:
        mean, variance = padded(share)
        real = (1 - mean) / math.sqrt(variance)
        rows.append(
            (f"{share:.0%}", number(mean, 2), number(variance, 2), number(real, 2, signed=True))
        )
    return Analysis(
        values={
            "constant.left": Value(power(left_over), origin),
            "constant.steps": Value(f"{STEPS_AN_EPOCH:,}", origin),
            "constant.gain": Value(number(gains[0], 0), origin),
            "constant.gain-torch": Value(number(gains[1], 0), origin),
            "constant.half": Value(number(0.5 * gains[0], 0), origin),
            "company.batch": Value(str(company.BATCH), origin),
            "kinds.apart": Value(number(KINDS[1], 0), origin),
            "kinds.mean": Value(number(float(kept.mean[0]), 1), origin),
            "kinds.variance": Value(number(float(kept.variance[0]), 0), origin),
            "kinds.mixture": Value(number(1 + between, 0), origin),
            "kinds.first": Value(number(first, 1, signed=True), origin),
            "kinds.second": Value(number(second, 1, signed=True), origin),
            "sorted.mixed": Value(number(apart["mixed"][0], 2), origin),
            "sorted.inference": Value(number(apart["inference"][0], 0), origin),
        },
        tables={
            "padding": Table(
                "What zeros do to a feature whose real places have mean 1 and variance 1",
                ("share of zeros", "mean", "variance", "a real place of 1 becomes"),
                tuple(rows),
            ),
            "company": in_company(),
            "large": large_means(),
        },
        pictures={
            "sorted": {name: curves(*bell) for name, bell in apart.items()},
            "scores": diagnosis.drawing(),
        },
    )
