"""The runs: a net that learns clothes, and those that begin at its end and learn something else."""

from collections.abc import Sequence
from typing import Any

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.metrics import Floats
from bnreport.analysis.recipes import final
from bnreport.analysis.tuning import TunedRecipes
from bnreport.protocol.data import FIRST_FIVE, LAST_FIVE
from bnreport.protocol.optimization import LINEAR, Optimizer
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.runs import Runs
from bnreport.protocol.scorings import Scoring
from bnreport.records.record import Record

NET = {"filters": (16, 32), "hidden": (64,), "groups": 4}
RAW, BN, GN = usual("raw", "bn", "gn")
FROZEN = BN.variant("frozen", "BN frozen", fields={"frozen": ("norm*",)}, dashed=True)
STILL = BN.variant("still", "statistics frozen", fields={"statistics": "start"}, colour="neutral")
# Those that are tuned with the statistics of the start are scored by them, too.
KEPT = (FROZEN, STILL)
ARMS = (BN, *KEPT, RAW, GN)

FRESH, DEPLOYED = "fresh", "deployed"
SHARED: dict[str, Any] = {
    "net": NET,
    "batch_size": 32,
    "optimizer": Optimizer(rule="momentum"),
    "schedule": LINEAR,
    "evaluated": (),
    "measures": (Scoring(name="end", by=(FRESH, DEPLOYED)),),
}
CLOTHES: dict[str, Any] = {"data": "fashion-mnist-14"}
FIRST_RATE, FIRST_EPOCHS, FIRST_IMAGES = 0.03, 3, 9_984
TARGETS: dict[str, dict[str, Any]] = {
    "clothes": {**CLOTHES, "classes": LAST_FIVE},
    "digits": {"data": "mnist-5k-14"},
}
# Whole epochs of each size: 200 steps would not be, of 1,024 images.
STEPS, SIZES = 192, (64, 256, 1_024)
FEW, _, MANY = SIZES

# A pilot of ten seeds asked for 48; settings that no claim asks about are pictures.
JUDGED, PICTURED = tuple(range(200, 248)), tuple(range(200, 212))


def first(arm: Arm) -> Recipe:
    """The run at whose end an arm begins; all arms with BN share one."""
    plain = BN if arm in KEPT else arm
    return plain.recipe(
        f"first-{plain.name}",
        learning_rate=FIRST_RATE,
        epochs=FIRST_EPOCHS,
        images=FIRST_IMAGES,
        classes=FIRST_FIVE,
        **CLOTHES,
        **SHARED,
    )


def length(images: int) -> dict[str, Any]:
    """The fields of a run of as many steps on that many images."""
    return {"images": images, "epochs": STEPS * SHARED["batch_size"] // images}


# Each arm on each target, where it has a rate of its own.
PLACED = {
    (arm, target): arm.variant(f"{arm.name}-{target}", fields={**fields, "start": first(arm)})
    for target, fields in TARGETS.items()
    for arm in ARMS
}


def best_scored(records: Sequence[Record]) -> Floats:
    """The accuracies of runs by fresh statistics, or by those that they kept, in per cent."""
    trial = records[0].identity.trial
    kept = isinstance(trial, Recipe) and (trial.frozen or trial.statistics == "start")
    return 100 * final(records, DEPLOYED if kept else FRESH)


# Of clothes and of digits, as the tuning runs choose them.
RATES = {
    BN: (0.1, 0.3),
    FROZEN: (0.03, 0.03),
    STILL: (0.03, 0.03),
    RAW: (0.03, 0.1),
    GN: (0.1, 0.1),
}
TUNED = TunedRecipes(
    {
        PLACED[arm, target]: rate
        for arm, rates in RATES.items()
        for target, rate in zip(TARGETS, rates, strict=True)
    },
    grid=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
    setting={**SHARED, **length(MANY)},
    score=best_scored,
)


def named(arm: Arm, target: str, images: int) -> str:
    """The name of a trial."""
    return f"{arm.name}-{target}-{images}"


def _tuned(arm: Arm, target: str, images: int) -> Runs:
    placed = PLACED[arm, target]
    judged = images == MANY or (images == FEW and arm in (BN, FROZEN))
    return placed.recipes(
        JUDGED if judged else PICTURED,
        named(arm, target, images),
        learning_rate=TUNED.rates[placed],
        **SHARED,
        **length(images),
    )


RUNS = (
    *(Runs(first(arm), PICTURED) for arm in (BN, RAW, GN)),
    *TUNED.tuning_runs(*TUNED.rates),
    *(_tuned(arm, target, images) for arm in ARMS for target in TARGETS for images in SIZES),
)


def statistics(arm: Arm, by: str = FRESH) -> str:
    """The name of the statistics by which an arm is scored in a family of that score."""
    return DEPLOYED if arm in KEPT else by


def scored(arm: Arm, target: str, images: int, by: str = FRESH) -> Sample:
    """Validation accuracy after tuning in per cent, by fresh statistics or as deployed.

    An arm that keeps the statistics of its start has these alone.
    """
    runs = runs_of(named(arm, target, images))
    return 100 * runs.scored(f"end_{statistics(arm, by)}_val")[:, -1]
