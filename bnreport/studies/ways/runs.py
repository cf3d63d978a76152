"""The ways to train, two of them new, and the arms under each: their tuning and their runs."""

from collections.abc import Iterator
from dataclasses import replace

from bnreport.analysis.arms import usual
from bnreport.analysis.tuning import TunedRecipes
from bnreport.protocol.optimization import CONSTANT
from bnreport.protocol.runs import Runs
from bnreport.studies.optimizers.ways import SETTING, Way
from bnreport.studies.optimizers.ways import WAYS as EARLIER

RAW, STD, BN, BOTH, LN = "raw", "std", "bn", "std-bn", "ln"
USUAL = dict(zip((RAW, STD, BN, BOTH, LN), usual(RAW, STD, BN, BOTH, LN), strict=True))
# What a pilot of ten seeds asked for, by way; arms about which no claim asks are pictures.
NEEDED = {
    "sgd": 12,
    "momentum": 24,
    "adam": 12,
    "sgd-constant": 48,
    "momentum-constant": 24,
    "adam-constant": 24,
}
FIRST, FEW = 224, 12


def _constant(way: str, title: str, words: str, rates: dict[str, float]) -> Way:
    """A way of the study of optimizers with its grid, at a rate that does not fall."""
    earlier = EARLIER[way]
    return replace(
        earlier, title=title, words=words, schedule=CONSTANT, rates=rates, judged=(STD, BN, BOTH)
    )


def _earlier(way: str, both: float) -> Way:
    """A way of the study of optimizers, with the two arms on standardized inputs."""
    earlier = EARLIER[way]
    return replace(earlier, rates={STD: earlier.rates[STD], BOTH: both}, judged=(STD, BOTH))


WAYS = {
    "sgd": _earlier("sgd", both=1.0),
    "momentum": _earlier("momentum", both=0.1),
    "adam": _earlier("adam", both=0.01),
    "sgd-constant": _constant(
        "sgd",
        "SGD, constant",
        "Trained by plain gradient descent at a constant rate",
        rates={RAW: 0.1, STD: 0.1, BN: 0.3, BOTH: 0.1, LN: 0.03},
    ),
    "momentum-constant": _constant(
        "momentum",
        "momentum, constant",
        "Trained with momentum 0.9 at a constant rate",
        rates={RAW: 0.03, STD: 0.03, BN: 0.01, BOTH: 0.01, LN: 0.01},
    ),
    "adam-constant": _earlier("adam-constant", both=0.001),
}


ARMS = {
    (way, name): USUAL[name].variant(f"{name}-{way}", fields=terms.fields)
    for way, terms in WAYS.items()
    for name in terms.rates
}
# The rates of standardized inputs under the ways of the study of optimizers were tuned there.
TUNED = tuple((way, name) for way, name in ARMS if name != STD or way not in EARLIER)
NETS = {
    way: TunedRecipes(
        {ARMS[tuned]: terms.rates[tuned[1]] for tuned in TUNED if tuned[0] == way},
        grid=terms.grid,
        setting=SETTING,
    )
    for way, terms in WAYS.items()
}


def seeds_of(way: str, name: str) -> tuple[int, ...]:
    """The seeds of an arm at its rate."""
    count = NEEDED[way] if name in WAYS[way].judged else FEW
    return tuple(range(FIRST, FIRST + count))


def _runs(way: str, name: str) -> Iterator[Runs]:
    """An arm at every rate for tuning, unless it is tuned already, and at its own to judge."""
    arm = ARMS[way, name]
    if (way, name) in TUNED:
        yield from NETS[way].tuning_runs(arm)
    yield arm.recipes(seeds_of(way, name), learning_rate=WAYS[way].rates[name], **SETTING)


RUNS = tuple(runs for way, name in ARMS for runs in _runs(way, name))
