"""Does a small convolutional net say the same of batch normalization as the dense nets?"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnreport.arms import ARMS, arm
from bnreport.estimates import Contrast, Estimate, paired
from bnreport.rules import DIFFERENCE, LOST, SEEDS_ONLY, SETTINGS
from bnreport.samples import CHANCE, checked, lost, speedup, width
from bnreport.study import Analysis, Claim, Records, Runs, Study, Word
from bnreport.trials import Score, Trial

Floats = NDArray[np.float64]

# Convolutions are slow on a CPU; so many filters are what a laptop trains often.
NET = {"filters": (4, 8), "hidden": (64,)}
IMAGES, VALIDATED = 10_000, 2_000

# The sweep is the measurement: no rate is chosen beforehand, so no seed tunes one.
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
SAME_RATE = 0.1
# A rate is good when it costs at most so much of the best that the same seed reaches on raw pixels.
LOSS = 0.02
# An accuracy that every arm reached in the pilots; fixed before the runs.
THRESHOLD = 0.75
EVERY = 10

# The sweep trains at this batch size; others train at its rate times the root of their share of it.
SIZE = 32
OTHERS = (2, 16, 128)
SMALL, LARGE = 2, (32, 128)


def rate_of(size: int) -> float:
    """The learning rate at a batch size."""
    return SAME_RATE * math.sqrt(size / SIZE)


def momentum_of(size: int) -> float:
    """The momentum at which moving averages remember some 320 images, whatever the batch size.

    An epoch has 79 steps of 128 images: at Keras' 0.99 the averages would lag to its end.
    """
    return 1 - 0.1 * size / SIZE


def swept(of: str, rate: float) -> str:
    """The name of a trial of the sweep."""
    return f"{of}-rate-{rate:g}"


def sized(of: str, size: int) -> str:
    """The name of the trial that trains on batches of a size."""
    return swept(of, SAME_RATE) if size == SIZE else f"{of}-batch-{size}"


def _trial(of: str, name: str, rate: float, size: int) -> Trial:
    end = -(-IMAGES // size)
    steps = range(EVERY, end, EVERY) if name == swept(of, SAME_RATE) else ()
    return arm(
        of,
        name,
        net=NET,
        learning_rate=rate,
        momentum=momentum_of(size),
        batch_size=size,
        epochs=1,
        images=IMAGES,
        split="seed",
        evaluated=(),
        checks=(Score(name="val", steps=(*steps, end), images=VALIDATED),),
    )


RUNS = tuple(
    Runs(trial)
    for of in ARMS
    for trial in (
        *(_trial(of, swept(of, rate), rate, SIZE) for rate in RATES),
        *(_trial(of, sized(of, size), rate_of(size), size) for size in OTHERS),
    )
)

_IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), figure 3: with BN a convolutional net, Inception, "
    "needs 13.3 instead of 31.0 million steps at the same rate, 2.3 times fewer"
)
_BJORCK = (
    "Bjorck et al. 2018 (arXiv 1806.02375), abstract, on convolutional nets: BN primarily enables "
    "training with larger learning rates"
)
_WU_HE = (
    "Wu and He 2018 (arXiv 1803.08494), figure 1: BN has an error of 23.6% with batches of 32 "
    "images a GPU and 34.7% with 2 (ResNet-50, ImageNet)"
)
_SCORED = f"validation accuracy in inference mode after an epoch of {IMAGES:,} images"
_SWEPT = f"six rates from {RATES[0]:g} to {RATES[-1]:g}"
_RATE = f"at a learning rate of {SAME_RATE:g} times the root of batch size / {SIZE}"
_ARMS = {"raw": "the net on raw pixels", "std": "standardized inputs without BN"}
_SHORT = {"raw": "raw", "std": "standardized"}

_COMMON: dict[str, Any] = {"kind": "difference", "seeds": "100-111"}


def _faster(of: str, expected: Word) -> Claim:
    return Claim(
        **_COMMON,
        id=f"convolution-speed-{of}",
        label=f"Speed, BN over {_SHORT[of]}",
        question="Does BN speed up a convolutional net, too?",
        statement=f"In a small convolutional net, too, BN reaches {THRESHOLD:.0%} in fewer steps "
        f"than {_ARMS[of]} at the same learning rate, {SAME_RATE:g}.",
        source=_IOFFE,
        arms=f"BN and {_ARMS[of]}, both at {SAME_RATE:g}",
        metric=f"steps until the validation accuracy, in inference mode every {EVERY} steps and "
        f"smoothed over three marks, reaches {THRESHOLD:.0%}",
        unit="x",
        scale="ratio",
        margin=1.25,
        rule=DIFFERENCE + LOST + SEEDS_ONLY,
        expected=expected,
    )


def _wider(of: str, expected: Word) -> Claim:
    return Claim(
        **_COMMON,
        id=f"convolution-width-{of}",
        label=f"Rates, BN over {_SHORT[of]}",
        question="Does a convolutional net with BN bear more learning rates, too?",
        statement="In a small convolutional net, too, BN learns well over at least half a decade "
        f"more of learning rates than {_ARMS[of]}.",
        source=_BJORCK,
        arms=f"BN and {_ARMS[of]}",
        metric=f"decades of learning rate, of {_SWEPT}, over which the {_SCORED} is at most "
        f"{100 * LOSS:g} pp below the best that the same seed reaches on raw pixels without BN; "
        "the longest unbroken stretch, each rate standing for half the way to its neighbours. A "
        "run that diverged counts as chance",
        unit="decades",
        margin=0.5,
        rule=DIFFERENCE + SEEDS_ONLY,
        expected=expected,
    )


def _better(of: str, expected: Word) -> Claim:
    return Claim(
        **_COMMON,
        id=f"convolution-large-{of}",
        label=f"Batches, BN over {_SHORT[of]}",
        question="Does BN need large batches in a convolutional net, too?",
        statement="In a small convolutional net, too, with batches of 32 and of 128 images BN is "
        f"more accurate than {_ARMS[of]}.",
        source=_WU_HE,
        arms=f"BN and {_ARMS[of]}",
        metric=f"{_SCORED}, {_RATE}",
        unit="pp",
        margin=0.5,
        settings=tuple(str(size) for size in LARGE),
        rule=DIFFERENCE + LOST + SETTINGS + SEEDS_ONLY,
        expected=expected,
    )


CLAIMS = (
    _faster("raw", "supported"),
    _faster("std", "supported"),
    _wider("raw", "supported"),
    _wider("std", "supported"),
    Claim(
        **_COMMON,
        id="convolution-small",
        label="Batches of 2, no BN over BN",
        question="Does BN need large batches in a convolutional net, too?",
        statement="In a small convolutional net, too, with batches of 2 images BN is less accurate "
        "than a net without BN, be it on raw pixels or on standardized inputs.",
        source=_WU_HE,
        arms="raw pixels and standardized inputs without BN, each minus BN",
        metric=f"{_SCORED}, {_RATE}",
        unit="pp",
        margin=0.5,
        settings=("raw", "std"),
        rule=DIFFERENCE + LOST + SETTINGS + SEEDS_ONLY,
        expected="supported",
    ),
    _better("raw", "supported"),
    _better("std", "supported"),
)


def accuracy(records: Records, name: str) -> Floats:
    """The validation accuracy after training, (seeds,); chance where a run diverged."""
    return checked(records.trial(name), "val_accuracy", CHANCE)[:, -1]


def by_rate(records: Records, of: str) -> dict[float, Floats]:
    """The validation accuracy of an arm after training by learning rate, (seeds,)."""
    return {rate: accuracy(records, swept(of, rate)) for rate in RATES}


def widths(records: Records, of: str) -> Floats:
    """Over how many decades of rates an arm learns well, (seeds,)."""
    best = np.max(list(by_rate(records, "raw").values()), axis=0)
    return width(by_rate(records, of), best - LOSS)


def _speedup(control: str) -> Callable[[Records], Contrast]:
    return lambda records: speedup(
        records.trial(swept("bn", SAME_RATE)),
        records.trial(swept(control, SAME_RATE)),
        "val",
        THRESHOLD,
    )


# A run that diverged is part of what is measured here: a rate that is too high.
def _wider_than(control: str) -> Callable[[Records], Contrast]:
    return lambda records: paired(widths(records, "bn") - widths(records, control))


def _ahead(records: Records, better: str, worse: str, size: int) -> Contrast:
    """By how many percentage points one arm is ahead of another at a batch size."""
    names = [sized(of, size) for of in (better, worse)]
    high, low = (accuracy(records, name) for name in names)
    return paired(100 * (high - low), lost(*(records.trial(name) for name in names)))


def _small(records: Records) -> dict[str, Contrast]:
    return {of: _ahead(records, of, "bn", SMALL) for of in ("raw", "std")}


def _large(control: str) -> Callable[[Records], dict[str, Contrast]]:
    return lambda records: {str(size): _ahead(records, "bn", control, size) for size in LARGE}


ESTIMATES: dict[str, Callable[[Records], Estimate]] = {
    "convolution-speed-raw": _speedup("raw"),
    "convolution-speed-std": _speedup("std"),
    "convolution-width-raw": _wider_than("raw"),
    "convolution-width-std": _wider_than("std"),
    "convolution-small": _small,
    "convolution-large-raw": _large("raw"),
    "convolution-large-std": _large("std"),
}

STUDY = Study(
    name="convolution",
    title="A convolutional net",
    page="studies/convolution.md",
    chapter="Benefits",
    question="Does a small convolutional net say the same of batch normalization as dense nets?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    analyse=lambda _: Analysis(),
)
