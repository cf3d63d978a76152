"""The runs: four nets that are timed in turn, and arms on their way, each at its fastest rate."""

from dataclasses import replace
from functools import partial

import numpy as np

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.ends import FRESH
from bnreport.analysis.metrics import swiftness
from bnreport.analysis.timings import Timed
from bnreport.analysis.tuning import TunedRecipes
from bnreport.protocol.scorings import Scoring

IMAGES, EPOCHS, BATCH_SIZE = 20_480, 8, 128
STEPS = EPOCHS * IMAGES // BATCH_SIZE
# What a pilot of ten seeds asked for.
SEEDS = tuple(range(200, 224))
# Each mark is so much later than the one before, in the same ratio throughout.
MARKS = tuple(np.round(np.geomspace(20, STEPS, 24)).astype(int).tolist())
PATH = Scoring(name="path", steps=MARKS, images=2_500)
# In the pilot nearly every run reached it within three quarters of these steps.
THRESHOLD = 0.84

RAW, STD, BN, STD_BN, LN, GN = usual("raw", "std", "bn", "std-bn", "ln", "gn")
# Four nets are timed, an epoch each in one process; whole batches at both sizes.
NETS = (replace(RAW, label="no normalizer"), BN, LN, GN)
TIMED = Timed(NETS, (32, BATCH_SIZE), images=10_240, rounds=24, rate=0.01, seed=SEEDS[0])


def path(by: str) -> str:
    """The name of a score along a run."""
    return f"{PATH.name}_{by}_val"


FASTEST = TunedRecipes(
    rates={RAW: 0.1, STD: 0.1, BN: 0.3, STD_BN: 0.3},
    grid=(0.03, 0.1, 0.3, 1.0, 3.0),
    setting={"epochs": EPOCHS, "images": IMAGES, "batch_size": BATCH_SIZE, "evaluated": ()},
    tuning={"measures": (PATH.model_copy(update={"by": (FRESH,)}),)},
    judged={"measures": (PATH,)},
    full=SEEDS,
    score=partial(swiftness, score=path(FRESH), threshold=THRESHOLD, most=STEPS),
)
RUNS = (TIMED.runs, *FASTEST.runs)


def steps_of(arm: Arm, by: str = FRESH) -> Sample:
    """The steps that an arm takes to the threshold, by a score."""
    return runs_of(arm).passed(path(by), THRESHOLD)


def arrival(arm: Arm, loop: str, by: str = FRESH) -> Sample:
    """The seconds after which an arm reaches the threshold.

    A step takes its share of a timed epoch. Standardized inputs cost nothing a step: they are
    standardized once, before the training.
    """
    net = BN if arm in (BN, STD_BN) else RAW
    of_an_epoch = TIMED.typical(net, loop, BATCH_SIZE)
    return BATCH_SIZE / TIMED.images * of_an_epoch * steps_of(arm, by)


def ratios(net: Arm, loop: str, size: int) -> Sample:
    """The seconds of an epoch of a net over those without a normalizer, in each round."""
    return TIMED.seconds(net, loop, size) / TIMED.seconds(RAW, loop, size)
