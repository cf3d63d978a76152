"""The runs: three of the notebook's changes, each combination at one rate and at its own best."""

from itertools import product
from typing import Any, NamedTuple

from bnreport.analysis.arms import Arm
from bnreport.analysis.tuning import TunedRecipes
from bnreport.presentation.plots import Arm as Colour
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.runs import Runs
from bnreport.protocol.scorings import Scoring

IMAGES, EPOCHS, BATCH_SIZE = 20_480, 3, 128
STEPS = EPOCHS * IMAGES // BATCH_SIZE
# A pilot of ten seeds asked for no more.
SEEDS = tuple(range(200, 212))
# One rate for all, the best of the grid for nets without BN.
SHARED_RATE = 0.3
# The levels of each factor, and what tables call them. All kernels start by He's rule: the first
# edition found that He and Glorot end within 0.03 nats of one another.
HIDDEN = {"plain": "no hidden BN", "hidden": "hidden BN"}
ACTIVATIONS = {"leaky": "LeakyReLU", "relu": "ReLU"}
INPUTS = {"raw": "raw pixels", "std": "standardized inputs", "bn": "inputs through BN"}
COLOURS: dict[tuple[str, str], Colour] = {
    ("raw", "plain"): "raw",
    ("raw", "hidden"): "bn",
    ("std", "plain"): "std",
    ("std", "hidden"): "std-bn",
    # BN at the input is no arm of the other studies.
    ("bn", "plain"): "ln",
    ("bn", "hidden"): "gn",
}


class Combination(NamedTuple):
    """One of the nets, by its level of each factor."""

    inputs: str
    activation: str
    hidden: str

    @property
    def arm(self) -> Arm:
        """The net as an arm."""
        return Arm(
            "-".join(self),
            f"{INPUTS[self.inputs]}, {ACTIVATIONS[self.activation]}, {HIDDEN[self.hidden]}",
            f"{ACTIVATIONS[self.activation]}, BN" * (self.hidden == "hidden")
            or ACTIVATIONS[self.activation],
            COLOURS[self.inputs, self.hidden],
            dashed=self.activation == "leaky",
            net={
                "activation": "leaky_relu" if self.activation == "leaky" else "relu",
                "normalizer": "batch" if self.hidden == "hidden" else "none",
                "normalized_inputs": self.inputs == "bn",
                # Where the notebook has it.
                "placement": "after",
            },
            fields={"inputs": "std" if self.inputs == "std" else "raw"},
        )


CELLS = {cell: cell.arm for cell in map(Combination._make, product(INPUTS, ACTIVATIONS, HIDDEN))}
SETTING: dict[str, Any] = {
    "images": IMAGES,
    "epochs": EPOCHS,
    "batch_size": BATCH_SIZE,
    "schedule": LINEAR,
    "evaluated": (),
}
JUDGED: dict[str, Any] = {"measures": (Scoring(name="end", parts=("val", "train")),)}
NETS = TunedRecipes(
    rates={
        arm: 1.0 if cell.hidden == "hidden" and cell.inputs != "raw" else 0.3
        for cell, arm in CELLS.items()
    },
    # Seven half-decades. At a rate that falls nets with BN bear high ones.
    grid=(0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
    setting=SETTING,
    tuning={"measures": (Scoring(name="end", by=("fresh",)),)},
    full=SEEDS,
)
SHARED, OWN = "shared", "own"
# At one rate, and each net at its best.
RATES = {SHARED: dict.fromkeys(CELLS.values(), SHARED_RATE), OWN: NETS.rates}


def named(arm: Arm, which: str) -> str:
    """The name of a net's trial at that choice of rates: both are one where the rate is."""
    return f"{arm.name}-{RATES[which][arm]:g}"


# Between the best rate of the grid for nets without hidden BN and the next, at which they fail.
BETWEEN = (0.4, 0.5, 0.7)
PLAIN = tuple(arm for cell, arm in CELLS.items() if cell.hidden == "plain")


# So many times its own rate a net beside normalized inputs has to choose from, too.
FINER = (4 / 3, 5 / 3)
NORMALIZED = tuple(arm for cell, arm in CELLS.items() if cell.inputs != "raw")


def between(arm: Arm, rate: float) -> Runs:
    """Runs at a rate beside the grid, at the tuning seeds."""
    given = {**SETTING, **NETS.tuning, "learning_rate": rate}
    return Runs(arm.recipe(f"{arm.name}-between-{rate:g}", **given), (), (), NETS.seeds)


def finer(arm: Arm) -> dict[float, str]:
    """The trials of a net at its own rate and at those a little above it, by rate."""
    rates = (NETS.rates[arm], *(round(NETS.rates[arm] * factor, 2) for factor in FINER))
    return {rate: f"{arm.name}-{rate:g}" for rate in rates}


TRIALS = {
    **{named(arm, which): (arm, rates[arm]) for which, rates in RATES.items() for arm in rates},
    **{name: (arm, rate) for arm in NORMALIZED for rate, name in finer(arm).items()},
}
RUNS = (
    *NETS.tuning_runs(*NETS.rates),
    *(between(arm, rate) for arm in PLAIN for rate in BETWEEN),
    *(
        arm.recipes(SEEDS, name, learning_rate=rate, **SETTING, **JUDGED)
        for name, (arm, rate) in TRIALS.items()
    ),
)
