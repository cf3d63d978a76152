"""Over how many learning rates does a net with batch normalization learn well?"""

import math
import statistics
from collections.abc import Iterable

from bnreport.analysis.arms import usual
from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.comparisons import runs_of, sign_tests
from bnreport.analysis.design import claim_form, study
from bnreport.analysis.grids import Sweep
from bnreport.analysis.metrics import unjudged
from bnreport.analysis.range_views import good_counts, range_panels
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.presentation.formats import p_value
from bnreport.protocol.directions import history, more
from bnreport.records.collection import Records
from bnreport.studies.second.rates import SECOND

RAW, STD, BN, STD_BN, LN = ARMS = usual("raw", "std", "bn", "std-bn", "ln")
# The sweep is the measurement: no rate is chosen beforehand, so no seed tunes one.
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
EPOCHS, BATCH_SIZE = 3, 128
# A rate is good when it costs at most so much of the best that the same seed reaches on raw pixels.
LOSS = 0.02
# A net learns when most of its answers are right; chance is one in ten.
LEARNS = 0.5


RUNS = tuple(
    arm.runs(
        f"{arm.name}-{rate:g}",
        learning_rate=rate,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        split="seed",
        evaluated=("val",),
    )
    for arm in ARMS
    for rate in RATES
)

# Each arm's final validation accuracy. A run that diverged is part of what is measured here, a rate
# that is too high: it narrows a width and bounds a highest rate, and no number is lost with it.
SWEEPS = {arm: Sweep({r: runs_of(f"{arm.name}-{r:g}").final() for r in RATES}) for arm in ARMS}
FLOOR = SWEEPS[RAW].best - LOSS
GOOD = {arm: sweep.above(FLOOR) for arm, sweep in SWEEPS.items()}
HIGHEST = {arm: sweep.highest(LEARNS) for arm, sweep in SWEEPS.items()}

# The same by the names of the trials, for the directions of the claims.
SWEPT = {arm: [f"{arm.name}-{rate:g}" for rate in RATES] for arm in ARMS}
END = history("val_accuracy", EPOCHS)

GRID = "nine rates from 0.001 to 10"
BJORCK = (
    "Bjorck et al. 2018 (arXiv 1806.02375), abstract: BN primarily enables training with larger "
    "learning rates"
)
DEPLOYED = f"after {EPOCHS} epochs, deployed with Keras' default moving averages"

# The statements on widths and limits say "at least". What their rule asks for is a mean that
# reaches the margin and an interval above zero, on a grid of rates; so another one is shown.
wider = claim_form(
    "rates",
    question="Does a net with BN learn well over a wider range of learning rates?",
    source=BJORCK,
    metric=f"decades of learning rate, of {GRID}, over which the validation accuracy after "
    f"{EPOCHS} epochs is at most {100 * LOSS:g} pp below the best that the same seed reaches "
    "on raw pixels without BN; the longest unbroken stretch, each rate standing for half the "
    "way to its neighbours. A run that diverged counts as chance",
    unit="decades",
    margin=0.5,
    lost=False,
    expected="supported",
    shown=f"{{}}, by half a decade or more in the mean of the seeds, {DEPLOYED}.",
)
higher = claim_form(
    "rates",
    label="BN over {}",
    called="Highest rate, BN over {}",
    question="Does a net with BN bear a higher learning rate?",
    statement="The highest learning rate at which BN learns is at least twice that of {}.",
    source="Ioffe and Szegedy 2015 (arXiv 1502.03167), sections 3.3 and 4.2.2: with BN Inception "
    "trains at 30 times its own rate of 0.0015; without BN its parameters reach infinity at 5 "
    "times",
    arms="BN and {}",
    metric=f"highest rate, of {GRID}, at which at least {LEARNS:.0%} of the validation images "
    f"are right after {EPOCHS} epochs; an arm that learns at the highest rate of all never "
    "arrives at its limit. A run that diverged counts as chance",
    unit="x",
    scale="ratio",
    margin=2.0,
    expected="supported",
    shown=f"The highest of {len(RATES)} learning rates, each about three times the last, at which "
    f"BN learns is twice that of {{}} or more, {DEPLOYED}.",
)
better = claim_form(
    "rates",
    label="BN over {}",
    called="Best accuracy, BN over {}",
    question="Is the best accuracy over all learning rates higher with BN?",
    statement="With each arm at its own best learning rate, BN is more accurate than {}.",
    source=BJORCK + ", which is the cause of faster convergence and better generalization",
    arms="BN and {}",
    metric=f"highest validation accuracy over {GRID}, by seed, after {EPOCHS} epochs; the "
    "images that choose the rate also score it, in both arms alike",
    unit="pp",
    margin=0.5,
    lost=False,
    shown=f"BN is more accurate than {{}}, at the best of {len(RATES)} learning rates by seed, on "
    f"the validation images that also choose it, {DEPLOYED}.",
)

