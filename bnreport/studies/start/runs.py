"""The nets of the study, what all share, and their runs."""

from typing import Any

from bnreport.analysis.arms import Arm
from bnreport.analysis.comparisons import runs_of
from bnreport.analysis.grids import Sweep
from bnreport.protocol.optimization import LINEAR, Optimizer
from bnreport.protocol.runs import Runs
from bnreport.protocol.scorings import Scoring
from bnreport.studies.residual.runs import BN, FIXUP, NONE, SKIPINIT

IMAGES, BATCH = 12_800, 128
STEPS = IMAGES // BATCH
# ResNet-56 has nine blocks in each of three stages.
BLOCKS = 9
# Decades, the same for all arms: all of them are judged, none is tuned.
GRID = (0.003, 0.03, 0.3)
SEEDS = tuple(range(200, 212))
ARMS = (BN, NONE, SKIPINIT, FIXUP)

_SHARED: dict[str, Any] = {
    "data": "fashion-mnist-14",
    "images": IMAGES,
    "epochs": 1,
    "batch_size": BATCH,
    "optimizer": Optimizer(rule="momentum"),
    "schedule": LINEAR,
    "evaluated": (),
    # As many images as statistics are taken of along a run: more would take too long.
    "measures": (Scoring(name="end", by=("fresh", "deployed"), fresh_images=2_048),),
}


def named(arm: Arm, rate: float) -> str:
    """The name of a trial."""
    return f"{arm.name}-{rate:g}"


def trained(arm: Arm, rate: float) -> Runs:
    """The runs of an arm at a rate."""
    return arm.recipes(SEEDS, named(arm, rate), {"blocks": BLOCKS}, learning_rate=rate, **_SHARED)


RUNS = (trained(BN, 0.03), trained(SKIPINIT, 0.03))


def accuracy(arm: Arm, by: str = "fresh") -> Sweep:
    """Validation accuracy at the end by rate, in per cent; chance where a run diverged."""
    return 100 * Sweep(
        {rate: runs_of(named(arm, rate)).scored(f"end_{by}_val")[:, -1] for rate in GRID}
    )
