"""What does weight decay do to weights whose length batch normalization hides?

Nets on standardized inputs, with BN and without, are trained by plain gradient descent with
decoupled decay of their kernels: at a constant rate, until lengths settle, and at a rate that
falls. At the end of a run every step's turn of the weights is measured.
"""

from typing import Any

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.design import study
from bnreport.protocol.optimization import CONSTANT, LINEAR, Optimizer
from bnreport.protocol.runs import Runs
from bnreport.protocol.scorings import Rotations, Scoring

PLAIN, BN = usual("std", "std-bn")
IMAGES, EPOCHS, BATCH_SIZE = 20_480, 8, 128
AN_EPOCH = IMAGES // BATCH_SIZE
STEPS = EPOCHS * AN_EPOCH
# Beside the variances of these small weights Keras' epsilon is not small.
EPSILON = 1e-5
# Rates at which a decay of the same product settles, each four times the one before.
RATES = (0.05, 0.2, 0.8)
PRODUCT, RATE = 0.004, 0.2
DECAY = PRODUCT / RATE
# A longer start, and a rate that is larger.
LONG, LARGER = 4.0, 1.0
SEEDS = tuple(range(200, 212))
PILOTED: Any = {
    "images": IMAGES,
    "epochs": EPOCHS,
    "batch_size": BATCH_SIZE,
    "evaluated": (),
    "measures": (
        Scoring(name="end", by=("deployed", "fresh")),
        Scoring(name="fit", by=("fresh",), parts=("train",), images=5_000),
        Rotations(name="path", steps=tuple(range(0, STEPS, 64)), following=8),
        Rotations(name="late", steps=(STEPS - AN_EPOCH,), following=AN_EPOCH),
    ),
}


def named(arm: Arm, rate: float, decay: float, course: str = "constant", scale: float = 1) -> str:
    """The name of a recipe."""
    start = "" if scale == 1 else f"-times-{scale:g}"
    return f"{arm.name}-{course}-{rate:g}-{decay:g}{start}"


def _runs(arm: Arm, rate: float, decay: float, course: str = "constant", scale: float = 1) -> Runs:
    return arm.recipes(
        SEEDS,
        named(arm, rate, decay, course, scale),
        net={"epsilon": EPSILON},
        learning_rate=rate,
        optimizer=Optimizer(weight_decay=decay),
        schedule={"constant": CONSTANT, "falling": LINEAR}[course],
        kernel_scale=scale,
        **PILOTED,
    )


def decay_at(rate: float, product: float = PRODUCT) -> float:
    """The decay that has that product with a rate, without the rounding of a quotient."""
    return round(product / rate, 9)


RUNS = (
    *(_runs(BN, rate, decay_at(rate)) for rate in RATES),
    # At the largest of these rates nets without BN diverge.
    *(_runs(PLAIN, rate, decay_at(rate)) for rate in RATES[:2]),
    *(_runs(arm, RATE, decay, "falling") for arm in (BN, PLAIN) for decay in (0.0, DECAY)),
    _runs(BN, LARGER, 0.0, "falling"),
)
STUDY = study(
    "decay",
    (),
    RUNS,
    title="Weight decay",
    chapter="Mechanisms",
    question="What does weight decay do where BN hides the length of the weights?",
    announced=True,
)
