"""Over how many learning rates does a net with BN learn well, when its rate falls to zero?

The second edition: every run is scored by fresh statistics and by Keras' moving averages, after a
rate that rises for a twentieth of the run and falls to zero.
"""

from functools import partial
from typing import Any

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.comparisons import runs_of
from bnreport.analysis.design import Judged, claim_form, study
from bnreport.analysis.grids import Sweep
from bnreport.analysis.range_views import good_counts, range_panels
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.protocol.directions import check, more
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.scorings import Scoring
from bnreport.records.collection import Records

RAW, STD, BN, STD_BN = ARMS = usual()
# The sweep is the measurement: no rate is chosen beforehand, so no seed tunes one.
RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
IMAGES, EPOCHS, BATCH_SIZE = 20_480, 4, 128
STEPS = EPOCHS * IMAGES // BATCH_SIZE
SEEDS = tuple(range(200, 212))
# A rate is good when it costs at most so much of the best that the same seed reaches on raw pixels.
LOSS = 0.02
# What is below has failed; how far hardly matters.
SHELF = 70.0
END = Scoring(name="end")
SETTING: dict[str, Any] = {
    "epochs": EPOCHS,
    "images": IMAGES,
    "batch_size": BATCH_SIZE,
    "schedule": LINEAR,
    "evaluated": (),
    "measures": (END,),
}


def named(arm: Arm, rate: float) -> str:
    """The name of a trial."""
    return f"{arm.name}-{rate:g}"


RUNS = tuple(
    arm.recipes(SEEDS, named(arm, rate), learning_rate=rate, **SETTING)
    for arm in ARMS
    for rate in RATES
)
SCORES = {"fresh": "by fresh statistics", "deployed": "by Keras' moving averages"}


def sweep(arm: Arm, by: str) -> Sweep:
    """The final validation accuracy at each rate; chance where a run diverged."""
    return Sweep({r: runs_of(named(arm, r)).scored(f"end_{by}_val")[:, -1] for r in RATES})


# Raw pixels have one score, which stands under both names.
FLOORS = {by: sweep(RAW, by).best - LOSS for by in SCORES}
GOOD = {(arm, by): sweep(arm, by).above(FLOORS[by]) for arm in ARMS for by in SCORES}

claim = claim_form(
    "rates",
    question="Does a net with BN learn well over a wider range of learning rates?",
    source="Bjorck et al. 2018 (arXiv 1806.02375), abstract: BN primarily enables training with "
    "larger learning rates",
    metric=f"decades of learning rate, of {len(RATES)} rates from {RATES[0]:g} to {RATES[-1]:g}, "
    f"over which the validation accuracy after {EPOCHS} epochs, in which the rate falls to zero, "
    f"is at most {100 * LOSS:g} pp below the best that the same seed reaches on raw pixels without "
    "BN; the longest unbroken stretch, each rate standing for half the way to its neighbours. A "
    "run that diverged counts as chance",
    unit="decades",
    margin=0.5,
    seeds=f"{SEEDS[0]}-{SEEDS[-1]}",
    lost=False,
    decided="interval",
    known="known from the first edition",
    expected="supported",
)
PAIRS = {
    "raw": (BN, RAW, "BN over raw", "the net on raw pixels"),
    "std": (BN, STD, "BN over standardized", "standardized inputs without BN"),
    "std-bn": (STD_BN, STD, "BN on standardized inputs", "the net without it"),
}


def _claim(name: str, by: str) -> Judged:
    wide, narrow, label, other = PAIRS[name]
    ending = "" if by == "fresh" else f"-{by}"
    net = "BN on standardized inputs" if wide is STD_BN else "BN on raw pixels"
    swept = {arm: [named(arm, rate) for rate in RATES] for arm in ARMS}
    end = check(f"end_{by}_val_accuracy", STEPS)
    return claim(
        f"2-width-{name}{ending}",
        by=(GOOD[wide, by].width - GOOD[narrow, by].width).contrast(lost=False),
        ahead=more(swept[wide], swept[narrow], end, "width", LOSS, beside=swept[RAW]),
        label=f"{label}, {by}",
        statement=f"{net}, scored {SCORES[by]} after {EPOCHS} epochs in which the rate falls to "
        f"zero, learns well at more learning rates than {other}, on Fashion-MNIST.",
        arms=f"{wide.label} and {narrow.label}",
        score=by,
        headline="" if wide is STD_BN else f"width-{narrow.name}",
    )


