"""The runs: twelve arms, each at every rate of the grid to tune it, then at its best one."""

from typing import Any

from bnreport.arms import arm
from bnreport.samples import check_chosen
from bnreport.study import TUNING_SEEDS, Records, Runs
from bnreport.trials import Trial

BATCH = 128
GRID = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
EPOCHS, TUNING_EPOCHS = 8, 3
# How each arm that `arms` does not know differs from the net on raw pixels.
OTHERS: dict[str, dict[str, Any]] = {
    "centred": {"inputs": "centred"},
    "scaled": {"inputs": "scaled"},
    "input-bn": {"net": {"normalized_inputs": True}},
    "ws": {"net": {"normalizer": "weight"}},
    "glorot": {"net": {"initializer": "GlorotUniform"}},
    "unit": {"start": "unit variance"},
}
ARMS = ("raw", "std", "bn", "std-bn", "ln", "gn", *OTHERS)
# What the tuning runs find best; `check_chosen` holds it to them.
RATES = {
    "raw": 0.3,
    "std": 0.3,
    "bn": 0.1,
    "std-bn": 0.3,
    "ln": 0.1,
    "gn": 0.3,
    "centred": 0.3,
    "scaled": 0.1,
    "input-bn": 0.3,
    "ws": 1.0,
    "glorot": 0.3,
    "unit": 0.3,
}


def tuning(of: str, rate: float) -> str:
    """The name of a tuning trial."""
    return f"{of}-tuning-{rate:g}"


def _trial(of: str, name: str, **more: Any) -> Trial:
    fixed: dict[str, Any] = {"batch_size": BATCH, "split": "seed", "evaluated": ("val",)}
    return arm("raw" if of in OTHERS else of, name, **(fixed | OTHERS.get(of, {}) | more))


RUNS = (
    *(
        Runs(
            _trial(of, tuning(of, rate), learning_rate=rate, epochs=TUNING_EPOCHS),
            full=(),
            tuning=TUNING_SEEDS,
        )
        for of in ARMS
        for rate in GRID
    ),
    *(
        Runs(_trial(of, of, learning_rate=RATES[of], epochs=EPOCHS, score_epochs=(EPOCHS,)))
        for of in ARMS
    ),
)


def check_tuning(records: Records) -> None:
    """Refuse rates that the tuning runs did not find best."""
    check_chosen(records, RATES, {of: {r: tuning(of, r) for r in GRID} for of in ARMS})
