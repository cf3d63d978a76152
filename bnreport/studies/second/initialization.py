"""Does BN make a net tolerate badly scaled initial weights?

The second edition: every arm trains at its own best rate, which falls to zero; nets are scored by
fresh statistics and by Keras' moving averages.
"""

from typing import Any

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.design import study
from bnreport.analysis.tuning import TunedRecipes
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.scorings import Scoring

RAW, STD, BN, STD_BN = usual()
# What all kernels drawn by He's rule are multiplied by; powers of two, so nothing is rounded.
SCALES = (1 / 64, 1 / 16, 1 / 4, 1.0, 4.0, 16.0, 64.0)
# What the arm's own rate is multiplied by.
FACTORS = {"own": 1.0}
IMAGES, EPOCHS, BATCH_SIZE = 20_480, 2, 128
SEEDS = tuple(range(200, 212))
SETTING: dict[str, Any] = {
    "images": IMAGES,
    "epochs": EPOCHS,
    "batch_size": BATCH_SIZE,
    "schedule": LINEAR,
    "evaluated": (),
    "measures": (Scoring(name="end"),),
}
# The rates are chosen at the usual scale.
NETS = TunedRecipes(rates={RAW: 0.3, STD: 0.3, BN: 1.0, STD_BN: 1.0}, setting=SETTING, full=SEEDS)


def named(arm: Arm, scale: float, factor: str = "own") -> str:
    """The name of a recipe."""
    return f"{arm.name}-{scale:g}-{factor}"


RUNS = (
    *NETS.tuning_runs(*NETS.rates),
    *(
        arm.recipes(
            SEEDS,
            named(arm, scale, factor),
            # Without the rounding of a product: .3 by .1 is .03.
            learning_rate=round(rate * times, 9),
            kernel_scale=scale,
            **SETTING,
        )
        for arm, rate in NETS.rates.items()
        for scale in SCALES
        for factor, times in FACTORS.items()
    ),
)
# A pilot needs no tuning runs.
RUNS = RUNS[len(NETS.rates) * len(NETS.grid) :]
SECOND = study("initialization", (), RUNS, number=2, announced=True)
