"""How wrong may the scale of the initial kernels be, and does it take BN to bear it?"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bnreport.arms import ARMS, arm
from bnreport.estimates import Contrast, Estimate, Exact, paired
from bnreport.records import Record
from bnreport.rules import DIFFERENCE, EQUIVALENCE, EXACT, LOST, SEEDS_ONLY, SETTINGS
from bnreport.samples import last, lost, width
from bnreport.study import Analysis, Claim, Records, Runs, Study, Word
from bnreport.trials import Trial

Floats = NDArray[np.float64]
Scaled = Literal["hidden", "all"]

# What the kernels drawn by He's rule are multiplied by; powers of two, so that nothing is rounded.
SCALES = (1 / 64, 1 / 16, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 16.0, 64.0)
SMALLEST, LARGEST = SCALES[0], SCALES[-1]
# Which kernels: those of the hidden layers, or the output's as well.
SETS: tuple[Scaled, ...] = ("hidden", "all")
SETTING_NAMES = ("hidden kernels", "all kernels")
# Nets without BN that start with unit variance instead; the factor of their kernels cancels.
UNIT_STARTS = (("raw", SMALLEST), ("raw", 1.0), ("raw", LARGEST), ("std", 1.0))
LEARNING_RATE, EPOCHS, BATCH_SIZE = 0.05, 1, 128
# A scale is good when it costs at most so much of what the seed reaches on raw pixels at scale 1.
LOSS = 0.02


def named(of: str, scaled: Scaled, scale: float) -> str:
    """The name of a trial; at scale 1 both sets of kernels are one."""
    return f"{of}-1" if scale == 1 else f"{of}-{scaled}-{scale:g}"


def unit(of: str, scale: float) -> str:
    """The name of a trial whose start is scaled to unit variance."""
    return f"{of}-unit-{scale:g}"


def _trial(of: str, name: str, scaled: Scaled, scale: float, unit_variance: bool = False) -> Trial:
    return arm(
        of,
        name,
        learning_rate=LEARNING_RATE,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        split="seed",
        evaluated=("val",),
        kernel_scale=scale,
        scaled="all" if scale == 1 else scaled,
        start="unit variance" if unit_variance else "drawn",
    )


RUNS = tuple(
    Runs(trial)
    for trial in (
        *(
            _trial(of, named(of, scaled, scale), scaled, scale)
            for of in ARMS
            for scaled in SETS
            for scale in SCALES
            if scale != 1 or scaled == "all"
        ),
        *(
            _trial(of, unit(of, scale), "all", scale, unit_variance=True)
            for of, scale in UNIT_STARTS
        ),
    )
)

_GRID = "nine scales from 1/64 to 64"
_SETTING = f"after {EPOCHS} epoch at rate {LEARNING_RATE:g}"
_IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), abstract and section 3.3: less care about "
    "initialization, as BN((aW)u) = BN(Wu)"
)
_FIXUP = (
    "Zhang, Dauphin and Ma 2019 (arXiv 1901.09321), abstract: none of the perceived benefits is "
    "unique to normalization; with a rescaled start residual nets train without it even with "
    "10,000 layers"
)
_COMMON: dict[str, Any] = {"seeds": "100-111"}


def _wider(name: str, label: str, statement: str, arms: str, expected: Word) -> Claim:
    return Claim(
        **_COMMON,
        id=f"initialization-width-{name}",
        label=label,
        question="Does a net with BN learn well over a wider range of initial scales?",
        statement=statement,
        source=_IOFFE,
        kind="difference",
        arms=arms,
        metric=f"decades of the factor of the initial kernels, of {_GRID}, over which the "
        f"validation accuracy {_SETTING} is at most {100 * LOSS:g} pp below that of the same seed "
        "on raw pixels without BN at scale 1; the longest unbroken stretch, each scale standing "
        "for half the way to its neighbours. A run that diverged counts as chance",
        unit="decades",
        margin=0.5,
        rule=DIFFERENCE + SETTINGS + SEEDS_ONLY,
        expected=expected,
        settings=SETTING_NAMES,
    )


def _start(name: str, label: str, of: str, expected: Word) -> Claim:
    return Claim(
        **_COMMON,
        id=f"initialization-start-{name}",
        label=label,
        question="Does BN do more than a better start?",
        statement=f"At scale 1, BN is more accurate than {of} whose start gives each layer's "
        "outputs unit variance.",
        source=_FIXUP + "; the start is that of Mishkin and Matas 2016 (arXiv 1511.06422), one "
        "pass and no orthogonal kernels",
        kind="difference",
        arms=f"BN, and {of} with a start of unit variance",
        metric=f"validation accuracy {_SETTING}",
        unit="pp",
        margin=0.5,
        rule=DIFFERENCE + LOST + SEEDS_ONLY,
        expected=expected,
    )


CLAIMS = (
    _wider(
        "raw",
        "BN over raw",
        "BN learns well over at least half a decade more of initial scales than the net on raw "
        "pixels.",
        "BN and raw pixels",
        "supported",
    ),
    _wider(
        "std",
        "BN over standardized",
        "BN learns well over at least half a decade more of initial scales than standardized "
        "inputs without BN.",
        "BN and standardized inputs without BN",
        "mixed",
    ),
    _wider(
        "std-bn",
        "BN on standardized inputs",
        "On standardized inputs, too, a net with BN learns well over at least half a decade more "
        "of initial scales than one without.",
        "standardized inputs with and without BN",
        "mixed",
    ),
    Claim(
        **_COMMON,
        id="initialization-small",
        label="BN at 1/64 and at 1",
        question="Does the initial scale matter to a net with BN?",
        statement="With BN, kernels that start 64 times too small cost less than 1 pp.",
        source=_IOFFE,
        kind="equivalence",
        arms="BN at scale 1/64 and at scale 1",
        metric=f"validation accuracy {_SETTING}, at scale 1/64 minus at scale 1",
        unit="pp",
        margin=1.0,
        rule=EQUIVALENCE + SETTINGS + SEEDS_ONLY,
        expected="mixed",
        settings=SETTING_NAMES,
    ),
    Claim(
        **_COMMON,
        id="initialization-large",
        label="BN at 1 over 64",
        question="Does the initial scale matter to a net with BN?",
        statement="With BN, too, kernels that start 64 times too large cost at least 2 pp.",
        source="Ioffe and Szegedy 2015 (arXiv 1502.03167), section 3.3: larger weights lead to "
        "smaller gradients, as 1/a; so steps are smaller by 1/a^2 beside the weights",
        kind="difference",
        arms="BN at scale 1 and at scale 64",
        metric=f"validation accuracy {_SETTING}, at scale 1 minus at scale 64",
        unit="pp",
        margin=100 * LOSS,
        rule=DIFFERENCE + LOST + SETTINGS + SEEDS_ONLY,
        expected="supported",
        settings=SETTING_NAMES,
    ),
    _start("raw", "BN over a better start", "the net on raw pixels", "supported"),
    _start("std", "BN over std., better start", "the net on standardized inputs", "not supported"),
    Claim(
        **_COMMON,
        id="initialization-unit",
        label="Better start, any scale",
        question="Does BN do more than a better start?",
        statement="Without BN, a start that gives each layer's outputs unit variance makes the "
        "initial scale of no account.",
        source="Mishkin and Matas 2016 (arXiv 1511.06422), section 3: each kernel is divided by "
        "the standard deviation of its outputs, so its own factor cancels",
        kind="exact",
        arms="raw pixels with a start of unit variance",
        metric=f"largest change of the validation accuracy {_SETTING} when all kernels are drawn "
        "at scale 1/64 or 64 and not at 1, over seeds",
        unit="pp",
        margin=0.1,
        rule=EXACT,
        expected="supported",
    ),
)


def accuracies(records: Records, name: str) -> Floats:
    """The final validation accuracy of a trial, (seeds,); chance where a run diverged."""
    return last(records.trial(name), "val_accuracy")


def by_scale(records: Records, of: str, scaled: Scaled) -> dict[float, Floats]:
    """The final validation accuracy of an arm by the factor of its kernels, (seeds,)."""
    return {scale: accuracies(records, named(of, scaled, scale)) for scale in SCALES}


def widths(records: Records, of: str, scaled: Scaled) -> Floats:
    """Over how many decades of scales an arm learns well, (seeds,)."""
    floor = accuracies(records, named("raw", "all", 1.0)) - LOSS
    return width(by_scale(records, of, scaled), floor)


def _wider_than(wide: str, narrow: str) -> Callable[[Records], dict[str, Contrast]]:
    # A run that diverged is a scale that is too large: it narrows a width, and no number is lost.
    return lambda records: {
        name: paired(widths(records, wide, scaled) - widths(records, narrow, scaled))
        for name, scaled in zip(SETTING_NAMES, SETS, strict=True)
    }


def _points(better: Sequence[Record], worse: Sequence[Record]) -> Contrast:
    difference = last(better, "val_accuracy") - last(worse, "val_accuracy")
    return paired(100 * difference, lost(better, worse))


def _of_scales(over: float, under: float) -> Callable[[Records], dict[str, Contrast]]:
    return lambda records: {
        name: _points(*(records.trial(named("bn", scaled, scale)) for scale in (over, under)))
        for name, scaled in zip(SETTING_NAMES, SETS, strict=True)
    }


def _start_of(control: str) -> Callable[[Records], Contrast]:
    return lambda records: _points(
        records.trial(named("bn", "all", 1.0)), records.trial(unit(control, 1.0))
    )


def _cancelled(records: Records) -> Exact:
    """By how much the scale changes the accuracy of a net whose start undoes it, pp."""
    changes = [
        np.abs(accuracies(records, unit("raw", scale)) - accuracies(records, unit("raw", 1.0)))
        for scale in (SMALLEST, LARGEST)
    ]
    return Exact(100 * float(np.max(changes)), np.size(changes))


ESTIMATES: dict[str, Callable[[Records], Estimate]] = {
    "initialization-width-raw": _wider_than("bn", "raw"),
    "initialization-width-std": _wider_than("bn", "std"),
    "initialization-width-std-bn": _wider_than("std-bn", "std"),
    "initialization-small": _of_scales(SMALLEST, 1.0),
    "initialization-large": _of_scales(1.0, LARGEST),
    "initialization-start-raw": _start_of("raw"),
    "initialization-start-std": _start_of("std"),
    "initialization-unit": _cancelled,
}

STUDY = Study(
    name="initialization",
    title="Initialization",
    page="studies/initialization.md",
    chapter="Benefits",
    question="How wrong may the initial scale be, and does it take batch normalization to bear it?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    analyse=lambda _: Analysis(),
)