CLAIMS = (
    wider(
        "width-raw",
        by=(GOOD[BN].width - GOOD[RAW].width).contrast(lost=False),
        ahead=more(SWEPT[BN], SWEPT[RAW], END, "width", LOSS, beside=SWEPT[RAW]),
        label="BN over raw",
        statement="BN learns well over at least half a decade more of learning rates than the net "
        "on raw pixels.",
        shown="BN learns well at more learning rates than the net on raw pixels",
        arms="BN and raw pixels",
        headline="width-raw",
    ),
    wider(
        "width-std",
        by=(GOOD[BN].width - GOOD[STD].width).contrast(lost=False),
        ahead=more(SWEPT[BN], SWEPT[STD], END, "width", LOSS, beside=SWEPT[RAW]),
        label="BN over standardized",
        statement="BN learns well over at least half a decade more of learning rates than "
        "standardized inputs without BN.",
        shown="BN on raw pixels learns well at more learning rates than standardized inputs "
        "without BN",
        arms="BN and standardized inputs without BN",
        headline="width-std",
    ),
    wider(
        "width-std-bn",
        by=(GOOD[STD_BN].width - GOOD[STD].width).contrast(lost=False),
        ahead=more(SWEPT[STD_BN], SWEPT[STD], END, "width", LOSS, beside=SWEPT[RAW]),
        label="BN on standardized inputs",
        statement="On standardized inputs, too, a net with BN learns well over at least half a "
        "decade more of learning rates than one without.",
        shown="On standardized inputs, too, a net with BN learns well at more learning rates than "
        "one without",
        arms="standardized inputs with and without BN",
    ),
    wider(
        "width-ln",
        by=(GOOD[BN].width - GOOD[LN].width).contrast(lost=False),
        ahead=more(SWEPT[BN], SWEPT[LN], END, "width", LOSS, beside=SWEPT[RAW]),
        label="BN over layer norm.",
        statement="BN learns well over at least half a decade more of learning rates than layer "
        "normalization.",
        shown="BN learns well at more learning rates than layer normalization",
        source="Arora, Li and Lyu 2019 (arXiv 1812.03981), abstract: with BN gradient descent "
        "needs less tuning of the learning rate, because its weights are scale-invariant; those "
        "of layer normalization are so together, not unit by unit",
        arms="BN and layer normalization, both on raw pixels",
    ),
    *higher.against(
        "highest",
        by=lambda arm: HIGHEST[BN].ratio(HIGHEST[arm], lost=False),
        ahead=lambda arm: more(SWEPT[BN], SWEPT[arm], END, "highest", LEARNS),
    ),
    *better.against(
        "best",
        by=lambda arm: (100 * (SWEEPS[BN].best - SWEEPS[arm].best)).contrast(lost=False),
        ahead=lambda arm: more(SWEPT[BN], SWEPT[arm], END, "largest"),
        expected={"raw": "supported", "std": "not supported"},
        headline={"raw": "bn-raw", "std": "bn-over-std"},
    ),
)

SETTING = f"300-100 ReLU net, batches of {BATCH_SIZE}, {EPOCHS} epochs"
# What is below has failed; how far hardly matters.
SHELF = 70.0


def by_signs(records: Records) -> dict[str, float]:
    """The p of the sign test after Holm by claim: it judges where a lost run is set aside."""
    return sign_tests(records, {judged.claim.id: judged.by for judged in CLAIMS})


def bounds(highest: Iterable[float], control: Iterable[float]) -> tuple[float, float]:
    """The bounds on the ratio of the rates at which an arm and a control stop learning.

    A net that learns at one rate of the grid and not at the next stops between the two. The bounds
    hold for every seed.

    Args:
        highest: the highest rate of the grid at which each seed of the arm learns.
        control: the same of the control.
    """
    pairs = [(_stops(x), _stops(y)) for x, y in zip(highest, control, strict=True)]
    least = min(arm[0] / other[1] for arm, other in pairs)
    most = max(arm[1] / other[0] if other[0] else math.inf for arm, other in pairs)
    return least, most


