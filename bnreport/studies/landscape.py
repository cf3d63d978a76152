"""Is the loss smoother along the steps of a net with batch normalization?"""

from typing import Any

import numpy as np

from bnreport.analysis.arms import usual
from bnreport.analysis.cells import mean_of
from bnreport.analysis.comparisons import Sample
from bnreport.analysis.crossed import Crossed, Measure, measured
from bnreport.analysis.design import claim_form, study
from bnreport.analysis.metrics import Floats
from bnreport.presentation.tables import Table
from bnreport.protocol.checks import Probe
from bnreport.protocol.directions import check
from bnreport.records.collection import Records

RAW, STD, BN, STD_BN = ARMS = usual()
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
LARGEST = SHARES.index(0.03)
SHARE = Probe(
    name="share", steps=STEPS, probe="landscape", settings={"relative": 1, "steps": SHARES}
)
NETS = Crossed(
    depths=(2, 8),
    rates=(0.01, 0.1),
    steps=STEPS,
    words="ReLU nets, 100 units a layer, batches of 128",
    setting={
        "epochs": 2,
        "batch_size": 128,
        "images": 20_000,
        "split": "seed",
        # At Keras' .99 the moving averages keep a part of their start for hundreds of steps.
        "momentum": 0.9,
        "evaluated": ("val",),
    },
)
RUNS = NETS.runs(dict.fromkeys(ARMS, (ALONG, SHARE)))


def _spread(losses: Floats) -> Floats:
    """The range of the loss along each path; infinite where a run diverged."""
    whole = np.isfinite(losses).all(axis=2)
    ranges = np.full(whole.shape, np.inf)
    ranges[whole] = np.ptp(losses[whole], axis=1)
    return ranges


# What is measured at the marks, (seeds, marks); infinite where a run diverged.
def beta(*net: Any) -> Sample:
    """The effective beta."""
    return measured("along_beta")(*net).map(lambda lengths: lengths.max(axis=2))


def change(*net: Any) -> Sample:
    """The relative change of the gradient after the largest relative step."""
    return measured("share_relative")(*net)[:, :, LARGEST]


def spread(*net: Any) -> Sample:
    """The range of the loss along the gradient."""
    return measured("along_loss")(*net).map(_spread)


def during(measure: Measure) -> Measure:
    """The geometric mean of a measure over the marks of training, (seeds,)."""
    return lambda *net: measure(*net).map(lambda marks: np.exp(np.log(marks[:, 1:]).mean(axis=1)))


def at_start(measure: Measure) -> Measure:
    """A measure before the first step, (seeds,)."""
    return lambda *net: measure(*net)[:, 0]


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
OTHERS = {RAW: "raw pixels", STD: "standardized inputs without BN"}

claim = claim_form(
    "landscape",
    question="Is the loss smoother along the steps of a net with BN?",
    statement="{}, in nets of 2 and of 8 layers at learning rates 0.01 and 0.1.",
    source=SANTURKAR,
    scale="ratio",
    arms="{}, and BN",
    unit="x",
    margin=1.25,
)


CLAIMS = (
    *(
        claim(
            f"beta-{other.name}",
            by=NETS.times(during(beta), other.name, "bn"),
            ahead=NETS.less("bn", other.name, check("along_beta", *DURING), measure="largest"),
            label=f"beta, BN under {label}",
            statement=f"During training the loss is smoother with BN than on {where}: its "
            "effective beta is lower",
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
            by=NETS.times(during(change), other.name, "bn"),
            ahead=NETS.less("bn", other.name, check("share_relative", *DURING, layers=(LARGEST,))),
            label=f"relative step, BN under {other.short}",
            statement="During training a step of a fixed share of the kernels' norm changes the "
            f"gradient less with BN than on {where}",
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
            by=NETS.times(during(spread), other.name, "bn"),
            ahead=NETS.less("bn", other.name, check("along_loss", *DURING), measure="range"),
            label=f"range of loss, BN under {other.short}",
            statement=f"During training the loss varies less along the gradient with BN than on "
            f"{where}",
            arms=where,
            metric=f"highest minus lowest loss of the batch {PATH}; {MARKS}",
            expected="supported",
        )
        for other, where in OTHERS.items()
    ),
    *(
        claim(
            f"start-{other.name}",
            by=NETS.times(at_start(beta), other.name, "bn"),
            ahead=NETS.less("bn", other.name, check("along_beta", 0), measure="largest"),
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


def _levels(records: Records) -> Table:
    def column(measure: Measure, decimals: int) -> Any:
        # Geometric means, as the claims compare them.
        return lambda net: mean_of(np.log(measure(*net)(records)), decimals, log=True)

    return Table.by_column(
        "How smooth the loss is along the steps of each net; smaller is smoother",
        "net",
        NETS.nets(*ARMS),
        {
            "beta at the start": column(at_start(beta), 2),
            "beta in training": column(during(beta), 2),
            f"change by {SHARES[-1]:.0%}": column(during(change), 2),
            "range of the loss, nats": column(during(spread), 3),
        },
        note="Geometric means over seeds, and, except for the start, over the marks after 50, 150 "
        "and 300 steps. The change is that of the gradient, relative to its norm, after a step of "
        f"{SHARES[-1]:.0%} of the kernels' norm.",
    )


def _powers(*net: Any) -> Sample:
    """The range of the loss as a power of ten: one wide range moves the plain mean too far."""
    return spread(*net).map(np.log10)


EFFECTIVE_BETA = ("Effective beta along the gradient", "effective beta")
CHANGE = (
    f"The change of the gradient by a step of {SHARES[-1]:.0%} of the kernels' norm",
    "change / gradient",
)
RANGE = ("The range of the loss along the gradient", "nats, as a power of ten", "linear")

STUDY = study(
    "landscape",
    CLAIMS,
    RUNS,
    title="The loss landscape",
    chapter="Mechanisms",
    question="Is the loss smoother along the steps of a net with batch normalization?",
    tables={"levels": _levels},
    plots={
        "beta-2": NETS.by_step(beta, 2, ARMS, *EFFECTIVE_BETA),
        "beta-8": NETS.by_step(beta, 8, ARMS, *EFFECTIVE_BETA),
        "share": NETS.by_step(change, 8, ARMS, *CHANGE),
        "range": NETS.by_step(_powers, 8, ARMS, *RANGE),
    },
)
