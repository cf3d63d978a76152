"""Is the loss smoother along the steps of a net with batch normalization?"""

from collections.abc import Callable
from typing import Any

import numpy as np

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.cells import mean_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import Judge, Sample, runs_of
from bnreport.analysis.design import claim_form, study
from bnreport.presentation.plots import Curves
from bnreport.presentation.tables import Analysis, Table
from bnreport.protocol.checks import Probe
from bnreport.protocol.directions import Direction, check, less
from bnreport.records.collection import Records

RAW, STD, BN, STD_BN = ARMS = usual()
DEPTHS, RATES = (2, 8), (0.01, 0.1)
CELLS = {f"depth {depth}, rate {rate:g}": (depth, rate) for depth in DEPTHS for rate in RATES}
# The start and three of the 314 steps; each looks along the gradient of the next batch.
STEPS = (0, 50, 150, 300)
DURING = STEPS[1:]
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


def named(depth: int, arm: str, rate: float) -> str:
    """The name of a trial."""
    return f"{depth}-{arm}-{rate:g}"


RUNS = tuple(
    arm.runs(
        named(depth, arm.name, rate),
        net={"hidden": (100,) * depth},
        learning_rate=rate,
        epochs=2,
        batch_size=128,
        images=20_000,
        split="seed",
        # At Keras' .99 the moving averages keep a part of their start for hundreds of steps.
        momentum=0.9,
        evaluated=("val",),
        checks=(ALONG, SHARE),
    )
    for depth in DEPTHS
    for arm in ARMS
    for rate in RATES
)


def _spread(losses: Any) -> Any:
    """The range of the loss along each path; infinite where a run diverged."""
    whole = np.isfinite(losses).all(axis=2)
    ranges = np.full(whole.shape, np.inf)
    ranges[whole] = np.ptp(losses[whole], axis=1)
    return ranges


def beta(trial: str) -> Sample:
    """The effective beta, (seeds, marks); infinite where a run diverged."""
    return runs_of(trial).measured("along_beta", np.inf).map(lambda found: found.max(axis=2))


def change(trial: str) -> Sample:
    """The relative change of the gradient after the largest relative step, (seeds, marks)."""
    return runs_of(trial).measured("share_relative", np.inf)[:, :, -1]


def spread(trial: str) -> Sample:
    """The range of the loss along the gradient, (seeds, marks)."""
    return runs_of(trial).measured("along_loss", np.inf).map(_spread)


def during(found: Sample) -> Sample:
    """The geometric mean over the marks of training, (seeds,)."""
    return found.map(lambda marks: np.exp(np.log(marks[:, 1:]).mean(axis=1)))


def at_start(found: Sample) -> Sample:
    """The mark before the first step, (seeds,)."""
    return found[:, 0]


SANTURKAR = (
    "Santurkar et al. 2018 (arXiv 1805.11604), section 3 and figure 4: along the gradient, VGG "
    "with BN has a loss that varies less, gradients that change less and a lower effective beta; "
    "curves, no number"
)
YANG = (
    "Yang et al. 2019 (arXiv 1902.08129), abstract: at the start BN makes gradients explode with "
    "depth; Santurkar et al. 2018 (arXiv 1805.11604), figure 4, show smoothness from the start on"
)
PATH = "along the gradient of the next batch, from half to four times the learning rate"
EFFECTIVE = (
    f"effective beta: the largest change of the gradient divided by the distance moved, {PATH}; "
)
MARKS = "geometric mean of the marks after 50, 150 and 300 steps"

claim = claim_form(
    "landscape",
    question="Is the loss smoother along the steps of a net with BN?",
    statement="{}, in nets of 2 and of 8 layers at learning rates 0.01 and 0.1.",
    scale="ratio",
    arms="{}, and BN",
    unit="x",
    margin=1.25,
)
OTHERS = {RAW: "raw pixels", STD: "standardized inputs without BN"}


def _rougher(finding: Callable[[str], Sample], other: Arm) -> Callable[[int, float], Judge]:
    """Judges, in one setting, how many times as much another arm has of what BN has less of."""

    def judge(depth: int, rate: float) -> Judge:
        rough, smooth = (finding(named(depth, arm.name, rate)) for arm in (other, BN))
        return rough.ratio(smooth)

    return judge


def _smoother(other: str, *reading: Any) -> Callable[[int, float], Direction]:
    """BN has less of what makes a loss rough."""
    return lambda depth, rate: less(named(depth, "bn", rate), named(depth, other, rate), *reading)


