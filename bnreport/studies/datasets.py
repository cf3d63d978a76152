"""Which of the ten headlines of batch normalization hold on other data, and on less of it?"""

import math
from typing import Any

from bnreport.analysis.arms import usual
from bnreport.analysis.design import study
from bnreport.protocol.optimization import CONSTANT, LINEAR
from bnreport.protocol.scorings import Scoring

RAW, STD, BN, STD_BN, LN = ARMS = usual("raw", "std", "bn", "std-bn", "ln")
DATA = {
    "fashion-mnist": "Fashion-MNIST",
    "mnist-5k": "MNIST",
    "mnist-1d": "MNIST-1D",
}
IMAGES, BATCH_SIZE = 4_000, 32
EPOCHS, SLOW_EPOCHS, SMALL_EPOCHS = 8, 16, 2
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
SLOW_RATE, LAG_RATE = 0.01, 0.1
SMALL = (2, 4)

END = Scoring(name="end")
MARKS = tuple(round(20 * 100 ** (place / 23)) for place in range(24))
PATH = Scoring(name="path", steps=MARKS, images=1_000, fresh_images=1_024)
SEEDS = tuple(range(200, 248))


def small_rate(size: int) -> float:
    """The learning rate at a batch size: it grows with the root of the size."""
    return 0.05 * math.sqrt(size / 32)


def _given(data: str, **more: Any) -> dict[str, Any]:
    shared = {"data": data, "images": IMAGES, "batch_size": BATCH_SIZE, "evaluated": ()}
    return {**shared, "epochs": EPOCHS, "schedule": LINEAR, "measures": (END,), **more}


RUNS = tuple(
    run
    for data in DATA
    for run in (
        *(
            arm.recipes(SEEDS, f"{data}-{arm.name}-{rate:g}", **_given(data, learning_rate=rate))
            for arm in ARMS
            for rate in (RATES[1:-1] if arm in (RAW, STD, BN) else RATES[2:5])
        ),
        *(
            arm.recipes(
                SEEDS,
                f"{data}-{arm.name}-slow",
                **_given(
                    data,
                    learning_rate=SLOW_RATE,
                    schedule=CONSTANT,
                    epochs=SLOW_EPOCHS,
                    measures=(PATH,),
                ),
            )
            for arm in (RAW, STD, BN)
        ),
        BN.recipes(
            SEEDS,
            f"{data}-bn-constant",
            **_given(data, learning_rate=LAG_RATE, schedule=CONSTANT),
        ),
        *(
            arm.recipes(
                SEEDS,
                f"{data}-{arm.name}-batch-{size}",
                **_given(
                    data,
                    learning_rate=small_rate(size),
                    batch_size=size,
                    epochs=SMALL_EPOCHS,
                ),
            )
            for arm in (RAW, STD, BN)
            for size in SMALL
        ),
    )
)

STUDY = study(
    "datasets",
    (),
    RUNS,
    title="On other data",
    chapter="Limits and costs",
    question="Which of the ten headlines hold on other data, and on less of it?",
    announced=True,
)
