"""What the study claims, frozen before the runs."""

from typing import Any

from bnreport.rules import DIFFERENCE, EQUIVALENCE, SEEDS_ONLY, SETTINGS
from bnreport.studies.collapse.runs import BOTH, DEEP, IMAGES, PAIRS, SHALLOW, WIDTH
from bnreport.study import Claim

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
