"""What do moving averages that lag behind the weights cost a net with batch normalization?

Every run is one net with BN, scored in inference mode by several statistics of the same weights: by
moving averages of several momenta, which are carried beside the run and do not touch it, and by
statistics taken fresh from training images.
"""

from typing import Any

import numpy as np

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.design import study
from bnreport.presentation.tables import Analysis
from bnreport.protocol.optimization import CONSTANT, LINEAR
from bnreport.protocol.runs import Runs
from bnreport.protocol.scorings import Average, Drift, Scoring

BN, STD_BN = ARMS = usual("bn", "std-bn")
SIZES = (32, 128, 512)
SCHEDULES = {"constant": CONSTANT, "linear": LINEAR}
RATES = (0.03, 0.1, 0.3, 1.0)
IMAGES, EPOCHS = 20_480, 4
# The rate of the claims that do not ask about rates.
RATE = 0.1

KERAS = "deployed"
MOMENTA = {"m0.9": 0.9, "m0.97": 0.97, KERAS: 0.99, "m0.997": 0.997, "m0.999": 0.999}
AVERAGES = tuple(
    Average(momentum=momentum, corrected=corrected)
    for corrected in (False, True)
    for name, momentum in MOMENTA.items()
    if corrected or name != KERAS
)
CORRECTED = {f"m{momentum:g}-corrected": momentum for momentum in MOMENTA.values()}
LABELS = {BN: "raw", STD_BN: "standardized"}
# Groups of settings of like prediction in a figure.
GROUPS = 8
# Shares of the run after which it is scored on the way.
MARKS = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8)
EARLY = MARKS[1]


def length(size: int) -> int:
    """The number of steps of a run."""
    return EPOCHS * IMAGES // size


def step(share: float, size: int) -> int:
    """The step after which that share of a run is over."""
    return round(share * length(size))


def age(momentum: float, steps: int) -> float:
    """The mean age in steps of the batches in a corrected moving average after so many steps."""
    ages = np.arange(steps)
    return float(np.average(ages, weights=momentum**ages))


def window(momentum: float, size: int) -> int:
    """That age at the end of a run, in whole steps."""
    return round(age(momentum, length(size)))


def _measures(size: int) -> tuple[Any, ...]:
    """Score at the end and on the way, and how far the statistics moved before the end."""
    return (
        Scoring(name="end", by=("fresh", "means", *MOMENTA, *CORRECTED)),
        Scoring(
            name="path",
            steps=tuple(step(share, size) for share in MARKS),
            by=("fresh", KERAS, "m0.9", "m0.99-corrected"),
            images=2_000,
        ),
        *(
            Drift(name=f"drift-{back}", steps=(length(size) - back,), windows=(back,))
            for back in sorted({window(momentum, size) for momentum in MOMENTA.values()})
        ),
    )


def named(arm: Arm, size: int, schedule: str, rate: float) -> str:
    """The name of a trial."""
    return f"{arm.name}-{size}-{schedule}-{rate:g}"


SETTINGS = tuple(
    (arm, size, schedule, rate)
    for arm in ARMS
    for size in SIZES
    for schedule in SCHEDULES
    for rate in RATES
)
RUNS = tuple(
    Runs(
        arm.recipe(
            named(arm, size, schedule, rate),
            learning_rate=rate,
            schedule=SCHEDULES[schedule],
            batch_size=size,
            epochs=EPOCHS,
            images=IMAGES,
            averages=AVERAGES,
            measures=_measures(size),
            evaluated=(),
        ),
        full=tuple(range(200, 212)),
    )
    for arm, size, schedule, rate in SETTINGS
    if rate == RATE or (arm, size, schedule) == (BN, 128, "constant")
)


STUDY = study(
    "lag",
    (),
    RUNS,
    title="Lagging averages",
    chapter="Limits and costs",
    question="What do moving averages that lag behind the weights cost a net with BN?",
    analyse=lambda _: Analysis(),
    announced=True,
)
