"""The claims, margins and rules, written before the confirmatory runs; pilots informed them."""

from typing import Any

from bnreport.protocol.claims import Claim
from bnreport.protocol.rules import DIFFERENCE, EQUIVALENCE, LOST, SEEDS_ONLY, SETTINGS
from bnreport.studies.batchsize.runs import LARGE, SMALL

_SIZES_OF_BATCH = "What does BN lose on small batches?"
_STATISTICS = "Do better statistics at inference repair what BN loses?"
_AVERAGES = "How many steps do the moving averages of BN lag behind?"
_WU_HE = (
    "Wu and He 2018 (arXiv 1803.08494), abstract and figure 1: BN has an error of 23.6% with "
    "batches of 32 images a GPU and 34.7% with 2, group normalization 24.1% with both (ResNet-50, "
    "ImageNet)"
)
_WU_JOHNSON = (
    "Wu and Johnson 2021 (arXiv 2105.07576), section 3, on exponential moving averages and "
    "PreciseBN"
)
_METRIC = (
    "validation accuracy in inference mode after 2 epochs of 20,480 images at a learning rate of "
    "0.05 times the root of batch size / 32"
)
_PRECISE = "statistics taken anew from 10,000 training images after training"

_DIFFERENCE: dict[str, Any] = {
    "kind": "difference",
    "unit": "pp",
    "seeds": "100-111",
    "rule": DIFFERENCE + LOST + SEEDS_ONLY,
}
_SETTINGS: dict[str, Any] = _DIFFERENCE | {"rule": DIFFERENCE + LOST + SETTINGS + SEEDS_ONLY}

CLAIMS = (
    Claim(
        **_SETTINGS,
        id="batchsize-small",
        label="No BN over BN, small batches",
        question=_SIZES_OF_BATCH,
        statement="With batches of 2 and of 4 images, BN is less accurate than a net without BN, "
        "be it on raw pixels or on standardized inputs.",
        source=_WU_HE,
        arms="raw pixels and standardized inputs without BN, each minus BN",
        metric=_METRIC,
        margin=0.5,
        settings=tuple(f"{of}, {size}" for of in ("raw", "std") for size in SMALL),
        expected="supported",
    ),
    Claim(
        **_SETTINGS,
        id="batchsize-large-raw",
        label="BN over raw, large batches",
        question=_SIZES_OF_BATCH,
        statement="With batches of 32, 128 and 512 images, BN is more accurate than the net on raw "
        "pixels.",
        source=_WU_HE,
        arms="BN and raw pixels",
        metric=_METRIC,
        margin=0.5,
        settings=tuple(str(size) for size in LARGE),
        expected="supported",
    ),
    Claim(
        **_SETTINGS,
        id="batchsize-large-std",
        label="BN over standardized, large",
        question=_SIZES_OF_BATCH,
        statement="With batches of 32, 128 and 512 images, BN is more accurate than standardized "
        "inputs without BN.",
        source=_WU_HE,
        arms="BN and standardized inputs without BN",
        metric=_METRIC,
        margin=0.5,
        settings=tuple(str(size) for size in LARGE),
        expected="not supported",
    ),
    Claim(
        **_SETTINGS,
        id="batchsize-others",
        label="Layer, group norm. over BN at 2",
        question=_SIZES_OF_BATCH,
        statement="With batches of 2 images, layer normalization and group normalization are each "
        "more accurate than BN.",
        source=_WU_HE,
        arms="layer normalization and group normalization of 10 groups, each minus BN",
        metric=_METRIC,
        margin=0.5,
        settings=("ln", "gn"),
        expected="supported",
    ),
    Claim(
        **_DIFFERENCE,
        id="batchsize-precise-512",
        label="Precise over moving at 512",
        question=_STATISTICS,
        statement="With batches of 512 images, precise statistics make the trained BN net more "
        "accurate than its moving averages do.",
        source=_WU_JOHNSON,
        arms="BN with precise statistics and with its moving averages of momentum 0.99, one net",
        metric=f"{_METRIC}; {_PRECISE}, against moving averages over 80 steps",
        margin=1.0,
        expected="supported",
    ),
    Claim(
        **_SETTINGS,
        id="batchsize-precise-2",
        label="No BN over precise BN at 2",
        question=_STATISTICS,
        statement="With batches of 2 images, precise statistics do not repair BN: it stays less "
        "accurate than a net without BN, be it on raw pixels or on standardized inputs.",
        source=_WU_JOHNSON,
        arms="raw pixels and standardized inputs without BN, each minus BN with precise statistics",
        metric=f"{_METRIC}; {_PRECISE}",
        margin=0.5,
        settings=("raw", "std"),
        expected="supported",
    ),
    Claim(
        **_DIFFERENCE,
        id="batchsize-lag",
        label="Lag after 100 steps",
        question=_AVERAGES,
        statement="After 100 steps, moving averages of momentum 0.99 make a BN net less accurate "
        "than precise statistics do.",
        source=_WU_JOHNSON,
        arms="BN with precise statistics and with its moving averages of momentum 0.99, one net",
        metric="validation accuracy after 100 steps of 32 images at learning rate 0.05; statistics "
        "taken anew from 10,000 training images against moving averages",
        margin=1.0,
        expected="supported",
    ),
    Claim(
        **_DIFFERENCE | {"kind": "equivalence", "rule": EQUIVALENCE + SEEDS_ONLY},
        id="batchsize-caught-up",
        label="Lag after 640 steps",
        question=_AVERAGES,
        statement="After 640 steps, moving averages of momentum 0.99 and precise statistics give a "
        "BN net the same accuracy within 1 pp.",
        source=_WU_JOHNSON,
        arms="BN with precise statistics and with its moving averages of momentum 0.99, one net",
        metric="validation accuracy after 640 steps of 32 images at learning rate 0.05; statistics "
        "taken anew from 10,000 training images against moving averages",
        margin=1.0,
        expected="supported",
    ),
)
