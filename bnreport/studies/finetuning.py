"""What should become of batch normalization when a trained net is tuned on few other images?

A small convolutional net learns five classes of clothes. From its end five more runs begin, which
learn the other five classes, or digits, and differ in what they do with the layers of BN.
"""

from typing import Any

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.design import study
from bnreport.protocol.data import FIRST_FIVE, LAST_FIVE
from bnreport.protocol.optimization import LINEAR, Optimizer
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.scorings import Scoring

NET = {"filters": (16, 32), "hidden": (64,), "groups": 4}
RAW, BN, GN = usual("raw", "bn", "gn")
FROZEN = BN.variant("frozen", "BN frozen", fields={"frozen": ("norm*",)})
STILL = BN.variant("still", "statistics frozen", fields={"statistics": "start"})
ARMS = (FROZEN, STILL, BN, RAW, GN)

SHARED: dict[str, Any] = {
    "net": NET,
    "batch_size": 32,
    "optimizer": Optimizer(rule="momentum"),
    "schedule": LINEAR,
    "evaluated": (),
    "measures": (Scoring(name="end", by=("fresh", "deployed")),),
}
CLOTHES = {"data": "fashion-mnist-14"}
FIRST_RATE, FIRST_EPOCHS, FIRST_IMAGES = 0.03, 3, 9_984
# 200 steps are no whole number of epochs of 1,024 images.
STEPS, SIZES = 192, (64, 1_024)
TARGETS: dict[str, dict[str, Any]] = {
    "clothes": {**CLOTHES, "classes": LAST_FIVE},
    "digits": {"data": "mnist-5k-14"},
}
RATES = {FROZEN: 0.03, STILL: 0.03, BN: 0.1, RAW: 0.03, GN: 0.1}


def first(arm: Arm) -> Recipe:
    """The run whose end an arm starts from; those with BN share one."""
    plain = BN if arm in (FROZEN, STILL) else arm
    return plain.recipe(
        f"first-{plain.name}",
        learning_rate=FIRST_RATE,
        epochs=FIRST_EPOCHS,
        images=FIRST_IMAGES,
        classes=FIRST_FIVE,
        **CLOTHES,
        **SHARED,
    )


def named(arm: Arm, target: str, images: int) -> str:
    """The name of a trial."""
    return f"{arm.name}-{target}-{images}"


def setting(arm: Arm, target: str, images: int) -> dict[str, Any]:
    """What a tuned run of an arm has beside its name and rate."""
    return {
        **SHARED,
        **TARGETS[target],
        "start": first(arm),
        "images": images,
        "epochs": STEPS * SHARED["batch_size"] // images,
    }


RUNS = tuple(
    arm.recipes(
        tuple(range(200, 212)),
        named(arm, target, images),
        learning_rate=RATES[arm],
        **setting(arm, target, images),
    )
    for arm in ARMS
    for target in TARGETS
    for images in SIZES
)

STUDY = study(
    "finetuning",
    (),
    RUNS,
    title="Fine-tuning",
    chapter="Limits and costs",
    question="What should become of BN when a trained net is tuned on few images?",
    announced=True,
)
