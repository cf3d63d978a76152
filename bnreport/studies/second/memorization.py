"""Does a net with BN learn its batches by heart? At a falling rate, and scored in four ways.

The second edition: fewer images, so that nets come to know them all; a rate tuned on new batches,
at which an arm then trains in every order; and a control without BN for each size of batch.
"""

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.design import study
from bnreport.analysis.tuning import TunedRecipes
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.runs import Runs
from bnreport.protocol.scorings import Scoring

IMAGES, EPOCHS = 10_240, 10
SEEDS = tuple(range(200, 224))
# The batches of the first epoch in every later one: in an order of its own, or in the same one.
BATCHES = {"repeated": "fixed batches", "replayed": "fixed"}
BN, STD, LN = usual("bn", "std", "ln")


def _at(arm: Arm, size: int) -> Arm:
    return arm.variant(f"{arm.name}-{size}", f"{arm.label}, {size}", fields={"batch_size": size})


def _nets(size: int, rates: dict[Arm, float]) -> TunedRecipes:
    ways = ("deployed", "fresh", f"batch-{size}")
    return TunedRecipes(
        {_at(arm, size): rate for arm, rate in rates.items()},
        setting={"images": IMAGES, "epochs": EPOCHS, "schedule": LINEAR, "evaluated": ()},
        tuning={"measures": (Scoring(name="end", by=("fresh",)),)},
        judged={
            "measures": (Scoring(name="end"), Scoring(name="known", parts=("train",), by=ways))
        },
        full=SEEDS,
    )


NETS = {
    32: _nets(32, {BN: 0.3, STD: 0.1, LN: 0.1}),
    128: _nets(128, {BN: 1.0, STD: 0.3}),
}


def again(nets: TunedRecipes, arm: Arm, batches: str) -> Runs:
    """An arm at its rate, in batches that come again."""
    return arm.recipes(
        SEEDS,
        f"{arm.name}-{batches}",
        learning_rate=nets.rates[arm],
        order=BATCHES[batches],
        **nets.setting,
        **nets.judged,
    )


RUNS = (
    # Tuning runs come with the claims: a pilot would train them, too.
    *(nets.judged_runs(arm) for nets in NETS.values() for arm in nets.rates),
    *(again(nets, arm, "repeated") for nets in NETS.values() for arm in nets.rates),
    again(NETS[32], next(iter(NETS[32].rates)), "replayed"),
)
SECOND = study("memorization", (), RUNS, number=2, announced=True)
