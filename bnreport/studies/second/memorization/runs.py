"""The runs: nets in new batches and in those that come again, and what is measured of them."""

from collections.abc import Callable, Mapping
from typing import Any

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.ends import DEPLOYED, FRESH
from bnreport.analysis.tuning import BESIDE, TunedRecipes
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.runs import Runs
from bnreport.protocol.scorings import Scoring

IMAGES, EPOCHS, SMALL, LARGE = 10_240, 10, 32, 128
# What a pilot of ten seeds asked for to tell half a point from nothing.
SEEDS = tuple(range(200, 224))
# New batches; those of the first epoch in an order of each epoch's own; and in the same order.
ORDERS = {"new": "fresh", "repeated": "fixed batches", "replayed": "fixed"}


def _at(name: str, size: int, **shown: Any) -> Arm:
    (arm,) = usual(name)
    label, short = f"{arm.label}, {size}", f"{arm.short}, {size}"
    return arm.variant(f"{name}-{size}", label, fields={"batch_size": size}, short=short, **shown)


BN, STD, LN = (_at(name, SMALL) for name in ("bn", "std", "ln"))
BN_LARGE, STD_LARGE = (_at(name, LARGE, dashed=True) for name in ("bn", "std"))


def _nets(size: int, rates: Mapping[Arm, float]) -> TunedRecipes:
    known = Scoring(name="known", parts=("train",), by=(DEPLOYED, FRESH, f"batch-{size}"))
    return TunedRecipes(
        rates,
        setting={"images": IMAGES, "epochs": EPOCHS, "schedule": LINEAR, "evaluated": ()},
        tuning={"measures": (Scoring(name="end", by=(FRESH,)),)},
        judged={"measures": (Scoring(name="end"), known)},
        full=SEEDS,
    )


NETS = {
    SMALL: _nets(SMALL, {BN: 0.3, STD: 0.1, LN: 0.3}),
    LARGE: _nets(LARGE, {BN_LARGE: 1.0, STD_LARGE: 0.3}),
}
NETS_OF = {arm: nets for nets in NETS.values() for arm in nets.rates}
WITH_BN = (BN, BN_LARGE)


def named(arm: Arm, order: str) -> str:
    """The name of a trial that judges."""
    return arm.name if order == "new" else f"{arm.name}-{order}"


def beside(arm: Arm, step: int) -> tuple[float, str]:
    """A rate so many places from the arm's on the grid, and its trial with repeated batches."""
    grid = NETS_OF[arm].grid
    rate = grid[grid.index(NETS_OF[arm].rates[arm]) + step]
    return rate, f"{NETS_OF[arm].tried(arm, rate)}-repeated"


def _again(arm: Arm, order: str) -> Runs:
    """An arm at its rate, in batches that come again."""
    nets, name = NETS_OF[arm], named(arm, order)
    given = {**nets.setting, **nets.judged, "order": ORDERS[order]}
    return arm.recipes(SEEDS, name, learning_rate=nets.rates[arm], **given)


def _tried(arm: Arm, step: int) -> Runs:
    """The same at the tuning seeds, at its rate or beside it."""
    nets, (rate, name) = NETS_OF[arm], beside(arm, step)
    given = {**nets.setting, **nets.tuning, "order": ORDERS["repeated"]}
    return Runs(arm.recipe(name, learning_rate=rate, **given), (), (), nets.seeds)


TRAINED = (*((arm, order) for arm in NETS_OF for order in ("new", "repeated")), (BN, "replayed"))
RUNS = (
    *(runs for nets in NETS.values() for runs in nets.runs),
    *(_again(arm, order) for arm, order in TRAINED if order != "new"),
    *(_tried(arm, step) for arm in NETS_OF for step in BESIDE.values()),
)


# Five measures of one net: in the batches that it trains in, as Keras prints it; in other batches;
# in inference mode by either score; and on images that it did not train on.
PRINTED, MATES, VALIDATION = "training batches", "other batches", "validation"
KNOWN = {FRESH: "fresh statistics", DEPLOYED: "moving averages"}


def printed(trial: str) -> Sample:
    """The training accuracy of the last epoch in per cent, as Keras prints it."""
    return 100 * runs_of(trial).final("accuracy")


def known(trial: str, by: str) -> Sample:
    """The accuracy on the training images after the last step in per cent, by a score."""
    return 100 * runs_of(trial).scored(f"known_{by}_train")[:, -1]


def validated(trial: str, by: str = FRESH) -> Sample:
    """The validation accuracy after the last step in per cent, by a score."""
    return 100 * runs_of(trial).scored(f"end_{by}_val")[:, -1]


def measures_of(arm: Arm) -> dict[str, Callable[[str], Sample]]:
    """The measures of an arm: without BN all in inference mode are one."""
    inference: dict[str, Callable[[str], Sample]] = {
        KNOWN[FRESH]: lambda trial: known(trial, FRESH),
        VALIDATION: validated,
    }
    if arm not in WITH_BN:
        return {PRINTED: printed, **inference}
    size = arm.fields["batch_size"]
    return {PRINTED: printed, MATES: lambda trial: known(trial, f"batch-{size}"), **inference}


def rise(arm: Arm, measure: Callable[[str], Sample] = printed) -> Sample:
    """The points by which repeated batches raise a measure, compared with new ones."""
    return measure(named(arm, "repeated")) - measure(named(arm, "new"))


def surplus(arm: Arm, by: str) -> Sample:
    """The points that repeated batches add as printed, less those on training images by a score."""
    return rise(arm) - rise(arm, lambda trial: known(trial, by))
