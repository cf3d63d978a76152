"""The claims: what trains at which depth, at which rates, and how large branches are at first."""

from dataclasses import dataclass
from typing import Literal

from bnreport.analysis.arms import Arm
from bnreport.analysis.comparisons import Judge
from bnreport.analysis.design import Judged, claim_form
from bnreport.protocol.directions import Direction, check, more, read
from bnreport.studies.blocks.runs import (
    BN,
    DEEP,
    DEPTHS,
    GRID,
    IMAGES,
    NONE,
    SEEDS,
    SHALLOW,
    SKIPINIT,
    STEPS,
    TRAINED,
    WIDTH,
    ZERO,
    accuracy,
    limit,
    named,
    share,
    start_of,
)

DE_SMITH = (
    "De and Smith 2020 (arXiv 2002.10444), abstract: at the start BN scales the residual branch "
    "down relative to the skip connection by about the square root of the depth, and SkipInit, "
    "which does so without BN, trains deep residual nets, too"
)
GOYAL = (
    "Goyal et al. 2017 (arXiv 1706.02677), section 5.1: the last gamma of each residual block "
    "begins at 0, which makes the block the identity at the start"
)
FRESH, DEPLOYED = "fresh", "deployed"
IN_SCORE = {FRESH: "by fresh statistics", DEPLOYED: "as deployed by Keras' moving averages"}
AFTER = f"after {STEPS} steps on {IMAGES:,} images of Fashion-MNIST at 14 × 14 pixels"
RATES = f"of {len(GRID)} rates from {GRID[0]:g} to {GRID[-1]:g} in half-decades"
TRAINING = (
    f"{AFTER}, momentum 0.9 at a rate that rises over 5% of the steps and then falls to zero, "
    f"dense blocks of two layers of {WIDTH} units with a shortcut around them; a run that "
    "diverged counts as chance"
)
# A branch falls at least so many times; and one that does not, stays within such a factor.
FALL, STEADY = 5.0, 2.0
claim = claim_form(
    "blocks",
    question="How does BN let residual nets be deep, and what does as well?",
    seeds=f"{SEEDS[0]}-{SEEDS[-1]}",
    decided="interval",
    source=DE_SMITH,
    lost=False,
)
YES, NO, OPEN = "supported", "not supported", "underpowered"


# What 12 seeds tell from nothing, by a pilot of ten: nets of 100 blocks with BN scatter by two to
# three points. Where nets scatter less, two points are enough.
WIDE, NARROW = 5.0, 2.0


@dataclass(frozen=True)
class Contest:
    """A question about the accuracies of two arms, asked of both scores.

    Attributes:
        arm, control: whose accuracies are compared; the claim speaks of the arm.
        label: its label.
        statement: what it says, before the words of time and score.
        margin: in points.
        expected: the words expected by fresh statistics and as deployed.
        depths: at which numbers of blocks.
        kind: whether the arm is to be ahead, or the two alike.
        source: who says so.
        known: what was known of the answer.
    """

    arm: Arm
    control: Arm
    label: str
    statement: str
    margin: float
    expected: tuple[str, str]
    depths: tuple[int, ...] = (DEEP,)
    kind: Literal["difference", "equivalence"] = "difference"
    source: str = DE_SMITH
    known: str = "known from trying it out"


ASKED = {
    "none": Contest(
        BN,
        NONE,
        "BN over no normalizer",
        "Residual nets of 10, 30 and 100 dense blocks are more accurate with BN than without a "
        "normalizer",
        WIDE,
        (YES, NO),
        DEPTHS,
    ),
    "skipinit": Contest(
        SKIPINIT,
        BN,
        "SkipInit over BN, 100 blocks",
        "A residual net of 100 dense blocks is more accurate with SkipInit than with BN",
        WIDE,
        (YES, YES),
    ),
    "zero": Contest(
        ZERO,
        BN,
        "Last gamma from 0 over from 1, 100 blocks",
        "A residual net of 100 dense blocks with BN is more accurate if the last gamma of each "
        "block begins at 0 than if it begins at 1",
        WIDE,
        (YES, YES),
        source=GOYAL,
    ),
    "alike": Contest(
        SKIPINIT,
        ZERO,
        "SkipInit as BN from gamma 0, 10 blocks",
        "A residual net of 10 dense blocks is as accurate with SkipInit as with BN whose last "
        "gammas begin at 0, within 2 points",
        NARROW,
        (YES, OPEN),
        (SHALLOW,),
        "equivalence",
    ),
    "deep": Contest(
        ZERO,
        SKIPINIT,
        "BN from gamma 0 over SkipInit, 100 blocks",
        "A residual net of 100 dense blocks is more accurate with BN whose last gammas begin at 0 "
        "than with SkipInit",
        NARROW,
        (YES, NO),
    ),
}


def lead(arm: Arm, control: Arm, blocks: int, by: str = FRESH) -> Judge:
    """Judges by the points by which an arm leads, each seed at the rate that is best for it."""
    best, other = accuracy(arm, blocks, by).best, accuracy(control, blocks, by).best
    return (best - other).contrast(lost=False)


