"""The claims: eight contrasts of nets at their tuned rates, each by two scores."""

from dataclasses import dataclass
from typing import Literal

from bnreport.analysis.arms import Arm
from bnreport.analysis.comparisons import Sample
from bnreport.analysis.design import Judged, claim_form
from bnreport.protocol.directions import check, more
from bnreport.studies.residual.runs import (
    BN,
    EPOCHS,
    FIXUP,
    GN_4,
    IMAGES,
    NONE,
    PLAIN_BN,
    PLAIN_NONE,
    RAW_BN,
    SEEDS,
    SKIPINIT,
    STEPS,
    ZERO,
    scored,
)

# What 12 seeds tell from nothing, by the scatter of BN less SkipInit in a pilot of ten; more would
# cost more than the study may.
MARGIN = 1.75
HE = (
    "He et al. 2016 (arXiv 1512.03385), abstract: residual nets are easier to optimize; their nets "
    "have BN after every convolution"
)
DE_SMITH = (
    "De and Smith 2020 (arXiv 2002.10444), abstract: the key benefit of BN in deep residual nets "
    "is that it scales the residual branch down, which a simple initialization does, too"
)
FIXUP_PAPER = (
    "Zhang et al. 2019 (arXiv 1901.09321), abstract: none of the perceived benefits is unique to "
    "normalization; with Fixup training is as stable as with it"
)
WU_HE = (
    "Wu and He 2018 (arXiv 1803.08494), abstract: with typical batch sizes group normalization is "
    "comparably good with BN"
)
GOYAL = (
    "Goyal et al. 2017 (arXiv 1706.02677), section 5.1: the last gamma of each residual block "
    "begins at 0, which makes the block the identity at the start"
)
OURS = "our own question"
FRESH, DEPLOYED = "fresh", "deployed"
IN_SCORE = {FRESH: "by fresh statistics", DEPLOYED: "as deployed by Keras' moving averages"}
NET = "A residual net of 20 layers"
AFTER = f"after {EPOCHS} epochs of {IMAGES:,} images of Fashion-MNIST at 14 × 14 pixels"
claim = claim_form(
    "residual",
    question="What does BN do for a residual net, and what do its substitutes?",
    metric=f"validation accuracy in inference mode {AFTER}, {STEPS} steps of momentum 0.9 at a "
    "falling rate, each arm at the rate, of seven half-decades, that three tuning seeds choose by "
    "fresh statistics; a run that diverged counts as chance",
    unit="pp",
    margin=MARGIN,
    seeds=f"{SEEDS[0]}-{SEEDS[-1]}",
    decided="interval",
    known="new",
)


@dataclass(frozen=True)
class Question:
    """A question about two arms, asked of both scores.

    Attributes:
        arm, control: whose accuracies are compared; the claim speaks of the arm.
        label: its label.
        statement: what it says, before the words of time and score.
        arms: what is subtracted from what.
        source: who says so.
        expected: the words expected by fresh statistics and as deployed.
        kind: whether the arm is to be ahead, or the two alike.
        headline: what it asks that other studies ask of other nets, if anything.
    """

    arm: Arm
    control: Arm
    label: str
    statement: str
    arms: str
    source: str
    expected: tuple[str, str]
    kind: Literal["difference", "equivalence"] = "difference"
    headline: str = ""


YES, NO, OPEN = "supported", "not supported", "underpowered"
ASKED = {
    "none": Question(
        BN,
        NONE,
        "BN over no normalizer",
        f"{NET} is more accurate with BN than without a normalizer",
        "residual net with BN minus residual net without a normalizer",
        HE,
        (YES, YES),
        headline="bn-std-gain",
    ),
    "skipinit": Question(
        BN,
        SKIPINIT,
        "BN over SkipInit",
        f"{NET} is more accurate with BN than with SkipInit in its place",
        "residual net with BN minus residual net with SkipInit",
        DE_SMITH,
        (YES, YES),
    ),
    "fixup": Question(
        BN,
        FIXUP,
        "BN over Fixup",
        f"{NET} is more accurate with BN than with Fixup in its place",
        "residual net with BN minus residual net with Fixup",
        FIXUP_PAPER,
        (YES, YES),
    ),
    "group": Question(
        BN,
        GN_4,
        "BN over group normalization",
        f"{NET} is more accurate with BN than with group normalization in four groups",
        "residual net with BN minus residual net with group normalization in 4 groups",
        WU_HE,
        (OPEN, OPEN),
    ),
    "plain": Question(
        PLAIN_BN,
        PLAIN_NONE,
        "Plain net: BN over no normalizer",
        "A plain net of 20 layers, without shortcuts, is more accurate with BN than without a "
        "normalizer",
        "plain net with BN minus plain net without a normalizer",
        HE,
        (YES, YES),
    ),
    "shortcut": Question(
        BN,
        PLAIN_BN,
        "With BN: shortcuts over none",
        "With BN, a net of 20 layers is more accurate with shortcuts than without",
        "residual net with BN minus plain net with BN",
        HE,
        (YES, YES),
    ),
    "zero": Question(
        ZERO,
        BN,
        "Last gamma from 0 over from 1",
        f"{NET} with BN is more accurate if the last gamma of each block begins at 0 than if it "
        "begins at 1",
        "residual net with BN and a last gamma that begins at 0 minus the same from 1",
        GOYAL,
        (NO, NO),
    ),
    "inputs": Question(
        RAW_BN,
        BN,
        "BN on raw as on standardized pixels",
        f"{NET} with BN is as accurate on raw pixels as on standardized ones, within "
        f"{MARGIN:g} points",
        "residual net with BN on raw pixels minus the same on standardized inputs",
        OURS,
        (YES, OPEN),
        "equivalence",
    ),
}


def lead(arm: Arm, control: Arm, by: str = FRESH) -> Sample:
    """The points by which an arm is more accurate than a control, each at its own rate."""
    return scored(arm, by) - scored(control, by)


def id_of(name: str, by: str) -> str:
    """The name of the claim that asks a question of a score."""
    return name + ("" if by == FRESH else f"-{by}")


def _compared(name: str, by: str) -> Judged:
    """The claim that asks a question of a score."""
    question, end = ASKED[name], check(f"end_{by}_val_accuracy", STEPS)
    return claim(
        id_of(name, by),
        by=lead(question.arm, question.control, by).contrast(),
        ahead=more(question.arm.name, question.control.name, end),
        kind=question.kind,
        label=question.label + ("" if by == FRESH else ", deployed"),
        statement=f"{question.statement}, each at its tuned rate, {AFTER}, {IN_SCORE[by]}.",
        source=question.source,
        arms=question.arms,
        expected=question.expected[by == DEPLOYED],
        score=by,
        headline=question.headline,
    )


FAMILIES = {by: tuple(_compared(name, by) for name in ASKED) for by in IN_SCORE}
CLAIMS = tuple(judged for family in FAMILIES.values() for judged in family)
