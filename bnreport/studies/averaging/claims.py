"""The claims: what an average of weights brings, to whom, and with which statistics of BN."""

from dataclasses import dataclass
from typing import Any

from bnreport.analysis.arms import Arm
from bnreport.analysis.comparisons import Judge, Sample
from bnreport.analysis.design import Judged, claim_form
from bnreport.analysis.ends import DEPLOYED, FRESH, by_score
from bnreport.protocol.directions import Direction, check, read
from bnreport.studies.averaging.runs import (
    BN,
    EPOCHS,
    IMAGES,
    LN,
    MEAN,
    RAW,
    SEEDS,
    STD,
    STD_BN,
    accuracy,
    named,
)

LAST = "end"
FEW = len(SEEDS["falling"])


@dataclass(frozen=True)
class Finished:
    """A net at the end of training: which weights of it, and which statistics of BN.

    Attributes:
        arm: how it is made.
        weights: the last ones, or a mean of them.
        by: the score.
        course: that of its rate.
    """

    arm: Arm
    weights: str
    by: str
    course: str = "constant"

    @property
    def accuracy(self) -> Sample:
        """Its validation accuracy in per cent."""
        return accuracy(self.arm, self.course, self.weights, self.by)

    @property
    def readings(self) -> Any:
        """The readings of its accuracy."""
        trial = named(self.arm, self.course)
        return read(trial, check(f"{self.weights}_{self.by}_val_accuracy"))


def lead(one: Finished, other: Finished) -> Sample:
    """The points of validation accuracy by which the one is ahead, for the seeds of both."""
    few = FEW if one.course != other.course else None
    return one.accuracy[:few] - other.accuracy[:few]


IZMAILOV = (
    "Izmailov et al. 2018 (arXiv 1803.05407), abstract: averages of weights along SGD at a "
    "constant or cyclical rate generalize better than conventional training"
)
UPDATE = "PyTorch's update_bn, which takes statistics anew after averaging; our own question"
OURS = "our own question: BN's moving averages smooth as well, where other nets have none"
claim = claim_form(
    "averaging",
    question="What does averaging the weights bring, with BN and without?",
    source=IZMAILOV,
    metric=f"validation accuracy in inference mode after {EPOCHS} epochs of {IMAGES:,} images in "
    "batches of 128, plain gradient descent{}",
    unit="pp",
    seeds="200-223",
    decided="interval",
    expected="supported",
    known="known from trying it out",
)


def compared(name: str, pairs: Any, by: str, **own: Any) -> Judged:
    """A claim on two nets, or on such a pair in each setting.

    Args:
        name: the claim's.
        pairs: the nets; or those of each setting.
        by: the score that its family is of.
        own: what the claim has of its own; its statement has "{}" where the score is told.
    """

    def judge(one: Finished, other: Finished) -> Judge:
        return lead(one, other).contrast()

    def favours(one: Finished, other: Finished) -> Direction:
        return Direction(one.readings, other.readings)

    return by_score(claim, name, pairs, by, judge, favours, **own)


WITH_BN = (BN, STD_BN)
AVERAGED = "the mean of twenty sets of weights from the last of 4 epochs"
ON = "on Fashion-MNIST"
# Last weights by averages that lag scatter more: 24 seeds tell no less from nothing.
GAINED = {FRESH: 1.0, DEPLOYED: 1.5}
CONSTANT = ", constant rate"
FALLING = ", rate that rises over 5% of the steps and then falls to zero"
BETWEEN = ", constant rate with averaged weights, and a rate that falls to zero"


def averaged(arm: Arm, by: str, course: str = "constant") -> Finished:
    """A net with the mean of its weights over the last epoch."""
    return Finished(arm, MEAN, by, course)


