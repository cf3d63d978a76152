"""The claims, margins and rules, written before the runs that judge them."""

from typing import Any

from bnreport.rules import DIFFERENCE, LOST, SEEDS_ONLY
from bnreport.studies.rates.runs import EPOCHS, LEARNS, LOSS
from bnreport.study import Claim, Word

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
