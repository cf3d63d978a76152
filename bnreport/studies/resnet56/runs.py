"""The nets of the study, what all share, and their runs."""

from typing import Any

from bnreport.analysis.arms import Arm
from bnreport.presentation.plots import Arm as Colour
from bnreport.protocol.optimization import CONSTANT, Optimizer
from bnreport.protocol.runs import Runs
from bnreport.protocol.scorings import Scoring

STEPS, BATCH = 100, 128
IMAGES = STEPS * BATCH
# Of 3 stages with so many blocks: 56 layers.
BLOCKS = 9
# Half-decades, the same for all arms: all of them are judged, none is tuned.
GRID = (0.01, 0.03, 0.1, 0.3)
SEEDS = tuple(range(200, 212))
# A run trains if more of its validation images are right than this, in per cent.
TRAINED = 50.0


def _arm(name: str, label: str, short: str, colour: Colour, **net: Any) -> Arm:
    return Arm(name, label, short, colour, net={"kind": "residual", "blocks": BLOCKS, **net})


NONE = _arm("none", "no normalizer", "none", "std", normalizer="none")
BN = _arm("bn", "BN", "BN", "std-bn", normalizer="batch")
ZERO = BN.variant(
    "zero-gamma", "BN, last gamma 0", {"start": "zero gamma"}, short="gamma 0", dashed=True
)
SKIPINIT = NONE.variant(
    "skipinit", "SkipInit", {"start": "skipinit"}, short="SkipInit", colour="neutral"
)
FIXUP = SKIPINIT.variant("fixup", "Fixup", {"start": "fixup"}, short="Fixup", dashed=True)
ARMS = (NONE, BN, ZERO, SKIPINIT, FIXUP)

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


def named(arm: Arm, rate: float) -> str:
    """The name of a trial."""
    return f"{arm.name}-{rate:g}"


def trained(arm: Arm, rate: float) -> Runs:
    """The runs of an arm at a rate."""
    return arm.recipes(SEEDS, named(arm, rate), learning_rate=rate, measures=(END,), **_SHARED)


# At the rates that were best of single runs at seed 50.
RUNS = (trained(BN, 0.03), trained(ZERO, 0.3), trained(SKIPINIT, 0.1))
