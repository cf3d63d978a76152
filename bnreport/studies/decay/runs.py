"""The runs: ways to train nets with decay and without, and what is measured of each."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.ends import FRESH
from bnreport.lessons.balance import settled, turns
from bnreport.protocol.optimization import CONSTANT, LINEAR, Optimizer
from bnreport.protocol.runs import Runs
from bnreport.protocol.scorings import Rotations, Scoring

PLAIN, BN = usual("std", "std-bn")
IMAGES, EPOCHS, BATCH_SIZE = 20_480, 8, 128
AN_EPOCH = IMAGES // BATCH_SIZE
STEPS = EPOCHS * AN_EPOCH
# Where the last epoch begins, and where the figures look.
LATE, MARKS = STEPS - AN_EPOCH, tuple(range(0, STEPS, 64))
# Beside the variances of such small weights Keras' epsilon is not small.
EPSILON = 1e-5
COURSES = {"constant": CONSTANT, "falling": LINEAR}
# The kernels of the hidden layers; the output layer has no BN behind it.
HIDDEN = (0, 1)
SHARED: dict[str, Any] = {
    "images": IMAGES,
    "epochs": EPOCHS,
    "batch_size": BATCH_SIZE,
    "evaluated": (),
    "measures": (
        Scoring(name="end", by=("deployed", "fresh")),
        Scoring(name="fit", by=("fresh",), parts=("train",), images=5_000),
        Rotations(name="path", steps=MARKS, following=8),
        Rotations(name="late", steps=(LATE,), following=AN_EPOCH),
    ),
}
# What a pilot of ten seeds asked for, and what a picture needs.
MANY, FEW, PICTURED = (tuple(range(200, last)) for last in (224, 212, 206))


@dataclass(frozen=True)
class Descent:
    """A way to train an arm: the rate, the decay of kernels, the rate's course, and the start.

    Attributes:
        arm: with BN or without.
        rate, decay: the learning rate at its full height, and what kernels shrink by times it.
        course: "constant" or "falling".
        scale: what the initial kernels are multiplied by.
        seeds: those that judge, or as many as a picture needs.
    """

    arm: Arm
    rate: float
    decay: float
    course: str = "constant"
    scale: float = 1.0
    seeds: tuple[int, ...] = FEW

    @property
    def name(self) -> str:
        """The name of its recipe."""
        start = "" if self.scale == 1 else f"-times-{self.scale:g}"
        return f"{self.arm.name}-{self.course}-{self.rate:g}-{self.decay:g}{start}"

    @property
    def label(self) -> str:
        """The name that figures and tables call it by."""
        decay = f"decay {self.decay:g}" if self.decay else "no decay"
        net = "BN" if self.arm is BN else "no BN"
        return f"{net}, rate {self.rate:g}, {decay}" + (", long start" if self.scale > 1 else "")

    @property
    def runs(self) -> Runs:
        """Its runs."""
        return self.arm.recipes(
            self.seeds,
            self.name,
            net={"epsilon": EPSILON},
            learning_rate=self.rate,
            optimizer=Optimizer(weight_decay=self.decay),
            schedule=COURSES[self.course],
            kernel_scale=self.scale,
            **SHARED,
        )

    @property
    def turn(self) -> Sample:
        """The turn of hidden units in a step of the last epoch, in radians."""
        return runs_of(self).measured("late_turn")[:, 0, HIDDEN].map(lambda x: x.mean(axis=1))

    @property
    def length(self) -> Sample:
        """The length of hidden units' weights where the last epoch begins."""
        return runs_of(self).measured("late_length")[:, 0, HIDDEN].map(lambda x: x.mean(axis=1))

    @property
    def predicted(self) -> float:
        """The turn in radians at which rate and decay balance, whatever the gradient."""
        return float(np.radians(turns(settled(self.rate, self.decay), self.rate)))

    def accuracy(self, by: str = FRESH) -> Sample:
        """Validation accuracy at the end in per cent, by a score."""
        return 100 * runs_of(self).scored(f"end_{by}_val")[:, -1]


# Three rates, each four times the one before, and decays whose product with them is the same.
PRODUCT, RATE, LARGER = 0.004, 0.2, 1.0
SLOW, MIDDLE, FAST = (Descent(BN, rate, PRODUCT / rate, seeds=MANY) for rate in (0.05, RATE, 0.8))
DECAY = MIDDLE.decay
STRONG, FAR = Descent(BN, RATE, 4 * DECAY), Descent(BN, RATE, DECAY, scale=4.0)
SETTLED = (SLOW, MIDDLE, FAST, STRONG, FAR)
FREE, PLAIN_FREE = (Descent(arm, RATE, 0.0, seeds=PICTURED) for arm in (BN, PLAIN))
# At the largest of the three rates nets without BN diverge.
PLAIN_SLOW, PLAIN_MIDDLE = (Descent(PLAIN, each.rate, each.decay) for each in (SLOW, MIDDLE))
FALLEN, FALLEN_FREE = (Descent(BN, RATE, decay, "falling") for decay in (DECAY, 0.0))
FALLEN_LARGER = Descent(BN, LARGER, 0.0, "falling")
PLAIN_FALLEN, PLAIN_FALLEN_FREE = (Descent(PLAIN, RATE, decay, "falling") for decay in (DECAY, 0.0))
AT_CONSTANT_RATE = (*SETTLED, FREE, PLAIN_SLOW, PLAIN_MIDDLE, PLAIN_FREE)
UNDER_A_FALL = (FALLEN, FALLEN_FREE, FALLEN_LARGER, PLAIN_FALLEN, PLAIN_FALLEN_FREE)
RUNS = tuple(each.runs for each in (*AT_CONSTANT_RATE, *UNDER_A_FALL))


def beside_theory(descent: Descent) -> Sample:
    """The logarithm of how many times larger than predicted the turn is, for the first seeds."""
    return (descent.turn.map(np.log) - float(np.log(descent.predicted)))[: len(FEW)]


def gain(one: Descent, other: Descent, by: str = FRESH) -> Sample:
    """The points of validation accuracy by which the one ends ahead of the other."""
    return one.accuracy(by) - other.accuracy(by)