def grid_of(arm: Arm, blocks: int) -> list[str]:
    """The names of the trials of an arm at all rates."""
    return [named(arm, blocks, rate) for rate in GRID]


def id_of(name: str, by: str) -> str:
    """The name of the claim that asks a question of a score."""
    return name + ("" if by == FRESH else f"-{by}")


def _compared(name: str, by: str) -> Judged:
    """The claim that asks a question of a score."""
    question, end = ASKED[name], check(f"end_{by}_val_accuracy", STEPS)

    def judge(blocks: int) -> Judge:
        return lead(question.arm, question.control, blocks, by)

    def ahead(blocks: int) -> Direction:
        arm, control = grid_of(question.arm, blocks), grid_of(question.control, blocks)
        return more(arm, control, end, "largest")

    several = len(question.depths) > 1
    only = question.depths[0]
    return claim(
        id_of(name, by),
        by=judge if several else judge(only),
        ahead=ahead if several else ahead(only),
        in_each={str(blocks): blocks for blocks in DEPTHS} if several else None,
        kind=question.kind,
        label=question.label + ("" if by == FRESH else ", deployed"),
        statement=f"{question.statement}, each at the best {RATES} for its seed, {AFTER}, "
        f"{IN_SCORE[by]}.",
        arms=f"{question.arm.label} minus {question.control.label}, residual nets",
        metric=f"validation accuracy in inference mode at the best {RATES} for each seed, "
        f"{TRAINING}",
        unit="pp",
        margin=question.margin,
        expected=question.expected[by == DEPLOYED],
        source=question.source,
        known=question.known,
        score=by,
    )


def _sizes(arm: Arm, part: str, block: int) -> Direction:
    """More of what enters the sum of a block, from 1, in the deepest net before its first step."""
    return Direction(read(start_of(arm, DEEP), check(f"sizes_{part}", 0, layers=(block - 1,))))


def _shrinks(arm: Arm) -> Direction:
    """The share of the first branch is larger than that of the last."""
    first = Direction(_sizes(arm, "branch", 1).favoured, _sizes(arm, "shortcut", 1).favoured)
    last = Direction(_sizes(arm, "branch", DEEP).favoured, _sizes(arm, "shortcut", DEEP).favoured)
    return first.beyond(last)


STARTS = (
    claim(
        "falls",
        by=(limit(SKIPINIT, SHALLOW) - limit(SKIPINIT, DEEP)).contrast(lost=False),
        ahead=more(
            grid_of(SKIPINIT, SHALLOW),
            grid_of(SKIPINIT, DEEP),
            check("end_fresh_val_accuracy", STEPS),
            "highest",
            TRAINED / 100,
        ),
        label="Highest rate with SkipInit, 10 over 100 blocks",
        statement="With SkipInit a residual net of 10 dense blocks trains at higher rates than one "
        f"of 100, {AFTER}.",
        arms="SkipInit, residual nets of 10 blocks minus 100",
        metric=f"the highest {RATES} at which more than {TRAINED:g}% of the validation images are "
        f"right, counted in half-decades, {TRAINING}",
        unit="half-decades",
        margin=0.5,
        expected=YES,
        known="known from trying it out",
    ),
    claim(
        "branch",
        by=share(BN)[:, 0].ratio(share(BN)[:, -1]),
        ahead=_shrinks(BN),
        label="BN: first branch over last",
        statement="Before training, in a residual net of 100 dense blocks with BN, the branch of "
        "the first block is at least 5 times as large relative to its shortcut as that of the "
        "last.",
        shown="Before training, in a residual net of 100 dense blocks with BN, the branch of the "
        "first block is larger relative to its shortcut than that of the last.",
        arms="BN, residual net, first block over last",
        metric="root mean square of the end of the branch over that of the shortcut, on 512 "
        "training images in training mode, before the first step",
        unit="x",
        scale="ratio",
        margin=FALL,
        expected=YES,
        known="known from trying it out",
    ),
    claim(
        "steady",
        by=share(NONE)[:, 0].ratio(share(NONE)[:, -1]),
        ahead=_shrinks(NONE),
        kind="equivalence",
        label="No normalizer: first branch over last",
        statement="Before training, in a residual net of 100 dense blocks without a normalizer, "
        "the branch of the first block is as large relative to its shortcut as that of the last, "
        "within a factor of 2.",
        arms="no normalizer, residual net, first block over last",
        metric="root mean square of the end of the branch over that of the shortcut, on 512 "
        "training images in training mode, before the first step",
        unit="x",
        scale="ratio",
        margin=STEADY,
        expected=YES,
        known="known from trying it out",
    ),
)
FAMILIES = {
    FRESH: (*(_compared(name, FRESH) for name in ASKED), *STARTS),
    DEPLOYED: tuple(_compared(name, DEPLOYED) for name in ASKED),
}
CLAIMS = tuple(judged for family in FAMILIES.values() for judged in family)
