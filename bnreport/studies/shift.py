"""Does batch normalization reduce internal covariate shift, and does it work because of that?"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.comparisons import Sample
from bnreport.analysis.crossed import Crossed, Measure, final, measured
from bnreport.analysis.design import claim_form, study
from bnreport.presentation.formats import with_interval
from bnreport.presentation.plots import Dots
from bnreport.presentation.tables import Table
from bnreport.protocol.checks import Probe, Score
from bnreport.protocol.directions import check, history
from bnreport.records.collection import Records

Floats = NDArray[np.float64]

RAW, STD, BN, STD_BN = usual()
# BN followed by noise that shifts and scales each unit anew in every step of training.
NOISY = Arm("noisy", "noisy BN", "noisy BN", dashed=True, net={"normalizer": "noisy"})
ARMS = (RAW, STD, BN, STD_BN, NOISY)
# Marks on the way; the two epochs have 314 steps.
EPOCHS = 2
STEPS = tuple(range(0, 281, 40))
VAL = Score(name="val", steps=STEPS, images=2_500)
# Before a mark's step and after it: the shift of one step, and in between that of 39.
DRIFT = Probe(
    name="drift",
    steps=tuple(step + after for step in STEPS for after in (0, 1)),
    probe="drift",
    images=1_000,
)
AFTER_MARKS, BEFORE_MARKS = slice(1, None, 2), slice(2, None, 2)
AHEAD = Probe(name="ahead", steps=STEPS, probe="lookahead")


NET = "ReLU nets, 100 units a layer, batches of 128"
NETS = Crossed(
    depths=(2, 8),
    rates=(0.01, 0.1),
    steps=STEPS,
    words=f"{NET}, mean over layers",
    setting={
        "epochs": EPOCHS,
        "batch_size": 128,
        "images": 20_000,
        "split": "seed",
        # At Keras' .99 the moving averages keep a part of their start for hundreds of steps.
        "momentum": 0.9,
        "evaluated": ("val",),
    },
)
# Nothing is asked of the gradients under noise, and their program takes minutes to compile.
RUNS = NETS.runs({arm: (VAL, DRIFT) if arm is NOISY else (VAL, DRIFT, AHEAD) for arm in ARMS})


# What is measured; a run that diverged has drifted without bound. The drift of the outputs of the
# dense layers and that of BN's, (seeds, steps of DRIFT, layers).
outputs, normalized = measured("drift_hidden"), measured("drift_norm")


def received(arm: str, depth: int, rate: float) -> Sample:
    """The drift of what the activation functions receive, (seeds, steps of DRIFT, layers)."""
    return (outputs if arm in ("raw", "std") else normalized)(arm, depth, rate)


def ahead(*net: Any) -> Sample:
    """The change of the gradients when the layers before step, (seeds, marks, layers with such)."""
    return measured("ahead_distance")(*net)[:, :, 1:]


def level(marks: Floats) -> Floats:
    """The mean over layers and over the marks after the start, (seeds,)."""
    return np.asarray(marks[:, 1:].mean(axis=(1, 2)), float)


def one_step(drift: Floats) -> Floats:
    """The mean drift of the one step that follows a mark, (seeds,)."""
    return level(drift[:, AFTER_MARKS])


def many_steps(drift: Floats) -> Floats:
    """The mean drift of the 39 steps between two marks, (seeds,)."""
    return np.asarray(drift[:, BEFORE_MARKS].mean(axis=(1, 2)), float)


def mean(measure: Measure, horizon: Callable[[Floats], Floats] = one_step) -> Measure:
    """The mean of a measure over a horizon, (seeds,)."""
    return lambda *net: measure(*net).map(horizon)


# Noisy BN keeps the gain of BN when it keeps this share of it.
KEPT = 0.75


def needed(depth: int, rate: float) -> Sample:
    """The accuracy at which noisy BN keeps the gain of BN, (seeds,)."""
    raw, bn = (final(arm, depth, rate) for arm in ("raw", "bn"))
    return raw + KEPT * (bn - raw)


# What the directions of the claims read.
LATER = tuple(step + 1 for step in STEPS[1:])
DENSE, NORMALIZED = check("drift_hidden", *LATER), check("drift_norm", *LATER)
END = history("val_accuracy", EPOCHS)


IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), abstract and section 2: BN reduces internal "
    "covariate shift, the change of the layers' inputs while the layers before them learn"
)
SANTURKAR = (
    "Santurkar et al. 2018 (arXiv 1805.11604), section 2.2, definition 2.1: VGG on CIFAR-10 and a "
    "deep linear net shift as much with BN as without, or more; curves, no number"
)
NOISY_NETS = (
    "Santurkar et al. 2018 (arXiv 1805.11604), section 2.1: with noise after BN the inputs of the "
    "layers of VGG are less stable than without BN, and it trains almost as well as with BN; "
    "curves, no number"
)
ON_IMAGES = (
    "in its standard deviations, on 1,000 images; mean over units, layers and the steps 40, 80, to "
    "280"
)
RECEIVED = (
    "how far the mean of what a unit's activation function receives moves in one step, " + ON_IMAGES
)
# The drift was announced over the 40 steps between two marks (commit e8559b0) and measured in one
# step (46064ab), before any judged run.
CHANGED = (
    "the drift was announced over 40 steps and is measured in one. Over 40 steps, a pilot showed, "
    "a net on raw pixels drifts as far as the noise shifts it in one, so that the noise would not "
    "stand out. The page shows both."
)
# The nets without BN: in the name of a claim, in its statement, among its arms, in its label.
CONTROLS = (
    ("raw", "raw pixels", "raw pixels and BN", "raw"),
    ("std", "standardized inputs without BN", "standardized inputs without BN, and BN", "std."),
)


def drift(words: str) -> dict[str, Any]:
    """The words of a claim on a drift: the frozen text leaves the horizon to the metric."""
    return {
        "statement": words.format(""),
        "shown": words.format(" in one step"),
        "changed": CHANGED,
    }


EVERYWHERE = "{}, in nets of 2 and of 8 layers at learning rates 0.01 and 0.1."
claim = claim_form(
    "shift",
    question="Does BN reduce internal covariate shift, and is that why it helps?",
    statement=EVERYWHERE,
    scale="ratio",
    unit="x",
    margin=1.25,
    shown=EVERYWHERE,
)

CLAIMS = (
    *(
        claim(
            f"ahead-{control}",
            by=NETS.times(mean(ahead, level), control, "bn"),
            # Gradients of the layers that have others before them; the output's is the last.
            ahead=NETS.less(
                "bn",
                control,
                lambda depth: check("ahead_distance", *STEPS[1:], layers=range(1, depth + 1)),
            ),
            label=f"gradient, BN under {label}",
            statement="With BN, a step of the layers before changes a layer's gradient less than "
            f"on {where}",
            source=f"{IOFFE}. The measure: {SANTURKAR}",
            arms=arms,
            metric="distance of a layer's gradient on a batch before and after the layers before "
            "it take their step, relative to the gradient; mean over layers and the steps 40, 80, "
            "to 280",
            expected=expected,
        )
        for (control, where, arms, _), label, expected in zip(
            CONTROLS, ("raw", "standardized"), ("supported", "mixed"), strict=True
        )
    ),
    *(
        claim(
            f"received-{control}",
            by=NETS.times(mean(received), control, "bn"),
            ahead=NETS.less("bn", control, NORMALIZED, than=DENSE),
            label=f"drift after BN, under {label}",
            **drift(
                "With BN, the means of what the activation functions receive drift less{} than on "
                + where
            ),
            source=f"{IOFFE}; no number is given",
            arms=arms,
            metric=RECEIVED,
            expected="supported",
        )
        for control, where, arms, label in CONTROLS
    ),
    *(
        claim(
            f"outputs-{control}",
            by=NETS.times(mean(outputs), control, "bn"),
            ahead=NETS.less("bn", control, DENSE),
            label=f"drift before BN, under {label}",
            **drift(
                "In a net with BN, the means of what comes out of the dense layers, before BN, "
                "drift less{} than on " + where
            ),
            source=f"{IOFFE}; no number is given",
            arms=arms,
            metric="how far the mean of a unit of a dense layer moves in one step, before BN, "
            + ON_IMAGES,
            expected=expected,
        )
        for (control, where, arms, label), expected in zip(
            CONTROLS, ("supported", "mixed"), strict=True
        )
    ),
    claim(
        "noisy-drift",
        by=NETS.times(mean(received), "noisy", "raw"),
        ahead=NETS.more("noisy", "raw", NORMALIZED, than=DENSE),
        label="drift, noisy BN over raw",
        **drift(
            "With noise after BN, the means of what the activation functions receive drift more{} "
            "than on raw pixels"
        ),
        source=NOISY_NETS,
        arms="BN followed by noise, and raw pixels",
        metric=f"{RECEIVED}; the noise is part of what is received",
        expected="supported",
    ),
    claim(
        "noisy-gain",
        by={
            where: (100 * (final("noisy", *cell) - needed(*cell))).contrast()
            for where, cell in NETS.cells.items()
        },
        ahead=NETS.more("noisy", ("raw", "bn"), END),
        label="gain of noisy BN",
        statement="With noise after BN, a net keeps at least three quarters of what BN adds to the "
        "validation accuracy on raw pixels",
        source=NOISY_NETS,
        arms="raw pixels, BN, and BN followed by noise",
        metric="by how much noisy BN's accuracy is above raw + .75 (BN - raw); validation accuracy "
        "after the second epoch, in inference mode and so without noise",
        scale="linear",
        unit="pp",
        margin=0.0,
        expected="mixed",
    ),
)

# By what a claim compares: where the drift is measured, and which arm over which.
NOISE = "received, noisy BN over raw"
DRIFTS: dict[str, tuple[Measure, str, str]] = {
    "received, raw over BN": (received, "raw", "bn"),
    "received, standardized over BN": (received, "std", "bn"),
    "before BN, raw over BN": (outputs, "raw", "bn"),
    "before BN, standardized over BN": (outputs, "std", "bn"),
    NOISE: (received, "noisy", "raw"),
}


def _values(records: Records) -> dict[str, Any]:
    """The drift of noisy BN between two marks, which no claim judges."""
    judges = NETS.times(mean(received, many_steps), "noisy", "raw")
    long = {where: judge(records).interval for where, judge in judges.items()}
    counts = {
        "long.more": str(sum(interval.low > 0 for interval in long.values())),
        "long.less": str(sum(interval.high < 0 for interval in long.values())),
    }
    origin = "noisy BN over raw pixels, 39 steps, 12 pairs, not judged"
    return (
        values_of(origin, {f"long.{where}": _factor(i, 2) for where, i in long.items()})
        | values_of(f"nets, {origin}", counts)
        | values_of("nets", {"long.nets": str(len(long))})
    )


def _factor(interval: Any, decimals: int | None = None) -> str:
    """A ratio and its interval; in three digits, as many as a phone shows and seeds warrant."""
    low, point, high = (math.exp(end) for end in (interval.low, interval.point, interval.high))
    digits = min(2, max(0, 2 - math.floor(math.log10(point)))) if decimals is None else decimals
    return with_interval(replace(interval, low=low, point=point, high=high), digits)


def _horizons(records: Records) -> Table:
    """Every drift that a claim compares, in one step and over 39; no claim judges the latter."""
    rows = []
    for compared, (place, over, under) in DRIFTS.items():
        judges = [NETS.times(mean(place, x), over, under) for x in (one_step, many_steps)]
        for where in NETS.cells:
            factors = (_factor(judge[where](records).interval) for judge in judges)
            rows.append((compared, where, *factors))
    return Table(
        "The same drifts over two horizons",
        ("drift", "net", "in one step", "over 39 steps"),
        tuple(rows),
        note="How many times as far the first net drifts as the second, with 95% intervals over "
        "the seeds. The claims judge one step; nothing judges the 39 steps between two marks.",
    )


def _levels(records: Records) -> Table:
    def column(measure: Measure) -> Callable[[tuple[str, int, float]], str]:
        return lambda net: _typical(measure(*net)(records))

    changes = column(mean(ahead, level))
    return Table.by_column(
        "How much each net shifts in a step of training, and how accurate it is in the end",
        "net",
        NETS.nets(*ARMS),
        {
            "gradient change": lambda net: "–" if net[0] == "noisy" else changes(net),
            "drift, received": column(mean(received)),
            "drift, before BN": column(mean(outputs)),
            "accuracy, %": lambda net: mean_of(100 * final(*net)(records), 1),
        },
        note="The change of a layer's gradient is relative to it. The drifts, of what activation "
        "functions receive and of the dense outputs before BN, are in standard deviations of a "
        "unit; without BN the two are one. Accuracy: validation, at the end. Means over layers and "
        f"the steps {STEPS[1]} to {STEPS[-1]}, and the geometric mean over seeds. Gradients under "
        "noise were not looked at.",
    )


def _typical(shifts: Floats) -> str:
    """The geometric mean over seeds, as the claims compare them, with two digits that count."""
    power = float(np.log10(shifts).mean())
    digits = max(0, 1 - math.floor(power)) if math.isfinite(power) else 0
    return mean_of(np.log(shifts), digits, log=True)


def _gain(records: Records) -> Dots:
    rows = [
        arm.row(
            100 * final(arm.name, *cell)(records),
            f"{cell[0]} layers, rate {cell[1]:g}, {arm.short}",
            published=(float((100 * needed(*cell))(records).mean()),) if arm is NOISY else (),
            cross="three quarters of what BN adds to raw pixels",
        )
        for cell in NETS.cells.values()
        for arm in (RAW, BN, NOISY)
    ]
    return Dots(
        title="Validation accuracy on raw pixels, with BN and with noisy BN",
        subtitle=f"{NET}, {EPOCHS} epochs. A dot a seed (n = {records.n_seeds}), mean, 95% "
        "interval. Cross: raw pixels plus three quarters of what BN adds",
        x_label="validation accuracy, %",
        rows=tuple(rows),
        decimals=1,
        narrow=True,
    )


def by_layers(measure: Measure, marks: slice = slice(None)) -> Measure:
    """The mean of a measure over the layers, (seeds, marks)."""
    return lambda *net: measure(*net)[:, marks].map(lambda shifts: shifts.mean(axis=2))


CHANGE = ("How much a layer's gradient changes when earlier layers step", "distance / gradient")
FAR = ("How far the inputs of the activation functions drift in one step", "standard deviations")
STUDY = study(
    "shift",
    CLAIMS,
    RUNS,
    title="Internal covariate shift",
    chapter="Mechanisms",
    question="Does batch normalization reduce internal covariate shift, and is that why it helps?",
    values=_values,
    tables={"levels": _levels, "horizons": _horizons},
    plots={
        "ahead-2": NETS.by_step(by_layers(ahead), 2, ARMS[:-1], *CHANGE),
        "ahead-8": NETS.by_step(by_layers(ahead), 8, ARMS[:-1], *CHANGE),
        # Each more makes the file larger; BN on standardized inputs is in the table.
        "drift": NETS.by_step(by_layers(received, AFTER_MARKS), 8, (RAW, STD, BN, NOISY), *FAR),
        "gain": _gain,
    },
)
