"""Does batch normalization keep gradients from vanishing or exploding on their way back?"""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import Judge, Sample, runs_of
from bnreport.analysis.design import claim_form, study
from bnreport.presentation.formats import rough
from bnreport.presentation.plots import Curves, Dots
from bnreport.presentation.tables import Table
from bnreport.protocol.checks import Probe
from bnreport.protocol.directions import Quantity, check, more
from bnreport.records.collection import Records

Floats = NDArray[np.float64]

WIDTH, DEPTH, DEPTHS = 100, 20, (10, 20, 30, 50)
# The notebook's batch, and one that is large beside the width.
SMALL, LARGE = 32, 256
# The activation of each block and the kernels that it starts with.
STARTS = {
    "sigmoid": {"activation": "sigmoid", "initializer": "GlorotUniform"},
    "tanh": {"activation": "tanh", "initializer": "GlorotUniform"},
    "relu-he": {"activation": "relu", "initializer": "HeNormal"},
    "relu-glorot": {"activation": "relu", "initializer": "GlorotUniform"},
}
NONE = Arm("none", "none", colour="raw")
BN, LN = (replace(arm, label=arm.short) for arm in usual("bn", "ln"))
# A wide ReLU net with BN and large batches multiplies gradients by this, in theory.
THEORY = float(np.sqrt(np.pi / (np.pi - 1)))
LOG_THEORY = float(np.log(THEORY))

# While a net trains: one epoch of so many images is as many steps as the last check asks for.
RATES = (0.001, 0.01, 0.1, 1.0)
STEPS = (0, 1, 10, 100, 400)
TRAINED_BATCH = 128


def start(init: str, norm: str, batch: int = SMALL, inputs: str = "raw", depth: int = DEPTH) -> str:
    """The name of a trial that looks at the gradients of a net before its first step."""
    return f"{init}-{norm}-{batch}-{inputs}-{depth}"


def wide(norm: str, inputs: str = "raw", depth: int = DEPTH) -> str:
    """The same of a ReLU net in large batches, which comes near the nets of the theory."""
    return start("relu-he", norm, LARGE, inputs, depth)


def trained(norm: str, rate: float) -> str:
    """The name of a trial that looks at them while a ReLU net trains."""
    return f"trained-{norm}-{rate:g}"


# The nets that are looked at before their first step: start, arm, batch, inputs and depth.
LOOKED_AT = (
    *(
        (init, arm, SMALL, x, DEPTH)
        for init in STARTS
        for arm in (NONE, BN)
        for x in ("raw", "std")
    ),
    *((init, arm, LARGE, "raw", DEPTH) for init in STARTS for arm in (NONE, BN)),
    *((init, LN, SMALL, "raw", DEPTH) for init in STARTS),
    ("relu-he", LN, SMALL, "std", DEPTH),
    *(("relu-he", arm, LARGE, "std", DEPTH) for arm in (NONE, BN)),
    *(("relu-he", arm, LARGE, "raw", d) for d in DEPTHS if d != DEPTH for arm in (NONE, BN)),
)
RUNS = (
    *(
        arm.runs(
            start(init, arm.name, batch, inputs, depth),
            net={"hidden": (WIDTH,) * depth, **STARTS[init]},
            learning_rate=0.01,
            epochs=0,
            batch_size=batch,
            inputs=inputs,
            split="seed",
            checks=(Probe(name="slopes", steps=(0,), probe="gradients"),),
        )
        for init, arm, batch, inputs, depth in LOOKED_AT
    ),
    *(
        arm.runs(
            trained(arm.name, rate),
            net={"hidden": (WIDTH,) * DEPTH, **STARTS["relu-he"]},
            learning_rate=rate,
            epochs=1,
            batch_size=TRAINED_BATCH,
            images=TRAINED_BATCH * STEPS[-1],
            split="seed",
            evaluated=("val",),
            checks=(Probe(name="slopes", steps=STEPS, probe="gradients"),),
        )
        for arm in (NONE, BN)
        for rate in RATES
    ),
)

