"""How large must a batch be for batch normalization, and how many steps do its averages need?"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnreport.arms import ARMS, arm
from bnreport.estimates import Contrast, Estimate, paired
from bnreport.rules import DIFFERENCE, EQUIVALENCE, LOST, SEEDS_ONLY, SETTINGS
from bnreport.samples import CHANCE, checked, last, lost, steps_of
from bnreport.study import Analysis, Claim, Records, Runs, Study
from bnreport.trials import Check, Score

Floats = NDArray[np.float64]

ALL_ARMS = (*ARMS, "ln", "gn")
SIZES = (2, 4, 8, 16, 32, 128, 512)
SMALL, LARGE = (2, 4), (32, 128, 512)
IMAGES, EPOCHS = 20_480, 2
# A multiple of every batch size: each accuracy by batch statistics comes from whole batches.
BY_BATCH = 2_048

MOMENTA = (0.9, 0.99, 0.999)
# The last is the end of an epoch.
STEPS = (20, 50, 100, 200, 400, 640)
EARLY, LATE = 100, 640


def rate(size: int) -> float:
    """The learning rate at a batch size: it grows with the root of the size."""
    return 0.05 * math.sqrt(size / 32)


def named(of: str, size: int) -> str:
    """The name of a trial that trains on batches of a size."""
    return f"{of}-{size}"


def lagging(momentum: float) -> str:
    """The name of a trial that follows the moving averages of a momentum."""
    return f"momentum-{momentum:g}"


def _scores(size: int) -> tuple[Check, ...]:
    """One BN net after training, measured in ways other than by its moving averages."""
    end = (EPOCHS * IMAGES // size,)
    return (
        Score(name="batch", steps=end, mode="batch", images=BY_BATCH),
        Score(name="precise", steps=end, mode="precise"),
        Score(name="train", steps=end, part="train", images=5_000),
    )


_COMMON: dict[str, Any] = {"images": IMAGES, "split": "seed"}

RUNS = (
    *(
        Runs(
            arm(
                of,
                named(of, size),
                learning_rate=rate(size),
                batch_size=size,
                epochs=EPOCHS,
                evaluated=("val",),
                checks=_scores(size) if of == "bn" else (),
                **_COMMON,
            )
        )
        for of in ALL_ARMS
        for size in SIZES
    ),
    *(
        Runs(
            arm(
                "bn",
                lagging(momentum),
                learning_rate=rate(32),
                momentum=momentum,
                epochs=1,
                evaluated=(),
                checks=(
                    Score(name="moving", steps=STEPS),
                    Score(name="precise", steps=STEPS, mode="precise"),
                    Score(name="batch", steps=STEPS, mode="batch", images=BY_BATCH),
                ),
                **_COMMON,
            )
        )
        for momentum in MOMENTA
    ),
)

_SIZES_OF_BATCH = "What does BN lose on small batches?"
_STATISTICS = "Do better statistics at inference repair what BN loses?"
_AVERAGES = "How many steps do the moving averages of BN lag behind?"
_WU_HE = (
    "Wu and He 2018 (arXiv 1803.08494), abstract and figure 1: BN has an error of 23.6% with "
    "batches of 32 images a GPU and 34.7% with 2, group normalization 24.1% with both (ResNet-50, "
    "ImageNet)"
)
_WU_JOHNSON = (
    "Wu and Johnson 2021 (arXiv 2105.07576), section 3, on exponential moving averages and "
    "PreciseBN"
)
_METRIC = (
    "validation accuracy in inference mode after 2 epochs of 20,480 images at a learning rate of "
    "0.05 times the root of batch size / 32"
)
_PRECISE = "statistics taken anew from 10,000 training images after training"

_DIFFERENCE: dict[str, Any] = {
    "kind": "difference",
    "unit": "pp",
    "seeds": "100-111",
    "rule": DIFFERENCE + LOST + SEEDS_ONLY,
}
_SETTINGS: dict[str, Any] = _DIFFERENCE | {"rule": DIFFERENCE + LOST + SETTINGS + SEEDS_ONLY}

CLAIMS = (
    Claim(
        **_SETTINGS,
        id="batchsize-small",
        label="No BN over BN, small batches",
        question=_SIZES_OF_BATCH,
        statement="With batches of 2 and of 4 images, BN is less accurate than a net without BN, "
        "be it on raw pixels or on standardized inputs.",
        source=_WU_HE,
        arms="raw pixels and standardized inputs without BN, each minus BN",
        metric=_METRIC,
        margin=0.5,
        settings=tuple(f"{of}, {size}" for of in ("raw", "std") for size in SMALL),
        expected="supported",
    ),
    Claim(
        **_SETTINGS,
        id="batchsize-large-raw",
        label="BN over raw, large batches",
        question=_SIZES_OF_BATCH,
        statement="With batches of 32, 128 and 512 images, BN is more accurate than the net on raw "
        "pixels.",
        source=_WU_HE,
        arms="BN and raw pixels",
        metric=_METRIC,
        margin=0.5,
        settings=tuple(str(size) for size in LARGE),
        expected="supported",
    ),
    Claim(
        **_SETTINGS,
        id="batchsize-large-std",
        label="BN over standardized, large",
        question=_SIZES_OF_BATCH,
        statement="With batches of 32, 128 and 512 images, BN is more accurate than standardized "
        "inputs without BN.",
        source=_WU_HE,
        arms="BN and standardized inputs without BN",
        metric=_METRIC,
        margin=0.5,
        settings=tuple(str(size) for size in LARGE),
        expected="not supported",
    ),
    Claim(
        **_SETTINGS,
        id="batchsize-others",
        label="Layer, group norm. over BN at 2",
        question=_SIZES_OF_BATCH,
        statement="With batches of 2 images, layer normalization and group normalization are each "
        "more accurate than BN.",
        source=_WU_HE,
        arms="layer normalization and group normalization of 10 groups, each minus BN",
        metric=_METRIC,
        margin=0.5,
        settings=("ln", "gn"),
        expected="supported",
    ),
    Claim(
        **_DIFFERENCE,
        id="batchsize-precise-512",
        label="Precise over moving at 512",
        question=_STATISTICS,
        statement="With batches of 512 images, precise statistics make the trained BN net more "
        "accurate than its moving averages do.",
        source=_WU_JOHNSON,
        arms="BN with precise statistics and with its moving averages of momentum 0.99, one net",
        metric=f"{_METRIC}; {_PRECISE}, against moving averages over 80 steps",
        margin=1.0,
        expected="supported",
    ),
    Claim(
        **_SETTINGS,
        id="batchsize-precise-2",
        label="No BN over precise BN at 2",
        question=_STATISTICS,
        statement="With batches of 2 images, precise statistics do not repair BN: it stays less "
        "accurate than a net without BN, be it on raw pixels or on standardized inputs.",
        source=_WU_JOHNSON,
        arms="raw pixels and standardized inputs without BN, each minus BN with precise statistics",
        metric=f"{_METRIC}; {_PRECISE}",
        margin=0.5,
        settings=("raw", "std"),
        expected="supported",
    ),
    Claim(
        **_DIFFERENCE,
        id="batchsize-lag",
        label="Lag after 100 steps",
        question=_AVERAGES,
        statement="After 100 steps, moving averages of momentum 0.99 make a BN net less accurate "
        "than precise statistics do.",
        source=_WU_JOHNSON,
        arms="BN with precise statistics and with its moving averages of momentum 0.99, one net",
        metric="validation accuracy after 100 steps of 32 images at learning rate 0.05; statistics "
        "taken anew from 10,000 training images against moving averages",
        margin=1.0,
        expected="supported",
    ),
    Claim(
        **_DIFFERENCE | {"kind": "equivalence", "rule": EQUIVALENCE + SEEDS_ONLY},
        id="batchsize-caught-up",
        label="Lag after 640 steps",
        question=_AVERAGES,
        statement="After 640 steps, moving averages of momentum 0.99 and precise statistics give a "
        "BN net the same accuracy within 1 pp.",
        source=_WU_JOHNSON,
        arms="BN with precise statistics and with its moving averages of momentum 0.99, one net",
        metric="validation accuracy after 640 steps of 32 images at learning rate 0.05; statistics "
        "taken anew from 10,000 training images against moving averages",
        margin=1.0,
        expected="supported",
    ),
)


def accuracy(records: Records, of: str, size: int) -> Floats:
    """Validation accuracy by moving averages after training, (seeds,)."""
    return last(records.trial(named(of, size)), "val_accuracy")


def precise(records: Records, size: int) -> Floats:
    """Validation accuracy of BN by precise statistics after training, (seeds,)."""
    return checked(records.trial(named("bn", size)), "precise_accuracy", CHANCE)[:, -1]


def _ahead(records: Records, better: str, worse: str, size: int) -> Contrast:
    """By how many percentage points one arm is ahead of another at a batch size."""
    pair = (records.trial(named(of, size)) for of in (better, worse))
    difference = accuracy(records, better, size) - accuracy(records, worse, size)
    return paired(100 * difference, lost(*pair))


def _small(records: Records) -> dict[str, Contrast]:
    return {
        f"{of}, {size}": _ahead(records, of, "bn", size) for of in ("raw", "std") for size in SMALL
    }


def _large(of: str) -> Callable[[Records], dict[str, Contrast]]:
    return lambda records: {str(size): _ahead(records, "bn", of, size) for size in LARGE}


def _repaired(records: Records) -> Contrast:
    difference = precise(records, 512) - accuracy(records, "bn", 512)
    return paired(100 * difference, lost(records.trial(named("bn", 512))))


def _unrepaired(records: Records) -> dict[str, Contrast]:
    bn = records.trial(named("bn", 2))
    return {
        of: paired(
            100 * (accuracy(records, of, 2) - precise(records, 2)),
            lost(records.trial(named(of, 2)), bn),
        )
        for of in ("raw", "std")
    }


def _lag(step: int) -> Callable[[Records], Contrast]:
    def behind(records: Records) -> Contrast:
        found = records.trial(lagging(0.99))
        place = steps_of(found, "moving").tolist().index(step)
        moving, exact = (
            checked(found, f"{which}_accuracy", CHANCE)[:, place] for which in ("moving", "precise")
        )
        return paired(100 * (exact - moving), lost(found))

    return behind


def _others(records: Records) -> dict[str, Contrast]:
    return {of: _ahead(records, of, "bn", 2) for of in ("ln", "gn")}


ESTIMATES: dict[str, Callable[[Records], Estimate]] = {
    "batchsize-small": _small,
    "batchsize-large-raw": _large("raw"),
    "batchsize-large-std": _large("std"),
    "batchsize-others": _others,
    "batchsize-precise-512": _repaired,
    "batchsize-precise-2": _unrepaired,
    "batchsize-lag": _lag(EARLY),
    "batchsize-caught-up": _lag(LATE),
}

STUDY = Study(
    name="batchsize",
    title="Batch size and moving averages",
    page="studies/batchsize.md",
    chapter="Limits and costs",
    question="How large must a batch be for batch normalization, and do its averages keep up?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    analyse=lambda _: Analysis(),
)
