"""Does a small convolutional net say the same of batch normalization as the dense nets?"""

import math

from bnreport.analysis.arms import usual
from bnreport.analysis.cells import arrivals, mean_of, values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.design import claim_form, study
from bnreport.analysis.grids import Sweep
from bnreport.analysis.range_views import range_panels
from bnreport.presentation import Curves, Table, Value
from bnreport.protocol.checks import Score
from bnreport.protocol.directions import check, more
from bnreport.records.collection import Records
from bnreport.studies.second.convolution import SECOND

RAW, STD, BN, STD_BN = ARMS = usual()
# Convolutions are slow on a CPU; so many filters are what a laptop trains often.
NET = {"filters": (4, 8), "hidden": (64,)}
IMAGES, VALIDATED = 10_000, 2_000

# The sweep is the measurement: no rate is chosen beforehand, so no seed tunes one.
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
SAME_RATE = 0.1
# A rate is good when it costs at most so much of the best that the same seed reaches on raw pixels.
LOSS = 0.02
# An accuracy that every arm reached in the pilots; fixed before the runs.
THRESHOLD = 0.75
EVERY = 10

# The sweep trains at this batch size; others train at its rate times the root of their share of it.
SIZE = 32
SAME = f"rate-{SAME_RATE:g}"
SIZES = {2: "batch-2", 16: "batch-16", SIZE: SAME, 128: "batch-128"}
SMALL, LARGE = 2, (32, 128)
# What each arm trains at, by the name of the trial: the learning rate and the batch size.
TRIALS = {f"rate-{rate:g}": (rate, SIZE) for rate in RATES} | {
    name: (SAME_RATE * math.sqrt(size / SIZE), size) for size, name in SIZES.items()
}
# The steps after which the nets at the same rate are scored.
MARKS = (*range(EVERY, math.ceil(IMAGES / SIZE), EVERY), math.ceil(IMAGES / SIZE))


def momentum_of(size: int) -> float:
    """The momentum at which moving averages remember some 320 images, whatever the batch size.

    An epoch has 79 steps of 128 images: at Keras' 0.99 the averages would lag to its end.
    """
    return 1 - 0.1 * size / SIZE


def marks_of(trial: str, size: int) -> tuple[int, ...]:
    """The steps after which a net is scored: along the way at the same rate, else at the end."""
    return MARKS if trial == SAME else (math.ceil(IMAGES / size),)


RUNS = tuple(
    arm.runs(
        f"{arm.name}-{trial}",
        NET,
        learning_rate=rate,
        momentum=momentum_of(size),
        batch_size=size,
        epochs=1,
        images=IMAGES,
        split="seed",
        evaluated=(),
        checks=(Score(name="val", steps=marks_of(trial, size), images=VALIDATED),),
    )
    for arm in ARMS
    for trial, (rate, size) in TRIALS.items()
)


def ended(trial: str) -> Sample:
    """The validation accuracy after training."""
    return runs_of(trial).scored("val")[:, -1]


# A run that diverged is part of what the sweep measures: a rate that is too high.
SWEEPS = {arm: Sweep({rate: ended(f"{arm.name}-rate-{rate:g}") for rate in RATES}) for arm in ARMS}
FLOOR = SWEEPS[RAW].best - LOSS
GOOD = {arm: sweep.above(FLOOR) for arm, sweep in SWEEPS.items()}
BY_SIZE = {
    arm: Sweep({size: ended(f"{arm.name}-{trial}") for size, trial in SIZES.items()})
    for arm in ARMS
}
BY_STEP = {arm: runs_of(f"{arm.name}-{SAME}").scored("val") for arm in ARMS}
ARRIVALS = {arm: runs_of(f"{arm.name}-{SAME}").steps_until("val", THRESHOLD) for arm in ARMS}

# The same by the names of the trials, for the directions of the claims.
SWEPT = {arm: [f"{arm.name}-rate-{rate:g}" for rate in RATES] for arm in ARMS}
CURVE, END = check("val_accuracy"), check("val_accuracy", 313)
AT = {2: "batch-2", 32: "rate-0.1", 128: "batch-128"}
ENDS = {2: check("val_accuracy", 5000), 32: END, 128: check("val_accuracy", 79)}

