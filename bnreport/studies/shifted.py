"""What does a net with batch normalization do when batches or images are not those it trains on?

Three questions: batches of one class each in training; noisy, dim, inverted and blurred images at
inference; and one layer for two kinds of images, which take turns in training.
"""

from typing import Any

from bnreport.analysis.arms import usual
from bnreport.analysis.design import study
from bnreport.protocol.changes import Change, Turns
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.scorings import Scoring

RAW, STD, BN, LN = usual("raw", "std", "bn", "ln")
IMAGES, EPOCHS, BATCH = 20_480, 4, 128
# The rate of all nets that are not tuned.
RATE = 0.1

CHANGES = {
    "noise": Change(kind="noise", amount=0.3),
    "dim": Change(kind="dim", amount=0.3),
    "inversion": Change(kind="inversion"),
    "blur": Change(kind="blur", amount=1.0),
}
# In batches of 8, which are scored one by one, fewer images do.
SCORED = 2_000
COMPANY = ("batch-8", "class-8")

PLAIN = Scoring(name="end", by=("fresh", "deployed"))
COMPANION = Scoring(name="company", by=("batch-32", "class-32"), images=SCORED)
SHIFTED = tuple(
    Scoring(
        name=name or "none",
        by=("fresh", "deployed", "own", *COMPANY),
        change=change,
        images=SCORED,
    )
    for name, change in {"": None, **CHANGES}.items()
)
KINDS = tuple(
    Scoring(name=name, by=("deployed", "own"), change=change)
    for name, change in {"first": None, "second": CHANGES["inversion"]}.items()
)


def _given(*measures: Scoring, **more: Any) -> dict[str, Any]:
    shared = {"images": IMAGES, "epochs": EPOCHS, "batch_size": BATCH, "schedule": LINEAR}
    return {**shared, "learning_rate": RATE, "evaluated": (), "measures": measures, **more}


SEEDS = tuple(range(200, 212))
RUNS = (
    *(
        arm.recipes(
            SEEDS,
            f"{arm.name}-sorted",
            **_given(PLAIN, COMPANION, order="one class", learning_rate=0.03),
        )
        for arm in (STD, BN, LN)
    ),
    BN.recipes(SEEDS, "bn", **_given(PLAIN, *SHIFTED)),
    *(
        BN.recipes(
            SEEDS, f"bn-{of}", **_given(*KINDS, turns=Turns(change=CHANGES["inversion"], of=of))
        )
        for of in ("batches", "images")
    ),
)

STUDY = study(
    "shifted",
    (),
    RUNS,
    title="Sorted, shifted, shared",
    chapter="Limits and costs",
    question="What happens when batches or images are not those that BN was trained on?",
    announced=True,
)
