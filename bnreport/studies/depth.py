"""Does batch normalization make nets trainable that are too deep without it?"""

import math
from collections.abc import Callable

from bnreport.analysis.arms import usual
from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import lead, runs_of
from bnreport.analysis.design import claim_form, study
from bnreport.analysis.grids import Sweep, Tuned
from bnreport.analysis.metrics import CHANCE
from bnreport.presentation import Curves, Table, Value
from bnreport.protocol.directions import history, more
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.records.collection import Records

WIDTH, DEPTHS = 100, (2, 10, 20, 30)
DEEP = DEPTHS[-1]
IMAGES, BATCH_SIZE = 20_000, 128
# One epoch, whose last batch is a part of one.
STEPS = math.ceil(IMAGES / BATCH_SIZE)
# At Keras' .99 the moving averages keep a fifth of their start after these steps, and deep nets are
# then judged by statistics that they never had.
MOMENTUM = 0.9
ARMS = {arm.name: arm for arm in usual()}
TITLES = {"relu": "ReLU", "tanh": "tanh", "sigmoid": "sigmoid"}
# Each activation with the kernels that were made for it.
STARTS = {"relu": "HeNormal", "tanh": "GlorotUniform", "sigmoid": "GlorotUniform"}
# What the tuning runs find best, by depth. Standardized inputs and BN together are looked at where
# nets are deep: compiling takes long.
RATES = {
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


NETS = {
    (kind, depth, arm): ARMS[arm].variant(
        f"{kind}-{depth}-{arm}",
        net={"activation": kind, "initializer": STARTS[kind], "hidden": (WIDTH,) * depth},
    )
    for (kind, arm), by_depth in RATES.items()
    for depth in by_depth
}
TUNED = Tuned(
    rates={net: RATES[kind, arm][depth] for (kind, depth, arm), net in NETS.items()},
    grid=(0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
    setting={
        "epochs": 1,
        "batch_size": BATCH_SIZE,
        "images": IMAGES,
        "split": "seed",
        "momentum": MOMENTUM,
        "evaluated": ("val",),
    },
    seeds=TUNING_SEEDS[:1],
)
BY_DEPTH = {
    (kind, arm): Sweep({n: 100 * runs_of(NETS[kind, n, arm]).final() for n in by_depth})
    for (kind, arm), by_depth in RATES.items()
}
END = history("val_accuracy", 1)

# From chance to trainable, in pp: the least difference of a net that trains and one that does not.
RESCUE = 40.0
# The least difference in accuracy worth saying of two nets that may both train, in pp.
GAIN = 2.0
WITHIN = f"within one epoch of {STEPS} steps"
YANG = (
    "Yang et al. 2019 (arXiv 1902.08129), abstract and figure 3: BN makes gradients explode, and "
    "BN nets without skip connections that are deeper than about 50 layers do not train on MNIST"
)
claim = claim_form(
    "depth",
    question="Does BN train nets that are too deep without it?",
    source="Ioffe and Szegedy 2015 (arXiv 1502.03167), section 3.3: BN may bring the singular "
    "values of the layers' Jacobians close to 1, which would help gradients through; a conjecture "
    "without a number",
    metric="validation accuracy after one epoch of 20,000 images, each net at its best rate",
    unit="pp",
    margin=GAIN,
)

CLAIMS = (
    *(
        claim(
            f"sigmoid-{control}",
            by=lambda kind, n, arm: lead(NETS[kind, n, "bn"], NETS[kind, n, arm]),
            ahead=lambda kind, n, arm: more(f"{kind}-{n}-bn", f"{kind}-{n}-{arm}", END),
            in_each={f"depth {depth}": ("sigmoid", depth, control) for depth in (10, 20, 30)},
            label=f"sigmoid, BN over {short}",
            statement="With sigmoids, BN trains nets of 10, 20 and 30 layers that do not train on "
            f"{inputs}.",
            shown="With sigmoids, BN trains nets of 10, 20 and 30 layers that do not train on "
            f"{inputs}, {WITHIN}.",
            source="Ioffe and Szegedy 2015 (arXiv 1502.03167), figure 3: Inception with sigmoids "
            "reaches 69.8% on ImageNet with BN and stays at chance without it",
            arms=f"BN and {without}, 10, 20 and 30 sigmoid layers",
            margin=RESCUE,
            expected="supported",
        )
        for control, short, inputs, without in (
            ("raw", "raw", "raw pixels", "raw pixels"),
            ("std", "standardized", "standardized inputs", "standardized inputs without BN"),
        )
    ),
    *(
        claim(
            f"{activation}-{control}",
            by=lambda kind, n, arm: lead(NETS[kind, n, "bn"], NETS[kind, n, arm]),
            ahead=lambda kind, n, arm: more(f"{kind}-{n}-bn", f"{kind}-{n}-{arm}", END),
            in_each={f"depth {depth}": (activation, depth, control) for depth in (20, 30)},
            label=f"{TITLES[activation]}, BN over {without.split()[0]}",
            statement=f"With {TITLES[activation]}, nets of 20 and 30 layers are more accurate with "
            f"BN than on {without}.",
            arms=f"BN and {without}, 20 and 30 {TITLES[activation]} layers",
            expected=expected,
        )
        for activation, control, without, expected in (
            ("tanh", "raw", "raw pixels", "supported"),
            ("tanh", "std", "standardized inputs without BN", "not supported"),
            ("relu", "raw", "raw pixels", "supported"),
            ("relu", "std", "standardized inputs without BN", "supported"),
        )
    ),
    claim(
        "decay",
        by=lead(NETS["relu", 2, "bn"], NETS["relu", DEEP, "bn"]),
        ahead=more("relu-2-bn", "relu-30-bn", END),
        label="ReLU and BN, 2 over 30 layers",
        statement="BN does not lift the limit of depth: with ReLU and BN, a net of 30 layers is "
        "less accurate than one of 2.",
        shown=f"BN does not lift the limit of depth {WITHIN}: with ReLU and BN, a net of 30 layers "
        "is then less accurate than one of 2.",
        source=YANG,
        arms="BN with 2 and with 30 ReLU layers",
        expected="supported",
    ),
    claim(
        "decay-std",
        by=lead(NETS["relu", 2, "std"], NETS["relu", DEEP, "std"]),
        ahead=more("relu-2-std", "relu-30-std", END),
        label="ReLU and standardized, 2 over 30",
        statement="Depth costs accuracy without BN, too: with ReLU and standardized inputs, a net "
        "of 30 layers is less accurate than one of 2.",
        source=YANG,
        arms="standardized inputs without BN, with 2 and with 30 ReLU layers",
        expected="supported",
    ),
)

# A net that trains is right more often than this; one that does not is right by chance.
TRAINABLE = 0.5


def _values(_: Records) -> dict[str, Value]:
    return values_of("one epoch, the last batch a part of one", {"steps": str(STEPS)}) | values_of(
        "set before the runs", {"momentum": f"{MOMENTUM:g}"}
    )


def _by_net(caption: str, note: str, cell: Callable[[tuple[str, str], int], str]) -> Table:
    """A table with a row for each activation and arm, and a column for each depth."""
    rows = {f"{TITLES[kind]}: {ARMS[arm].label}": (kind, arm) for kind, arm in RATES}
    return Table.crossed(caption, "net", rows, {str(depth): depth for depth in DEPTHS}, cell, note)


def _accuracies(records: Records) -> Table:
    def cell(which: tuple[str, str], depth: int) -> str:
        if depth not in RATES[which]:
            return "–"
        values = BY_DEPTH[which][depth](records)
        trained = int((values > 100 * TRAINABLE).sum())
        some = f" ({trained} of {len(values)})" if trained < len(values) else ""
        return mean_of(values, 1) + some

    return _by_net(
        "Mean validation accuracy in %, by hidden layers",
        f"Brackets give the number of seeds above {TRAINABLE:.0%}, where not all are. Chance is "
        "10%. A dash: not trained.",
        cell,
    )


def _rates(_: Records) -> Table:
    def cell(which: tuple[str, str], depth: int) -> str:
        rate = RATES[which].get(depth)
        return f"{rate:g}" + "*" * (rate in {TUNED.grid[0], TUNED.grid[-1]}) if rate else "–"

    return _by_net(
        "The learning rate of each net, by hidden layers",
        f"The best of {', '.join(f'{rate:g}' for rate in TUNED.grid)} for one tuning seed. With a "
        "star: an end of this grid.",
        cell,
    )


def _depths(records: Records) -> Curves:
    curves = {
        title: [BY_DEPTH[activation, name].curve(records, arm) for name, arm in ARMS.items()]
        for activation, title in TITLES.items()
    }
    return Curves(
        title="Validation accuracy by depth, each net at the rate that one seed chose",
        subtitle=f"{WIDTH} units a layer, one epoch of {STEPS} steps. Thin lines: "
        f"{records.n_seeds} seeds; thick: mean and its 95% interval",
        x_label="hidden layers",
        panels=panels(curves, "validation accuracy, %", level=(100 * CHANCE, "chance")),
    )


def _tuning(records: Records) -> Curves:
    by_title = {
        title: {NETS[activation, DEEP, name]: arm.short for name, arm in ARMS.items()}
        for activation, title in TITLES.items()
    }
    drawn = TUNED.panels(records, by_title, level=(100 * CHANCE, "chance"))
    # Of sigmoids, the last panel, by arm; one seed a rate.
    best = {name: curve.y.max() for name, curve in zip(ARMS, drawn[-1].series, strict=True)}
    return Curves(
        title=f"At best {DEEP} layers of sigmoids reach "
        f"{max(best['bn'], best['std-bn']):.1f}% with BN, "
        f"{max(best['raw'], best['std']):.1f}% without",
        subtitle="The tuning runs, one seed a rate, not judged. Diverged runs count as chance",
        x_label="learning rate",
        x_scale="log",
        panels=drawn,
    )


STUDY = study(
    "depth",
    CLAIMS,
    TUNED.runs,
    title="Deep nets",
    chapter="Benefits",
    question="Does batch normalization make nets trainable that are too deep without it?",
    values=_values,
    tables={"accuracies": _accuracies, "rates": _rates},
    plots={"depths": _depths, "rates": _tuning},
    # Where a net trains at no rate, each is as good as another. The page marks ends of the grid.
    check_tuning=TUNED.check_to_the_ends,
)
