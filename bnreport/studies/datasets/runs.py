"""The data sets, the runs on them, and the numbers that judge a headline on any of them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.comparisons import Judge, Sample, runs_of, sooner
from bnreport.analysis.grids import Range, Sweep
from bnreport.analysis.tuning import TunedRecipes
from bnreport.protocol.directions import Direction, check, more, read
from bnreport.protocol.optimization import CONSTANT, LINEAR
from bnreport.protocol.runs import TUNING_SEEDS, Runs
from bnreport.protocol.scorings import Scoring

RAW, STD, BN, STD_BN, LN = ARMS = usual("raw", "std", "bn", "std-bn", "ln")
# Those of which more than the best rate is asked.
SWEPT = (RAW, STD, BN)
IMAGES, BATCH_SIZE, EPOCHS = 4_000, 32, 8
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
# A rate is good when it costs at most so much of the best that the same seed reaches on raw inputs.
LOSS = 0.02
# Steps to an accuracy are counted at one small rate; the cost of averages is measured at another.
SLOW_RATE, SLOW_EPOCHS, LAG_RATE = 0.01, 16, 0.1
SMALL, SMALL_EPOCHS = (2, 4), 2

FRESH, DEPLOYED = "fresh", "deployed"
SCORES = {FRESH: "by fresh statistics", DEPLOYED: "by moving averages of momentum 0.99"}
END = Scoring(name="end", by=(DEPLOYED, FRESH))
# From one mark to the next the steps grow by a fifth: a ratio of steps is what is asked.
MARKS = tuple(round(20 * 100 ** (place / 23)) for place in range(8, 24))
PATH = Scoring(name="path", steps=MARKS, by=(DEPLOYED, FRESH), images=1_000, fresh_images=1_024)
Part = Literal["accuracy", "steps", "width", "lag", "small"]


@dataclass(frozen=True)
class Terms:
    """A data set, and what a pilot of ten seeds set for its claims.

    Attributes:
        words: what pages call as many of its images as train.
        title: its name.
        threshold: an accuracy that all runs of the pilot reached at the small rate.
        points: the margin of claims on accuracy. On MNIST-1D a third of all answers is wrong and
            1,000 signals score, so that 48 seeds could not tell half a point from nothing.
        pairs: how many seeds judge. Batches of two lose so much, and so unevenly, that no number of
            seeds tells half a point from nothing there; the pilot lost thirty times as much.
        rates: of each arm the rate that its tuning runs choose.
        known: what was known of its answers from full Fashion-MNIST.
    """

    words: str
    title: str
    threshold: float
    points: float
    pairs: Mapping[Part, int]
    rates: Mapping[str, float]
    known: str = "new"


DATA = {
    "fashion-mnist": Terms(
        "4,000 images of Fashion-MNIST",
        "Fashion-MNIST",
        threshold=0.80,
        points=0.5,
        pairs={"accuracy": 24, "steps": 48, "width": 12, "lag": 48, "small": 12},
        rates={"raw": 0.3, "std": 0.3, "bn": 0.3, "std-bn": 0.3, "ln": 0.1},
        known="known from the first edition",
    ),
    "mnist-5k": Terms(
        "4,000 images of MNIST",
        "MNIST",
        threshold=0.85,
        points=0.5,
        pairs={"accuracy": 48, "steps": 24, "width": 12, "lag": 12, "small": 24},
        rates={"raw": 0.3, "std": 0.3, "bn": 1.0, "std-bn": 1.0, "ln": 1.0},
    ),
    "mnist-1d": Terms(
        "4,000 signals of MNIST-1D",
        "MNIST-1D",
        threshold=0.40,
        points=1.5,
        pairs={"accuracy": 48, "steps": 48, "width": 12, "lag": 12, "small": 12},
        rates={"raw": 1.0, "std": 1.0, "bn": 1.0, "std-bn": 1.0, "ln": 1.0},
    ),
}


def small_rate(size: int) -> float:
    """The learning rate at a batch size: it grows with the root of the size."""
    return 0.05 * math.sqrt(size / 32)


def named(data: str, arm: str, kind: str | float) -> str:
    """The name of a trial: by its rate, or by what else it is for."""
    return f"{data}-{arm}-{kind if isinstance(kind, str) else f'{kind:g}'}"


@dataclass(frozen=True)
class Rates(TunedRecipes):
    """The rates of a data set: the runs of a sweep also choose them, at seeds of their own."""

    data: str = ""

    def tried(self, arm: Arm, rate: float) -> str:
        """The name of a tuning trial."""
        return named(self.data, arm.name, rate)


TUNED = {
    data: Rates({arm: terms.rates[arm.name] for arm in ARMS}, RATES, data=data)
    for data, terms in DATA.items()
}


def seeds(data: str, part: Part) -> tuple[int, ...]:
    """The seeds that judge a part of the claims."""
    return tuple(range(200, 200 + DATA[data].pairs[part]))


def _runs(arm: Arm, data: str, kind: str | float, judged: tuple[int, ...], **own: Any) -> Runs:
    given = {"epochs": EPOCHS, "batch_size": BATCH_SIZE, "schedule": LINEAR, "measures": (END,)}
    trial = arm.recipe(
        named(data, arm.name, kind), data=data, images=IMAGES, evaluated=(), **{**given, **own}
    )
    return Runs(trial, judged, (), TUNING_SEEDS if isinstance(kind, float) else ())


def _swept(arm: Arm, data: str, rate: float) -> tuple[int, ...]:
    """The seeds that judge at a rate: more where it is the best, none where nobody asks."""
    if rate == DATA[data].rates[arm.name]:
        return seeds(data, "accuracy")
    return seeds(data, "width") if arm in SWEPT else ()


def _all(data: str) -> tuple[Runs, ...]:
    slow = {"learning_rate": SLOW_RATE, "epochs": SLOW_EPOCHS, "measures": (PATH,)}
    return (
        *(
            _runs(arm, data, rate, _swept(arm, data, rate), learning_rate=rate)
            for arm in ARMS
            for rate in RATES
        ),
        *(
            _runs(arm, data, "slow", seeds(data, "steps"), schedule=CONSTANT, **slow)
            for arm in SWEPT
        ),
        _runs(
            BN,
            data,
            "constant",
            seeds(data, "lag"),
            learning_rate=LAG_RATE,
            schedule=CONSTANT,
        ),
        *(
            _runs(
                arm,
                data,
                f"batch-{size}",
                seeds(data, "small"),
                learning_rate=small_rate(size),
                batch_size=size,
                epochs=SMALL_EPOCHS,
            )
            for arm in SWEPT
            for size in SMALL
        ),
    )


RUNS = tuple(runs for data in DATA for runs in _all(data))


def scored(data: str, arm: str, kind: str | float, by: str) -> Sample:
    """Validation accuracy at the end of a run, in per cent."""
    return 100 * runs_of(named(data, arm, kind)).scored(f"end_{by}_val")[:, -1]


def best(data: str, arm: str, by: str) -> Sample:
    """The same at the arm's best rate."""
    return scored(data, arm, DATA[data].rates[arm], by)


