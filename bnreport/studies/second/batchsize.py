"""How small a batch may BN train on? Each net at its own best rate for each batch size.

The second edition: a rate that is tuned for each net and size and falls to zero. Nets with BN are
scored by fresh statistics, by Keras' moving averages, and by plain means of the statistics of
batches as large as those that trained.
"""

from collections.abc import Mapping
from typing import Any

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.design import Judged, claim_form, study
from bnreport.analysis.tuning import TunedRecipes
from bnreport.protocol.directions import Direction, check, read
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.scorings import Scoring

ARMS = {arm.name: arm for arm in usual("raw", "std", "bn", "ln", "gn")}
IMAGES, EPOCHS = 20_480, 2
FRESH, DEPLOYED = "fresh", "deployed"
SCORES = {FRESH: "by fresh statistics", DEPLOYED: "by Keras' default moving averages"}
SEEDS = tuple(range(200, 224))
LOW = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
# What the tuning runs of each batch size choose, by arm; group normalization is asked at two alone.
RATES: Mapping[int, Mapping[str, float]] = {
    2: {"raw": 0.01, "std": 0.01, "bn": 0.01, "ln": 0.01, "gn": 0.01},
    4: {"raw": 0.03, "std": 0.03, "bn": 0.03, "ln": 0.03},
    8: {"raw": 0.03, "std": 0.03, "bn": 0.1, "ln": 0.03},
    16: {"raw": 0.1, "std": 0.1, "bn": 0.1, "ln": 0.1},
    32: {"raw": 0.1, "std": 0.1, "bn": 0.3, "ln": 0.1},
    128: {"raw": 0.3, "std": 0.3, "bn": 1.0, "ln": 0.3},
}
SETTING: dict[str, Any] = {
    "images": IMAGES,
    "epochs": EPOCHS,
    "schedule": LINEAR,
    "evaluated": (),
}


def named(arm: str, size: int) -> str:
    """The name of a trial that judges."""
    return f"{arm}-{size}"


def at(arm: str, size: int) -> Arm:
    """An arm in batches of a size."""
    return ARMS[arm].variant(named(arm, size), fields={"batch_size": size})


NETS = {
    size: TunedRecipes(
        {at(arm, size): rate for arm, rate in rates.items()},
        setting=SETTING,
        tuning={"measures": (Scoring(name="end", by=(FRESH,)),)},
        judged={"measures": (Scoring(name="end", by=(DEPLOYED, FRESH, "means")),)},
        full=SEEDS,
    )
    for size, rates in RATES.items()
}
# A pilot needs what the closest claims compare, and is to be short.
PILOT = {2: ("std", "bn"), 4: ("std", "bn"), 8: ("std", "bn", "ln")}
RUNS = tuple(
    nets.judged_runs(arm)
    for size, nets in NETS.items()
    for arm in nets.rates
    if arm.name.split("-")[0] in PILOT.get(size, ("std", "bn"))
)


def scored(arm: str, size: int, by: str = FRESH) -> Sample:
    """Validation accuracy at the end in per cent."""
    return 100 * runs_of(named(arm, size)).scored(f"end_{by}_val")[:, -1]


claim = claim_form("batchsize", margin=0.5, seeds="200-223", decided="interval")
CLAIMS: tuple[Judged, ...] = ()
SECOND = study("batchsize", CLAIMS, RUNS, number=2, announced=True)