# Settings of claims, in words, and what they compare: which start, which inputs.
RAW = {
    "sigmoid": ("sigmoid", "raw"),
    "tanh": ("tanh", "raw"),
    "ReLU from He": ("relu-he", "raw"),
    "ReLU from Glorot": ("relu-glorot", "raw"),
}
# What pages call them; claims have the shorter names.
CALLED = {
    f"ReLU from {by}{x}": f"ReLU and {by} initialization{x}{' inputs' if x else ''}"
    for by in ("He", "Glorot")
    for x in ("", ", standardized")
}
EVERY = RAW | {f"{name}, standardized": (init, "std") for name, (init, _) in RAW.items()}
SIGMOID = {name: where for name, where in EVERY.items() if where[0] == "sigmoid"}
RELU = {name: where for name, where in EVERY.items() if where[0] == "relu-he"}
WIDE = {"20 layers": ("raw", 20), "20 layers, standardized": ("std", 20), "50 layers": ("raw", 50)}
BY_RATE = {f"rate {rate:g}": trained("bn", rate) for rate in RATES}


def sizes(trial: str) -> Sample:
    """The logarithms of the gradients' norms, (seeds, steps, hidden layers); NaN where one is lost.

    They are the norms of the gradients by the outputs of the layers.
    """
    # The last layer is the output's, which has another width and no normalizer.
    norms = runs_of(trial).measured("slopes_outputs")[:, :, :-1]
    return norms.map(lambda sizes: np.log(np.where(sizes > 0, sizes, np.nan)))


def factors(trial: str) -> Sample:
    """The logarithm of the factor by which gradients change per layer back, (seeds, steps)."""

    def slopes(norms: Floats) -> Floats:
        places = np.arange(norms.shape[2]) - (norms.shape[2] - 1) / 2
        return np.asarray(norms @ places / (places @ places))

    return -sizes(trial).map(slopes)


def first(trial: str) -> Sample:
    """The factor before the first step, (seeds,), as its logarithm."""
    return factors(trial)[:, 0]


def nearer(near: str, far: str, mark: int = 0) -> Judge:
    """Judges how much nearer to 1 the factor of a trial is, at a mark, than another's at first."""
    return (abs(factors(far)[:, 0]) - abs(factors(near)[:, mark])).contrast(lost=False)


def over(near: str, far: str) -> Callable[[str, str], Judge]:
    """Judges the same of two normalizers before the first step, by start and inputs."""
    return lambda init, x: nearer(start(init, near, SMALL, x), start(init, far, SMALL, x))


# For the directions of the claims.
def norms(step: int, depth: int = DEPTH) -> Quantity:
    """The norms by the outputs of the hidden layers."""
    return check("slopes_outputs", step, layers=range(depth))


def nearness(near: str, far: str) -> Callable[[str, str], Any]:
    """Predicts that a normalizer is nearer to 1 before the first step, by start and inputs."""
    return lambda init, x: more(
        start(init, near, SMALL, x), start(init, far, SMALL, x), norms(0), "nearness"
    )


YANG = "Yang, Pennington, Rao, Sohl-Dickstein and Schoenholz 2019 (arXiv 1902.08129)"
FACTOR = (
    "the factor by which the norm of the loss's gradient by a layer's outputs, before its "
    "normalizer, changes from each hidden layer to the one before it: the slope of its logarithm "
    "over the layers"
)
NEARER = (
    f"{FACTOR}. A factor is as far from 1 as its own size, or as its reciprocal below 1; compared "
    "is how many times nearer to 1 it comes"
)
AT_START = ". Before the first step, on one batch, 100 units a layer"
ON_THE_WAY = ". On the next batch, 100 units a layer"
claim = claim_form(
    "gradients",
    question="Does BN improve the flow of gradients?",
    scale="ratio",
    metric=NEARER + AT_START,
    unit="x",
    margin=1.05,
    lost=False,
)