SCORED = f"validation accuracy in inference mode after an epoch of {IMAGES:,} images"
faster = claim_form(
    "convolution",
    label="Speed, BN over {}",
    question="Does BN speed up a convolutional net, too?",
    statement=f"In a small convolutional net, too, BN reaches {THRESHOLD:.0%} in fewer steps "
    f"than {{}} at the same learning rate, {SAME_RATE:g}.",
    source="Ioffe and Szegedy 2015 (arXiv 1502.03167), figure 3: with BN a convolutional net, "
    "Inception, needs 13.3 instead of 31.0 million steps at the same rate, 2.3 times fewer",
    arms=f"BN and {{}}, both at {SAME_RATE:g}",
    metric=f"steps until the validation accuracy, in inference mode every {EVERY} steps and "
    f"smoothed over three marks, reaches {THRESHOLD:.0%}",
    unit="x",
    scale="ratio",
    margin=1.25,
    expected="supported",
)
# The frozen statements on widths say "at least". What their rule asks for is a mean that reaches
# the margin and an interval above zero; so another one is shown.
wider = claim_form(
    "convolution",
    label="Rates, BN over {}",
    question="Does a convolutional net with BN bear more learning rates, too?",
    statement="In a small convolutional net, too, BN learns well over at least half a decade "
    "more of learning rates than {}.",
    source="Bjorck et al. 2018 (arXiv 1806.02375), abstract, on convolutional nets: BN primarily "
    "enables training with larger learning rates",
    arms="BN and {}",
    metric=f"decades of learning rate, of six rates from {RATES[0]:g} to {RATES[-1]:g}, over which "
    f"the {SCORED} is at most {100 * LOSS:g} pp below the best that the same seed reaches on raw "
    "pixels without BN; the longest unbroken stretch, each rate standing for half the way to its "
    "neighbours. A run that diverged counts as chance",
    unit="decades",
    margin=0.5,
    lost=False,
    expected="supported",
    shown="In a small convolutional net, too, BN learns well at more learning rates than {}, by "
    "half a decade or more in the mean of the seeds.",
)
better = claim_form(
    "convolution",
    question="Does BN need large batches in a convolutional net, too?",
    source="Wu and He 2018 (arXiv 1803.08494), figure 1: BN has an error of 23.6% with batches of "
    "32 images a GPU and 34.7% with 2 (ResNet-50, ImageNet)",
    metric=f"{SCORED}, at a learning rate of {SAME_RATE:g} times the root of batch size / {SIZE}",
    unit="pp",
    margin=0.5,
    expected="supported",
)

CLAIMS = (
    *faster.against(
        "speed",
        by=lambda arm: ARRIVALS[arm].ratio(ARRIVALS[BN], lost=False),
        ahead=lambda arm: more("bn-rate-0.1", f"{arm.name}-rate-0.1", CURVE, "arrival", THRESHOLD),
        headline={"raw": "steps-raw", "std": "steps-std"},
    ),
    *wider.against(
        "width",
        by=lambda arm: (GOOD[BN].width - GOOD[arm].width).contrast(lost=False),
        ahead=lambda arm: more(SWEPT[BN], SWEPT[arm], END, "width", LOSS, beside=SWEPT[RAW]),
        headline={"raw": "width-raw", "std": "width-std"},
    ),
    better(
        "small",
        by=lambda arm: (100 * (BY_SIZE[arm][SMALL] - BY_SIZE[BN][SMALL])).contrast(),
        ahead=lambda arm: more(f"{arm.name}-{AT[2]}", f"bn-{AT[2]}", ENDS[2]),
        in_each={arm.name: arm for arm in (RAW, STD)},
        label="Batches of 2, no BN over BN",
        statement="In a small convolutional net, too, with batches of 2 images BN is less accurate "
        "than a net without BN, be it on raw pixels or on standardized inputs.",
        arms="raw pixels and standardized inputs without BN, each minus BN",
        headline="small",
    ),
    *better.against(
        "large",
        by=lambda arm: {
            str(n): (100 * (BY_SIZE[BN][n] - BY_SIZE[arm][n])).contrast() for n in LARGE
        },
        ahead=lambda arm: {
            str(n): more(f"bn-{AT[n]}", f"{arm.name}-{AT[n]}", ENDS[n]) for n in LARGE
        },
        headline={"raw": "bn-raw", "std": "bn-over-std"},
        label="Batches, BN over {}",
        statement="In a small convolutional net, too, with batches of 32 and of 128 images BN is "
        "more accurate than {}.",
        arms="BN and {}",
    ),
)

