"""The runs: five nets at a constant rate and at one that falls, scored by averages of weights."""

from typing import Any

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.ends import FRESH
from bnreport.protocol.optimization import CONSTANT, LINEAR
from bnreport.protocol.runs import Runs
from bnreport.protocol.scorings import Averaged, Scoring

RAW, STD, BN, STD_BN, LN = usual("raw", "std", "bn", "std-bn", "ln")
# What tuning at a falling rate chose for as long a run in the study of optimizers; it had no BN on
# standardized inputs, which takes the rate of BN.
RATES = {RAW: 0.3, STD: 0.3, BN: 1.0, STD_BN: 1.0, LN: 0.3}
ARMS = tuple(RATES)
IMAGES, EPOCHS, BATCH_SIZE = 20_480, 4, 128
STEPS = EPOCHS * IMAGES // BATCH_SIZE
COURSES = {"constant": CONSTANT, "falling": LINEAR}
# Plain means of twenty weights, over the last so many steps; that of the last epoch judges.
SPANS = (20, 40, 80, 160, 320)
TAKEN, TAIL = 20, 160
# Keras' default for use_ema, of each step; every second one is taken.
EMA, EVERY = 0.99, 2
MEASURES = (
    Scoring(name="end", by=("deployed", "fresh")),
    *(
        Averaged(name=f"mean-{span}", steps=(STEPS,), span=span, every=span // TAKEN)
        for span in SPANS
    ),
    Averaged(name="ema", steps=(STEPS,), span=480, every=EVERY, momentum=EMA**EVERY),
)
MEAN = f"mean-{TAIL}"
# What a pilot of ten seeds asked for: runs scatter more at a constant rate.
SEEDS = {"constant": tuple(range(200, 224)), "falling": tuple(range(200, 212))}


def named(arm: Arm, course: str) -> str:
    """The name of a recipe."""
    return f"{arm.name}-{course}"


def _runs(arm: Arm, course: str) -> Runs:
    fields: dict[str, Any] = {
        "learning_rate": RATES[arm],
        "schedule": COURSES[course],
        "images": IMAGES,
        "epochs": EPOCHS,
        "batch_size": BATCH_SIZE,
        "evaluated": (),
        "measures": MEASURES,
    }
    return arm.recipes(SEEDS[course], named(arm, course), **fields)


RUNS = tuple(_runs(arm, course) for arm in ARMS for course in COURSES)


def accuracy(arm: Arm, course: str, scoring: str = "end", by: str = FRESH) -> Sample:
    """Validation accuracy in per cent of the last weights ("end") or of an average of weights."""
    return 100 * runs_of(named(arm, course)).scored(f"{scoring}_{by}_val")[:, -1]