def sweep(data: str, arm: str, by: str) -> Sweep:
    """The same at all rates, for the seeds that judge them."""
    first = DATA[data].pairs["width"]
    return Sweep({rate: scored(data, arm, rate, by)[:first] for rate in RATES})


def good(data: str, arm: str, by: str) -> Range:
    """The rates at which an arm learns well."""
    return sweep(data, arm, by).above(sweep(data, "raw", by).best - 100 * LOSS)


def end(data: str, arm: str, kind: str | float, by: str, size: int = BATCH_SIZE) -> Any:
    """The reading of such an accuracy."""
    epochs = EPOCHS if size == BATCH_SIZE else SMALL_EPOCHS
    steps = epochs * IMAGES // size
    return read(named(data, arm, kind), check(f"end_{by}_val_accuracy", steps))


def lead(one: str, other: str, data: str, by: str) -> tuple[Judge, Direction]:
    """One arm less another, each at its best rate."""
    rates = DATA[data].rates
    judge = (best(data, one, by) - best(data, other, by)).contrast()
    return judge, Direction(*(end(data, arm, rates[arm], by) for arm in (one, other)))


def steps(control: str, data: str, by: str) -> tuple[Judge, Direction]:
    """The times as many steps that a control needs as BN."""
    level = DATA[data].threshold
    fast, slow = (named(data, arm, "slow") for arm in ("bn", control))
    curve = check(f"path_{by}_val_accuracy")
    return sooner(fast, slow, f"path_{by}_val", level), more(fast, slow, curve, "arrival", level)


def width(control: str, data: str, by: str) -> tuple[Judge, Direction]:
    """The decades of good rates that BN has more than a control."""
    wider = good(data, "bn", by).width - good(data, control, by).width
    names = {arm: [named(data, arm, rate) for rate in RATES] for arm in ("bn", control, "raw")}
    reached = check(f"end_{by}_val_accuracy", EPOCHS * IMAGES // BATCH_SIZE)
    return wider.contrast(lost=False), more(
        names["bn"], names[control], reached, "width", LOSS, beside=names["raw"]
    )


def lag(data: str, by: str) -> tuple[Judge, Direction]:
    """The points by which fresh statistics beat averages in one net, at a constant rate."""
    ways = (by, DEPLOYED)
    fresh, averages = (scored(data, "bn", "constant", way) for way in ways)
    readings = (end(data, "bn", "constant", way) for way in ways)
    return (fresh - averages).contrast(), Direction(*readings)


def small(data: str, by: str) -> Mapping[str, tuple[Judge, Direction]]:
    """The lead of each net without BN over BN, at each small batch size."""

    def against(arm: str, size: int) -> tuple[Judge, Direction]:
        kind = f"batch-{size}"
        judge = (scored(data, arm, kind, by) - scored(data, "bn", kind, by)).contrast()
        return judge, Direction(*(end(data, each, kind, by, size) for each in (arm, "bn")))

    return {f"{arm}, {size}": against(arm, size) for arm in ("raw", "std") for size in SMALL}
