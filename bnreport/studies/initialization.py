"""How wrong may the scale of the initial kernels be, with and without batch normalization?"""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from bnreport.analysis.arms import usual
from bnreport.analysis.cells import values_of
from bnreport.analysis.comparisons import lead, runs_of
from bnreport.analysis.design import claim_form, study
from bnreport.analysis.grids import Sweep
from bnreport.analysis.range_views import good_counts, range_panels
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.protocol.directions import exactly, history, more, read
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Exact
from bnreport.studies.second.initialization import SECOND

RAW, STD, BN, STD_BN = ARMS = usual()
# What the kernels drawn by He's rule are multiplied by; powers of two, so that nothing is rounded.
SCALES = (1 / 64, 1 / 16, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 16.0, 64.0)
SMALLEST, LARGEST = SCALES[0], SCALES[-1]
# Which kernels: those of the hidden layers, or the output's as well.
SETS = {"hidden kernels": "hidden", "all kernels": "all"}
# Nets without BN that start with unit variance instead; the factor of their kernels cancels.
UNIT_STARTS = ((RAW, SMALLEST), (RAW, 1.0), (RAW, LARGEST), (STD, 1.0))
LEARNING_RATE, EPOCHS, BATCH_SIZE = 0.05, 1, 128
# A scale is good when it costs at most so much of what the seed reaches on raw pixels at scale 1.
LOSS = 0.02
SETTING: dict[str, Any] = {
    "learning_rate": LEARNING_RATE,
    "epochs": EPOCHS,
    "batch_size": BATCH_SIZE,
    "split": "seed",
    "evaluated": ("val",),
}


def named(arm: str, scaled: str, scale: float) -> str:
    """The name of a trial; at scale 1 both sets of kernels are one."""
    return f"{arm}-1" if scale == 1 else f"{arm}-{scaled}-{scale:g}"


RUNS = (
    *(
        arm.runs(named(arm.name, scaled, scale), kernel_scale=scale, scaled=scaled, **SETTING)
        for arm in ARMS
        for scaled in SETS.values()
        for scale in SCALES
        if scale != 1 or scaled == "all"
    ),
    *(
        arm.runs(f"{arm.name}-unit-{scale:g}", kernel_scale=scale, start="unit variance", **SETTING)
        for arm, scale in UNIT_STARTS
    ),
)

# The final validation accuracy of each arm by the factor of its kernels, and over which factors it
# learns well. A run that diverged is a scale that is too large, and no number is lost with it.
SWEEPS = {
    (arm, scaled): Sweep({s: runs_of(named(arm.name, scaled, s)).final() for s in SCALES})
    for arm in ARMS
    for scaled in SETS.values()
}
AT_ONE = {arm: runs_of(named(arm.name, "all", 1.0)).final() for arm in ARMS}
FLOOR = AT_ONE[RAW] - LOSS
GOOD = {which: sweep.above(FLOOR) for which, sweep in SWEEPS.items()}


def _cancelled(records: Records) -> Exact:
    """The effect of the scale on the accuracy of a net whose start undoes it, pp."""
    ends = {scale: runs_of(f"raw-unit-{scale:g}").final() for scale in (SMALLEST, 1.0, LARGEST)}
    changes = [abs(ends[scale] - ends[1.0])(records) for scale in (SMALLEST, LARGEST)]
    return Exact(100 * float(np.max(changes)), np.size(changes))


# The same by the names of the trials, for the directions of the claims.
END = history("val_accuracy", EPOCHS)


def swept(arm: str, scaled: str) -> list[str]:
    """The trials of an arm at all scales."""
    return [named(arm, scaled, scale) for scale in SCALES]


IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), abstract and section 3.3: less care about "
    "initialization, as BN((aW)u) = BN(Wu)"
)
ONE_EPOCH = f"after {EPOCHS} epoch at rate {LEARNING_RATE:g}"
ACCURACY = f"validation accuracy {ONE_EPOCH}"
DEPLOYED = f"{ONE_EPOCH}, deployed with Keras' default moving averages"
MATTERS = "Does the initial scale matter to a net with BN?"
BETTER_START = "Does BN do more than a better start?"

