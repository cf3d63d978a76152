"""The nets of the study, what all share, and their runs."""

from typing import Any

from bnreport.analysis.arms import Arm
from bnreport.analysis.comparisons import runs_of
from bnreport.analysis.grids import Sweep
from bnreport.presentation.plots import Arm as Colour
from bnreport.protocol.optimization import CONSTANT, Optimizer
from bnreport.protocol.runs import Runs
from bnreport.protocol.scorings import Scoring, Slopes

STEPS, BATCH = 100, 128
IMAGES = STEPS * BATCH
# Three stages of nine blocks of two layers, one layer before and one after.
BLOCKS, LAYERS = 9, 56
# Half-decades, the same for all arms that train: all of them are judged, none is tuned. Without a
# normalizer single runs diverged at 0.001 and 0.01, so that rates go on downwards in its place.
GRID = (0.01, 0.03, 0.1, 0.3)
LOW_GRID = (0.0001, 0.001, 0.01)
# The rate of He et al., at which a run is also followed on its way, and those beside it.
LOW, USUAL, HIGH = GRID[1:]
SEEDS = tuple(range(200, 212))
# A run trains if more of its validation images are right than this, in per cent.
TRAINED = 50.0


def _arm(name: str, label: str, short: str, colour: Colour, **net: Any) -> Arm:
    return Arm(name, label, short, colour, net={"kind": "residual", "blocks": BLOCKS, **net})


NONE = _arm("none", "no normalizer", "none", "std", normalizer="none")
BN = _arm("bn", "BN", "BN", "std-bn", normalizer="batch")
ZERO = BN.variant(
    "zero-gamma", "BN, last gamma 0", {"start": "zero gamma"}, short="BN, gamma 0", dashed=True
)
SKIPINIT = NONE.variant(
    "skipinit", "SkipInit", {"start": "skipinit"}, short="SkipInit", colour="raw"
)
FIXUP = NONE.variant("fixup", "Fixup", {"start": "fixup"}, short="Fixup", colour="neutral")
# Those that train, and all.
STARTED = (BN, ZERO, SKIPINIT, FIXUP)
ARMS = (*STARTED, NONE)

_SHARED: dict[str, Any] = {
    "data": "fashion-mnist-14",
    "inputs": "std",
    "images": IMAGES,
    "batch_size": BATCH,
    "epochs": 1,
    "optimizer": Optimizer(rule="momentum"),
    # As He et al. 2016 (arXiv 1512.03385), section 4.2, train 56 layers: their rate first falls
    # after 32,000 steps, and only 110 layers begin with a lower one.
    "schedule": CONSTANT,
    "evaluated": (),
}
# As many images as statistics are taken of along a run: more would take as long as the training.
END = Scoring(name="end", by=("fresh", "deployed"), fresh_images=2_048)
MARKS = (10, 25, 50, 75, 100)
PATH = Scoring(
    name="path",
    steps=MARKS,
    by=("fresh", "deployed"),
    parts=("train",),
    images=1_024,
    fresh_images=1_024,
)
LOOKS = (0, STEPS)
SLOPES = Slopes(name="slopes", steps=LOOKS)


def named(arm: Arm, rate: float) -> str:
    """The name of a trial."""
    return f"{arm.name}-{rate:g}"


def trained(arm: Arm, rate: float) -> Runs:
    """The runs of an arm at a rate."""
    measures = (END, PATH, SLOPES) if rate == USUAL else (END,)
    return arm.recipes(SEEDS, named(arm, rate), learning_rate=rate, measures=measures, **_SHARED)


def grid_of(arm: Arm) -> tuple[float, ...]:
    """The rates at which an arm trains."""
    return LOW_GRID if arm is NONE else GRID


RUNS = tuple(trained(arm, rate) for arm in ARMS for rate in grid_of(arm))


def accuracy(arm: Arm, by: str = "fresh") -> Sweep:
    """Validation accuracy at the end by rate, in per cent; chance where a run diverged."""
    return 100 * Sweep(
        {rate: runs_of(named(arm, rate)).scored(f"end_{by}_val")[:, -1] for rate in grid_of(arm)}
    )
