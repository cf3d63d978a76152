"""The claims, margins and rules, written before the runs that judge them."""

from typing import Any

from bnreport.protocol.claims import Claim, Word
from bnreport.protocol.rules import DIFFERENCE, EQUIVALENCE, EXACT, LOST, SEEDS_ONLY, SETTINGS
from bnreport.studies.initialization.runs import EPOCHS, LEARNING_RATE, LOSS, SETTING_NAMES

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
