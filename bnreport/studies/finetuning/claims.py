"""The claims: the same contrasts twice, by fresh statistics and as deployed."""

from collections.abc import Mapping, Sequence
from typing import Any

from bnreport.analysis.arms import Arm
from bnreport.analysis.comparisons import Sample
from bnreport.analysis.design import Judged, claim_form
from bnreport.protocol.directions import Direction, Reading, check, read
from bnreport.studies.finetuning.runs import (
    BN,
    DEPLOYED,
    FEW,
    FRESH,
    FROZEN,
    GN,
    MANY,
    RAW,
    STEPS,
    STILL,
    TARGETS,
    named,
    scored,
    statistics,
)

GUIDE = (
    "Keras' guide on transfer learning (keras.io/guides/transfer_learning): keep BN frozen or in "
    "inference mode while a net is tuned; updated statistics would destroy what it has learned"
)
WU_HE = (
    "Wu and He 2018 (arXiv 1803.08494), abstract: group normalization can be naturally transferred "
    "from pre-training to fine-tuning"
)
LI = (
    "Li et al. 2016 (arXiv 1603.04779), abstract: statistics of the target domain in the layers of "
    "BN adapt a net to it, without training"
)
OURS = "our own question"
MANY_IMAGES = (
    "A small convolutional net that is tuned for 192 steps on 1,024 images, of other clothes of "
    "Fashion-MNIST or of digits of MNIST, is more accurate"
)

claim = claim_form(
    "finetuning",
    question="What should become of BN when a trained net is tuned on few images?",
    metric=f"validation accuracy in inference mode after {STEPS} steps, each net at the rate that "
    "three tuning seeds chose on 1,024 images{}",
    unit="pp",
    seeds="200-247",
    decided="interval",
    known="new",
    changed="The metric first said that rates are chosen on 256 images. It was changed to 1,024, "
    "after a pilot and a first tuning and before any judged run.",
)


def lead(one: Arm, other: Arm, target: str, images: int, by: str = FRESH) -> Sample:
    """The points by which an arm is ahead of another on a target."""
    return scored(one, target, images, by) - scored(other, target, images, by)


def recalibration(target: str, images: int) -> Sample:
    """The points by which fresh statistics beat those that Keras deploys, in one tuned net."""
    return scored(BN, target, images) - scored(BN, target, images, DEPLOYED)


def end(arm: Arm, target: str, images: int, by: str = FRESH) -> tuple[Reading, ...]:
    """The reading of such an accuracy."""
    return read(named(arm, target, images), check(f"end_{by}_val_accuracy", STEPS))


def ahead(one: Arm, other: Arm, target: str, images: int, by: str = FRESH) -> Direction:
    """An arm is ahead of another on a target."""
    return Direction(
        end(one, target, images, statistics(one, by)),
        end(other, target, images, statistics(other, by)),
    )


SCORED = {
    FRESH: "; BN that trained is scored by fresh statistics of its tuning images, BN that kept the "
    "statistics of its start by these",
    DEPLOYED: "; BN is scored by the statistics that Keras keeps",
}
TOLD = {FRESH: "scored by fresh statistics", DEPLOYED: "scored as Keras deploys it"}


def compared(
    name: str,
    other: Arm,
    images: int,
    expected: Mapping[str, str],
    statement: str,
    targets: Sequence[str] = tuple(TARGETS),
    **own: Any,
) -> dict[str, Judged]:
    """Claim that BN which trains is ahead of another arm, by either score.

    Args:
        name: of the claim by fresh statistics; that as deployed has a name after it.
        other: the other arm.
        images: how many images nets are tuned on.
        expected: the word that is expected, by score.
        statement: with "{}" where the score is told.
        targets: what nets are tuned on, each a setting if there are several.
        own: the label, the margin and the like.
    """
    (first, *more) = targets

    def claimed(by: str) -> Judged:
        def judge(target: str) -> Any:
            return lead(BN, other, target, images, by).contrast()

        def favours(target: str) -> Direction:
            return ahead(BN, other, target, images, by)

        suffix = {FRESH: "", DEPLOYED: "-deployed"}[by]
        return claim(
            name + suffix,
            judge if more else judge(first),
            favours if more else favours(first),
            in_each={target: target for target in targets} if more else None,
            about=SCORED[by],
            statement=statement.format(TOLD[by]),
            score=by,
            expected=expected[by],
            **{**own, "label": own["label"] + suffix.replace("-", ", ")},
        )

    return {by: claimed(by) for by in (FRESH, DEPLOYED)}


