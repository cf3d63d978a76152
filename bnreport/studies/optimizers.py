"""Does what is said of batch normalization hold under momentum, Adam, and a falling rate?"""

from bnreport.analysis.arms import usual
from bnreport.analysis.design import study
from bnreport.protocol.optimization import LINEAR, Optimizer
from bnreport.protocol.scorings import Scoring

RULES = {"sgd": 0.3, "momentum": 0.03, "adam": 0.003}
RUNS = tuple(
    arm.recipe(
        f"{arm.name}-{rule}-linear",
        learning_rate=rate,
        epochs=4,
        batch_size=128,
        images=20_480,
        optimizer=Optimizer(rule=rule),
        schedule=LINEAR,
        evaluated=(),
        measures=(Scoring(name="end", by=("fresh", "deployed")),),
    )
    for rule, rate in RULES.items()
    for arm in usual("std", "bn", "ln", *(("raw",) if rule == "adam" else ()))
)

STUDY = study(
    "optimizers",
    (),
    RUNS,
    title="Optimizers and schedules",
    chapter="Limits and costs",
    question="Does what is said of BN hold under momentum and Adam and under a falling rate?",
    announced=True,
)
