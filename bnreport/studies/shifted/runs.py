"""The nets of the study of unlike batches and images, and what is read from their runs."""

from typing import Any

from bnreport.analysis.arms import usual
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.tuning import TunedRecipes
from bnreport.protocol.changes import Change, Turns
from bnreport.protocol.directions import Direction, check, read
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.scorings import Scoring

RAW, STD, BN, LN = usual("raw", "std", "bn", "ln")
IMAGES, EPOCHS, BATCH = 20_480, 4, 128
# The rate of all nets that are not tuned.
RATE = 0.1
# A pilot of ten seeds asked for so many: 48 where nets meet images of another kind, and 12 where
# they train in batches of one class, which moves them by tens of points.
MANY, FEW = tuple(range(200, 248)), tuple(range(200, 212))

CHANGES = {
    "noise": Change(kind="noise", amount=0.3),
    "dim": Change(kind="dim", amount=0.3),
    "blur": Change(kind="blur", amount=1.0),
    "inversion": Change(kind="inversion"),
}
# Those that keep light things light: what is learned of them is there, at another scale.
MILD = ("noise", "dim", "blur")
LABELS = {
    "none": "as they are",
    "noise": "noisy",
    "dim": "dim",
    "blur": "blurred",
    "inversion": "inverted",
}
# Batch by batch images are scored one by one, so that fewer do.
SCORED = 2_000
KIND_NAMES = {"as they are": "first", "inverted": "second"}
KINDS = {"first": None, "second": CHANGES["inversion"]}
# Images of the two kinds take turns batch by batch, or meet in every batch.
TURNS = {
    "batches": Turns(change=CHANGES["inversion"]),
    "images": Turns(change=CHANGES["inversion"], of="images"),
}

PLAIN = Scoring(name="end", by=("fresh", "deployed"))
COMPANY = Scoring(name="company", by=("batch-32", "class-32"), images=SCORED)
WAYS = ("fresh", "deployed", "own", "batch-8", "class-8")
SHIFTED = tuple(
    Scoring(name=name, by=WAYS, change=CHANGES.get(name), images=SCORED) for name in LABELS
)
BOTH = tuple(
    Scoring(name=name, by=("deployed", "own"), change=change) for name, change in KINDS.items()
)

SETTING: dict[str, Any] = {
    "images": IMAGES,
    "epochs": EPOCHS,
    "batch_size": BATCH,
    "schedule": LINEAR,
    "evaluated": (),
}
SORTED = {arm: arm.variant(f"{arm.name}-sorted") for arm in (RAW, STD, BN, LN)}
BEST = TunedRecipes(
    rates=dict(zip(SORTED.values(), (0.03, 0.03, 1.0, 0.03), strict=True)),
    grid=(0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
    setting={**SETTING, "order": "one class", "measures": (PLAIN, COMPANY)},
    full=FEW,
)
NET = SORTED[BN].name


def _in_turns(arm: Any, seeds: tuple[int, ...], mixing: str) -> Any:
    more: dict[str, Any] = {"turns": TURNS[mixing], "learning_rate": RATE, "measures": BOTH}
    return arm.recipes(seeds, f"{arm.name}-{mixing}", **SETTING, **more)


RUNS = (
    *BEST.runs,
    *(
        arm.recipes(
            MANY if arm is BN else FEW, **SETTING, learning_rate=RATE, measures=(PLAIN, *SHIFTED)
        )
        for arm in SORTED
    ),
    _in_turns(BN, MANY, "batches"),
    _in_turns(BN, MANY, "images"),
    _in_turns(LN, FEW, "batches"),
)
STEPS = {runs.trial.name: runs.trial.steps for runs in RUNS}


def scored(trial: str, by: str, scoring: str = "end") -> Sample:
    """Validation accuracy at the end in per cent, by those statistics."""
    return 100 * runs_of(trial).scored(f"{scoring}_{by}_val")[:, -1]


def printed(trial: str) -> Sample:
    """The training accuracy that the last epoch prints, in per cent."""
    return 100 * runs_of(trial).final("accuracy")


def ahead(better: tuple[str, str, str], worse: tuple[str, str, str]) -> Direction:
    """One accuracy is higher than another; each is a trial, its statistics, and its scoring."""

    def reading(trial: str, by: str, scoring: str) -> Any:
        return read(trial, check(f"{scoring}_{by}_val_accuracy", STEPS[trial]))

    return Direction(reading(*better), reading(*worse))
