"""The claims, written before the runs."""

from typing import Any

from bnreport.rules import DIFFERENCE, EQUIVALENCE, SEEDS_ONLY, SETTINGS
from bnreport.studies.gradients.runs import RATES
from bnreport.study import Claim

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