def twice(by: str) -> tuple[Judged, ...]:
    """The claims by a score; as deployed only nets with BN have one of its own."""
    every = (RAW, STD, *WITH_BN, LN) if by == FRESH else WITH_BN
    tried = every[:4]

    def gains(arms: tuple[Arm, ...], course: str) -> dict[str, tuple[Finished, Finished]]:
        return {
            arm.name: (averaged(arm, by, course), Finished(arm, LAST, by, course)) for arm in arms
        }

    nets = {
        FRESH: "nets on raw pixels and on standardized inputs, without BN and with it",
        DEPLOYED: "nets with BN on raw pixels and on standardized inputs",
    }[by]
    return (
        compared(
            "gain",
            gains(tried, "constant"),
            by,
            about=CONSTANT,
            margin=GAINED[by],
            label="Averaged over last weights",
            statement=f"At a constant rate {AVERAGED} makes {nets} more accurate {ON} than the "
            "last weights, {}.",
            arms="averaged weights minus the last ones, one net",
        ),
        compared(
            "fall",
            gains(every, "falling"),
            by,
            about=FALLING,
            seeds="200-211",
            kind="equivalence",
            margin=0.5,
            label="The same under a fall",
            statement=f"Where the rate falls to zero {AVERAGED} is as accurate {ON} within half a "
            "point as the last weights, {}, in every net.",
            arms="averaged weights minus the last ones, one net",
        ),
        compared(
            "raw",
            (averaged(BN, by), averaged(RAW, by)),
            by,
            about=CONSTANT,
            margin=0.5,
            label="BN over raw, averaged",
            statement="With averaged weights for both, at constant rates, BN on raw pixels is more "
            f"accurate {ON} than no BN, {{}}.",
            source=OURS,
            arms="BN minus raw pixels, both with averaged weights",
        ),
        compared(
            "std",
            (averaged(BN, by), averaged(STD, by)),
            by,
            about=CONSTANT,
            kind="equivalence",
            margin=0.5,
            label="BN against standardized, averaged",
            statement="With averaged weights for both, at constant rates, BN on raw pixels is as "
            f"accurate {ON} within half a point as standardized inputs without BN, {{}}.",
            source=OURS,
            arms="BN minus standardized inputs, both with averaged weights",
        ),
        compared(
            "ln",
            (averaged(BN, by), averaged(LN, by)),
            by,
            about=CONSTANT,
            # Nets with LN scatter more at a constant rate.
            margin=1.0,
            label="BN over LN, averaged",
            statement="With averaged weights for both, at constant rates, BN on raw pixels is more "
            f"accurate {ON} than layer normalization, {{}}.",
            source=OURS,
            arms="BN minus layer normalization, both with averaged weights",
        ),
        compared(
            "course",
            {arm.name: (averaged(arm, by), Finished(arm, LAST, by, "falling")) for arm in WITH_BN},
            by,
            about=BETWEEN,
            seeds="200-211",
            kind="equivalence",
            margin=0.5,
            label="Averaging instead of a fall",
            statement=f"At a constant rate {AVERAGED} makes nets with BN as accurate {ON} within "
            "half a point as a rate that falls to zero, {}.",
            arms="averaged weights at a constant rate minus the last ones after a fall",
        ),
    )


MATCH = claim(
    "match",
    lambda arm: lead(averaged(arm, FRESH), averaged(arm, DEPLOYED)).contrast(),
    lambda arm: Direction(averaged(arm, FRESH).readings, averaged(arm, DEPLOYED).readings),
    in_each={arm.name: arm for arm in WITH_BN},
    about=CONSTANT,
    kind="equivalence",
    margin=0.5,
    label="Statistics of other weights",
    source=UPDATE,
    statement=f"At a constant rate {AVERAGED} is as accurate {ON} within half a point by Keras' "
    "default moving averages, which belong to the last weights, as by statistics taken fresh with "
    "the averaged ones.",
    arms="averaged weights, fresh statistics minus moving averages of the last weights",
)
SCORED = {by: twice(by) for by in (FRESH, DEPLOYED)}
CLAIMS = (*SCORED[FRESH], MATCH, *SCORED[DEPLOYED])
FAMILIES = ((*SCORED[FRESH], MATCH), SCORED[DEPLOYED])
