"""The claims of the study: what parts of a step cost, by both scores, and what moves averages."""

from collections.abc import Mapping
from typing import Any

from bnreport.analysis.arms import Arm
from bnreport.analysis.comparisons import Sample
from bnreport.analysis.design import Judged, claim_form
from bnreport.analysis.ends import DEPLOYED, FRESH, Pair, comparison, ended
from bnreport.protocol.directions import Direction, check, read
from bnreport.studies.accumulation.runs import (
    BATCH,
    BN,
    EPOCHS,
    FEW,
    GHOSTS,
    IMAGES,
    MANY,
    MOST,
    OTHERS,
    PARTED,
    RATE,
    STD,
    at_constant_rate,
    matched,
    part,
)

AFTER = f"After {EPOCHS} epochs of {IMAGES:,} images of Fashion-MNIST in steps of {BATCH}"
SET = f"{AFTER} at a rate that falls from {RATE:g} to zero"
KERAS_ISSUE = (
    "keras-team/keras, issue 16633 (2022): with accumulated gradients BN is not directly "
    "compatible, since it updates in every micro-batch"
)
GPIPE = (
    "Huang et al. 2019 (arXiv 1811.06965), on micro-batches: BN's statistics are those of each "
    "micro-batch, and the moving averages for evaluation those of the whole mini-batch"
)
HOFFER = "Hoffer et al. 2017 (arXiv 1705.08741), ghost batch normalization"
claim = claim_form(
    "accumulation",
    question="What does accumulating gradients cost?",
    source=KERAS_ISSUE,
    metric=f"validation accuracy after {EPOCHS} epochs of {IMAGES:,} images in steps of {BATCH}, "
    f"plain gradient descent at a rate of {RATE:g}{{}}",
    unit="pp",
    margin=0.5,
    seeds=f"{MANY[0]}-{MANY[-1]}",
    decided="interval",
    known="new",
    expected="supported",
)
FALLS = " that rises over 5% of the steps and then falls to zero"


def _judged_at(seeds: tuple[int, ...]) -> dict[str, Any]:
    """Judge by these seeds, the first ones of the runs."""
    return {"first": len(seeds), "seeds": f"{seeds[0]}-{seeds[-1]}"}


def _whole(size: int) -> tuple[Pair, dict[str, Any]]:
    """Hold one batch against parts of a size."""
    many = BATCH // size
    return (BN, PARTED[size]), {
        "statement": f"{SET}, a BN net that takes each step as one batch is more accurate than one "
        f"that averages the gradients of {many} micro-batches of {size}, {{}}.",
        "label": f"One batch over {many} × {size}",
        "arms": f"one batch of {BATCH} minus {many} micro-batches of {size}, both with BN",
        **_judged_at(MANY),
    }


ASKED: Mapping[str, tuple[Pair | Mapping[str, Pair], Mapping[str, Any]]] = {
    "32": (
        (BN, PARTED[32]),
        {
            "kind": "equivalence",
            "statement": f"{SET}, a BN net that averages the gradients of 4 micro-batches of 32 is "
            "as accurate as one that takes each step as one batch, within half a point, {}.",
            "label": "4 × 32 as one batch",
            "arms": f"one batch of {BATCH} minus 4 micro-batches of 32, both with BN",
            **_judged_at(MANY),
        },
    ),
    "8": _whole(8),
    # Half a point is less than 48 seeds tell from nothing in parts of two: see the pilot, where one
    # batch was ahead by seventeen.
    "2": (_whole(2)[0], {**_whole(2)[1], "margin": 5.0, **_judged_at(FEW)}),
    "ghosts": (
        {f"{size}": (GHOSTS[size], PARTED[size]) for size in (32, 8)},
        {
            "kind": "equivalence",
            "question": "Are micro-batches ghost batches?",
            "source": HOFFER,
            "statement": f"{SET}, a BN net in micro-batches of 32 or of 8 is as accurate as one in "
            "ghost batches of that size, within half a point, {}.",
            "label": "Ghost batches as parts",
            "arms": "ghost batches minus micro-batches of the same size",
            **_judged_at(MANY),
        },
    ),
    "std": (
        (part(STD, 8), PARTED[8]),
        {
            "question": "What does as well in small parts?",
            "source": "our own question",
            "statement": f"{SET}, in micro-batches of 8, a net without BN on standardized inputs "
            "is more accurate than one with BN on raw pixels, {}.",
            "label": "Standardized over BN, 8",
            "arms": "standardized inputs without BN, minus BN on raw pixels, both in parts of 8",
            **_judged_at(MANY),
        },
    ),
}


def _compared(name: str, by: str) -> Judged:
    pairs, own = ASKED[name]
    return comparison(claim, name, pairs, by, **{"about": FALLS, **own})


NONE = comparison(
    claim,
    "none",
    {name: (arm, part(arm, 8)) for name, arm in OTHERS.items()},
    FRESH,
    about=FALLS,
    kind="equivalence",
    margin=0.2,
    **_judged_at(MANY),
    source="Keras, documentation of optimizers: gradient_accumulation_steps averages gradients "
    "before the variables are updated",
    statement=f"{SET}, nets without BN, on raw pixels, on standardized inputs and with layer "
    "normalization, are as accurate in 16 micro-batches of 8 as in one batch, within 0.2 points.",
    label="Without BN",
    arms="one batch minus 16 micro-batches of 8, without BN",
)


def lead(arm: Arm, size: int) -> Sample:
    """The points by which Keras' averages beat those of matched momentum, in one net."""
    return ended(arm, DEPLOYED) - ended(arm, matched(size).name)


def _matters(arm: Arm, size: int) -> Direction:
    keras, other = (check(f"end_{by}_val_accuracy") for by in (DEPLOYED, matched(size).name))
    return Direction(read(arm.name, keras), read(arm.name, other))


MOMENTUM: dict[str, Any] = {
    "question": "Should BN's momentum be matched to the parts?",
    "source": GPIPE,
    "score": DEPLOYED,
    "seeds": f"{MOST[0]}-{MOST[-1]}",
    "arms": "momentum 0.99 minus 0.99 to the power of one over the number of parts, one net",
}
MATCHED = (
    claim(
        "momentum",
        by=lambda size: lead(PARTED[size], size).contrast(),
        ahead=lambda size: _matters(PARTED[size], size),
        in_each={f"{size}": size for size in (32, 8)},
        about=FALLS,
        kind="equivalence",
        margin=0.2,
        statement=f"{SET}, moving averages of momentum 0.99 and ones that forget as much in a step "
        "as without parts give a BN net in micro-batches of 32 or of 8 the same accuracy within "
        "0.2 points.",
        label="Momentum 0.99 as matched",
        expected="underpowered",
        **MOMENTUM,
    ),
    claim(
        "constant",
        by=lead(at_constant_rate(PARTED[32]), 32).contrast(),
        ahead=_matters(at_constant_rate(PARTED[32]), 32),
        about=" that stays",
        statement=f"{AFTER} at a constant rate of {RATE:g}, moving averages of momentum 0.99 make "
        "a BN net in micro-batches of 32 more accurate than ones that forget as much in a step as "
        "without parts.",
        label="0.99 over matched, constant",
        expected="not supported",
        **MOMENTUM,
    ),
)
FAMILIES = (
    (NONE, *(_compared(name, FRESH) for name in ASKED), *MATCHED),
    tuple(_compared(name, DEPLOYED) for name in ASKED),
)
CLAIMS = tuple(judged for family in FAMILIES for judged in family)
