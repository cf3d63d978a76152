"""The claims, margins and rules, written before the runs that judge them."""

from typing import Any

from bnreport.rules import DIFFERENCE, EQUIVALENCE, LOST, SEEDS_AND_IMAGES, SETTINGS
from bnreport.studies.placement.runs import BATCH_SIZE, EPOCHS, PLACES
from bnreport.study import Claim, Word

# Places that differ by less are as good as one another, in pp.
SAME = 0.3

_BEFORE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), section 3.2: BN comes before the nonlinearity, "
    "where the distribution is more likely to be symmetric"
)
_IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), figure 3: on ImageNet at most 72.7% with BN "
    "against 72.2% without at the same rate, and 74.8% with a larger rate and other changes"
)
_AFTER = (
    "ducha-aiki/caffenet-benchmark on GitHub, batchnorm.md: CaffeNet with ReLU on ImageNet reaches "
    "47.8% with BN before it and 49.3% with BN after it"
)
_HASANI = (
    "Hasani and Khotanlou 2019 (arXiv 1912.04259), abstract: which place is best depends on the net"
)
_COMMON: dict[str, Any] = {
    "metric": f"test accuracy after {EPOCHS} epochs, batches of {BATCH_SIZE}, each arm at its own "
    "best learning rate",
    "unit": "pp",
    "seeds": "100-111",
}
_TITLES = {"relu": "ReLU", "tanh": "tanh"}


def _same(activation: str, expected: Word) -> Claim:
    title = _TITLES[activation]
    return Claim(
        **_COMMON,
        id=f"placement-same-{activation}",
        label=f"{title}: before like after",
        question="Does the place of BN matter?",
        statement=f"With {title}, BN after the activation is as accurate as BN before it.",
        source=f"{_BEFORE}; {_AFTER}",
        kind="equivalence",
        margin=SAME,
        arms=f"BN before and after {title}",
        rule=EQUIVALENCE + LOST + SEEDS_AND_IMAGES,
        expected=expected,
    )


def _better(activation: str, better: str, worse: str, source: str, expected: Word) -> Claim:
    title = _TITLES[activation]
    return Claim(
        **_COMMON,
        id=f"placement-{better}-{activation}",
        label=f"{title}: {better} over {worse}",
        question="Which place is better?",
        statement=f"With {title}, BN {better} the activation is more accurate than {worse} it.",
        source=source,
        kind="difference",
        margin=SAME,
        arms=f"BN {better} and {worse} {title}",
        rule=DIFFERENCE + LOST + SEEDS_AND_IMAGES,
        expected=expected,
    )


def _over(activation: str, control: str, words: str, expected: Word) -> Claim:
    title = _TITLES[activation]
    return Claim(
        **_COMMON,
        id=f"placement-{control}-{activation}",
        label=f"{title}: BN over {words.split(maxsplit=1)[0]}",
        question="Does BN help at either place?",
        statement=f"With {title}, BN is more accurate than {words}, before the activation and "
        "after it.",
        source=_IOFFE,
        kind="difference",
        margin=0.5,
        arms=f"BN before and after {title}, and {words}",
        settings=PLACES,
        rule=DIFFERENCE + LOST + SETTINGS + SEEDS_AND_IMAGES,
        expected=expected,
    )


_RAW, _STD = "raw pixels without BN", "standardized inputs without BN"
CLAIMS = (
    _same("relu", "not supported"),
    _same("tanh", "not supported"),
    _better("relu", "before", "after", _BEFORE, "supported"),
    _better("tanh", "after", "before", f"{_HASANI}; {_AFTER}", "supported"),
    _over("relu", "raw", _RAW, "supported"),
    _over("relu", "std", _STD, "not supported"),
    _over("tanh", "raw", _RAW, "supported"),
    _over("tanh", "std", _STD, "not supported"),
)
