"""The nets of the study, what all share, and their runs."""

from typing import Any

import numpy as np

from bnreport.analysis.arms import Arm
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.grids import Sweep
from bnreport.analysis.metrics import Floats
from bnreport.presentation.plots import Arm as Colour
from bnreport.protocol.optimization import LINEAR, Optimizer
from bnreport.protocol.runs import Runs
from bnreport.protocol.scorings import Branches, Scoring, Slopes
from bnreport.records.collection import Records

IMAGES, BATCH, WIDTH = 10_240, 128, 64
STEPS = IMAGES // BATCH
DEPTHS = (10, 30, 100)
SHALLOW, DEEP = DEPTHS[0], DEPTHS[-1]
# Half-decades, the same for all arms and depths: all of them are judged, none is tuned.
GRID = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
SEEDS = tuple(range(200, 212))
# A run trains if more of its validation images are right than this, in per cent.
TRAINED = 50.0


def _arm(name: str, label: str, short: str, colour: Colour, **net: Any) -> Arm:
    return Arm(name, label, short, colour, net={"kind": "residual", "filters": (), **net})


NONE = _arm("none", "no normalizer", "none", "std", normalizer="none")
BN = _arm("bn", "BN", "BN", "std-bn", normalizer="batch")
ZERO = BN.variant(
    "zero-gamma", "BN, last gamma 0", {"start": "zero gamma"}, short="BN, gamma 0", dashed=True
)
SKIPINIT = NONE.variant(
    "skipinit", "SkipInit", {"start": "skipinit"}, short="SkipInit", colour="raw"
)
LN = _arm("ln", "layer normalization", "LN", "ln", normalizer="layer")
# Those that train, and those whose start alone is looked at.
ARMS, STARTED = (NONE, BN, ZERO, SKIPINIT), (NONE, BN, LN)

_SHARED: dict[str, Any] = {
    "data": "fashion-mnist-14",
    "inputs": "std",
    "images": IMAGES,
    "batch_size": BATCH,
    "optimizer": Optimizer(rule="momentum"),
    "schedule": LINEAR,
    "evaluated": (),
}
# As many images as statistics are taken of along a run: more would take as long as the training.
END = Scoring(name="end", by=("fresh", "deployed"), fresh_images=2_048)
SIZES = Branches(name="sizes", steps=(0,))
SLOPES = Slopes(name="slopes", steps=(0,))


def named(arm: Arm, blocks: int, rate: float) -> str:
    """The name of a trial that trains."""
    return f"{arm.name}-{blocks}-{rate:g}"


def start_of(arm: Arm, blocks: int) -> str:
    """The name of a trial that only looks at a net before its first step."""
    return f"{arm.name}-{blocks}-start"


def trained(arm: Arm, blocks: int, rate: float) -> Runs:
    """The runs of an arm at a depth and a rate."""
    return arm.recipes(
        SEEDS,
        named(arm, blocks, rate),
        {"hidden": (WIDTH,), "blocks": blocks},
        learning_rate=rate,
        epochs=1,
        measures=(END,),
        **_SHARED,
    )


def looked_at(arm: Arm, blocks: int) -> Runs:
    """The runs that take no step."""
    return arm.recipes(
        SEEDS,
        start_of(arm, blocks),
        {"hidden": (WIDTH,), "blocks": blocks},
        learning_rate=GRID[0],
        epochs=0,
        # Without a normalizer the squares of gradients would be too large for single precision.
        measures=(SIZES,) if arm is NONE else (SIZES, SLOPES),
        **_SHARED,
    )


RUNS = (
    *(trained(arm, blocks, rate) for arm in ARMS for blocks in DEPTHS for rate in GRID),
    *(looked_at(arm, DEEP) for arm in STARTED),
)


def accuracy(arm: Arm, blocks: int, by: str = "fresh") -> Sweep:
    """Validation accuracy at the end by rate, in per cent; chance where a run diverged."""
    return 100 * Sweep(
        {rate: runs_of(named(arm, blocks, rate)).scored(f"end_{by}_val")[:, -1] for rate in GRID}
    )


def limit(arm: Arm, blocks: int) -> Sample:
    """The place of the highest rate at which a run trains, from 1; 0 where it trains at none."""
    swept = accuracy(arm, blocks)

    def place(records: Records) -> Floats:
        trains = np.array([*swept(records).values()]) > TRAINED
        top: Floats = (np.arange(1.0, len(GRID) + 1)[:, None] * trains).max(axis=0)
        return top

    return Sample(swept.trials, place)


def size(arm: Arm, part: str) -> Sample:
    """The root mean square of what enters the sums of the deepest net, (seeds, blocks)."""
    return runs_of(start_of(arm, DEEP)).measured(f"sizes_{part}")[:, 0]


def share(arm: Arm) -> Sample:
    """The size of each branch relative to its shortcut, (seeds, blocks)."""
    return size(arm, "branch") / size(arm, "shortcut")