def _values(records: Records) -> dict[str, Value]:
    given = {
        "rates": str(len(RATES)),
        "least": f"{RATES[0]:g}",
        "most": f"{RATES[-1]:g}",
        "epochs": str(EPOCHS),
        "steps": f"{STEPS:,}",
        "loss": f"{100 * LOSS:g}",
    }
    widths = {
        f"width.{arm.name}.{by}": GOOD[arm, by].cell(records).split(" [")[0]
        for arm in ARMS
        for by in SCORES
    }
    return values_of("set before the runs", given) | values_of(
        "mean decades of good rates side by side; unjudged", widths
    )


def _arms(records: Records, by: str) -> Table:
    return Table.by_column(
        f"What each arm reaches over the {len(RATES)} rates, scored {SCORES[by]}",
        "arm",
        {arm.label: arm for arm in ARMS},
        {
            "width": lambda arm: GOOD[arm, by].cell(records),
            "all good": lambda arm: mean_of(GOOD[arm, by].covered(records), 2),
            "best, %": lambda arm: mean_of(100 * sweep(arm, by).best(records), 1, interval=True),
        },
        "Width: the longest stretch of good rates, in decades; all good: the same for all good "
        "rates together. A ≥ stands where runs are good at an end of the grid, so that their width "
        "is a lower bound. Best: the "
        "accuracy at each seed's own best rate. Means with 95% intervals; unjudged.",
    )


def _good(records: Records, by: str) -> Table:
    return good_counts(
        records,
        {arm.label: GOOD[arm, by] for arm in ARMS},
        "arm",
        f"At how many of {records.n_seeds} seeds a rate is good, scored {SCORES[by]}",
        f"Good: at most {100 * LOSS:g} pp below the best that the same seed reaches on raw pixels "
        "without BN.",
    )


def _sweep(records: Records, by: str) -> Curves:
    return Curves(
        title=f"Validation accuracy by learning rate, scored {SCORES[by]}",
        subtitle=f"300-100 ReLU net, batches of {BATCH_SIZE}, {EPOCHS} epochs, falling rate. Thin "
        f"lines: {records.n_seeds} seeds; thick: mean. Shaded: below {SHELF:g}%, squeezed",
        x_label="learning rate",
        x_scale="log",
        panels=range_panels(records, {arm: GOOD[arm, by] for arm in ARMS}, shelf=SHELF),
    )


def _widths(records: Records) -> Dots:
    rows = [GOOD[arm, "fresh"].row(records, arm) for arm in ARMS]
    rows += [
        GOOD[arm, "deployed"].row(records, arm, f"{arm.label}, as deployed") for arm in (BN, STD_BN)
    ]
    return Dots(
        title="Over how many decades of learning rates each arm learns well",
        subtitle=f"Falling rate, {STEPS:,} steps. A dot a seed (n = {records.n_seeds}); bars: 95% "
        "interval",
        x_label="decades of good learning rates, side by side",
        rows=tuple(rows),
        from_zero=True,
        decimals=2,
    )


FAMILIES = {by: [_claim(name, by) for name in PAIRS] for by in SCORES}

SECOND = study(
    "rates",
    [judged for family in FAMILIES.values() for judged in family],
    RUNS,
    number=2,
    families=FAMILIES.values(),
    values=_values,
    tables={
        **{f"arms-{by}": partial(_arms, by=by) for by in SCORES},
        **{f"good-{by}": partial(_good, by=by) for by in SCORES},
    },
    plots={
        "widths": _widths,
        "sweep": partial(_sweep, by="fresh"),
        "sweep-deployed": partial(_sweep, by="deployed"),
    },
)