CLAIMS = (
    *(
        claim(
            f"beta-{other.name}",
            by=_rougher(lambda trial: during(beta(trial)), other),
            ahead=_smoother(other.name, check("along_beta", *DURING), "largest"),
            in_each=CELLS,
            label=f"beta, BN under {label}",
            statement=f"During training the loss is smoother with BN than on {where}: its "
            "effective beta is lower",
            source=SANTURKAR,
            arms=where,
            metric=EFFECTIVE + MARKS,
            expected=expected,
        )
        for (other, where), label, expected in zip(
            OTHERS.items(), ("raw", "standardized"), ("supported", "mixed"), strict=True
        )
    ),
    *(
        claim(
            f"share-{other.name}",
            by=_rougher(lambda trial: during(change(trial)), other),
            ahead=_smoother(
                other.name, check("share_relative", *DURING, layers=(SHARES.index(0.03),))
            ),
            in_each=CELLS,
            label=f"relative step, BN under {other.short}",
            statement="During training a step of a fixed share of the kernels' norm changes the "
            f"gradient less with BN than on {where}",
            source=SANTURKAR,
            arms=where,
            metric="the change of the gradient divided by its norm after a step of 3% of the norm "
            f"of the kernels; {MARKS}",
            expected="supported",
        )
        for other, where in OTHERS.items()
    ),
    *(
        claim(
            f"range-{other.name}",
            by=_rougher(lambda trial: during(spread(trial)), other),
            ahead=_smoother(other.name, check("along_loss", *DURING), "range"),
            in_each=CELLS,
            label=f"range of loss, BN under {other.short}",
            statement=f"During training the loss varies less along the gradient with BN than on "
            f"{where}",
            source=SANTURKAR,
            arms=where,
            metric=f"highest minus lowest loss of the batch {PATH}; {MARKS}",
            expected="supported",
        )
        for other, where in OTHERS.items()
    ),
    *(
        claim(
            f"start-{other.name}",
            by=_rougher(lambda trial: at_start(beta(trial)), other),
            ahead=_smoother(other.name, check("along_beta", 0), "largest"),
            in_each=CELLS,
            label=f"beta at start, BN under {other.short}",
            statement=f"Before training the loss is smoother with BN than on {where}: its "
            "effective beta is lower",
            source=YANG,
            arms=where,
            metric=f"{EFFECTIVE}before the first step",
            expected="not supported",
        )
        for other, where in OTHERS.items()
    ),
)


def analyse(records: Records) -> Analysis:
    """How smooth the loss is along the steps of each net, and the way there."""
    titled = "Effective beta along the gradient"
    step = f"The change of the gradient by a step of {SHARES[-1]:.0%} of the kernels' norm"
    deep = DEPTHS[-1]
    return Analysis(
        tables={"levels": _levels(records)},
        plots={
            **{
                f"beta-{depth}": _by_step(records, depth, beta, titled, "effective beta")
                for depth in DEPTHS
            },
            "share": _by_step(records, deep, change, step, "change / gradient"),
            # One wide range in twelve would take the interval of the plain mean below zero.
            "range": _by_step(
                records,
                deep,
                lambda trial: spread(trial).map(np.log10),
                "The range of the loss along the gradient",
                "nats, as a power of ten",
                y_scale="linear",
            ),
        },
    )


def _levels(records: Records) -> Table:
    def cells(trial: str) -> tuple[str, ...]:
        by_decimals = (
            (at_start(beta(trial)), 2),
            (during(beta(trial)), 2),
            (during(change(trial)), 2),
            (during(spread(trial)), 3),
        )
        # Geometric means, as the claims compare them.
        return tuple(mean_of(np.log(each(records)), n, log=True) for each, n in by_decimals)

    return Table(
        "How smooth the loss is along the steps of each net; smaller is smoother",
        (
            "net",
            "beta at the start",
            "beta in training",
            f"change by {SHARES[-1]:.0%}",
            "range of the loss, nats",
        ),
        tuple(
            (f"{where}: {arm.label}", *cells(named(depth, arm.name, rate)))
            for where, (depth, rate) in CELLS.items()
            for arm in ARMS
        ),
        note="Geometric means over seeds, and but for the start over the marks after 50, 150 and "
        "300 steps. The change is that of the gradient, relative to its norm, after a step of "
        f"{SHARES[-1]:.0%} of the kernels' norm.",
    )


def _by_step(
    records: Records,
    depth: int,
    finding: Callable[[str], Sample],
    title: str,
    unit: str,
    y_scale: str = "log",
) -> Curves:
    def curve(arm: Arm, rate: float) -> Any:
        found = finding(named(depth, arm.name, rate))(records)
        return arm.curve(STEPS, np.where(np.isfinite(found), found, np.nan))

    by_title = {f"learning rate {rate:g}": [curve(arm, rate) for arm in ARMS] for rate in RATES}
    seeds = len(records.trial(RUNS[0].trial.name))
    return Curves(
        title=f"{title}, {depth} layers",
        subtitle=f"ReLU nets, 100 units a layer, batches of 128. Thin lines: {seeds} seeds; thick: "
        "mean and its 95% interval",
        x_label="step",
        panels=panels(by_title, unit, y_scale=y_scale),
    )


STUDY = study(
    "landscape",
    CLAIMS,
    RUNS,
    title="The loss landscape",
    chapter="Mechanisms",
    question="Is the loss smoother along the steps of a net with batch normalization?",
    analyse=analyse,
)
