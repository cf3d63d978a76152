"""Training and inference: what is remembered, what the memory still holds of its start."""

import math

import numpy as np

from bnreport.lessons.chase import DEVIATION, IMAGES, MEAN, SIZE, Settings, drawing, gap
from bnreport.presentation.formats import number
from bnreport.presentation.plots import Arm, Curves, Panel, Series
from bnreport.presentation.tables import Analysis, Table, Value
from bnreport.reference import MOMENTUM, Floats, Trained, inference, moved, unbiased

ORIGIN = "worked by the code of this page"
# How far a step moves the feature's mean where the weights move, in its deviations.
DRIFT = 0.02
# The sizes of batches that an epoch is divided into.
SIZES = (32, 64, 128, 256, 512, 1024, 2048, 4096)
MOMENTA: dict[float, Arm] = {0.9: "std", MOMENTUM: "bn", 0.999: "raw"}
POOLS = (2, 4, 8, 32, 128, 1024)
DECADES = 4
# What was tried by hand, by ranges of versions; a test holds the last column to what is installed.
TRIED = ("tf_keras 2.21.0", "3.6.0 and 3.10.0", "3.11.3 and 3.13.0", "3.14.0 and 3.15.1")
VERSIONS = {
    "training=False to a functional model, in fit": ("obeyed", *("overruled",) * 3),
    "variance kept of images": ("unbiased", *("biased",) * 3),
    "variance kept of features": ("biased",) * 4,
    "renorm=True": ("taken", "ValueError", "ValueError", "taken"),
    "progress bar of fit prints": ("means", "means of means", "means", "means"),
}


def batches(size: int) -> int:
    """The number of batches of an epoch; the last one may be smaller."""
    return math.ceil(IMAGES / size)


def left(steps: float, momentum: float = MOMENTUM) -> float:
    """The weight of a moving average's initial value after so many batches."""
    return float(momentum**steps)


def halved(momentum: float) -> float:
    """The number of batches after which half of a moving average is new."""
    return math.log(0.5) / math.log(momentum)


def share(value: float) -> str:
    """A share of one as a percentage, small ones in words."""
    if value < 0.00005:
        return "under 0.01%"
    return f"{number(100 * value, 2 if value < 0.001 else 1)}%"


def remembered() -> Trained:
    """The averages of the example's layer after an epoch in batches of `SIZE`."""
    mean, variance = np.zeros(1), np.ones(1)
    for _ in range(batches(SIZE)):
        mean, variance = moved(mean, MEAN), moved(variance, DEVIATION**2)
    return Trained(np.ones(1), np.zeros(1), mean, variance)


def forgetting() -> Curves:
    """The weight of the initial value by the number of batches."""
    steps = 10 ** np.linspace(0, DECADES, 101)
    return Curves(
        title="The closer momentum is to 1, the longer the start weighs",
        subtitle=f"By the number of batches seen; Keras' default momentum is {MOMENTUM:g}",
        x_label="batches",
        x_scale="log",
        panels=(
            Panel(
                title="",
                y_label="weight of the initial value",
                series=tuple(
                    Series(f"momentum {momentum:g}", arm, steps, curve(steps, momentum))
                    for momentum, arm in MOMENTA.items()
                ),
                from_zero=True,
                # Where the curves fall most steeply, so that none runs below its name.
                named_at=0.37,
            ),
        ),
    )


def curve(steps: Floats, momentum: float) -> Floats:
    """The weight by step, as one curve, (1, steps)."""
    weights: Floats = momentum ** steps[None]
    return weights


def epoch() -> Table:
    """The share of the initial value that one epoch leaves, by the size of its batches."""
    return Table(
        "What is left of the initial value after one epoch of 55,000 images",
        ("batch size", "batches", *(f"momentum {momentum:g}" for momentum in MOMENTA)),
        tuple(
            (
                f"{size:,}",
                f"{batches(size):,}",
                *(share(left(batches(size), momentum)) for momentum in MOMENTA),
            )
            for size in SIZES
        ),
        note="The weight is momentum to the power of the number of batches.",
        text=True,
    )


def corrected() -> Table:
    """The biased and the unbiased variance of a batch, and what the choice does to an output."""
    rows = []
    for n in POOLS:
        larger = float(unbiased(1.0, n))
        rows.append((f"{n:,}", number(larger, 3), f"{number(100 * (1 - larger**-0.5), 2)}%"))
    return Table(
        "What the unbiased variance changes",
        ("numbers that share a mean", "unbiased over biased", "output smaller by"),
        tuple(rows),
        note="Output: in inference, by the root of the ratio, where epsilon plays no part.",
    )


def versions() -> Table:
    """The behaviour of BN and of the progress bar, by the version of Keras."""
    return Table(
        "What BN does by the version of Keras",
        ("in Keras", "Keras 2", "3, before 3.11", "3.11 to 3.13", "from 3.14"),
        tuple((behaviour, *cells) for behaviour, cells in VERSIONS.items()),
        note=f"Tried by hand, with {TRIED[0]} and Keras {', '.join(TRIED[1:])}. The study of what "
        "Keras does records the last of these.",
        text=True,
    )


def analyse() -> Analysis:
    """The numbers, tables and pictures of the page."""
    layer = remembered()
    mean, variance = float(layer.mean[0]), float(layer.variance[0])
    right = Trained(np.ones(1), np.zeros(1), np.array([MEAN]), np.array([DEVIATION**2]))
    before, after = (float(inference([[MEAN]], known)[0, 0]) for known in (layer, right))
    numbers = {
        "momentum": f"{MOMENTUM:g}",
        "new": f"{number(100 * (1 - MOMENTUM), 0)}%",
        "half": number(halved(MOMENTUM), 0),
        "half.0.9": number(halved(0.9), 1),
        "memory": number(1 / (1 - MOMENTUM), 0),
        "age": number(MOMENTUM / (1 - MOMENTUM), 0),
        "chase.0.9": number(gap(Settings(momentum=0.9)), 2),
        "chase.pairs": number(gap(Settings(momentum=0.9, size=2)), 2),
        "chase.drift": number(DRIFT, 2),
        "chase.drifting": number(gap(Settings(speed=DRIFT)), 2),
        "chase.fallen": number(gap(Settings(speed=DRIFT, falling=True)), 2),
        "chase.short": number(gap(Settings(speed=DRIFT, momentum=0.9)), 2),
        "chase.long": number(gap(Settings(speed=DRIFT, size=32)), 2),
        "chase.falling": number(gap(Settings(speed=DRIFT, size=32, falling=True)), 2),
        "chase.anew": number(gap(Settings(speed=DRIFT, anew=batches(SIZE))), 2),
        "chase.again": number(gap(Settings(speed=DRIFT, epochs=2, anew=batches(SIZE))), 2),
        "size": str(SIZE),
        "steps": str(batches(SIZE)),
        "left": share(left(batches(SIZE))),
        "left.32": share(left(batches(32))),
        "left.4096": share(left(batches(4096))),
        "example.mean": number(MEAN, 0),
        "example.deviation": number(DEVIATION, 1),
        "example.variance": number(DEVIATION**2, 2),
        "example.m": number(mean, 2),
        "example.v": number(variance, 2),
        "example.typical": number(before, 2),
        "example.right": number(after, 0),
    }
    return Analysis(
        values={name: Value(text, ORIGIN) for name, text in numbers.items()},
        tables={"epoch": epoch(), "unbiased": corrected(), "versions": versions()},
        plots={"forgetting": forgetting()},
        pictures={"chase": drawing()},
    )
