"""The claims, margins and rules, written before the runs that judge them."""

from typing import Any

from bnreport.protocol.claims import Claim, Word
from bnreport.protocol.rules import DIFFERENCE, LOST, SEEDS_ONLY, SETTINGS
from bnreport.studies.convolution.runs import (
    EVERY,
    IMAGES,
    LARGE,
    LOSS,
    RATES,
    SAME_RATE,
    SIZE,
    THRESHOLD,
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
