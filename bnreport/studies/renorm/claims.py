"""The claims of the study: nets beside one another by both scores, and modes of the same net."""

from collections.abc import Mapping
from typing import Any

from bnreport.analysis.arms import Arm
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.design import Judged, claim_form
from bnreport.analysis.ends import DEPLOYED, FRESH, Pair, comparison
from bnreport.protocol.directions import Direction, check, read
from bnreport.studies.renorm.runs import (
    BN,
    EPOCHS,
    FEW,
    IMAGES,
    LARGE,
    LN,
    MANY,
    MODE_IMAGES,
    MOST,
    PARTS,
    RENORM,
    RMS,
    SMALL,
    STD,
    at,
    by_batch,
)

AFTER = f"After {EPOCHS} epochs of {IMAGES:,} images of Fashion-MNIST at a rate that falls to zero"
IOFFE = (
    "Ioffe 2017 (arXiv 1702.03275), abstract: models with batch renormalization do substantially "
    "better than with BN when training with small minibatches, and keep its benefits"
)
MODES = (
    "Ioffe 2017 (arXiv 1702.03275), abstract: training and inference models generate the same "
    "outputs, which depend on individual examples rather than the entire minibatch"
)
ZHANG_SENNRICH = (
    "Zhang and Sennrich 2019 (arXiv 1910.07467), abstract: re-centering is dispensable, and "
    "RMSNorm does comparably to layer normalization"
)
claim = claim_form(
    "renorm",
    question="Does batch renormalization keep BN's accuracy in small batches?",
    source=IOFFE,
    metric=f"validation accuracy after {EPOCHS} epochs of {IMAGES:,} images{{}} that rises over 5% "
    "of the steps and then falls to zero",
    unit="pp",
    margin=0.5,
    decided="interval",
    known="new",
    expected="supported",
)
RATE = ", plain gradient descent at a rate of "
AT = {
    LARGE: f" in batches of 128{RATE}0.3",
    SMALL: f" in batches of 4{RATE}0.03",
    PARTS: f" in steps of 128 taken in 32 parts of 4{RATE}0.3",
}
ALIKE: Mapping[str, Any] = {"kind": "equivalence"}


def _seeds(seeds: tuple[int, ...]) -> dict[str, Any]:
    return {"seeds": f"{seeds[0]}-{seeds[-1]}"}


def _judged_at(seeds: tuple[int, ...]) -> dict[str, Any]:
    """Judge by these seeds, the first ones of the runs."""
    return {"first": len(seeds), **_seeds(seeds)}


def both(setting: str, one: Arm, other: Arm) -> Pair:
    """Two arms in one setting."""
    return at(one, setting), at(other, setting)