CLAIMS = (
    claim(
        "improve",
        by=over("bn", "none"),
        ahead=nearness("bn", "none"),
        in_each=EVERY,
        label="BN improves the flow",
        statement="Whatever the activation, BN brings the factor by which gradients change from "
        "layer to layer nearer to 1.",
        source="Ioffe and Szegedy 2015 (arXiv 1502.03167), section 3.3: BN may bring the "
        "singular values of a layer's Jacobian close to 1, which helps gradients to propagate",
        arms="BN and no normalizer, 20 layers, batches of 32",
        expected="mixed",
    ),
    claim(
        "sigmoid",
        by=over("bn", "none"),
        ahead=nearness("bn", "none"),
        in_each=SIGMOID,
        label="BN over none, sigmoid",
        statement="Through sigmoids gradients vanish, and BN brings their factor nearer to 1.",
        shown="Through sigmoids BN brings the factor by which gradients change from layer to "
        "layer nearer to 1.",
        source="Ioffe and Szegedy 2015 (arXiv 1502.03167), section 4: an Inception net with "
        "sigmoids reaches 69.8% on ImageNet with BN, and stays at chance without",
        arms="BN and no normalizer, sigmoid, 20 layers, batches of 32",
        expected="supported",
    ),
    claim(
        "explode",
        by=over("none", "bn"),
        ahead=nearness("none", "bn"),
        in_each=RELU,
        label="none over BN, ReLU",
        statement="Where the start already keeps gradients, with ReLU from He, BN takes their "
        "factor away from 1.",
        shown="Where the start already keeps gradients, with ReLU and He initialization, BN takes "
        "their factor away from 1.",
        source=f"{YANG}: BN itself is the cause of exploding gradients, whatever the variance of "
        "the initial weights",
        arms="no normalizer and BN, ReLU from He, 20 layers, batches of 32",
        expected="supported",
    ),
    claim(
        "theory",
        by=lambda *net: (first(wide("bn", *net)) - LOG_THEORY).contrast(lost=False),
        ahead=lambda x, depth: more(wide("bn", x, depth), (), norms(0, depth), "slope", THEORY),
        in_each=WIDE,
        kind="equivalence",
        label="BN and the theory, ReLU",
        statement="With BN and ReLU, gradients grow by the square root of pi / (pi - 1), 1.21, in "
        "each layer on their way back.",
        source=f"{YANG}: exponential growth with depth in wide nets; K. Luther 2020, Why Batch "
        "Norm Causes Exploding Gradients: the factor of 1.21 for ReLU",
        arms="BN with ReLU from He in batches of 256, and the factor of the theory",
        metric=f"{FACTOR}, divided by the theory's{AT_START}",
        margin=1.03,
        expected="supported",
    ),
    claim(
        "batch",
        by=lambda init, x: (
            first(start(init, "bn", SMALL, x)) - first(start(init, "bn", LARGE, x))
        ).contrast(lost=False),
        ahead=lambda init, x: more(
            start(init, "bn", SMALL, x), start(init, "bn", LARGE, x), norms(0), "slope"
        ),
        in_each=RELU,
        label="small over large batch, BN",
        statement="With BN and ReLU, gradients grow faster in batches of 32 than in batches of "
        "256.",
        source="our own question: the theory of 1.21 is that of wide nets and large batches",
        arms="BN in batches of 32 and of 256, ReLU from He, 20 layers",
        metric=f"{FACTOR}; compared is the ratio of the two factors{AT_START}",
        margin=1.01,
        expected="supported",
    ),
    claim(
        "layer",
        by=over("ln", "bn"),
        ahead=nearness("ln", "bn"),
        in_each=RELU,
        label="LN over BN, ReLU",
        statement="It is the batch that makes gradients explode: layer normalization leaves "
        "their factor nearer to 1 than BN.",
        shown="With ReLU and He initialization, layer normalization leaves the factor by which "
        "gradients change from layer to layer nearer to 1 than BN does.",
        source="Lubana, Dick and Tanaka 2021 (arXiv 2106.05956), the third finding: the smaller "
        "the group that is normalized, the larger the gradients in early layers; a whole layer "
        "is the largest",
        arms="layer normalization and BN, ReLU from He, 20 layers, batches of 32",
        expected="supported",
    ),
    claim(
        "one-step",
        by=lambda net: nearer(net, net, STEPS.index(1)),
        ahead=lambda net: more(net, net, norms(1), "nearness", than=norms(0)),
        in_each=BY_RATE,
        label="BN after 1 step and before",
        statement="The explosion eases with the first step of training: after it the factor is "
        "nearer to 1.",
        source=f"{YANG}, abstract: after a single step the gradients of nets with BN have a "
        "dramatically smaller dynamic range",
        arms="BN with ReLU from He after 1 step and before it, 20 layers, batches of 128",
        metric=NEARER + ON_THE_WAY,
        expected="mixed",
    ),
    claim(
        "later",
        by=lambda net: nearer(net, net, STEPS.index(400)),
        ahead=lambda net: more(net, net, norms(400), "nearness", than=norms(0)),
        in_each=BY_RATE,
        label="BN after 400 steps and before",
        statement="The explosion eases within 400 steps of training: after them the factor is "
        "nearer to 1.",
        source=f"our own question, after that of {YANG}, who speak of one step",
        arms="BN with ReLU from He after 400 steps and before them, 20 layers, batches of 128",
        metric=NEARER + ON_THE_WAY,
        expected="mixed",
    ),
)
NET = f"{DEPTH} layers of {WIDTH} units"