def _stops(top: float) -> tuple[float, float]:
    """The rates between which an arm stops learning whose highest rate in the grid is `top`."""
    return min(top, max(RATES)), min((rate for rate in RATES if rate > top), default=math.inf)


def _values(records: Records) -> dict[str, Value]:
    """The settings, and what the prose names beside the claims."""
    values = values_of("set before the runs", {"rates": str(len(RATES)), "epochs": str(EPOCHS)})
    values |= values_of("all seeds but the one scored", {"others": str(records.n_seeds - 1)})
    for name, p in by_signs(records).items():
        origin = f"claim {name}, p of the sign test after Holm; unjudged"
        values |= values_of(origin, {f"signs.{name}": p_value(p)})
    for arm in (RAW, STD):
        ahead = 100 * (SWEEPS[BN].chosen_by_others - SWEEPS[arm].chosen_by_others)
        values |= unjudged(
            f"others-{arm.name}",
            ahead.contrast(lost=False)(records).interval,
            f"validation accuracy after {EPOCHS} epochs, BN minus {arm.label}, the rate of each "
            "seed chosen by the mean of the others",
        )
        least, most = (mean_of(x, 0) for x in bounds(HIGHEST[BN](records), HIGHEST[arm](records)))
        values |= values_of(
            f"ratio of the rates at which BN and {arm.label} stop learning, by the grid's steps",
            {f"limit-{arm.name}.least": least, f"limit-{arm.name}.most": most},
        )
    return values


def _arms(records: Records) -> Table:
    limits = {arm: statistics.median(HIGHEST[arm](records)) for arm in ARMS}
    return Table.by_column(
        f"What each arm reaches over the {len(RATES)} rates",
        "arm",
        {arm.label: arm for arm in ARMS},
        {
            "width": lambda arm: GOOD[arm].cell(records),
            "all good": lambda arm: mean_of(GOOD[arm].covered(records), 2),
            "learns up to": lambda arm: f"{limits[arm]:g}".replace("inf", f"above {max(RATES):g}"),
            "best, %": lambda arm: mean_of(100 * SWEEPS[arm].best(records), 1, interval=True),
        },
        "Width: the longest stretch of good rates, in decades; all good: the same for all good "
        "rates together. A ≥ stands where runs are good at an end of the grid, so that their width "
        "is a lower bound. Learns up to: "
        "the highest rate at which most answers are right, the median. Best: the accuracy at each "
        "seed's own best rate. Means with 95% intervals.",
    )


def _good(records: Records) -> Table:
    return good_counts(
        records,
        {arm.label: GOOD[arm] for arm in ARMS},
        "arm",
        f"At how many of {records.n_seeds} seeds a learning rate is good",
        f"Good: at most {100 * LOSS:g} pp below the best that the same seed reaches on raw pixels "
        "without BN.",
    )


def _sweep(records: Records) -> Curves:
    by_title = {
        "Raw pixels": {RAW: "raw", BN: "BN", LN: "layer norm."},
        "Standardized inputs": {STD: "std.", STD_BN: "BN"},
    }
    return Curves(
        title="Validation accuracy by learning rate",
        subtitle=f"{SETTING}. Thin lines: {records.n_seeds} seeds; thick: mean. Shaded: below "
        f"{SHELF:g}%, squeezed; diverged runs count as chance",
        x_label="learning rate",
        x_scale="log",
        panels=range_panels(records, GOOD, by_title, shelf=SHELF),
    )


def _widths(records: Records) -> Dots:
    return Dots(
        title="Over how many decades of learning rates each arm learns well",
        subtitle=f"{SETTING}. A dot a seed (n = {records.n_seeds}); bars: 95% interval",
        x_label="decades of good learning rates, side by side",
        rows=tuple(GOOD[arm].row(records, arm) for arm in ARMS),
        from_zero=True,
        decimals=2,
    )


STUDY = study(
    "rates",
    CLAIMS,
    RUNS,
    title="Learning rates",
    chapter="Benefits",
    question="Over how many learning rates does a net with batch normalization learn well?",
    values=_values,
    tables={"arms": _arms, "good": _good},
    plots={"sweep": _sweep, "widths": _widths},
    later=(SECOND,),
)
