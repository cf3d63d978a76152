"""The trials of the study and the seeds at which they train."""

from bnreport.arms import arm
from bnreport.errors import RecordError
from bnreport.samples import best_setting
from bnreport.study import TUNING_SEEDS, Records, Runs
from bnreport.trials import Trial

WIDTH = 100
DEPTHS = (2, 10, 20, 30)
# Each activation with the kernels that were made for it.
INITIALIZERS = {"relu": "HeNormal", "tanh": "GlorotUniform", "sigmoid": "GlorotUniform"}
# Standardized inputs and BN together are looked at where nets are deep: compiling takes long.
BOTH_DEPTHS = (20, 30)
GRID = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
# What the tuning runs found best (`best_rates`), by activation and arm, for each depth.
RATES: dict[tuple[str, str], dict[int, float]] = {
    ("relu", "raw"): {2: 0.03, 10: 0.03, 20: 0.03, 30: 0.003},
    ("relu", "std"): {2: 0.03, 10: 0.03, 20: 0.03, 30: 0.003},
    ("relu", "bn"): {2: 0.03, 10: 0.03, 20: 0.1, 30: 0.03},
    ("relu", "std-bn"): {20: 0.1, 30: 0.1},
    ("tanh", "raw"): {2: 0.03, 10: 0.03, 20: 0.1, 30: 0.01},
    ("tanh", "std"): {2: 0.1, 10: 0.03, 20: 0.03, 30: 0.03},
    ("tanh", "bn"): {2: 0.03, 10: 0.01, 20: 0.01, 30: 0.01},
    ("tanh", "std-bn"): {20: 0.01, 30: 0.01},
    ("sigmoid", "raw"): {2: 1.0, 10: 0.01, 20: 0.01, 30: 0.01},
    ("sigmoid", "std"): {2: 0.3, 10: 0.01, 20: 0.01, 30: 0.01},
    ("sigmoid", "bn"): {2: 0.1, 10: 0.03, 20: 0.03, 30: 0.03},
    ("sigmoid", "std-bn"): {20: 0.03, 30: 0.01},
}
# At Keras' .99 the moving averages keep a fifth of their start after these 157 steps, and deep nets
# are then judged by statistics that they never had.
MOMENTUM = 0.9
# A net that trains is right more often than this; one that does not is right by chance.
TRAINABLE = 0.5


def name(activation: str, depth: int, of: str, rate: float | None = None) -> str:
    """The name of a trial, or of a tuning trial at a rate."""
    return f"{activation}-{depth}-{of}" + ("" if rate is None else f"-tuning-{rate:g}")


def _trial(activation: str, depth: int, of: str, rate: float, named: str) -> Trial:
    return arm(
        of,
        named,
        net={
            "hidden": (WIDTH,) * depth,
            "activation": activation,
            "initializer": INITIALIZERS[activation],
        },
        learning_rate=rate,
        epochs=1,
        batch_size=128,
        images=20_000,
        split="seed",
        momentum=MOMENTUM,
        evaluated=("val",),
    )


CELLS = tuple((activation, depth, of) for (activation, of), by in RATES.items() for depth in by)
RUNS = (
    *(
        Runs(_trial(*cell, rate, name(*cell, rate)), full=(), tuning=TUNING_SEEDS[:1])
        for cell in CELLS
        for rate in GRID
    ),
    *(Runs(_trial(*cell, RATES[cell[0], cell[2]][cell[1]], name(*cell))) for cell in CELLS),
)


def best_rates(records: Records) -> dict[tuple[str, str], dict[int, float]]:
    """The rate of `GRID` that the tuning runs found best, as `RATES` holds them."""

    def best(cell: tuple[str, int, str]) -> float:
        return best_setting({r: records.tuning(name(*cell, r)) for r in GRID}, "val_accuracy")

    return {
        (activation, of): {depth: best((activation, depth, of)) for depth in by}
        for (activation, of), by in RATES.items()
    }


def check_tuning(records: Records) -> None:
    """Refuse rates that the tuning runs did not find best.

    A best rate at an end of the grid is let pass: where a net does not train at any rate, each is
    as good as another. The page marks those rates.

    Raises:
        RecordError: when another rate is best.
    """
    found = best_rates(records)
    if found != RATES:
        raise RecordError(
            "Expected every net to train at the rate that its tuning run found best. Received: "
            f"{RATES} where {found} are best. Do set them in the study before the judged runs."
        )