def _values(records: Records) -> dict[str, Any]:
    values = values_of("the square root of pi / (pi - 1)", {"theory": f"{THEORY:.2f}"}) | values_of(
        "diverged runs without a normalizer, by learning rate", {"lost": _lost(records)}
    )
    for name, norm in product(STARTS, ("none", "bn")):
        logs = first(start(name, norm))(records)
        net = f"{name}, {norm}, {DEPTH} layers, raw pixels, batches of {SMALL}; mean of seeds"
        each = {f"{name}.{norm}": mean_of(logs, 3, log=True)}
        power = {f"{name}.{norm}.all": rough(np.exp(logs.mean()) ** DEPTH)}
        values |= values_of(f"factor per layer, {net}", each)
        values |= values_of(f"factor per layer to the power of {DEPTH}, {net}", power)
    return values


def _lost(records: Records) -> str:
    """The number of runs without a normalizer that diverged, as "12 of 12 runs at rate 1"."""
    lost = {rate: factors(trained("none", rate)).lost(records) for rate in reversed(RATES)}
    each = [f"{n} of {records.n_seeds} runs at rate {rate:g}" for rate, n in lost.items() if n]
    return " and ".join(each) or "no run"


def _layers(activations: str, *names: str) -> Callable[[Records], Curves]:
    """A figure of the size of gradients layer by layer, with a panel for each start."""

    def curve(records: Records, arm: Arm, init: str) -> Any:
        norms = sizes(start(init, arm.name))(records)[:, 0, ::-1]
        return arm.curve(np.arange(1.0, DEPTH + 1), norms / np.log(10))

    return lambda records: Curves(
        title=f"The size of gradients on their way back, {activations}",
        subtitle=f"{NET}, raw pixels, batches of {SMALL}, at the start. Thin lines: "
        f"{records.n_seeds} seeds; thick: mean",
        x_label="layers back from the output",
        panels=panels(
            {
                CALLED.get(name, name): [curve(records, arm, RAW[name][0]) for arm in (NONE, BN)]
                for name in names
            },
            "norm, as a power of ten",
        ),
    )


def _factors(records: Records) -> Dots:
    def row(arm: Arm, label: str, trial: str, **more: Any) -> Any:
        return arm.row(first(trial)(records), label, log=True, cross="theory", **more)

    large = f"ReLU and He initialization, BN, batches of {LARGE}"
    return Dots(
        title="The factor by which gradients change per layer back",
        subtitle=f"{NET}, raw pixels, batches of {SMALL} unless said, before the first step. A dot "
        f"a seed (n = {records.n_seeds}), the mean and its 95% interval below",
        x_label="factor per layer",
        rows=(
            *(
                row(arm, f"{CALLED.get(name, name)}, {arm.label}", start(init, arm.name))
                for name, (init, _) in RAW.items()
                for arm in (NONE, BN, LN)
            ),
            row(BN, large, wide("bn"), published=(THEORY,)),
        ),
        nothing=1.0,
        x_scale="log",
        decimals=2,
    )


def _training(records: Records) -> Curves:
    def curve(arm: Arm, rate: float) -> Any:
        factor = unbroken(np.exp(factors(trained(arm.name, rate))(records)))
        # A logarithmic axis has no place for step 0: gradients belong to the step that comes next.
        return arm.curve(np.array(STEPS[: factor.shape[1]]) + 1, factor, f"rate {rate:g}")

    arms = {"With BN": BN, "Without": NONE}
    return Curves(
        title="The factor per layer while a net trains",
        subtitle=f"{NET}, ReLU and He initialization, raw pixels, batches of {TRAINED_BATCH}. "
        f"Thin lines: {records.n_seeds} seeds; thick: mean",
        x_label="step that takes the gradients",
        x_scale="log",
        panels=panels(
            {title: [curve(arm, rate) for rate in RATES] for title, arm in arms.items()},
            "factor per layer",
        ),
    )


