"""Is the loss smoother along the steps of a net with batch normalization?"""

from collections.abc import Callable, Sequence

import numpy as np

from bnreport.arms import ARMS, arm
from bnreport.estimates import Contrast, Estimate, log_ratio
from bnreport.records import Record
from bnreport.rules import DIFFERENCE, LOST, SEEDS_ONLY, SETTINGS
from bnreport.samples import Floats, checked, lost
from bnreport.study import Analysis, Claim, Records, Runs, Study, Word
from bnreport.trials import Probe, Trial

DEPTHS = (2, 8)
RATES = (0.01, 0.1)
EPOCHS = 2
# The start and three of the 314 steps; each looks along the gradient of the next batch.
STEPS = (0, 50, 150, 300)
# Multiples of the learning rate.
ALONG = Probe(
    name="along",
    steps=STEPS,
    probe="landscape",
    settings={"steps": (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0)},
)
# Shares of the norm of the kernels: BN makes its kernels free in scale, and a step of the same
# length is a smaller one for larger kernels.
SHARES = (0.003, 0.01, 0.03)
SHARE = Probe(
    name="share", steps=STEPS, probe="landscape", settings={"relative": 1, "steps": SHARES}
)
# At Keras' .99 the moving averages keep a part of their start for hundreds of steps.
MOMENTUM = 0.9


def name(depth: int, of: str, rate: float) -> str:
    """The name of a trial."""
    return f"{depth}-{of}-{rate:g}"


CELLS = {f"depth {depth}, rate {rate:g}": (depth, rate) for depth in DEPTHS for rate in RATES}


def _trial(depth: int, of: str, rate: float) -> Trial:
    return arm(
        of,
        name(depth, of, rate),
        net={"hidden": (100,) * depth},
        learning_rate=rate,
        epochs=EPOCHS,
        batch_size=128,
        images=20_000,
        split="seed",
        momentum=MOMENTUM,
        evaluated=("val",),
        checks=(ALONG, SHARE),
    )


RUNS = tuple(Runs(_trial(depth, of, rate)) for depth in DEPTHS for of in ARMS for rate in RATES)

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


def beta(records: Sequence[Record]) -> Floats:
    """The effective beta, (seeds, marks); infinite where a run diverged."""
    return np.asarray(checked(records, f"{ALONG.name}_beta", np.inf).max(axis=2), float)


def change(records: Sequence[Record]) -> Floats:
    """The relative change of the gradient after the largest relative step, (seeds, marks)."""
    return checked(records, f"{SHARE.name}_relative", np.inf)[:, :, -1]


def spread(records: Sequence[Record]) -> Floats:
    """The range of the loss along the gradient, (seeds, marks); infinite where a run diverged."""
    losses = checked(records, f"{ALONG.name}_loss", np.inf)
    whole = np.isfinite(losses).all(axis=2)
    ranges = np.full(whole.shape, np.inf)
    ranges[whole] = np.ptp(losses[whole], axis=1)
    return ranges


def during(found: Floats) -> Floats:
    """The geometric mean over the marks of training, (seeds,)."""
    return np.asarray(np.exp(np.log(found[:, 1:]).mean(axis=1)), float)


def at_start(found: Floats) -> Floats:
    """The mark before the first step, (seeds,)."""
    return found[:, 0]


def _smoother(
    measure: Callable[[Sequence[Record]], Floats], when: Callable[[Floats], Floats], than: str
) -> Callable[[Records], Estimate]:
    def contrast(records: Records, depth: int, rate: float) -> Contrast:
        rough, smooth = (records.trial(name(depth, of, rate)) for of in (than, "bn"))
        return log_ratio(when(measure(rough)), when(measure(smooth)), lost(rough, smooth))

    return lambda records: {where: contrast(records, *cell) for where, cell in CELLS.items()}


ESTIMATES = {
    f"landscape-{what}-{than}": _smoother(measure, when, than)
    for what, measure, when in (
        ("beta", beta, during),
        ("share", change, during),
        ("range", spread, during),
        ("start", beta, at_start),
    )
    for than in ("raw", "std")
}

STUDY = Study(
    name="landscape",
    title="The loss landscape",
    page="studies/landscape.md",
    chapter="Mechanisms",
    question="Is the loss smoother along the steps of a net with batch normalization?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    analyse=lambda _: Analysis(),
)