TWICE = (
    compared(
        "many",
        FROZEN,
        MANY,
        {FRESH: "supported", DEPLOYED: "not supported"},
        f"{MANY_IMAGES} if its BN trains, {{}}, than if its BN is frozen.",
        label="1,024 images",
        arms="BN that trains minus BN that is frozen",
        source=GUIDE,
        margin=0.5,
    ),
    compared(
        "few-clothes",
        FROZEN,
        FEW,
        {FRESH: "underpowered", DEPLOYED: "underpowered"},
        "A small convolutional net that is tuned for 192 steps on 64 images of other clothes of "
        "Fashion-MNIST is more accurate if its BN trains, {}, than if its BN is frozen.",
        ("clothes",),
        label="64 clothes",
        arms="BN that trains minus BN that is frozen",
        source=GUIDE,
        # Half a point is less than 48 seeds tell from nothing on 64 images: see the pilot.
        margin=1.0,
    ),
    compared(
        "few-digits",
        FROZEN,
        FEW,
        {FRESH: "supported", DEPLOYED: "supported"},
        "A small convolutional net that is tuned for 192 steps on 64 digits of MNIST is more "
        "accurate if its BN trains, {}, than if its BN is frozen.",
        ("digits",),
        label="64 digits",
        arms="BN that trains minus BN that is frozen",
        source=GUIDE,
        margin=1.25,
    ),
    compared(
        "none",
        RAW,
        MANY,
        {FRESH: "supported", DEPLOYED: "underpowered"},
        f"{MANY_IMAGES} with BN that trains, {{}}, than without a normalizer.",
        label="Over no normalizer",
        arms="BN that trains minus no normalizer, in pre-training and tuning",
        source=OURS,
        # 48 seeds tell three quarters of a point on digits, and not half a point.
        margin=0.75,
    ),
    compared(
        "group",
        GN,
        MANY,
        {FRESH: "supported", DEPLOYED: "not supported"},
        f"{MANY_IMAGES} with BN that trains, {{}}, than with group normalization.",
        label="Over group normalization",
        arms="BN that trains minus group normalization in 4 groups, in pre-training and tuning",
        source=WU_HE,
        margin=0.75,
    ),
)
EACH = {target: target for target in TARGETS}
# Claims that have no second score.
ONCE = (
    claim(
        "parameters",
        lambda target: lead(STILL, FROZEN, target, MANY).contrast(),
        lambda target: ahead(STILL, FROZEN, target, MANY),
        in_each=EACH,
        about="; BN is scored by the statistics of its start",
        kind="equivalence",
        margin=0.5,
        label="Gamma and beta",
        statement="Where the statistics of BN are frozen, gamma and beta may train or not: a small "
        "convolutional net that is tuned for 192 steps on 1,024 images, of other clothes of "
        "Fashion-MNIST or of digits of MNIST, is as accurate either way within half a point.",
        arms="statistics frozen minus all of BN frozen",
        source=OURS,
        expected="underpowered",
    ),
    claim(
        "recalibrated",
        lambda target: recalibration(target, MANY).contrast(),
        lambda target: Direction(end(BN, target, MANY), end(BN, target, MANY, DEPLOYED)),
        in_each=EACH,
        about="; by fresh statistics of the tuning images, and by moving averages of momentum 0.99",
        margin=0.75,
        label="Recalibration",
        statement="A small convolutional net whose BN trained while it was tuned for 192 steps on "
        "1,024 images, of other clothes of Fashion-MNIST or of digits of MNIST, is more accurate "
        "by fresh statistics of its tuning images than by Keras' moving averages.",
        arms="fresh statistics minus moving averages, one net",
        source=LI,
        expected="supported",
    ),
)
CLAIMS = (*(each[FRESH] for each in TWICE), *ONCE, *(each[DEPLOYED] for each in TWICE))
FAMILIES = (CLAIMS[: -len(TWICE)], CLAIMS[-len(TWICE) :])