def unbroken(factor: Floats) -> Floats:
    """The steps up to the first at which the gradients of a run are lost, (seeds, steps)."""
    known = np.isfinite(factor).all(axis=0)
    return factor[:, : int(known.cumprod().sum())]


def _starts(records: Records) -> Table:
    def row(init: str, inputs: str) -> tuple[str, ...]:
        trials = [start(init, norm, SMALL, inputs) for norm in ("none", "bn", "ln")]
        logs = [first(t)(records).mean() if t in records.by_trial else None for t in trials]
        each = ["–" if x is None else mean_of(x, 3, log=True) for x in logs]
        return (*each, *("–" if x is None else rough(np.exp(x) ** DEPTH) for x in logs))

    names = ("none", "BN", "LN")
    return Table(
        f"The factor per layer before the first step, {DEPTH} layers, batches of {SMALL}",
        ("start", *names, *(f"{name}, through {DEPTH} layers" for name in names)),
        tuple((CALLED.get(name, name), *row(*where)) for name, where in EVERY.items()),
        note="Means of the seeds, raw pixels unless said. Through "
        f"{DEPTH} layers: the factor to the power of {DEPTH}. LN: layer normalization; on "
        "standardized inputs it was measured with ReLU and He initialization only.",
    )


def _wide(records: Records) -> Table:
    def logs(*net: Any) -> Floats:
        return first(wide(*net))(records)

    nets = {f"{depth} layers": ("raw", depth) for depth in DEPTHS} | WIDE
    return Table.by_column(
        f"ReLU and He initialization in batches of {LARGE}, before the first step",
        "depth",
        dict(sorted(nets.items(), key=lambda net: net[1][1])),
        {
            "none": lambda net: mean_of(logs("none", *net), 3, log=True),
            "BN": lambda net: mean_of(logs("bn", *net), 3, log=True),
            "BN over the theory": lambda net: mean_of(
                logs("bn", *net) - LOG_THEORY, 3, log=True, interval=True
            ),
        },
        note="Means of the seeds, with the 95% interval of the ratio.",
    )


def _by_step(records: Records) -> Table:
    def row(arm: Arm, rate: float) -> tuple[str, ...]:
        trial = trained(arm.name, rate)
        return (
            f"{arm.label}, rate {rate:g}",
            *map(_left, np.exp(factors(trial)(records)).T),
            f"{factors(trial).lost(records)} of {records.n_seeds}",
            mean_of(100 * runs_of(trial).final()(records), 1),
        )

    later = (f"{step} step{'s' if step > 1 else ''}" for step in STEPS[1:])
    return Table(
        f"The factor per layer by the steps a net has trained, {DEPTH} layers, ReLU and He "
        f"initialization, batches of {TRAINED_BATCH}",
        ("net", "0 steps", *later, "diverged", "accuracy, %"),
        tuple(row(arm, rate) for arm in (NONE, BN) for rate in RATES),
        note="Means of the seeds; in brackets how many of them still have finite gradients, where "
        f"not all do. The validation accuracy is that after {STEPS[-1]} steps, in inference "
        "mode; a diverged run counts as chance, 10%.",
    )


def _left(column: Floats) -> str:
    """The mean of the runs whose gradients are finite, and how many these are if not all."""
    known = column[np.isfinite(column)]
    if not len(known):
        return "–"
    return mean_of(known, 3) + (f" ({len(known)})" if len(known) < len(column) else "")


STUDY = study(
    "gradients",
    CLAIMS,
    RUNS,
    title="Gradients through many layers",
    chapter="Mechanisms",
    question="Does batch normalization keep gradients from vanishing or exploding?",
    values=_values,
    tables={"starts": _starts, "wide": _wide, "training": _by_step},
    plots={
        "both": _layers("sigmoid and ReLU", "sigmoid", "ReLU from He"),
        "smooth": _layers("sigmoid and tanh", "sigmoid", "tanh"),
        "relu": _layers("ReLU", "ReLU from He", "ReLU from Glorot"),
        "factors": _factors,
        "training": _training,
    },
    words=CALLED,
)