# The statements on widths, and that on kernels too large, say "at least". What their rule asks for
# in each setting is a mean that reaches the margin and an interval above zero; so another is shown.
wider = claim_form(
    "initialization",
    question="Does a net with BN learn well over a wider range of initial scales?",
    source=IOFFE,
    metric="decades of the factor of the initial kernels, of nine scales from 1/64 to 64, over "
    f"which the {ACCURACY} is at most {100 * LOSS:g} pp below that of the same seed on raw pixels "
    "without BN at scale 1; the longest unbroken stretch, each scale standing for half the way to "
    "its neighbours. A run that diverged counts as chance",
    unit="decades",
    margin=0.5,
    lost=False,
    shown=f"{{}}, by half a decade or more in the mean of the seeds, {DEPLOYED}.",
)
claim = claim_form("initialization", unit="pp", source=IOFFE)
start = claim_form(
    "initialization",
    question=BETTER_START,
    statement="At scale 1, BN is more accurate than {} whose start gives each layer's outputs unit "
    "variance.",
    source="Zhang, Dauphin and Ma 2019 (arXiv 1901.09321), abstract: none of the perceived "
    "benefits is unique to normalization; with a rescaled start residual nets train without it "
    "even with 10,000 layers; the start is that of Mishkin and Matas 2016 (arXiv 1511.06422), one "
    "pass and no orthogonal kernels",
    arms="BN, and {} with a start of unit variance",
    metric=ACCURACY,
    unit="pp",
    margin=0.5,
)

CLAIMS = (
    wider(
        "width-raw",
        by=lambda scaled: (GOOD[BN, scaled].width - GOOD[RAW, scaled].width).contrast(lost=False),
        ahead=lambda scaled: more(
            swept("bn", scaled), swept("raw", scaled), END, "width", LOSS, beside="raw-1"
        ),
        in_each=SETS,
        label="BN over raw",
        statement="BN learns well over at least half a decade more of initial scales than the net "
        "on raw pixels.",
        shown="BN learns well at more initial scales than the net on raw pixels",
        arms="BN and raw pixels",
        expected="supported",
    ),
    wider(
        "width-std",
        by=lambda scaled: (GOOD[BN, scaled].width - GOOD[STD, scaled].width).contrast(lost=False),
        ahead=lambda scaled: more(
            swept("bn", scaled), swept("std", scaled), END, "width", LOSS, beside="raw-1"
        ),
        in_each=SETS,
        label="BN over standardized",
        statement="BN learns well over at least half a decade more of initial scales than "
        "standardized inputs without BN.",
        shown="BN on raw pixels learns well at more initial scales than standardized inputs "
        "without BN",
        arms="BN and standardized inputs without BN",
        expected="mixed",
    ),
    wider(
        "width-std-bn",
        by=lambda scaled: (GOOD[STD_BN, scaled].width - GOOD[STD, scaled].width).contrast(
            lost=False
        ),
        ahead=lambda scaled: more(
            swept("std-bn", scaled), swept("std", scaled), END, "width", LOSS, beside="raw-1"
        ),
        in_each=SETS,
        label="BN on standardized inputs",
        statement="On standardized inputs, too, a net with BN learns well over at least half a "
        "decade more of initial scales than one without.",
        shown="On standardized inputs, too, a net with BN learns well at more initial scales than "
        "one without",
        arms="standardized inputs with and without BN",
        expected="mixed",
    ),
    claim(
        "small",
        by=lambda scaled: lead(named("bn", scaled, SMALLEST), named("bn", scaled, 1.0)),
        ahead=lambda scaled: more(named("bn", scaled, 1 / 64), named("bn", scaled, 1.0), END),
        in_each=SETS,
        kind="equivalence",
        lost=False,
        label="BN at 1/64 and at 1",
        question=MATTERS,
        statement="With BN, kernels that start 64 times too small cost less than 1 pp.",
        arms="BN at scale 1/64 and at scale 1",
        metric=f"{ACCURACY}, at scale 1/64 minus at scale 1",
        margin=1.0,
        expected="mixed",
    ),
    claim(
        "large",
        by=lambda scaled: lead(named("bn", scaled, 1.0), named("bn", scaled, LARGEST)),
        ahead=lambda scaled: more(named("bn", scaled, 1.0), named("bn", scaled, 64.0), END),
        in_each=SETS,
        label="BN at 1 over 64",
        question=MATTERS,
        statement="With BN, too, kernels that start 64 times too large cost at least 2 pp.",
        shown=f"With BN, too, kernels that start {LARGEST:g} times too large cost two points of "
        f"accuracy or more in the mean of the seeds, {DEPLOYED}.",
        source="Ioffe and Szegedy 2015 (arXiv 1502.03167), section 3.3: larger weights lead to "
        "smaller gradients, as 1/a; so steps are smaller by 1/a^2 beside the weights",
        arms="BN at scale 1 and at scale 64",
        metric=f"{ACCURACY}, at scale 1 minus at scale 64",
        margin=100 * LOSS,
        expected="supported",
    ),
    *(
        start(
            f"start-{inputs}",
            by=lead(named("bn", "all", 1.0), f"{inputs}-unit-1"),
            ahead=more("bn-1", f"{inputs}-unit-1", END),
            about=control,
            label=label,
            expected=expected,
        )
        for inputs, label, control, expected in (
            ("raw", "BN over a better start", "the net on raw pixels", "supported"),
            (
                "std",
                "BN over std., better start",
                "the net on standardized inputs",
                "not supported",
            ),
        )
    ),
    claim(
        "unit",
        by=_cancelled,
        # Right is what the start at scale 1 reaches.
        ahead=replace(
            exactly(("raw-unit-0.015625", "raw-unit-64"), END, 0.5), other=read("raw-unit-1", END)
        ),
        kind="exact",
        label="Better start, any scale",
        question=BETTER_START,
        statement="Without BN, a start that gives each layer's outputs unit variance makes the "
        "initial scale of no account.",
        source="Mishkin and Matas 2016 (arXiv 1511.06422), section 3: each kernel is divided by "
        "the standard deviation of its outputs, so its own factor cancels",
        arms="raw pixels with a start of unit variance",
        metric=f"largest change of the {ACCURACY} when all kernels are drawn at scale 1/64 or 64 "
        "and not at 1, over seeds",
        margin=0.1,
        expected="supported",
    ),
)

