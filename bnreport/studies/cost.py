"""What does batch normalization cost in time, and does it earn the time back?"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bnreport.arms import ARMS, arm
from bnreport.estimates import Contrast, log_ratio
from bnreport.rules import DIFFERENCE, LOST, SEEDS_ONLY, SETTINGS
from bnreport.samples import steps_to
from bnreport.study import SEEDS, Analysis, Claim, Records, Runs, Study, Word
from bnreport.trials import Net, Score, TimingTrial

LOOPS = ("fit", "compiled")
SIZES = (32, 128)
NETS = {
    "raw": Net(),
    "bn": Net(normalizer="batch"),
    "ln": Net(normalizer="layer"),
    "gn": Net(normalizer="group"),
}
# A part of an epoch is enough to time a step, and keeps the sixteen contenders close in time.
IMAGES = 16_500
ROUNDS = 12
RATE = 0.01
EPOCHS = 6
STEPS_OF_EPOCH = 1719
# Every arm reached it within these epochs in the pilots, the net on raw pixels, too.
THRESHOLD = 0.85
EVERY = 200
CHECK = Score(name="val", steps=tuple(range(0, EPOCHS * STEPS_OF_EPOCH, EVERY)))

RUNS = (
    Runs(
        TimingTrial(
            name="timing",
            nets=tuple(NETS),
            structures=NETS,
            batch_sizes=SIZES,
            images=IMAGES,
            rounds=ROUNDS,
            learning_rate=RATE,
        ),
        full=SEEDS[:1],
    ),
    *(
        Runs(
            arm(of, learning_rate=RATE, epochs=EPOCHS, split="seed", evaluated=(), checks=(CHECK,))
        )
        for of in ARMS
    ),
)

_BATCHES = tuple(f"batch {size}" for size in SIZES)
_ALL = tuple(f"{loop}, batch {size}" for loop in LOOPS for size in SIZES)
_ROUNDS = (
    " A pair is a round, in which every net is timed once in each loop; the interval covers the "
    "rounds of one process on one machine."
)
_TIMES = (
    " The interval covers the seeds; the seconds of a step are the median of the rounds on one "
    "machine, and count as known."
)


def _slower(
    name: str,
    label: str,
    statement: str,
    arms: str,
    settings: tuple[str, ...],
    expected: Word,
    source: str,
) -> Claim:
    return Claim(
        id=f"cost-{name}",
        label=label,
        question="What does a normalizer cost in time?",
        statement=statement,
        source=source,
        kind="difference",
        scale="ratio",
        arms=arms,
        metric=f"seconds of {IMAGES:,} training images and 5,000 validation images",
        unit="x",
        margin=1.05,
        seeds=f"{ROUNDS} interleaved rounds in one process",
        settings=settings,
        rule=DIFFERENCE + SETTINGS + _ROUNDS,
        expected=expected,
    )


def _sooner(name: str, label: str, statement: str, arms: str, expected: Word) -> Claim:
    return Claim(
        id=f"cost-{name}",
        label=label,
        question="Does BN earn its time back?",
        statement=f"At learning rate {RATE:g}, {statement}",
        source="Ioffe and Szegedy 2015 (arXiv 1502.03167), figure 3: 13.3 against 31.0 million "
        "steps at the same rate; they count steps, not seconds",
        kind="difference",
        scale="ratio",
        arms=f"{arms}, at {RATE:g} and batches of 32",
        metric=f"steps until the validation accuracy, in inference mode every {EVERY} steps and "
        f"smoothed over three marks, reaches {THRESHOLD:.0%}, times the seconds of a step",
        unit="x",
        margin=1.25,
        seeds="100-111",
        settings=LOOPS,
        rule=DIFFERENCE + LOST + SETTINGS + SEEDS_ONLY + _TIMES,
        expected=expected,
    )


_BN_SLOW = (
    "Gitman and Ginsburg 2017 (arXiv 1709.08145), abstract: BN is a significant fraction of the "
    "time of training; keras issue 1309: 561 against 186 seconds an epoch on a processor"
)

CLAIMS = (
    _slower(
        "bn-fit",
        "BN over raw, fit",
        "In Keras' fit, an epoch takes longer with BN than without.",
        "BN and no normalizer",
        _BATCHES,
        "supported",
        _BN_SLOW,
    ),
    _slower(
        "bn-compiled",
        "BN over raw, compiled",
        "In one compiled program an epoch, an epoch takes longer with BN than without.",
        "BN and no normalizer",
        _BATCHES,
        "supported",
        _BN_SLOW,
    ),
    _slower(
        "ln",
        "layer norm over BN",
        "An epoch takes longer with layer normalization than with BN.",
        "layer normalization and BN",
        _ALL,
        "mixed",
        "tensorflow pull request 6205, a user's report: layer normalization takes nearly twice "
        "the time of BN at a small batch",
    ),
    _slower(
        "gn",
        "group norm over BN",
        "An epoch takes longer with group normalization than with BN.",
        "group normalization (10 groups) and BN",
        _ALL,
        "mixed",
        "mmdetection issue 317, a user's report: 5.4 images a second with group normalization "
        "against 7.7 with BN, in inference on a GPU",
    ),
    _sooner(
        "wall-raw",
        "BN over raw, in seconds",
        "BN reaches 85% in less time than the net on raw pixels.",
        "BN and raw pixels",
        "supported",
    ),
    _sooner(
        "wall-std",
        "BN over standardized, in seconds",
        "BN reaches 85% in less time than standardized inputs without BN.",
        "BN and standardized inputs without BN",
        "not supported",
    ),
    _sooner(
        "wall-std-bn",
        "BN on standardized, in seconds",
        "standardized inputs with BN reach 85% in less time than standardized inputs without.",
        "standardized inputs with and without BN",
        "not supported",
    ),
)


def seconds(records: Records, loop: str, net: str, size: int) -> NDArray[np.float64]:
    """Seconds of an epoch of a net, one number a round, (rounds,)."""
    (timing,) = records.trial("timing")
    return timing.epochs(f"{loop}_{net}_{size}")


def arrival(records: Records, of: str, loop: str) -> NDArray[np.float64]:
    """When an arm reaches the threshold, (seeds,), in seconds but for a factor that all share.

    Standardized inputs cost nothing a step: they are standardized once, before the training.
    """
    net = "bn" if of.endswith("bn") else "raw"
    pace = float(np.median(seconds(records, loop, net, SIZES[0])))
    return pace * steps_to(records.trial(of), CHECK.name, THRESHOLD)


def _pace(slow: str, fast: str, *loops: str) -> Callable[[Records], dict[str, Contrast]]:
    def estimate(records: Records) -> dict[str, Contrast]:
        return {
            f"batch {size}" if len(loops) == 1 else f"{loop}, batch {size}": log_ratio(
                seconds(records, loop, slow, size), seconds(records, loop, fast, size)
            )
            for loop in loops
            for size in SIZES
        }

    return estimate


def _wall(fast: str, slow: str) -> Callable[[Records], dict[str, Contrast]]:
    return lambda records: {
        loop: log_ratio(arrival(records, slow, loop), arrival(records, fast, loop))
        for loop in LOOPS
    }


ESTIMATES = {
    "cost-bn-fit": _pace("bn", "raw", "fit"),
    "cost-bn-compiled": _pace("bn", "raw", "compiled"),
    "cost-ln": _pace("ln", "bn", *LOOPS),
    "cost-gn": _pace("gn", "bn", *LOOPS),
    "cost-wall-raw": _wall("bn", "raw"),
    "cost-wall-std": _wall("bn", "std"),
    "cost-wall-std-bn": _wall("std-bn", "std"),
}


STUDY = Study(
    name="cost",
    title="The cost of BN",
    page="studies/cost.md",
    chapter="Cost",
    question="What does batch normalization cost in time, and does it earn the time back?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    analyse=lambda _: Analysis(),
)
