"""The runs: each net at every rate of the grid to tune it, then at its best one."""

from typing import Any

from bnreport.arms import arm
from bnreport.samples import check_chosen
from bnreport.study import TUNING_SEEDS, Records, Runs
from bnreport.trials import Trial

BATCH_SIZE = 128
GRID = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
EPOCHS, TUNING_EPOCHS = 6, 3
# Each activation with the start that is made for it.
ACTIVATIONS = {
    "relu": {"activation": "relu", "initializer": "HeNormal"},
    "tanh": {"activation": "tanh", "initializer": "GlorotUniform"},
}
PLACES = ("before", "after")
# Without BN, and with BN at each place, on raw pixels and on standardized inputs.
KINDS = ("raw", "std", *PLACES, *(f"std-{place}" for place in PLACES))
# What the tuning runs found best; `check_chosen` holds it to them.
RATES = {
    "relu-raw": 0.3,
    "relu-std": 0.3,
    "relu-before": 0.1,
    "relu-after": 0.03,
    "relu-std-before": 0.3,
    "relu-std-after": 0.3,
    "tanh-raw": 0.3,
    "tanh-std": 0.3,
    "tanh-before": 0.03,
    "tanh-after": 0.03,
    "tanh-std-before": 0.1,
    "tanh-std-after": 0.1,
}


def tuning(of: str, rate: float) -> str:
    """The name of a tuning trial."""
    return f"{of}-tuning-{rate:g}"


def _trial(activation: str, kind: str, name: str, **more: Any) -> Trial:
    inputs, _, place = kind.rpartition("-")
    normalized = place in PLACES
    net: dict[str, Any] = ACTIVATIONS[activation] | ({"placement": place} if normalized else {})
    return arm(
        (f"{inputs}-bn" if inputs else "bn") if normalized else kind,
        name,
        net=net,
        batch_size=BATCH_SIZE,
        split="seed",
        evaluated=("val",),
        **more,
    )


RUNS = (
    *(
        Runs(
            _trial(
                activation,
                kind,
                tuning(f"{activation}-{kind}", rate),
                learning_rate=rate,
                epochs=TUNING_EPOCHS,
            ),
            full=(),
            tuning=TUNING_SEEDS,
        )
        for activation in ACTIVATIONS
        for kind in KINDS
        for rate in GRID
    ),
    *(
        Runs(
            _trial(
                activation,
                kind,
                f"{activation}-{kind}",
                learning_rate=RATES[f"{activation}-{kind}"],
                epochs=EPOCHS,
                score_epochs=(EPOCHS,),
            )
        )
        for activation in ACTIVATIONS
        for kind in KINDS
    ),
)


def check_tuning(records: Records) -> None:
    """Refuse rates that the tuning runs did not find best."""
    check_chosen(records, RATES, {of: {r: tuning(of, r) for r in GRID} for of in RATES})
