"""Does batch normalization make nets trainable that are too deep without it?"""

from collections.abc import Callable, Sequence

from bnreport.arms import ARMS, arm
from bnreport.estimates import Contrast, Estimate, Settings, paired
from bnreport.records import Record
from bnreport.rules import DIFFERENCE, LOST, SEEDS_ONLY, SETTINGS
from bnreport.samples import best_setting, last, lost
from bnreport.study import TUNING_SEEDS, Analysis, Claim, Records, Runs, Study, Word
from bnreport.trials import Trial

WIDTH = 100
DEPTHS = (2, 10, 20, 30)
# Each activation with the kernels that were made for it.
INITIALIZERS = {"relu": "HeNormal", "tanh": "GlorotUniform", "sigmoid": "GlorotUniform"}
# Standardized inputs and BN together are looked at where nets are deep: compiling takes long.
BOTH_DEPTHS = (20, 30)
GRID = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
# What the tuning runs find best (`best_rates`), by activation and arm, for each depth; until they
# have run, a stand-in.
RATES: dict[tuple[str, str], dict[int, float]] = {
    (activation, of): dict.fromkeys(BOTH_DEPTHS if of == "std-bn" else DEPTHS, 0.1)
    for activation in INITIALIZERS
    for of in ARMS
}
# At Keras' .99 the moving averages keep a fifth of their start after these 157 steps, and deep nets
# are then judged by statistics that they never had.
MOMENTUM = 0.9
# A net that trains is right more often than this; one that does not is right by chance.
TRAINABLE = 0.5
# From chance to trainable, in pp: the least difference of a net that trains and one that does not.
RESCUE = 40.0
# The least difference in accuracy worth saying of two nets that may both train, in pp.
GAIN = 2.0


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


IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), figure 3: Inception with sigmoids reaches "
    "69.8% on ImageNet with BN and stays at chance without it"
)
JACOBIANS = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), section 3.3: BN may bring the singular values of "
    "the layers' Jacobians close to 1, which would help gradients through; a conjecture without a "
    "number"
)
YANG = (
    "Yang et al. 2019 (arXiv 1902.08129), abstract and figure 3: BN makes gradients explode, and "
    "BN nets without skip connections that are deeper than about 50 layers do not train on MNIST"
)


def _claim(
    id_: str,
    label: str,
    statement: str,
    arms: str,
    depths: tuple[int, ...],
    expected: Word,
    margin: float = GAIN,
    source: str = JACOBIANS,
) -> Claim:
    settings = tuple(f"depth {depth}" for depth in depths) if len(depths) > 1 else ()
    return Claim(
        id=id_,
        label=label,
        question="Does BN train nets that are too deep without it?",
        statement=statement,
        source=source,
        kind="difference",
        arms=arms,
        metric="validation accuracy after one epoch of 20,000 images, each net at its best rate",
        unit="pp",
        margin=margin,
        seeds="100-111",
        rule=DIFFERENCE + LOST + (SETTINGS if settings else "") + SEEDS_ONLY,
        expected=expected,
        settings=settings,
    )


# What each claim compares: activation, depths, and the arm that BN is compared with.
_COMPARED = {
    "depth-sigmoid-raw": ("sigmoid", (10, 20, 30), "raw"),
    "depth-sigmoid-std": ("sigmoid", (10, 20, 30), "std"),
    "depth-tanh-raw": ("tanh", (20, 30), "raw"),
    "depth-tanh-std": ("tanh", (20, 30), "std"),
    "depth-relu-raw": ("relu", (20, 30), "raw"),
    "depth-relu-std": ("relu", (20, 30), "std"),
}
_FROM, _TO = 2, 30

CLAIMS = (
    _claim(
        "depth-sigmoid-raw",
        "sigmoid, BN over raw",
        "With sigmoids, BN trains nets of 10, 20 and 30 layers that do not train on raw pixels.",
        "BN and raw pixels, 10, 20 and 30 sigmoid layers",
        (10, 20, 30),
        "supported",
        RESCUE,
        IOFFE,
    ),
    _claim(
        "depth-sigmoid-std",
        "sigmoid, BN over standardized",
        "With sigmoids, BN trains nets of 10, 20 and 30 layers that do not train on standardized "
        "inputs.",
        "BN and standardized inputs without BN, 10, 20 and 30 sigmoid layers",
        (10, 20, 30),
        "supported",
        RESCUE,
        IOFFE,
    ),
    _claim(
        "depth-tanh-raw",
        "tanh, BN over raw",
        "With tanh, nets of 20 and 30 layers are more accurate with BN than on raw pixels.",
        "BN and raw pixels, 20 and 30 tanh layers",
        (20, 30),
        "supported",
    ),
    _claim(
        "depth-tanh-std",
        "tanh, BN over standardized",
        "With tanh, nets of 20 and 30 layers are more accurate with BN than on standardized "
        "inputs without BN.",
        "BN and standardized inputs without BN, 20 and 30 tanh layers",
        (20, 30),
        "not supported",
    ),
    _claim(
        "depth-relu-raw",
        "ReLU, BN over raw",
        "With ReLU, nets of 20 and 30 layers are more accurate with BN than on raw pixels.",
        "BN and raw pixels, 20 and 30 ReLU layers",
        (20, 30),
        "supported",
    ),
    _claim(
        "depth-relu-std",
        "ReLU, BN over standardized",
        "With ReLU, nets of 20 and 30 layers are more accurate with BN than on standardized "
        "inputs without BN.",
        "BN and standardized inputs without BN, 20 and 30 ReLU layers",
        (20, 30),
        "supported",
    ),
    _claim(
        "depth-decay",
        "ReLU and BN, 2 over 30 layers",
        "BN does not lift the limit of depth: with ReLU and BN, a net of 30 layers is less "
        "accurate than one of 2.",
        "BN with 2 and with 30 ReLU layers",
        (),
        "supported",
        source=YANG,
    ),
    _claim(
        "depth-decay-std",
        "ReLU and standardized, 2 over 30",
        "Depth costs accuracy without BN, too: with ReLU and standardized inputs, a net of 30 "
        "layers is less accurate than one of 2.",
        "standardized inputs without BN, with 2 and with 30 ReLU layers",
        (),
        "supported",
        source=YANG,
    ),
)


def gain(treated: Sequence[Record], control: Sequence[Record]) -> Contrast:
    """By how many percentage points of validation accuracy the treated arm is ahead."""
    ahead = last(treated, "val_accuracy") - last(control, "val_accuracy")
    return paired(100 * ahead, lost(treated, control))


def _over(activation: str, depths: tuple[int, ...], of: str) -> Callable[[Records], Settings]:
    return lambda records: {
        f"depth {depth}": gain(
            records.trial(name(activation, depth, "bn")), records.trial(name(activation, depth, of))
        )
        for depth in depths
    }


def _decay(of: str) -> Callable[[Records], Contrast]:
    return lambda records: gain(
        records.trial(name("relu", _FROM, of)), records.trial(name("relu", _TO, of))
    )


ESTIMATES: dict[str, Callable[[Records], Estimate]] = {
    **{claim: _over(*compared) for claim, compared in _COMPARED.items()},
    "depth-decay": _decay("bn"),
    "depth-decay-std": _decay("std"),
}

STUDY = Study(
    name="depth",
    title="Deep nets",
    page="studies/depth.md",
    chapter="Benefits",
    question="Does batch normalization make nets trainable that are too deep without it?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    analyse=lambda _: Analysis(),
)
