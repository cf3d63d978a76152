"""Over how many learning rates does a net with batch normalization learn well?"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnreport.arms import ARMS, arm
from bnreport.estimates import Contrast, log_ratio, paired
from bnreport.rules import DIFFERENCE, LOST, SEEDS_ONLY
from bnreport.samples import last, width
from bnreport.study import Analysis, Claim, Records, Runs, Study, Word

Floats = NDArray[np.float64]

ALL_ARMS = (*ARMS, "ln")
# The sweep is the measurement: no rate is chosen beforehand, so no seed tunes one.
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
EPOCHS, BATCH_SIZE = 3, 128
# A rate is good when it costs at most so much of the best that the same seed reaches on raw pixels.
LOSS = 0.02
# A net learns when most of its answers are right; chance is one in ten.
LEARNS = 0.5


def named(of: str, rate: float) -> str:
    """The name of a trial."""
    return f"{of}-{rate:g}"


RUNS = tuple(
    Runs(
        arm(
            of,
            named(of, rate),
            learning_rate=rate,
            epochs=EPOCHS,
            batch_size=BATCH_SIZE,
            split="seed",
            evaluated=("val",),
        )
    )
    for of in ALL_ARMS
    for rate in RATES
)

_GRID = "nine rates from 0.001 to 10"
_BJORCK = (
    "Bjorck et al. 2018 (arXiv 1806.02375), abstract: BN primarily enables training with larger "
    "learning rates"
)
_IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), sections 3.3 and 4.2.2: with BN Inception trains "
    "at 30 times its own rate of 0.0015; without BN its parameters reach infinity at 5 times"
)


_COMMON: dict[str, Any] = {"kind": "difference", "seeds": "100-111"}


def _wider(name: str, label: str, statement: str, source: str, arms: str, expected: Word) -> Claim:
    return Claim(
        **_COMMON,
        id=f"rates-width-{name}",
        label=label,
        question="Does a net with BN learn well over a wider range of learning rates?",
        statement=statement,
        source=source,
        arms=arms,
        metric=f"decades of learning rate, of {_GRID}, over which the validation accuracy after "
        f"{EPOCHS} epochs is at most {100 * LOSS:g} pp below the best that the same seed reaches "
        "on raw pixels without BN; the longest unbroken stretch, each rate standing for half the "
        "way to its neighbours. A run that diverged counts as chance",
        unit="decades",
        margin=0.5,
        rule=DIFFERENCE + SEEDS_ONLY,
        expected=expected,
    )


def _higher(name: str, label: str, of: str) -> Claim:
    return Claim(
        **_COMMON,
        id=f"rates-highest-{name}",
        label=label,
        question="Does a net with BN bear a higher learning rate?",
        statement=f"The highest learning rate at which BN learns is at least twice that of {of}.",
        source=_IOFFE,
        arms=f"BN and {of}",
        metric=f"highest rate, of {_GRID}, at which at least {LEARNS:.0%} of the validation images "
        f"are right after {EPOCHS} epochs; an arm that learns at the highest rate of all never "
        "arrives at its limit. A run that diverged counts as chance",
        unit="x",
        scale="ratio",
        margin=2.0,
        rule=DIFFERENCE + LOST + SEEDS_ONLY,
        expected="supported",
    )


def _better(name: str, label: str, of: str, expected: Word) -> Claim:
    return Claim(
        **_COMMON,
        id=f"rates-best-{name}",
        label=label,
        question="Is the best accuracy over all learning rates higher with BN?",
        statement=f"With each arm at its own best learning rate, BN is more accurate than {of}.",
        source=_BJORCK + ", which is the cause of faster convergence and better generalization",
        arms=f"BN and {of}",
        metric=f"highest validation accuracy over {_GRID}, by seed, after {EPOCHS} epochs; the "
        "images that choose the rate also score it, in both arms alike",
        unit="pp",
        margin=0.5,
        rule=DIFFERENCE + SEEDS_ONLY,
        expected=expected,
    )


CLAIMS = (
    _wider(
        "raw",
        "BN over raw",
        "BN learns well over at least half a decade more of learning rates than the net on raw "
        "pixels.",
        _BJORCK,
        "BN and raw pixels",
        "supported",
    ),
    _wider(
        "std",
        "BN over standardized",
        "BN learns well over at least half a decade more of learning rates than standardized "
        "inputs without BN.",
        _BJORCK,
        "BN and standardized inputs without BN",
        "supported",
    ),
    _wider(
        "std-bn",
        "BN on standardized inputs",
        "On standardized inputs, too, a net with BN learns well over at least half a decade more "
        "of learning rates than one without.",
        _BJORCK,
        "standardized inputs with and without BN",
        "supported",
    ),
    _wider(
        "ln",
        "BN over layer norm.",
        "BN learns well over at least half a decade more of learning rates than layer "
        "normalization.",
        "Arora, Li and Lyu 2019 (arXiv 1812.03981), abstract: with BN gradient descent needs less "
        "tuning of the learning rate, because its weights are scale-invariant; those of layer "
        "normalization are so together, not unit by unit",
        "BN and layer normalization, both on raw pixels",
        "supported",
    ),
    _higher("raw", "BN over raw", "the net on raw pixels"),
    _higher("std", "BN over standardized", "standardized inputs without BN"),
    _better("raw", "BN over raw", "the net on raw pixels", "supported"),
    _better("std", "BN over standardized", "standardized inputs without BN", "not supported"),
)


def by_rate(records: Records, of: str) -> dict[float, Floats]:
    """The final validation accuracy of an arm by learning rate, (seeds,); chance if diverged."""
    return {rate: last(records.trial(named(of, rate)), "val_accuracy") for rate in RATES}


def best(records: Records, of: str) -> Floats:
    """The highest final validation accuracy over the rates, (seeds,)."""
    found: Floats = np.max(list(by_rate(records, of).values()), axis=0)
    return found


def widths(records: Records, of: str) -> Floats:
    """Over how many decades of rates an arm learns well, (seeds,)."""
    return width(by_rate(records, of), best(records, "raw") - LOSS)


def highest(records: Records, of: str) -> Floats:
    """The highest rate at which an arm learns, (seeds,); infinite where it learns at the last."""
    found = by_rate(records, of)
    learns = np.array(list(found.values())) >= LEARNS
    rates = np.array(list(found))[:, None]
    top = np.where(learns, rates, 0.0).max(axis=0)
    return np.where(top == max(RATES), np.inf, top)


def _wider_than(wide: str, narrow: str) -> Callable[[Records], Contrast]:
    return lambda records: paired(widths(records, wide) - widths(records, narrow))


def _higher_than(control: str) -> Callable[[Records], Contrast]:
    return lambda records: log_ratio(highest(records, "bn"), highest(records, control))


def _better_than(control: str) -> Callable[[Records], Contrast]:
    return lambda records: paired(100 * (best(records, "bn") - best(records, control)))


# A run that diverged is part of what is measured here, a rate that is too high: it narrows a width
# and bounds a highest rate, and no number is lost with it.
ESTIMATES = {
    "rates-width-raw": _wider_than("bn", "raw"),
    "rates-width-std": _wider_than("bn", "std"),
    "rates-width-std-bn": _wider_than("std-bn", "std"),
    "rates-width-ln": _wider_than("bn", "ln"),
    "rates-highest-raw": _higher_than("raw"),
    "rates-highest-std": _higher_than("std"),
    "rates-best-raw": _better_than("raw"),
    "rates-best-std": _better_than("std"),
}

STUDY = Study(
    name="rates",
    title="Learning rates",
    page="studies/rates.md",
    chapter="Benefits",
    question="Over how many learning rates does a net with batch normalization learn well?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    analyse=lambda _: Analysis(),
)
