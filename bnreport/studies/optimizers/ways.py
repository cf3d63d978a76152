"""The ways to train and the arms of the study of optimizers, their tuning and their runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bnreport.analysis.arms import usual
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.grids import Range, Sweep
from bnreport.analysis.recipes import final
from bnreport.analysis.tuning import TunedRecipes
from bnreport.protocol.optimization import CONSTANT, LINEAR, Optimizer, Schedule
from bnreport.protocol.runs import Runs
from bnreport.protocol.scorings import Scoring

RAW, STD, BN, LN = "raw", "std", "bn", "ln"
USUAL = dict(zip((RAW, STD, BN, LN), usual(RAW, STD, BN, LN), strict=True))
IMAGES, EPOCHS, BATCH = 20_480, 4, 128
STEPS = EPOCHS * IMAGES // BATCH
# A rate is good when it costs at most so much of what the same seed reaches on raw pixels, at the
# rate that is tuned for them.
LOSS = 0.02
# What a pilot of ten seeds asked for. Widths judge by fewer: they take runs at every rate.
MANY, FEW = tuple(range(200, 224)), tuple(range(200, 212))
SETTING: dict[str, Any] = {
    "epochs": EPOCHS,
    "images": IMAGES,
    "batch_size": BATCH,
    "evaluated": (),
    "measures": (Scoring(name="end", by=("fresh", "deployed")),),
}


@dataclass(frozen=True)
class Way:
    """A way to train: an optimizer, and the course of its rate.

    Attributes:
        title: what figures and tables call it.
        words: what claims call it, as the beginning of a sentence.
        rule: the optimizer's.
        schedule: the course of the rate.
        grid: the rates that are tried, half-decades.
        rates: what the tuning runs choose, by arm.
        judged: the arms that claims ask about; the others are pictures.
    """

    title: str
    words: str
    rule: Any
    schedule: Schedule
    grid: tuple[float, ...]
    rates: Mapping[str, float]
    judged: tuple[str, ...]

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of a trial that say so."""
        return {"optimizer": Optimizer(rule=self.rule), "schedule": self.schedule}


ADAM_RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)
# Under a fall BN does well at the last of these, and its range has no end in them.
MORE_RATES = (0.3, 1.0)
WAYS = {
    "sgd": Way(
        "SGD, falling",
        "Trained by plain gradient descent at a rate that falls to zero",
        "sgd",
        LINEAR,
        grid=(0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
        rates={RAW: 0.3, STD: 0.3, BN: 1.0, LN: 0.3},
        judged=(STD, BN),
    ),
    "momentum": Way(
        "momentum, falling",
        "Trained with momentum 0.9 at a rate that falls to zero",
        "momentum",
        LINEAR,
        grid=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
        rates={RAW: 0.1, STD: 0.1, BN: 0.1, LN: 0.03},
        judged=(STD, BN, LN),
    ),
    "adam": Way(
        "Adam, falling",
        "Trained by Adam at a rate that falls to zero",
        "adam",
        LINEAR,
        grid=ADAM_RATES + MORE_RATES,
        rates={RAW: 0.003, STD: 0.003, BN: 0.03, LN: 0.003},
        judged=(RAW, STD, BN, LN),
    ),
    "adam-constant": Way(
        "Adam, constant",
        "Trained by Adam at a constant rate",
        "adam",
        CONSTANT,
        grid=ADAM_RATES,
        rates={RAW: 0.001, STD: 0.001, BN: 0.001, LN: 0.0003},
        judged=(STD, BN),
    ),
}
# Where the width of the good rates is asked, and of which arms.
SWEPT_WAY, SWEPT = "adam", (BN, STD)


ARMS = {
    (way, name): arm.variant(f"{name}-{way}", fields=terms.fields)
    for way, terms in WAYS.items()
    for name, arm in USUAL.items()
}
NETS = {
    way: TunedRecipes(
        {ARMS[way, name]: rate for name, rate in terms.rates.items()},
        grid=terms.grid,
        setting=SETTING,
    )
    for way, terms in WAYS.items()
}


def named(way: str, name: str, rate: float | None = None) -> str:
    """The trial of an arm at the rate that is chosen for it, or at another."""
    arm = ARMS[way, name]
    return arm.name if rate in (None, WAYS[way].rates[name]) else NETS[way].tried(arm, rate)


def seeds_of(way: str, name: str) -> tuple[int, ...]:
    """The seeds of an arm at its rate."""
    return MANY if name in WAYS[way].judged else FEW


def _runs(way: str, name: str) -> Iterator[Runs]:
    """An arm at every rate for tuning, and at its own to judge; where widths judge, at every."""
    arm, terms = ARMS[way, name], WAYS[way]
    for rate, runs in zip(terms.grid, NETS[way].tuning_runs(arm), strict=True):
        swept = way == SWEPT_WAY and name in SWEPT and rate != terms.rates[name]
        yield replace(runs, full=FEW) if swept else runs
    yield NETS[way].judged_runs(arm, seeds_of(way, name))


RUNS = tuple(runs for way, name in ARMS for runs in _runs(way, name))


def scored(way: str, name: str, by: str = "fresh", rate: float | None = None) -> Sample:
    """The validation accuracy at the end, by those statistics of BN."""
    return runs_of(named(way, name, rate)).take(lambda runs: final(runs, by))


def lead(way: str, arm: str, control: str, by: str = "fresh") -> Sample:
    """The points by which an arm is more accurate than a control, each at its own rate."""
    pairs = min(len(seeds_of(way, name)) for name in (arm, control))
    return 100 * (scored(way, arm, by)[:pairs] - scored(way, control, by)[:pairs])


def good(name: str, by: str = "fresh") -> Range:
    """The rates of Adam, falling, at which an arm learns well, for the seeds that judge widths."""

    def reached(arm: str, rate: float | None = None) -> Sample:
        return scored(SWEPT_WAY, arm, by, rate)[: len(FEW)]

    sweep = Sweep({rate: reached(name, rate) for rate in WAYS[SWEPT_WAY].grid})
    return sweep.above(reached(RAW) - LOSS)