NET = f"300-100 ReLU net, {EPOCHS} epoch at rate {LEARNING_RATE:g}, batches of {BATCH_SIZE}"
# Every arm with either set of kernels scaled, by its name in tables and figures.
ROWS = {f"{arm.label}, {name}": (arm, scaled) for name, scaled in SETS.items() for arm in ARMS}


def _values(records: Records) -> dict[str, Value]:
    """The scales at which most seeds learn well, by arm and by what is scaled."""
    values: dict[str, Value] = {}
    for arm, scaled in ROWS.values():
        origin = (
            f"{arm.label}, {scaled} kernels scaled: the longest row of scales at which more than "
            "half of the seeds are good"
        )
        values |= values_of(
            origin, {f"span.{arm.name}.{scaled}": GOOD[arm, scaled].stretch(records)}
        )
    return values


def _good(records: Records) -> Table:
    return good_counts(
        records,
        {label: GOOD[which] for label, which in ROWS.items()},
        "arm, what is scaled",
        f"At how many of {records.n_seeds} seeds a scale is good",
        f"Good: at most {100 * LOSS:g} pp below what the same seed reaches on raw pixels without "
        "BN at scale 1.",
    )


def _widths_by_level(records: Records) -> Table:
    own = {which: SWEEPS[which].above(AT_ONE[which[0]] - LOSS) for which in SWEEPS}
    return Table.crossed(
        "Decades of good scales, by two levels",
        "arm, what is scaled",
        ROWS,
        {"level of raw pixels": GOOD, "level of the arm": own},
        lambda which, ranges: ranges[which].cell(records),
        f"Good: at most {100 * LOSS:g} pp below the accuracy at scale 1 of raw pixels, as in the "
        "claims, or of the arm itself, added for comparison. A ≥ stands where runs are good at an "
        "end of the grid, so that their width is a lower bound. Means with 95% intervals.",
    )


def _sweep(records: Records, name: str, scaled: str) -> Curves:
    return Curves(
        title=f"Validation accuracy by initial scale, {name} scaled",
        subtitle=f"{NET}. Thin lines: {records.n_seeds} seeds; thick: mean",
        x_label="factor of the initial kernels",
        x_scale="log",
        panels=range_panels(records, {arm: GOOD[arm, scaled] for arm in ARMS}, from_zero=True),
    )


def _widths(records: Records) -> Dots:
    return Dots(
        title="Over how many decades of initial scales each arm learns well",
        subtitle=_dots(records),
        x_label="decades of good scales, side by side",
        rows=tuple(GOOD[which].row(records, which[0], label) for label, which in ROWS.items()),
        from_zero=True,
        decimals=2,
    )


def _start(records: Records) -> Dots:
    starts = {
        "raw pixels": (RAW, AT_ONE[RAW]),
        "raw pixels, unit variance": (RAW, runs_of("raw-unit-1").final()),
        "standardized inputs": (STD, AT_ONE[STD]),
        "standardized inputs, unit variance": (STD, runs_of("std-unit-1").final()),
        "BN": (BN, AT_ONE[BN]),
        "standardized inputs and BN": (STD_BN, AT_ONE[STD_BN]),
    }
    return Dots(
        title="Accuracy at scale 1, and with a start of unit variance",
        subtitle=_dots(records),
        x_label="validation accuracy, %",
        rows=tuple(arm.row(100 * end(records), label) for label, (arm, end) in starts.items()),
        decimals=1,
    )


def _dots(records: Records) -> str:
    return f"{NET}. A dot a seed (n = {records.n_seeds}); bars: 95% interval"


STUDY = study(
    "initialization",
    CLAIMS,
    RUNS,
    title="Initialization",
    chapter="Benefits",
    question="How wrong may the initial scale be, with and without batch normalization?",
    values=_values,
    tables={"good": _good, "widths": _widths_by_level},
    plots={
        **{scaled: partial(_sweep, name=name, scaled=scaled) for name, scaled in SETS.items()},
        "widths": _widths,
        "start": _start,
    },
    later=(SECOND,),
)