INSTEAD = "Is it as good as what does not look at the batch?"
# What each claim asks: its nets, and what it has of its own. With BN in a pair it has two scores.
ASKED: Mapping[str, tuple[Pair | Mapping[str, Pair], Mapping[str, Any]]] = {
    "small": (
        both(SMALL, RENORM, BN),
        {
            **_judged_at(MOST),
            "about": AT[SMALL],
            "statement": f"{AFTER}, in batches of 4, batch renormalization is more accurate than "
            "BN, {}.",
            "label": "Renormalization over BN, 4",
            "arms": "batch renormalization minus BN",
        },
    ),
    "parts": (
        both(PARTS, RENORM, BN),
        {
            **_judged_at(MANY),
            "about": AT[PARTS],
            "statement": f"{AFTER}, in steps of 128 whose gradients are averaged over 32 "
            "micro-batches of 4, batch renormalization is more accurate than BN, {}.",
            "label": "Renormalization over BN, 32 × 4",
            "arms": "batch renormalization minus BN, both in micro-batches",
        },
    ),
    "large": (
        both(LARGE, RENORM, BN),
        {
            **ALIKE,
            **_judged_at(FEW),
            "about": AT[LARGE],
            "expected": "not supported",
            "question": "Does it cost anything in large batches?",
            "statement": f"{AFTER}, in batches of 128, batch renormalization is as accurate as BN "
            "within half a point, {}.",
            "label": "Renormalization as BN, 128",
            "arms": "batch renormalization minus BN",
        },
    ),
    "std": (
        both(SMALL, STD, RENORM),
        {
            **_judged_at(MOST),
            "about": AT[SMALL],
            "question": INSTEAD,
            "source": "our own question",
            "statement": f"{AFTER}, in batches of 4, standardized inputs without a normalizer are "
            "more accurate than batch renormalization on raw pixels, {}.",
            "label": "Standardized over renormalization, 4",
            "arms": "standardized inputs without a normalizer, minus batch renormalization on raw "
            "pixels",
        },
    ),
    "ln": (
        both(SMALL, LN, RENORM),
        {
            **ALIKE,
            **_judged_at(MOST),
            "about": AT[SMALL],
            "question": INSTEAD,
            "source": "our own question",
            "statement": f"{AFTER}, in batches of 4, layer normalization is as accurate as batch "
            "renormalization within half a point, {}.",
            "label": "LN as renormalization, 4",
            "arms": "layer normalization minus batch renormalization, both on raw pixels",
        },
    ),
}
RMS_AS_LN = comparison(
    claim,
    "rms-ln",
    {size: both(size, RMS, LN) for size in (LARGE, SMALL)},
    FRESH,
    **ALIKE,
    **_judged_at(MANY),
    expected="underpowered",
    about=f" in batches of 128 or of 4{RATE}0.3 or of 0.03",
    question="Is RMSNorm as good as layer normalization?",
    source=ZHANG_SENNRICH,
    statement=f"{AFTER}, RMSNorm is as accurate as layer normalization within half a point, in "
    "batches of 128 and of 4.",
    label="RMSNorm as LN",
    arms="RMSNorm minus layer normalization",
)


def _compared(name: str, by: str) -> Judged:
    pairs, own = ASKED[name]
    return comparison(claim, name, pairs, by, **own)


def lead(arm: Arm, setting: str) -> Sample:
    """The points by which a net is more accurate in inference mode than in training mode."""
    runs = runs_of(at(arm, setting))
    by_averages, by_itself = (
        100 * runs.scored(f"mode_{by}_val")[: len(MANY), -1] for by in (DEPLOYED, by_batch(setting))
    )
    return by_averages - by_itself


def _steadier(arm: Arm, setting: str) -> Direction:
    averages, batch = (check(f"mode_{by}_val_accuracy") for by in (DEPLOYED, by_batch(setting)))
    return Direction(read(at(arm, setting).name, averages), read(at(arm, setting).name, batch))


def _modes(name: str, arm: Arm, **own: Any) -> Judged:
    return claim(
        name,
        by=lambda setting: lead(arm, setting).contrast(),
        ahead=lambda setting: _steadier(arm, setting),
        in_each={"4": SMALL, "32 × 4": PARTS},
        about=f" in batches of 4 or in steps of 128 taken in 32 parts of 4, on {MODE_IMAGES:,} of "
        f"the validation images{RATE}0.03 or of 0.3",
        question="Does a net do the same in training and at inference?",
        source=MODES,
        score=DEPLOYED,
        **_seeds(MANY),
        arms="inference mode, by Keras' default moving averages, minus training mode, in batches "
        "as small as those that trained; one net",
        **own,
    )


MODE = (
    _modes(
        "mode-renorm",
        RENORM,
        **ALIKE,
        statement=f"{AFTER}, in batches or micro-batches of 4, a net with batch renormalization is "
        "as accurate in inference mode as in training mode, within half a point.",
        label="Modes alike, renormalization",
    ),
    _modes(
        "mode-bn",
        BN,
        # In micro-batches 48 seeds could not tell half a point from nothing: see the pilot, where
        # inference mode was ahead by seven.
        margin=2.0,
        statement=f"{AFTER}, in batches or micro-batches of 4, a net with BN is more accurate in "
        "inference mode than in training mode.",
        label="Inference over training mode, BN",
    ),
)
FAMILIES = (
    (*(_compared(name, FRESH) for name in ASKED), RMS_AS_LN, *MODE),
    tuple(_compared(name, DEPLOYED) for name in ASKED),
)
CLAIMS = tuple(judged for family in FAMILIES for judged in family)
