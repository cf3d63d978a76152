"""Does it matter whether batch normalization comes before or after the activation?"""

from collections.abc import Callable, Mapping
from typing import Any

from bnreport.arms import arm
from bnreport.estimates import Contrast, Estimate
from bnreport.rules import DIFFERENCE, EQUIVALENCE, LOST, SEEDS_AND_IMAGES, SETTINGS
from bnreport.samples import check_chosen, gain
from bnreport.study import TUNING_SEEDS, Analysis, Claim, Records, Runs, Study, Word
from bnreport.trials import Trial

BATCH_SIZE = 128
GRID = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
EPOCHS, TUNING_EPOCHS = 6, 3
# Each activation with the start that is made for it.
ACTIVATIONS = {
    "relu": {"activation": "relu", "initializer": "HeNormal"},
    "tanh": {"activation": "tanh", "initializer": "GlorotUniform"},
}
PLACES = ("before", "after")
# Without BN, and with BN at each place, on raw pixels and on standardized inputs.
KINDS = ("raw", "std", *PLACES, *(f"std-{place}" for place in PLACES))
# What the tuning runs find best; `check_chosen` holds it to them.
RATES = {
    "relu-raw": 0.1,
    "relu-std": 0.1,
    "relu-before": 0.3,
    "relu-after": 0.3,
    "relu-std-before": 0.3,
    "relu-std-after": 0.3,
    "tanh-raw": 0.1,
    "tanh-std": 0.1,
    "tanh-before": 0.3,
    "tanh-after": 0.3,
    "tanh-std-before": 0.3,
    "tanh-std-after": 0.3,
}


def tuning(of: str, rate: float) -> str:
    """The name of a tuning trial."""
    return f"{of}-tuning-{rate:g}"


def _trial(activation: str, kind: str, name: str, **more: Any) -> Trial:
    inputs, _, place = kind.rpartition("-")
    normalized = place in PLACES
    net: dict[str, Any] = ACTIVATIONS[activation] | ({"placement": place} if normalized else {})
    return arm(
        (f"{inputs}-bn" if inputs else "bn") if normalized else kind,
        name,
        net=net,
        batch_size=BATCH_SIZE,
        split="seed",
        evaluated=("val",),
        **more,
    )


RUNS = (
    *(
        Runs(
            _trial(
                activation,
                kind,
                tuning(f"{activation}-{kind}", rate),
                learning_rate=rate,
                epochs=TUNING_EPOCHS,
            ),
            full=(),
            tuning=TUNING_SEEDS,
        )
        for activation in ACTIVATIONS
        for kind in KINDS
        for rate in GRID
    ),
    *(
        Runs(
            _trial(
                activation,
                kind,
                f"{activation}-{kind}",
                learning_rate=RATES[f"{activation}-{kind}"],
                epochs=EPOCHS,
                score_epochs=(EPOCHS,),
            )
        )
        for activation in ACTIVATIONS
        for kind in KINDS
    ),
)


def check_tuning(records: Records) -> None:
    """Refuse rates that the tuning runs did not find best."""
    check_chosen(records, RATES, {of: {r: tuning(of, r) for r in GRID} for of in RATES})


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
        margin=0.3,
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
        margin=0.3,
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


def _gain(treated: str, control: str) -> Callable[[Records], Contrast]:
    return lambda records: gain(records.trial(treated), records.trial(control), EPOCHS)


def _at_both(activation: str, control: str) -> Callable[[Records], Mapping[str, Contrast]]:
    return lambda records: {
        place: gain(
            records.trial(f"{activation}-{place}"),
            records.trial(f"{activation}-{control}"),
            EPOCHS,
        )
        for place in PLACES
    }


ESTIMATES: Mapping[str, Callable[[Records], Estimate]] = {
    "placement-same-relu": _gain("relu-after", "relu-before"),
    "placement-same-tanh": _gain("tanh-after", "tanh-before"),
    "placement-before-relu": _gain("relu-before", "relu-after"),
    "placement-after-tanh": _gain("tanh-after", "tanh-before"),
    **{
        f"placement-{control}-{activation}": _at_both(activation, control)
        for activation in ACTIVATIONS
        for control in ("raw", "std")
    },
}

STUDY = Study(
    name="placement",
    title="Placement",
    page="studies/placement.md",
    chapter="Limits and costs",
    question="Does it matter whether batch normalization comes before or after the activation?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    analyse=lambda _: Analysis(),
    check_tuning=check_tuning,
)