KIND = "Two convolutions with ReLU and pooling, a dense layer"
EPOCH = f"an epoch of {IMAGES:,} images"


def _values(records: Records) -> dict[str, Value]:
    """The effect of an epoch's end at batches of 32, whose last one is smaller; and settings."""
    before, end = MARKS[-2:]
    lasts = {f"last.{arm.name}": 100 * BY_STEP[arm](records)[:, -2:].T for arm in ARMS}
    ends = {name: " to ".join(f"{mean_of(m, 1)}%" for m in last) for name, last in lasts.items()}
    low, high = (momentum_of(size) for size in (max(SIZES), min(SIZES)))
    return (
        values_of("a step", {"last.from": f"{before:g}", "last.to": f"{end:g}"})
        | values_of(f"mean validation accuracies of {records.n_seeds} seeds", ends)
        | values_of("the first validation images of each seed", {"validated": f"{VALIDATED:,}"})
        | values_of(
            f"set before the runs, by batch size from {max(SIZES)} to {min(SIZES)} images",
            {"momenta": f"{low:.3g} to {high:.3g}"},
        )
    )


def _arms(records: Records) -> Table:
    return Table.by_column(
        "What each arm reaches",
        "arm",
        {arm.label: arm for arm in ARMS},
        {
            f"steps to {THRESHOLD:.0%}": lambda arm: arrivals(ARRIVALS[arm](records))[0],
            "runs that reached it": lambda arm: arrivals(ARRIVALS[arm](records))[1],
            "width": lambda arm: GOOD[arm].cell(records),
            "best, %": lambda arm: mean_of(100 * SWEEPS[arm].best(records), 1, interval=True),
        },
        f"Steps: the median at learning rate {SAME_RATE:g}. Width: decades of good rates side by "
        f"side, of {RATES[0]:g} to {RATES[-1]:g}; a ≥ stands where runs are good at an end of "
        "these rates, so that their width is a lower bound. Best: the validation accuracy at each "
        "seed's own best rate. Means with 95% intervals.",
    )


def _by_size(records: Records) -> Table:
    return Table.crossed(
        "Mean validation accuracy in %, by the images in a batch",
        "arm",
        {arm.label: BY_SIZE[arm](records) for arm in ARMS},
        {str(size): size for size in SIZES},
        lambda accuracies, size: mean_of(100 * accuracies[size], 1),
    )


def _lines(records: Records) -> str:
    return f"Thin lines: {records.n_seeds} seeds; thick: mean and its 95% interval"


def _steps(records: Records) -> Curves:
    curves = [arm.curve(MARKS, 100 * BY_STEP[arm](records), arm.label) for arm in ARMS]
    return Curves(
        title=f"Validation accuracy by step, at learning rate {SAME_RATE:g}",
        subtitle=f"{KIND}, batches of {SIZE}, {EPOCH}; {VALIDATED:,} validation images. "
        f"{_lines(records)}",
        x_label="step",
        x_scale="log",
        panels=panels({"": curves}, "validation accuracy, %", level=(100 * THRESHOLD, "threshold")),
    )


def _rates(records: Records) -> Curves:
    return Curves(
        title="Validation accuracy by learning rate",
        subtitle=f"{KIND}, batches of {SIZE}, {EPOCH}. {_lines(records)}",
        x_label="learning rate",
        x_scale="log",
        panels=range_panels(records, GOOD),
    )


def _sizes(records: Records) -> Curves:
    curves = [(100 * BY_SIZE[arm]).curve(records, arm, arm.label) for arm in ARMS]
    return Curves(
        title="Validation accuracy by batch size",
        subtitle=f"{KIND}, {EPOCH}, rates that grow with the root of the batch size. "
        f"{_lines(records)}",
        x_label="images in a batch",
        x_scale="log",
        panels=panels({"": curves}, "validation accuracy, %"),
    )


STUDY = study(
    "convolution",
    CLAIMS,
    RUNS,
    title="A convolutional net",
    chapter="Benefits",
    question="Does a small convolutional net say the same of batch normalization as dense nets?",
    values=_values,
    tables={"arms": _arms, "sizes": _by_size},
    plots={"steps": _steps, "rates": _rates, "sizes": _sizes},
    later=(SECOND,),
)
