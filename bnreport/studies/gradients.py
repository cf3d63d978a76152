"""Does batch normalization keep gradients from vanishing or exploding on their way back?"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnreport.estimates import Contrast, Settings, paired
from bnreport.rules import DIFFERENCE, EQUIVALENCE, SEEDS_ONLY, SETTINGS
from bnreport.samples import checked
from bnreport.study import Analysis, Claim, Records, Runs, Study
from bnreport.trials import Net, Probe, Trial

Floats = NDArray[np.float64]

WIDTH, DEPTH = 100, 20
DEPTHS = (10, 20, 30, 50)
# The notebook's batch, and one that is large beside the width.
SMALL, LARGE = 32, 256
# The activation of each block and the kernels that it starts with.
STARTS = {
    "sigmoid": ("sigmoid", "GlorotUniform"),
    "tanh": ("tanh", "GlorotUniform"),
    "relu-he": ("relu", "HeNormal"),
    "relu-glorot": ("relu", "GlorotUniform"),
}
NORMALIZERS = {"none": "none", "bn": "batch", "ln": "layer"}
# A wide ReLU net with BN and large batches multiplies gradients by this, in theory.
THEORY = float(np.sqrt(np.pi / (np.pi - 1)))

# While a net trains: one epoch of so many images is as many steps as the last check asks for.
RATES = (0.001, 0.01, 0.1, 1.0)
STEPS = (0, 1, 10, 100, 400)
TRAINED_BATCH = 128


def start(of: str, norm: str, batch: int, inputs: str = "raw", depth: int = DEPTH) -> str:
    """The name of a trial that looks at the gradients of a net before its first step."""
    return f"{of}-{norm}-{batch}-{inputs}-{depth}"


def trained(norm: str, rate: float) -> str:
    """The name of a trial that looks at them while a ReLU net trains."""
    return f"trained-{norm}-{rate:g}"


def _net(of: str, norm: str, depth: int = DEPTH) -> Net:
    activation, initializer = STARTS[of]
    return Net.model_validate(
        {
            "hidden": (WIDTH,) * depth,
            "activation": activation,
            "initializer": initializer,
            "normalizer": NORMALIZERS[norm],
        }
    )


def _starting(of: str, norm: str, batch: int, inputs: str = "raw", depth: int = DEPTH) -> Runs:
    fields = {
        "name": start(of, norm, batch, inputs, depth),
        "net": _net(of, norm, depth),
        "learning_rate": 0.01,
        "epochs": 0,
        "batch_size": batch,
        "inputs": inputs,
        "split": "seed",
        "checks": (Probe(name="slopes", steps=(0,), probe="gradients"),),
    }
    return Runs(Trial.model_validate(fields))


def _training(norm: str, rate: float) -> Runs:
    return Runs(
        Trial(
            name=trained(norm, rate),
            net=_net("relu-he", norm),
            learning_rate=rate,
            epochs=1,
            batch_size=TRAINED_BATCH,
            images=TRAINED_BATCH * STEPS[-1],
            split="seed",
            evaluated=("val",),
            checks=(Probe(name="slopes", steps=STEPS, probe="gradients"),),
        )
    )


RUNS = (
    *(
        _starting(of, norm, SMALL, inputs)
        for of in STARTS
        for norm in ("none", "bn")
        for inputs in ("raw", "std")
    ),
    *(_starting(of, norm, LARGE) for of in STARTS for norm in ("none", "bn")),
    *(_starting(of, "ln", SMALL) for of in STARTS),
    _starting("relu-he", "ln", SMALL, "std"),
    *(_starting("relu-he", norm, LARGE, "std") for norm in ("none", "bn")),
    *(
        _starting("relu-he", norm, LARGE, depth=depth)
        for depth in DEPTHS
        if depth != DEPTH
        for norm in ("none", "bn")
    ),
    *(_training(norm, rate) for norm in ("none", "bn") for rate in RATES),
)

# Settings of claims, in words, and the trials that they compare: which start, which inputs.
RAW = {
    "sigmoid": ("sigmoid", "raw"),
    "tanh": ("tanh", "raw"),
    "ReLU from He": ("relu-he", "raw"),
    "ReLU from Glorot": ("relu-glorot", "raw"),
}
EVERY = RAW | {f"{name}, standardized": (of, "std") for name, (of, _) in RAW.items()}
SIGMOID = {name: where for name, where in EVERY.items() if where[0] == "sigmoid"}
RELU = {name: where for name, where in EVERY.items() if where[0] == "relu-he"}
WIDE = {
    "20 layers": ("raw", 20),
    "20 layers, standardized": ("std", 20),
    "50 layers": ("raw", 50),
}

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


def _claim(name: str, **fields: Any) -> Claim:
    base = {
        "id": f"gradients-{name}",
        "question": "Does BN improve the flow of gradients?",
        "kind": "difference",
        "scale": "ratio",
        "metric": NEARER + AT_START,
        "unit": "x",
        "margin": 1.05,
        "seeds": "100-111",
        "rule": DIFFERENCE + SETTINGS + SEEDS_ONLY,
    }
    return Claim.model_validate(base | fields)


CLAIMS = (
    _claim(
        name="improve",
        label="BN improves the flow",
        statement="Whatever the activation, BN brings the factor by which gradients change from "
        "layer to layer nearer to 1.",
        source="Ioffe and Szegedy 2015 (arXiv 1502.03167), section 3.3: BN may bring the "
        "singular values of a layer's Jacobian close to 1, which helps gradients to propagate",
        arms="BN and no normalizer, 20 layers, batches of 32",
        settings=tuple(EVERY),
        expected="mixed",
    ),
    _claim(
        name="sigmoid",
        label="BN over none, sigmoid",
        statement="Through sigmoids gradients vanish, and BN brings their factor nearer to 1.",
        source="Ioffe and Szegedy 2015 (arXiv 1502.03167), section 4: an Inception net with "
        "sigmoids reaches 69.8% on ImageNet with BN, and stays at chance without",
        arms="BN and no normalizer, sigmoid, 20 layers, batches of 32",
        settings=tuple(SIGMOID),
        expected="supported",
    ),
    _claim(
        name="explode",
        label="none over BN, ReLU",
        statement="Where the start already keeps gradients, with ReLU from He, BN takes their "
        "factor away from 1.",
        source=f"{YANG}: BN itself is the cause of exploding gradients, whatever the variance of "
        "the initial weights",
        arms="no normalizer and BN, ReLU from He, 20 layers, batches of 32",
        settings=tuple(RELU),
        expected="supported",
    ),
    _claim(
        name="theory",
        label="BN and the theory, ReLU",
        statement="With BN and ReLU, gradients grow by the square root of pi / (pi - 1), 1.21, in "
        "each layer on their way back.",
        source=f"{YANG}: exponential growth with depth in wide nets; K. Luther 2020, Why Batch "
        "Norm Causes Exploding Gradients: the factor of 1.21 for ReLU",
        kind="equivalence",
        arms="BN with ReLU from He in batches of 256, and the factor of the theory",
        metric=f"{FACTOR}, divided by the theory's{AT_START}",
        margin=1.03,
        rule=EQUIVALENCE + SETTINGS + SEEDS_ONLY,
        expected="supported",
        settings=tuple(WIDE),
    ),
    _claim(
        name="batch",
        label="small over large batch, BN",
        statement="With BN and ReLU, gradients grow faster in batches of 32 than in batches of "
        "256.",
        source="our own question: the theory of 1.21 is that of wide nets and large batches",
        arms="BN in batches of 32 and of 256, ReLU from He, 20 layers",
        settings=tuple(RELU),
        expected="supported",
        metric=f"{FACTOR}; compared is the ratio of the two factors{AT_START}",
        margin=1.01,
    ),
    _claim(
        name="layer",
        label="LN over BN, ReLU",
        statement="It is the batch that makes gradients explode: layer normalization leaves "
        "their factor nearer to 1 than BN.",
        source="Lubana, Dick and Tanaka 2021 (arXiv 2106.05956), the third finding: the smaller "
        "the group that is normalized, the larger the gradients in early layers; a whole layer "
        "is the largest",
        arms="layer normalization and BN, ReLU from He, 20 layers, batches of 32",
        settings=tuple(RELU),
        expected="supported",
    ),
    _claim(
        name="one-step",
        label="BN after 1 step and before",
        statement="The explosion eases with the first step of training: after it the factor is "
        "nearer to 1.",
        source=f"{YANG}, abstract: after a single step the gradients of nets with BN have a "
        "dramatically smaller dynamic range",
        arms="BN with ReLU from He after 1 step and before it, 20 layers, batches of 128",
        settings=tuple(f"rate {rate:g}" for rate in RATES),
        expected="mixed",
        metric=NEARER + ON_THE_WAY,
    ),
    _claim(
        name="later",
        label="BN after 400 steps and before",
        statement="The explosion eases within 400 steps of training: after them the factor is "
        "nearer to 1.",
        source=f"our own question, after that of {YANG}, who speak of one step",
        arms="BN with ReLU from He after 400 steps and before them, 20 layers, batches of 128",
        settings=tuple(f"rate {rate:g}" for rate in RATES),
        expected="mixed",
        metric=NEARER + ON_THE_WAY,
    ),
)


def factors(records: Records, trial: str, found: str = "outputs") -> Floats:
    """The logarithm of the factor by which gradients change per layer back, (seeds, steps).

    Args:
        records: of this study.
        trial: its name.
        found: "outputs" for the gradient by a layer's outputs, "weights" for that by its kernel.
    """
    # The last layer is the output's, which has another width and no normalizer.
    norms = np.log(checked(records.trial(trial), f"slopes_{found}")[:, :, :-1])
    places = np.arange(norms.shape[2]) - (norms.shape[2] - 1) / 2
    slopes: Floats = norms @ places / (places @ places)
    return -slopes


def _first(records: Records, trial: str) -> Floats:
    return factors(records, trial)[:, 0]


def nearer(near: Floats, far: Floats) -> Contrast:
    """How much nearer to zero the logarithm of a factor is, paired by seed."""
    return paired(np.abs(far) - np.abs(near))


def _over(near: str, far: str, where: dict[str, tuple[str, str]]) -> Callable[[Records], Settings]:
    """How much nearer to 1 one normalizer's factor is than another's, by setting."""
    return lambda records: {
        name: nearer(
            _first(records, start(of, near, SMALL, inputs)),
            _first(records, start(of, far, SMALL, inputs)),
        )
        for name, (of, inputs) in where.items()
    }


def _theory(records: Records) -> Settings:
    return {
        name: paired(_first(records, start("relu-he", "bn", LARGE, inputs, depth)) - np.log(THEORY))
        for name, (inputs, depth) in WIDE.items()
    }


def _batch(records: Records) -> Settings:
    return {
        name: paired(
            _first(records, start(of, "bn", SMALL, inputs))
            - _first(records, start(of, "bn", LARGE, inputs))
        )
        for name, (of, inputs) in RELU.items()
    }


def _after(step: int) -> Callable[[Records], Settings]:
    place = STEPS.index(step)

    def estimate(records: Records) -> Settings:
        found = {rate: factors(records, trained("bn", rate)) for rate in RATES}
        return {f"rate {rate:g}": nearer(x[:, place], x[:, 0]) for rate, x in found.items()}

    return estimate


ESTIMATES = {
    "gradients-improve": _over("bn", "none", EVERY),
    "gradients-sigmoid": _over("bn", "none", SIGMOID),
    "gradients-explode": _over("none", "bn", RELU),
    "gradients-theory": _theory,
    "gradients-batch": _batch,
    "gradients-layer": _over("ln", "bn", RELU),
    "gradients-one-step": _after(1),
    "gradients-later": _after(400),
}

STUDY = Study(
    name="gradients",
    title="Gradients through many layers",
    page="studies/gradients.md",
    chapter="Mechanisms",
    question="Does batch normalization keep gradients from vanishing or exploding?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    analyse=lambda _: Analysis(),
)
