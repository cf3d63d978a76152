"""The claims, margins and rules, written before the runs that judge them."""

from typing import Any

from bnreport.rules import (
    DIFFERENCE,
    EQUIVALENCE,
    LOST,
    SEEDS_AND_IMAGES,
    SEEDS_ONLY,
    SETTINGS,
)
from bnreport.studies.dropout.runs import BATCH_SIZE, EPOCHS, RATE, SHARES
from bnreport.study import Claim, Word

_LI = (
    "Li, Chen, Hu and Yang 2018 (arXiv 1801.05134): dropout before BN shifts the variance between "
    "training and inference; "
)
_HARM = _LI + (
    "DenseNet on CIFAR-100 falls from 77.42% to 68.55% with dropout of 0.5 in each bottleneck"
)
BY_SHARE = tuple(f"dropout {share:g}" for share in SHARES)
_ACCURACY: dict[str, Any] = {
    "kind": "difference",
    "metric": f"test accuracy after {EPOCHS} epochs at learning rate {RATE:g}, batches of "
    f"{BATCH_SIZE}",
    "unit": "pp",
    "margin": 0.5,
    "seeds": "100-111",
}
_SHIFT: dict[str, Any] = {
    "question": "Does dropout make BN's statistics wrong?",
    "metric": "variance of the second BN's inputs in inference on 5,000 training images, divided "
    "by its moving variance, the mean over units",
    "unit": "x",
    "scale": "ratio",
    "margin": 1.1,
    "seeds": "100-111",
    "settings": BY_SHARE,
}
_COST = "Does dropout cost more with BN than without?"
_PLACE = "Does the place of dropout matter?"


def _interacts(name: str, label: str, of: str, expected: Word) -> Claim:
    return Claim(
        **_ACCURACY,
        id=f"dropout-more-{name}",
        label=label,
        question=_COST,
        statement=f"Dropout of 0.5 after every block costs a net with BN more accuracy than {of}.",
        source=_HARM,
        arms=f"what dropout costs BN, and what it costs {of}",
        rule=DIFFERENCE + LOST + SEEDS_AND_IMAGES,
        expected=expected,
    )


CLAIMS = (
    Claim(
        **_SHIFT,
        id="dropout-shift-between",
        label="shift behind dropout",
        statement="Behind dropout BN expects a variance that is larger than the one it meets in "
        "inference.",
        source=_LI + "figure 1 shows it for each BN of a DenseNet",
        kind="difference",
        arms="the variance that BN assumes and the one it meets, dropout after every block",
        rule=DIFFERENCE + LOST + SETTINGS + SEEDS_ONLY,
        expected="supported",
    ),
    Claim(
        **_SHIFT,
        id="dropout-shift-last",
        label="none after the last BN",
        statement="Where dropout comes after the last BN, BN meets the variance that it expects.",
        source=_LI + "after the last BN it does no harm",
        kind="equivalence",
        arms="the variance that BN assumes and the one it meets, dropout after the last block",
        rule=EQUIVALENCE + LOST + SETTINGS + SEEDS_ONLY,
        expected="supported",
    ),
    Claim(
        **_ACCURACY,
        id="dropout-anew",
        label="statistics taken anew",
        question="Does dropout make BN's statistics wrong?",
        statement="Behind dropout BN is more accurate with statistics taken anew without dropout.",
        source=_LI + "which makes inference unstable and more predictions wrong",
        arms="BN with dropout after every block: statistics of 10,000 training images taken anew, "
        "and moving averages",
        settings=BY_SHARE,
        rule=DIFFERENCE + LOST + SETTINGS + SEEDS_ONLY,
        expected="not supported",
    ),
    Claim(
        **_ACCURACY,
        id="dropout-place",
        label="after the last over between",
        question=_PLACE,
        statement="BN with dropout only after the last block is more accurate than with dropout "
        "after every block.",
        source=_HARM,
        arms="BN with dropout after the last block and after every block",
        settings=BY_SHARE,
        rule=DIFFERENCE + LOST + SETTINGS + SEEDS_AND_IMAGES,
        expected="mixed",
    ),
    Claim(
        **_ACCURACY,
        id="dropout-cost",
        label="BN over BN with dropout",
        question=_PLACE,
        statement="Dropout after every block makes a net with BN less accurate.",
        source=_HARM
        + "; ducha-aiki/caffenet-benchmark on GitHub, batchnorm.md: CaffeNet with BN on "
        "ImageNet reaches 51.3% without dropout, 52.7% with 0.2 and 49.9% with 0.5 in two layers",
        arms="BN without dropout and with dropout after every block",
        settings=BY_SHARE,
        rule=DIFFERENCE + LOST + SETTINGS + SEEDS_AND_IMAGES,
        expected="mixed",
    ),
    Claim(
        **_ACCURACY,
        id="dropout-last",
        label="dropout at the end over none",
        question=_PLACE,
        statement="Dropout after the last BN makes a net with BN more accurate.",
        source=_LI + "after the last BN it does no harm",
        arms="BN with dropout after the last block and without",
        settings=BY_SHARE,
        rule=DIFFERENCE + LOST + SETTINGS + SEEDS_AND_IMAGES,
        expected="not supported",
    ),
    _interacts("raw", "cost with BN over raw", "the net on raw pixels", "underpowered"),
    _interacts(
        "std", "cost with BN over standard.", "standardized inputs without BN", "not supported"
    ),
)
