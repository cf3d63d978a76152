"""What does it cost a net with batch normalization to take its batches in micro-batches?

A step is always one of 128 images. It sees them at once, or in parts whose gradients are averaged
before the weights change; with batch normalization each part is normalized by itself, and moves the
averages once.
"""

from typing import Any, Literal

from bnreport.analysis.arms import usual
from bnreport.analysis.design import study
from bnreport.protocol.optimization import SCHEDULES
from bnreport.protocol.scorings import Average, Scoring

RAW, STD, BN, LN = ARMS = usual("raw", "std", "bn", "ln")
BATCH, IMAGES, EPOCHS = 128, 20_480, 2
STEPS = EPOCHS * IMAGES // BATCH
# Images in a part of a step.
PARTS = (32, 8, 2)
# The best of nine rates for one batch in three of four such nets: see the study `batchsize`.
RATE = 0.3
SEEDS = tuple(range(200, 248))
KERAS = 0.99


def matched(size: int) -> Average:
    """The moving average that forgets in a step of parts what Keras' forgets in one of a batch."""
    return Average(momentum=KERAS ** (size / BATCH))


SHARED = {
    "learning_rate": RATE,
    "epochs": EPOCHS,
    "batch_size": BATCH,
    "images": IMAGES,
    "evaluated": (),
}


def _given(
    schedule: Literal["constant", "linear"], size: int = BATCH, bn: bool = True
) -> dict[str, Any]:
    averages = (matched(size),) if bn and size < BATCH else ()
    by = ("deployed", "fresh", *(average.name for average in averages))
    return {
        "schedule": SCHEDULES[schedule],
        "micro_batch": size % BATCH,
        "averages": averages,
        "measures": (Scoring(name="end", by=by),),
        **SHARED,
    }


RUNS = (
    *(arm.recipes(SEEDS, **_given("linear")) for arm in ARMS),
    STD.recipes(SEEDS, "std-2", **_given("linear", 2, bn=False)),
    *(BN.recipes(SEEDS, f"bn-{size}", **_given("linear", size)) for size in PARTS),
    *(
        BN.recipes(
            SEEDS, f"ghost-{size}", {"normalizer": "ghost", "groups": size}, **_given("linear")
        )
        for size in PARTS
    ),
    BN.recipes(SEEDS, "bn-constant", **_given("constant")),
    *(BN.recipes(SEEDS, f"bn-{size}-constant", **_given("constant", size)) for size in (32, 8)),
)

STUDY = study(
    "accumulation",
    (),
    RUNS,
    title="Micro-batches",
    chapter="Limits and costs",
    question="What does it cost BN to take a batch in parts and to average their gradients?",
    announced=True,
)
