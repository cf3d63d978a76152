"""Does it need to be batch normalization, or do other inputs, starts and normalizers do as well?"""

from collections.abc import Callable
from typing import Any

from bnreport.arms import NAMES, arm
from bnreport.estimates import Contrast
from bnreport.rules import DIFFERENCE, EQUIVALENCE, LOST, SEEDS_AND_IMAGES
from bnreport.samples import gain
from bnreport.study import TUNING_SEEDS, Analysis, Claim, Records, Runs, Study, Word
from bnreport.trials import Trial

BATCH = 128
GRID = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
EPOCHS, TUNING_EPOCHS = 8, 3
# How each arm that `arms` does not know differs from the net on raw pixels.
OTHERS: dict[str, dict[str, Any]] = {
    "centred": {"inputs": "centred"},
    "scaled": {"inputs": "scaled"},
    "input-bn": {"net": {"normalized_inputs": True}},
    "ws": {"net": {"normalizer": "weight"}},
    "glorot": {"net": {"initializer": "GlorotUniform"}},
    "unit": {"start": "unit variance"},
}
LABELS = NAMES | {
    "centred": "centred inputs",
    "scaled": "scaled inputs",
    "input-bn": "BN of the inputs only",
    "ws": "weight standardization",
    "glorot": "Glorot's initialization",
    "unit": "start with unit variance",
}
ARMS = ("raw", "std", "bn", "std-bn", "ln", "gn", *OTHERS)
# What the tuning runs find best; `check_chosen` holds it to them.
RATES = {
    "raw": 0.1,
    "std": 0.1,
    "bn": 1.0,
    "std-bn": 0.3,
    "ln": 0.1,
    "gn": 0.1,
    "centred": 0.1,
    "scaled": 0.03,
    "input-bn": 0.1,
    "ws": 0.1,
    "glorot": 0.1,
    "unit": 0.1,
}


def tuning(of: str, rate: float) -> str:
    """The name of a tuning trial."""
    return f"{of}-tuning-{rate:g}"


def _trial(of: str, name: str, **more: Any) -> Trial:
    fixed: dict[str, Any] = {"batch_size": BATCH, "split": "seed", "evaluated": ("val",)}
    return arm("raw" if of in OTHERS else of, name, **(fixed | OTHERS.get(of, {}) | more))


RUNS = (
    *(
        Runs(
            _trial(of, tuning(of, rate), learning_rate=rate, epochs=TUNING_EPOCHS),
            full=(),
            tuning=TUNING_SEEDS,
        )
        for of in ARMS
        for rate in GRID
    ),
    *(
        Runs(_trial(of, of, learning_rate=RATES[of], epochs=EPOCHS, score_epochs=(EPOCHS,)))
        for of in ARMS
    ),
)

_NEEDED = "Does it need to be batch normalization?"
_INSTEAD = "Does another normalizer do as well?"
_START = "Do the inputs or the start do it alone?"
_IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), figure 3: on ImageNet at most 72.7% with BN "
    "against 72.2% without at the same rate, and 74.8% with a larger rate and other changes"
)
_GROUPS = "Wu and He 2018 (arXiv 1803.08494), section 4.1: ResNet-50 on ImageNet, 32 images a GPU, "
_LECUN = (
    "LeCun, Bottou, Orr and Müller 1998, Efficient BackProp, section 4.3: convergence is usually "
    "faster if the average of each input is close to zero, and if all have about the same spread"
)


def _claim(
    question: str,
    name: str,
    label: str,
    statement: str,
    arms: str,
    expected: Word,
    source: str,
    same: bool = False,
) -> Claim:
    return Claim(
        id=f"alternatives-{name}",
        label=label,
        question=question,
        statement=f"With each arm at its own best learning rate, {statement}",
        source=source,
        kind="equivalence" if same else "difference",
        arms=f"{arms}, each at its best rate",
        metric=f"test accuracy after {EPOCHS} epochs, batches of {BATCH}",
        unit="pp",
        margin=0.5,
        seeds="100-111",
        rule=(EQUIVALENCE if same else DIFFERENCE) + LOST + SEEDS_AND_IMAGES,
        expected=expected,
    )


CLAIMS = (
    _claim(
        _NEEDED,
        "bn-raw",
        "BN over raw",
        "BN is more accurate than the net on raw pixels.",
        "BN and raw pixels",
        "supported",
        _IOFFE,
    ),
    _claim(
        _NEEDED,
        "bn-std",
        "BN over standardized",
        "BN is more accurate than standardized inputs without BN.",
        "BN and standardized inputs without BN",
        "not supported",
        _IOFFE,
    ),
    _claim(
        _INSTEAD,
        "ln",
        "layer norm like BN",
        "layer normalization is as accurate as BN.",
        "layer normalization and BN",
        "underpowered",
        "Ba, Kiros and Hinton 2016 (arXiv 1607.06450), figure 6: on MNIST it trains faster than "
        "BN at batches of 128 and 4; " + _GROUPS + "1.7 pp more error than BN",
        same=True,
    ),
    _claim(
        _INSTEAD,
        "gn",
        "group norm like BN",
        "group normalization is as accurate as BN.",
        "group normalization (10 groups) and BN",
        "underpowered",
        _GROUPS + "24.1% error against 23.6% with BN",
        same=True,
    ),
    _claim(
        _INSTEAD,
        "ws",
        "weight std. like BN",
        "weight standardization alone is as accurate as BN.",
        "weight standardization and BN",
        "not supported",
        "Qiao, Wang, Liu, Shen and Yuille 2019 (arXiv 1903.10520), abstract: together with group "
        "normalization it matches or outperforms BN with large batches; alone it is not proposed",
        same=True,
    ),
    _claim(
        _START,
        "input-bn",
        "input BN like standardized",
        "BN of the inputs alone is as accurate as standardized inputs.",
        "BN of the inputs and standardized inputs, both without BN in the hidden layers",
        "supported",
        _LECUN,
        same=True,
    ),
    _claim(
        _START,
        "unit",
        "unit variance over raw",
        "a start at which every layer has outputs of unit variance makes the net on raw pixels "
        "more accurate.",
        "kernels scaled by the first batch and kernels as drawn, both on raw pixels",
        "not supported",
        "Mishkin and Matas 2016 (arXiv 1511.06422), abstract: nets that start so are as accurate "
        "as with standard methods or more; here without the orthogonal start",
    ),
    _claim(
        _START,
        "centring",
        "centring over scaling",
        "centred inputs make the net more accurate than scaled inputs do.",
        "inputs with mean zero and inputs with unit variance, both without BN",
        "supported",
        _LECUN,
    ),
)


def _gain(treated: str, control: str) -> Callable[[Records], Contrast]:
    return lambda records: gain(records.trial(treated), records.trial(control), EPOCHS)


ESTIMATES = {
    "alternatives-bn-raw": _gain("bn", "raw"),
    "alternatives-bn-std": _gain("bn", "std"),
    "alternatives-ln": _gain("ln", "bn"),
    "alternatives-gn": _gain("gn", "bn"),
    "alternatives-ws": _gain("ws", "bn"),
    "alternatives-input-bn": _gain("input-bn", "std"),
    "alternatives-unit": _gain("unit", "raw"),
    "alternatives-centring": _gain("centred", "scaled"),
}


STUDY = Study(
    name="alternatives",
    title="Alternatives",
    page="studies/alternatives.md",
    chapter="Limits and costs",
    question="Does it need to be batch normalization, or do other inputs, starts and normalizers "
    "do as well?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    analyse=lambda _: Analysis(),
)
