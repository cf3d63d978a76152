"""The claims, margins and rules, written before the confirmatory runs; pilots informed them."""

from bnreport.rules import DIFFERENCE, LOST, SEEDS_ONLY, SETTINGS
from bnreport.studies.landscape.runs import CELLS
from bnreport.study import Claim, Word

SANTURKAR = (
    "Santurkar et al. 2018 (arXiv 1805.11604), section 3 and figure 4: along the gradient, VGG "
    "with BN has a loss that varies less, gradients that change less and a lower effective beta; "
    "curves, no number"
)
YANG = (
    "Yang et al. 2019 (arXiv 1902.08129), abstract: at the start BN makes gradients explode with "
    "depth; Santurkar et al. 2018 (arXiv 1805.11604), figure 4, show smoothness from the start on"
)
_PATH = "along the gradient of the next batch, from half to four times the learning rate"
_DURING = "geometric mean of the marks after 50, 150 and 300 steps"
_BETA = (
    f"effective beta: the largest change of the gradient divided by the distance moved, {_PATH}; "
)
_SHARE = (
    "the change of the gradient divided by its norm after a step of 3% of the norm of the kernels; "
)
_RANGE = f"highest minus lowest loss of the batch {_PATH}; "


def _claim(id_: str, label: str, statement: str, of: str, metric: str, expected: Word) -> Claim:
    return Claim(
        id=id_,
        label=label,
        question="Is the loss smoother along the steps of a net with BN?",
        statement=f"{statement}, in nets of 2 and of 8 layers at learning rates 0.01 and 0.1.",
        source=YANG if "-start-" in id_ else SANTURKAR,
        kind="difference",
        scale="ratio",
        arms=f"{of}, and BN",
        metric=metric,
        unit="x",
        margin=1.25,
        seeds="100-111",
        rule=DIFFERENCE + LOST + SETTINGS + SEEDS_ONLY,
        expected=expected,
        settings=tuple(CELLS),
    )


_RAW, _STD = "raw pixels", "standardized inputs without BN"

CLAIMS = (
    _claim(
        "landscape-beta-raw",
        "beta, BN under raw",
        "During training the loss is smoother with BN than on raw pixels: its effective beta is "
        "lower",
        _RAW,
        _BETA + _DURING,
        "supported",
    ),
    _claim(
        "landscape-beta-std",
        "beta, BN under standardized",
        "During training the loss is smoother with BN than on standardized inputs without BN: its "
        "effective beta is lower",
        _STD,
        _BETA + _DURING,
        "mixed",
    ),
    _claim(
        "landscape-share-raw",
        "relative step, BN under raw",
        "During training a step of a fixed share of the kernels' norm changes the gradient less "
        "with BN than on raw pixels",
        _RAW,
        _SHARE + _DURING,
        "supported",
    ),
    _claim(
        "landscape-share-std",
        "relative step, BN under std.",
        "During training a step of a fixed share of the kernels' norm changes the gradient less "
        "with BN than on standardized inputs without BN",
        _STD,
        _SHARE + _DURING,
        "supported",
    ),
    _claim(
        "landscape-range-raw",
        "range of loss, BN under raw",
        "During training the loss varies less along the gradient with BN than on raw pixels",
        _RAW,
        _RANGE + _DURING,
        "supported",
    ),
    _claim(
        "landscape-range-std",
        "range of loss, BN under std.",
        "During training the loss varies less along the gradient with BN than on standardized "
        "inputs without BN",
        _STD,
        _RANGE + _DURING,
        "supported",
    ),
    _claim(
        "landscape-start-raw",
        "beta at start, BN under raw",
        "Before training the loss is smoother with BN than on raw pixels: its effective beta is "
        "lower",
        _RAW,
        _BETA + "before the first step",
        "not supported",
    ),
    _claim(
        "landscape-start-std",
        "beta at start, BN under std.",
        "Before training the loss is smoother with BN than on standardized inputs without BN: its "
        "effective beta is lower",
        _STD,
        _BETA + "before the first step",
        "not supported",
    ),
)
