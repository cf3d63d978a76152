"""Does dropout harm batch normalization, where it comes before it and where it comes after?"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bnreport.arms import arm
from bnreport.estimates import Contrast, Estimate, paired
from bnreport.rules import (
    DIFFERENCE,
    EQUIVALENCE,
    LOST,
    SEEDS_AND_IMAGES,
    SEEDS_ONLY,
    SETTINGS,
)
from bnreport.samples import CHANCE, accuracy, checked, gain, lost, marks
from bnreport.study import Analysis, Claim, Records, Runs, Study, Word
from bnreport.trials import Probe, Score

RATE, BATCH_SIZE, EPOCHS = 0.05, 128, 6
END = EPOCHS * 430
SHARES = (0.2, 0.5)
# The normalizer of the second block: the only one that dropout can come before in this net.
SECOND = 1
MOVING = Score(name="moving", steps=(END,), part="test")
ANEW = Score(name="anew", steps=(END,), part="test", mode="precise")
SHIFT = Probe(name="shift", steps=(END,), probe="variances", images=5000)


def between(share: float) -> str:
    """The trial of BN with dropout after every block, so also before the BN of the second."""
    return f"bn-between-{share:g}"


def last(share: float) -> str:
    """The trial of BN with dropout after the last block, behind the last BN."""
    return f"bn-last-{share:g}"


def _runs(of: str, name: str, share: float = 0.0, after: str = "every") -> Runs:
    checks = (MOVING, ANEW, SHIFT) if of.endswith("bn") else ()
    return Runs(
        arm(
            of,
            name,
            net={"dropout": share, "dropout_after": after} if share else {},
            learning_rate=RATE,
            epochs=EPOCHS,
            batch_size=BATCH_SIZE,
            split="seed",
            evaluated=("val",),
            score_epochs=(EPOCHS,),
            checks=checks,
        )
    )


RUNS = (
    *(_runs(of, of) for of in ("raw", "std", "bn", "std-bn")),
    *(_runs(of, f"{of}-dropout-0.5", 0.5) for of in ("raw", "std")),
    *(_runs("bn", between(share), share) for share in SHARES),
    *(_runs("bn", last(share), share, "last") for share in SHARES),
)

_LI = (
    "Li, Chen, Hu and Yang 2018 (arXiv 1801.05134): dropout before BN shifts the variance between "
    "training and inference; "
)
_HARM = _LI + (
    "DenseNet on CIFAR-100 falls from 77.42% to 68.55% with dropout of 0.5 in each bottleneck"
)
_BY_SHARE = tuple(f"dropout {share:g}" for share in SHARES)
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
    "settings": _BY_SHARE,
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
        settings=_BY_SHARE,
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
        settings=_BY_SHARE,
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
        settings=_BY_SHARE,
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
        settings=_BY_SHARE,
        rule=DIFFERENCE + LOST + SETTINGS + SEEDS_AND_IMAGES,
        expected="not supported",
    ),
    _interacts("raw", "cost with BN over raw", "the net on raw pixels", "underpowered"),
    _interacts(
        "std", "cost with BN over standard.", "standardized inputs without BN", "not supported"
    ),
)


def shift(records: Records, name: str) -> Contrast:
    """The logarithm of how many times BN assumes the variance that the second block meets.

    A run that diverged counts as no shift.
    """
    found = records.trial(name)
    ratios = checked(found, "shift_ratio", 1.0)[:, -1, SECOND]
    return paired(-np.log(ratios), lost(found))


def repaired(records: Records, name: str) -> Contrast:
    """By how many percentage points statistics taken anew are better than moving averages."""
    found = records.trial(name)
    anew, moving = (checked(found, f"{c.name}_accuracy", CHANCE)[:, -1] for c in (ANEW, MOVING))
    return paired(100 * (anew - moving), lost(found))


def interaction(records: Records, control: str) -> Contrast:
    """By how many percentage points dropout of 0.5 costs BN more than the control.

    The interval covers seeds and images; with diverged runs, counted at chance, signs judge.
    """
    names = ("bn", between(0.5), control, f"{control}-dropout-0.5")
    arms = [records.trial(name) for name in names]
    if diverged := lost(*arms):
        bn, mixed, plain, dropped = (accuracy(found, "test", EPOCHS) for found in arms)
        return paired(100 * ((bn - mixed) - (plain - dropped)), diverged)
    bn, mixed, plain, dropped = (marks(found, "test", EPOCHS) for found in arms)
    cells = 100 * ((bn - mixed) - (plain - dropped))
    return paired(cells.mean(axis=1), cells=cells)


def _by_share(
    estimate: Callable[[Records, float], Contrast],
) -> Callable[[Records], Mapping[str, Contrast]]:
    return lambda records: {
        setting: estimate(records, share) for setting, share in zip(_BY_SHARE, SHARES, strict=True)
    }


def _gain(records: Records, treated: str, control: str) -> Contrast:
    return gain(records.trial(treated), records.trial(control), EPOCHS)


ESTIMATES: Mapping[str, Callable[[Records], Estimate]] = {
    "dropout-shift-between": _by_share(lambda records, p: shift(records, between(p))),
    "dropout-shift-last": _by_share(lambda records, p: shift(records, last(p))),
    "dropout-anew": _by_share(lambda records, p: repaired(records, between(p))),
    "dropout-place": _by_share(lambda records, p: _gain(records, last(p), between(p))),
    "dropout-cost": _by_share(lambda records, p: _gain(records, "bn", between(p))),
    "dropout-last": _by_share(lambda records, p: _gain(records, last(p), "bn")),
    "dropout-more-raw": lambda records: interaction(records, "raw"),
    "dropout-more-std": lambda records: interaction(records, "std"),
}

STUDY = Study(
    name="dropout",
    title="Dropout",
    page="studies/dropout.md",
    chapter="Limits and costs",
    question="Does dropout harm batch normalization, before it and after it?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    analyse=lambda _: Analysis(),
)
