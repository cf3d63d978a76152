"""Do all images look alike to the last layer of a deep net, and does batch normalization help?"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnreport.estimates import Settings, log_ratio, paired
from bnreport.rules import DIFFERENCE, EQUIVALENCE, SEEDS_ONLY, SETTINGS
from bnreport.samples import checked
from bnreport.study import Analysis, Claim, Records, Runs, Study
from bnreport.trials import Net, Probe, Trial

Floats = NDArray[np.float64]

WIDTH, IMAGES = 100, 128
DEPTHS = SHALLOW, *_, DEEP = (2, 5, 10, 20, 50)
NORMALIZERS = {"none": "none", "bn": "batch", "ln": "layer"}
INPUTS = ("raw", "std")


def trial(norm: str, depth: int, inputs: str) -> str:
    """The name of a trial."""
    return f"{norm}-{depth}-{inputs}"


def _runs(norm: str, depth: int, inputs: str) -> Runs:
    net = {
        "hidden": (WIDTH,) * depth,
        "activation": "relu",
        "initializer": "HeNormal",
        "normalizer": NORMALIZERS[norm],
    }
    fields = {
        "name": trial(norm, depth, inputs),
        "net": Net.model_validate(net),
        "learning_rate": 0.01,
        "epochs": 0,
        "batch_size": IMAGES,
        "inputs": inputs,
        "split": "seed",
        "checks": (Probe(name="last", steps=(0,), probe="similarity"),),
    }
    return Runs(Trial.model_validate(fields))


RUNS = tuple(
    _runs(norm, depth, inputs) for depth in DEPTHS for norm in NORMALIZERS for inputs in INPUTS
)

# The inputs of the normalized net and of the other; the third is what scaling the pixels can do.
PAIRS = {
    "raw pixels": ("raw", "raw"),
    "standardized": ("std", "std"),
    "BN on raw, none on standardized": ("raw", "std"),
}
BOTH = {name: inputs for name, inputs in PAIRS.items() if inputs[0] == inputs[1]}

DANESHMAND = "Daneshmand, Kohler, Bach, Hofmann and Lucchi 2020 (arXiv 2003.01652)"
LUBANA = "Lubana, Dick and Tanaka 2021 (arXiv 2106.05956)"
COSINE = "mean cosine between the activations of two images in the last hidden layer"
RANK = (
    "effective rank of the last hidden layer's activations, exp of the entropy of their "
    "normalized singular values (Roy and Vetterli 2007)"
)
WHERE = (
    f" Before the first step, {IMAGES} images normalized as one batch, {WIDTH} ReLU units a layer "
    "from He"
)


def _claim(name: str, **fields: Any) -> Claim:
    base = {
        "id": f"collapse-{name}",
        "question": "Does BN keep images apart in deep nets?",
        "kind": "difference",
        "metric": f"{COSINE}.{WHERE}",
        "unit": "cosine",
        "margin": 0.1,
        "seeds": "100-111",
        "rule": DIFFERENCE + SETTINGS + SEEDS_ONLY,
    }
    return Claim.model_validate(base | fields)


CLAIMS = (
    _claim(
        name="plain",
        label=f"{DEEP} over {SHALLOW} layers, none",
        statement=f"Without normalization images look more alike after {DEEP} layers than "
        f"after {SHALLOW}.",
        source=f"{DANESHMAND}, abstract: the rank of the representations in nets without "
        "normalization collapses quickly with depth",
        arms=f"{DEEP} and {SHALLOW} hidden layers, no normalizer",
        settings=tuple(BOTH),
        expected="supported",
    ),
    _claim(
        name="cosine",
        label=f"none over BN, {DEEP} layers",
        statement=f"After {DEEP} layers, images look less alike with BN than without.",
        source=f"{DANESHMAND}, abstract: BN is an effective way to avoid the collapse of rank in "
        "linear and ReLU nets",
        arms=f"no normalizer and BN, {DEEP} hidden layers",
        settings=tuple(PAIRS),
        expected="supported",
    ),
    _claim(
        name="rank",
        label=f"BN over none, rank, {DEEP} layers",
        statement=f"After {DEEP} layers, the activations have a larger effective rank with BN than "
        "without.",
        source=f"{DANESHMAND}: with BN the rank of a linear net stays at least of the order of "
        "the square root of its width, which is 10 for 100 units; that rank is another measure "
        "than ours",
        arms=f"BN and no normalizer, {DEEP} hidden layers",
        settings=tuple(PAIRS),
        expected="supported",
        scale="ratio",
        metric=f"{RANK}.{WHERE}",
        unit="x",
        margin=2.0,
    ),
    _claim(
        name="depth",
        label=f"BN, {DEEP} against {SHALLOW} layers",
        statement=f"With BN, images look as alike after {DEEP} layers as after {SHALLOW}.",
        source=f"{DANESHMAND}, abstract: BN avoids the collapse that comes with depth",
        arms=f"{DEEP} and {SHALLOW} hidden layers, BN",
        settings=tuple(BOTH),
        expected="supported",
        kind="equivalence",
        rule=EQUIVALENCE + SETTINGS + SEEDS_ONLY,
    ),
    _claim(
        name="layer",
        label=f"none against LN, {DEEP} layers",
        statement=f"After {DEEP} layers, images look as alike with layer normalization as without.",
        source=f"{LUBANA}, abstract: the larger the group that is normalized, the less "
        "distinguishable the activations of different images, up to layer normalization",
        arms=f"no normalizer and layer normalization, {DEEP} hidden layers",
        settings=tuple(BOTH),
        expected="supported",
        kind="equivalence",
        margin=0.05,
        rule=EQUIVALENCE + SETTINGS + SEEDS_ONLY,
    ),
    _claim(
        name="batch-layer",
        label=f"LN over BN, {DEEP} layers",
        statement=f"After {DEEP} layers, images look less alike with BN than with layer "
        "normalization.",
        source=f"{LUBANA}, abstract: this explains slow training with layer normalization",
        arms=f"layer normalization and BN, {DEEP} hidden layers",
        settings=tuple(BOTH),
        expected="supported",
    ),
    _claim(
        name="shallow",
        label=f"none over BN, {SHALLOW} layers",
        statement=f"After {SHALLOW} layers, as many as the notebook has, images already look less "
        "alike with BN than without.",
        source="our own question: whether the collapse matters for a shallow net",
        arms=f"no normalizer and BN, {SHALLOW} hidden layers",
        settings=tuple(PAIRS),
        expected="supported",
    ),
)


def last(records: Records, found: str, norm: str, depth: int, inputs: str) -> Floats:
    """The mean cosine ("cosine") or the effective rank ("rank") of a trial, (seeds,)."""
    values: Floats = checked(records.trial(trial(norm, depth, inputs)), f"last_{found}")[:, 0]
    return values


def _cosine(
    more: str, less: str, depth: int, pairs: dict[str, tuple[str, str]]
) -> Callable[[Records], Settings]:
    return lambda records: {
        name: paired(
            last(records, "cosine", more, depth, other)
            - last(records, "cosine", less, depth, inputs)
        )
        for name, (inputs, other) in pairs.items()
    }


def _deeper(norm: str) -> Callable[[Records], Settings]:
    return lambda records: {
        name: paired(
            last(records, "cosine", norm, DEEP, inputs)
            - last(records, "cosine", norm, SHALLOW, inputs)
        )
        for name, (inputs, _) in BOTH.items()
    }


def _rank(records: Records) -> Settings:
    return {
        name: log_ratio(
            last(records, "rank", "bn", DEEP, inputs), last(records, "rank", "none", DEEP, other)
        )
        for name, (inputs, other) in PAIRS.items()
    }


ESTIMATES = {
    "collapse-plain": _deeper("none"),
    "collapse-cosine": _cosine("none", "bn", DEEP, PAIRS),
    "collapse-rank": _rank,
    "collapse-depth": _deeper("bn"),
    "collapse-layer": _cosine("none", "ln", DEEP, BOTH),
    "collapse-batch-layer": _cosine("ln", "bn", DEEP, BOTH),
    "collapse-shallow": _cosine("none", "bn", SHALLOW, PAIRS),
}

STUDY = Study(
    name="collapse",
    title="Images that look alike",
    page="studies/collapse.md",
    chapter="Mechanisms",
    question="Do deep nets confuse all images at the start, and does batch normalization help?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    analyse=lambda _: Analysis(),
)
