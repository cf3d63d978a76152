"""Does batch normalization reduce internal covariate shift, and does it work because of that?"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bnreport.arms import ARMS, arm
from bnreport.estimates import Contrast, Estimate, log_ratio, paired
from bnreport.records import Record
from bnreport.rules import DIFFERENCE, LOST, SEEDS_ONLY, SETTINGS
from bnreport.samples import Floats, checked, last, lost
from bnreport.study import Analysis, Claim, Records, Runs, Study, Word
from bnreport.trials import Probe, Score, Trial

DEPTHS = (2, 8)
RATES = (0.01, 0.1)
# BN followed by noise that shifts and scales each unit anew in every step of training.
NOISY = "noisy"
SHIFT_ARMS = (*ARMS, NOISY)
EPOCHS = 2
# Marks on the way; the two epochs have 314 steps.
STEPS = tuple(range(0, 281, 40))
VAL = Score(name="val", steps=STEPS, images=2_500)
# Before a mark's step and after it: the shift of one step, and in between that of 39.
DRIFT = Probe(
    name="drift",
    steps=tuple(step + after for step in STEPS for after in (0, 1)),
    probe="drift",
    images=1_000,
)
AHEAD = Probe(name="ahead", steps=STEPS, probe="lookahead")
# At Keras' .99 the moving averages keep a part of their start for hundreds of steps.
MOMENTUM = 0.9
# Noisy BN keeps the gain of BN when it keeps this share of it.
KEPT = 0.75


def name(depth: int, of: str, rate: float) -> str:
    """The name of a trial."""
    return f"{depth}-{of}-{rate:g}"


def setting(depth: int, rate: float) -> str:
    """The name of a setting of the claims."""
    return f"depth {depth}, rate {rate:g}"


CELLS = {setting(depth, rate): (depth, rate) for depth in DEPTHS for rate in RATES}


def _trial(depth: int, of: str, rate: float) -> Trial:
    noisy = {"normalizer": "noisy"} if of == NOISY else {}
    return arm(
        "bn" if of == NOISY else of,
        name(depth, of, rate),
        net={"hidden": (100,) * depth} | noisy,
        learning_rate=rate,
        epochs=EPOCHS,
        batch_size=128,
        images=20_000,
        split="seed",
        momentum=MOMENTUM,
        evaluated=("val",),
        # Nothing is asked of the gradients under noise, and their program takes minutes to compile.
        checks=(VAL, DRIFT) if of == NOISY else (VAL, DRIFT, AHEAD),
    )


RUNS = tuple(
    Runs(_trial(depth, of, rate)) for depth in DEPTHS for of in SHIFT_ARMS for rate in RATES
)

IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), abstract and section 2: BN reduces internal "
    "covariate shift, the change of the layers' inputs while the layers before them learn"
)
SANTURKAR = (
    "Santurkar et al. 2018 (arXiv 1805.11604), section 2.2, definition 2.1: VGG on CIFAR-10 and a "
    "deep linear net shift as much with BN as without, or more; curves, no number"
)
NOISE = (
    "Santurkar et al. 2018 (arXiv 1805.11604), section 2.1: with noise after BN the inputs of the "
    "layers of VGG are less stable than without BN, and it trains almost as well as with BN; "
    "curves, no number"
)
_AHEAD = (
    "distance of a layer's gradient on a batch before and after the layers before it take their "
    "step, relative to the gradient; mean over layers and the steps 40, 80, to 280"
)
_RECEIVED = (
    "how far the mean of what a unit's activation function receives moves in one step, in its "
    "standard deviations, on 1,000 images; mean over units, layers and the steps 40, 80, to 280"
)
_OUTPUTS = (
    "how far the mean of a unit of a dense layer moves in one step, before BN, in its standard "
    "deviations, on 1,000 images; mean over units, layers and the steps 40, 80, to 280"
)


def _claim(
    id_: str,
    label: str,
    statement: str,
    arms: str,
    metric: str,
    expected: Word,
    source: str,
    **more: Any,
) -> Claim:
    given: dict[str, Any] = {"scale": "ratio", "unit": "x", "margin": 1.25} | more
    return Claim(
        id=id_,
        label=label,
        question="Does BN reduce internal covariate shift, and is that why it helps?",
        statement=statement,
        source=source,
        kind="difference",
        arms=arms,
        metric=metric,
        seeds="100-111",
        rule=DIFFERENCE + LOST + SETTINGS + SEEDS_ONLY,
        expected=expected,
        settings=tuple(CELLS),
        **given,
    )


_EVERYWHERE = "in nets of 2 and of 8 layers at learning rates 0.01 and 0.1"

CLAIMS = (
    _claim(
        "shift-ahead-raw",
        "gradient, BN under raw",
        "With BN, a step of the layers before changes a layer's gradient less than on raw pixels, "
        f"{_EVERYWHERE}.",
        "raw pixels and BN",
        _AHEAD,
        "supported",
        IOFFE + ". The measure: " + SANTURKAR,
    ),
    _claim(
        "shift-ahead-std",
        "gradient, BN under standardized",
        "With BN, a step of the layers before changes a layer's gradient less than on standardized "
        f"inputs without BN, {_EVERYWHERE}.",
        "standardized inputs without BN, and BN",
        _AHEAD,
        "mixed",
        IOFFE + ". The measure: " + SANTURKAR,
    ),
    _claim(
        "shift-received-raw",
        "drift after BN, under raw",
        "With BN, the means of what the activation functions receive drift less than on raw "
        "pixels, "
        f"{_EVERYWHERE}.",
        "raw pixels and BN",
        _RECEIVED,
        "supported",
        IOFFE + "; no number is given",
    ),
    _claim(
        "shift-received-std",
        "drift after BN, under std.",
        "With BN, the means of what the activation functions receive drift less than on "
        "standardized inputs without BN, "
        f"{_EVERYWHERE}.",
        "standardized inputs without BN, and BN",
        _RECEIVED,
        "supported",
        IOFFE + "; no number is given",
    ),
    _claim(
        "shift-outputs-raw",
        "drift before BN, under raw",
        "In a net with BN, the means of what comes out of the dense layers, before BN, drift less "
        "than on raw pixels, "
        f"{_EVERYWHERE}.",
        "raw pixels and BN",
        _OUTPUTS,
        "supported",
        IOFFE + "; no number is given",
    ),
    _claim(
        "shift-outputs-std",
        "drift before BN, under std.",
        "In a net with BN, the means of what comes out of the dense layers, before BN, drift less "
        "than on standardized inputs without BN, "
        f"{_EVERYWHERE}.",
        "standardized inputs without BN, and BN",
        _OUTPUTS,
        "mixed",
        IOFFE + "; no number is given",
    ),
    _claim(
        "shift-noisy-drift",
        "drift, noisy BN over raw",
        "With noise after BN, the means of what the activation functions receive drift more than "
        f"on raw pixels, {_EVERYWHERE}.",
        "BN followed by noise, and raw pixels",
        _RECEIVED + "; the noise is part of what is received",
        "supported",
        NOISE,
    ),
    _claim(
        "shift-noisy-gain",
        "gain of noisy BN",
        "With noise after BN, a net keeps at least three quarters of what BN adds to the "
        f"validation accuracy on raw pixels, {_EVERYWHERE}.",
        "raw pixels, BN, and BN followed by noise",
        "by how much noisy BN's accuracy is above raw + .75 (BN - raw); validation accuracy after "
        "the second epoch, in inference mode and so without noise",
        "mixed",
        NOISE,
        scale="linear",
        unit="pp",
        margin=0.0,
    ),
)


def received(records: Sequence[Record]) -> Floats:
    """The drift of what the activation functions receive, (seeds, steps of DRIFT, layers)."""
    normalized = any(f"{DRIFT.name}_norm" in record.checks for record in records)
    # A run that diverged has drifted without bound.
    return checked(records, f"{DRIFT.name}_{'norm' if normalized else 'hidden'}", np.inf)


def outputs(records: Sequence[Record]) -> Floats:
    """The drift of the outputs of the dense layers, before BN, (seeds, steps of DRIFT, layers)."""
    return checked(records, f"{DRIFT.name}_hidden", np.inf)


def in_one_step(drift: Floats) -> Floats:
    """The drift in the one step that follows each mark, (seeds, marks, layers)."""
    return drift[:, 1::2]


def ahead(records: Sequence[Record]) -> Floats:
    """How the gradients change when the layers before step, (seeds, marks, layers with such)."""
    return checked(records, f"{AHEAD.name}_distance", np.inf)[:, :, 1:]


def level(found: Floats) -> Floats:
    """The mean over layers and over the marks after the start, (seeds,)."""
    return np.asarray(found[:, 1:].mean(axis=(1, 2)), float)


def _ratio(
    measure: Callable[[Sequence[Record]], Floats], more: str, less: str
) -> Callable[[Records], Estimate]:
    def contrast(records: Records, depth: int, rate: float) -> Contrast:
        over, under = (records.trial(name(depth, of, rate)) for of in (more, less))
        return log_ratio(level(measure(over)), level(measure(under)), lost(over, under))

    return lambda records: {where: contrast(records, *cell) for where, cell in CELLS.items()}


def _drift(
    place: Callable[[Sequence[Record]], Floats], more: str, less: str
) -> Callable[[Records], Estimate]:
    return _ratio(lambda records: in_one_step(place(records)), more, less)


def _kept(records: Records, depth: int, rate: float) -> Contrast:
    arms = [records.trial(name(depth, of, rate)) for of in ("raw", "bn", NOISY)]
    raw, bn, noisy = (last(found, "val_accuracy") for found in arms)
    return paired(100 * (noisy - (raw + KEPT * (bn - raw))), lost(*arms))


ESTIMATES: dict[str, Callable[[Records], Estimate]] = {
    "shift-ahead-raw": _ratio(ahead, "raw", "bn"),
    "shift-ahead-std": _ratio(ahead, "std", "bn"),
    "shift-received-raw": _drift(received, "raw", "bn"),
    "shift-received-std": _drift(received, "std", "bn"),
    "shift-outputs-raw": _drift(outputs, "raw", "bn"),
    "shift-outputs-std": _drift(outputs, "std", "bn"),
    "shift-noisy-drift": _drift(received, NOISY, "raw"),
    "shift-noisy-gain": lambda records: {
        where: _kept(records, *cell) for where, cell in CELLS.items()
    },
}

STUDY = Study(
    name="shift",
    title="Internal covariate shift",
    page="studies/shift.md",
    chapter="Mechanisms",
    question="Does batch normalization reduce internal covariate shift, and is that why it helps?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    analyse=lambda _: Analysis(),
)
