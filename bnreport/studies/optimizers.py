"""Does what is said of batch normalization hold under momentum, Adam, and a falling rate?"""

from bnreport.analysis.arms import usual
from bnreport.analysis.design import study
from bnreport.protocol.optimization import SCHEDULES, Optimizer
from bnreport.protocol.scorings import Scoring

CELLS = {
    ("sgd", "linear"): (0.3, ("std", "bn")),
    ("momentum", "linear"): (0.03, ("std", "bn", "ln")),
    ("adam", "linear"): (0.003, ("raw", "std", "bn", "ln")),
    ("adam", "constant"): (0.001, ("std", "bn")),
}
RUNS = tuple(
    arm.recipe(
        f"{arm.name}-{rule}-{course}",
        learning_rate=rate,
        epochs=4,
        batch_size=128,
        images=20_480,
        optimizer=Optimizer(rule=rule),
        schedule=SCHEDULES[course],
        evaluated=(),
        measures=(Scoring(name="end", by=("fresh", "deployed")),),
    )
    for (rule, course), (rate, arms) in CELLS.items()
    for arm in usual(*arms)
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
