"""The nets of the study, what all share, and their runs."""

from typing import Any

from bnreport.analysis.arms import Arm
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.recipes import final
from bnreport.analysis.tuning import TunedRecipes
from bnreport.presentation.plots import Arm as Colour
from bnreport.protocol.optimization import LINEAR, Optimizer
from bnreport.protocol.scorings import Scoring, Slopes

IMAGES, EPOCHS, BATCH = 10_240, 4, 128
STEPS = EPOCHS * IMAGES // BATCH
# When gradients are looked at: at the start, and after an early part of the run.
LOOKS = (0, 100)
SEEDS = tuple(range(200, 212))
# A run trains if more of its validation images are right than this, in per cent.
TRAINED = 50.0

_STD = {"inputs": "std"}


def _arm(name: str, label: str, short: str, colour: Colour, **net: Any) -> Arm:
    return Arm(name, label, short, colour, net={"kind": "residual", **net}, fields=_STD)


BN = _arm("bn", "residual, BN", "BN", "std-bn", normalizer="batch")
NONE = _arm("none", "residual, no normalizer", "none", "std", normalizer="none")
ZERO = BN.variant(
    "zero-gamma",
    "residual, BN, last gamma 0",
    {"start": "zero gamma"},
    dashed=True,
    short="BN, gamma 0",
)
GN_4 = _arm("gn-4", "residual, group norm., 4 groups", "GN 4", "gn", normalizer="group", groups=4)
GN_1 = GN_4.variant(
    "gn-1", "residual, group norm., 1 group", {"groups": 1}, dashed=True, short="GN 1"
)
SKIPINIT = NONE.variant(
    "skipinit", "residual, SkipInit", {"start": "skipinit"}, short="SkipInit", colour="raw"
)
FIXUP = NONE.variant(
    "fixup", "residual, Fixup", {"start": "fixup"}, short="Fixup", colour="neutral"
)
PLAIN_BN = BN.variant("plain-bn", "plain, BN", {"shortcut": "none"})
PLAIN_NONE = NONE.variant("plain-none", "plain, no normalizer", {"shortcut": "none"})
RAW_BN = BN.variant("raw-bn", "residual, BN on raw pixels", fields={"inputs": "raw"}, colour="bn")

# At each arm's own best, as the tuning runs choose them.
RATES = {
    PLAIN_NONE: 0.03,
    PLAIN_BN: 0.1,
    NONE: 0.01,
    BN: 0.1,
    ZERO: 0.3,
    GN_4: 0.03,
    GN_1: 0.1,
    SKIPINIT: 0.1,
    FIXUP: 0.1,
    RAW_BN: 0.1,
}
END = Scoring(name="end", by=("fresh", "deployed"))
SLOPES = Slopes(name="slopes", steps=LOOKS)
NETS = TunedRecipes(
    RATES,
    grid=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
    setting={
        "data": "fashion-mnist-14",
        "images": IMAGES,
        "epochs": EPOCHS,
        "batch_size": BATCH,
        "shifts": True,
        "optimizer": Optimizer(rule="momentum"),
        "schedule": LINEAR,
        "evaluated": (),
        "measures": (END,),
    },
    judged={"measures": (END, SLOPES)},
    full=SEEDS,
)


def scored(arm: Arm, by: str = "fresh") -> Sample:
    """Validation accuracy at the end in per cent, by those statistics of BN."""
    return 100 * runs_of(arm).take(lambda runs: final(runs, by))
