"""Does BN make a net tolerate badly scaled initial weights?

The second edition: every arm trains at the rate that is best for it at the usual scale, and once
more at a tenth of that rate and at ten times of it. Rates fall to zero, and nets are scored by
fresh statistics and by Keras' moving averages.
"""

import math
from functools import partial
from typing import Any

import numpy as np

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.controls import BY_INPUTS
from bnreport.analysis.design import Judged, claim_form, study
from bnreport.analysis.ends import FRESH, SCORES
from bnreport.analysis.findings import reach
from bnreport.analysis.grids import Range, Sweep
from bnreport.analysis.range_views import good_counts, range_panels
from bnreport.analysis.ranges import fraction
from bnreport.analysis.tuning import GRID, TunedRecipes
from bnreport.presentation import Curves, Table, Value
from bnreport.protocol.directions import Direction, check, more, read
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.scorings import Scoring
from bnreport.records.collection import Records

RAW, STD, BN, STD_BN = usual()
# What all kernels drawn by He's rule are multiplied by; powers of two, so nothing is rounded.
SCALES = (1 / 64, 1 / 16, 1 / 4, 1.0, 4.0, 16.0, 64.0)
SMALLEST, LARGE = 1 / 64, 16.0
# What the arm's own rate is multiplied by.
FACTORS = {"tenth": 0.1, "own": 1.0, "tenfold": 10.0}
OWN, THREE = ("own",), tuple(FACTORS)
IMAGES, EPOCHS, BATCH_SIZE = 20_480, 2, 128
STEPS = EPOCHS * IMAGES // BATCH_SIZE
# A pilot of ten seeds asked for no more.
SEEDS = tuple(range(200, 212))
# A scale is good when it costs at most so much of the best that the same seed reaches without BN.
LOSS = 0.02
# What is below has failed; how far hardly matters.
SHELF = 70.0
SETTING: dict[str, Any] = {
    "images": IMAGES,
    "epochs": EPOCHS,
    "batch_size": BATCH_SIZE,
    "schedule": LINEAR,
    "evaluated": (),
    "measures": (Scoring(name="end"),),
}
# The rates are chosen at the usual scale.
NETS = TunedRecipes(
    rates={RAW: 0.3, STD: 0.3, BN: 1.0, STD_BN: 1.0},
    # BN did best at the largest of seven rates, so that all nets got two more.
    grid=(*GRID, 10.0, 30.0),
    setting=SETTING,
    full=SEEDS,
)


def named(arm: Arm, scale: float, factor: str = "own") -> str:
    """The name of a recipe."""
    return f"{arm.name}-{scale:g}-{factor}"


RUNS = (
    *NETS.tuning_runs(*NETS.rates),
    *(
        arm.recipes(
            SEEDS,
            named(arm, scale, factor),
            # Without the rounding of a product: .3 by .1 is .03.
            learning_rate=round(rate * times, 9),
            kernel_scale=scale,
            **SETTING,
        )
        for arm, rate in NETS.rates.items()
        for scale in SCALES
        for factor, times in FACTORS.items()
    ),
)


def reached(arm: Arm, scale: float, by: str = FRESH, factor: str = "own") -> Sample:
    """The validation accuracy at the end; chance where a run diverged."""
    return runs_of(named(arm, scale, factor)).scored(f"end_{by}_val")[:, -1]


def sweep(arm: Arm, by: str, factors: tuple[str, ...] = OWN) -> Sweep:
    """The accuracy at each scale, at the rate that is best there for all other seeds."""
    rates = {
        scale: Sweep({FACTORS[factor]: reached(arm, scale, by, factor) for factor in factors})
        for scale in SCALES
    }
    return Sweep({scale: each.chosen_by_others for scale, each in rates.items()})


def good(arm: Arm, plain: Arm, by: str, factors: tuple[str, ...] = OWN) -> Range:
    """The scales that are good for an arm, by what the net without BN reaches at the same rates."""
    return sweep(arm, by, factors).above(sweep(plain, by, factors).best - LOSS)


def steps(arm: Arm, plain: Arm, by: str, factors: tuple[str, ...] = OWN) -> Sample:
    """The width of that range in steps of the grid, each a factor of four."""
    # Without the rounding of logarithms: a step reaches a margin of a step.
    widths = good(arm, plain, by, factors).width
    return widths.map(lambda decades: np.round(decades / math.log10(4), 6))


HOW = {OWN: "at one rate for all scales", THREE: "at the best of three rates for each scale"}
RATE = {
    OWN: "at the rate that tuning chose at the usual scale",
    THREE: "at each scale at the rate that tuning chose at the usual one, a tenth of it or ten "
    "times of it, whichever is best for all other seeds",
}
PAIRS = {
    "raw": (BN, RAW, "BN over raw"),
    "std": (BN, STD, "BN over standardized"),
    "std-bn": (STD_BN, STD, "BN on standardized inputs"),
}
NAMES = {
    RAW: "one on raw pixels without BN",
    STD: "one on standardized inputs without BN",
    BN: "BN on raw pixels",
    STD_BN: "BN on standardized inputs",
}
IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), abstract and section 3.3: less care about "
    "initialization, as BN((aW)u) = BN(Wu)"
)
LARGER = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), section 3.3: larger weights lead to smaller "
    "gradients, as 1/a; so steps are smaller by 1/a^2 beside the weights"
)
ACCURACY = (
    f"validation accuracy after {EPOCHS} epochs of {IMAGES:,} images in batches of {BATCH_SIZE}, "
    "plain gradient descent at a rate that rises over 5% of the steps and then falls to zero"
)
AFTER = f"after {EPOCHS} epochs of {IMAGES:,} images of Fashion-MNIST at a rate that falls to zero"
TOLERANT = "Does BN make a net tolerate badly scaled initial weights?"
claim = claim_form(
    "initialization",
    source=IOFFE,
    seeds=f"{SEEDS[0]}-{SEEDS[-1]}",
    decided="interval",
    expected="supported",
)
SEEN = "known from the first edition"


def _wider(name: str, factors: tuple[str, ...], by: str) -> Judged:
    """A net with BN learns well at more scales than one without."""
    wide, narrow, label = PAIRS[name]
    swept = {
        arm: [named(arm, scale, factor) for scale in SCALES for factor in factors]
        for arm in (wide, narrow)
    }
    three = ", best of three rates" if factors == THREE else ""
    return claim(
        "2-width-" + name + "-three" * (factors == THREE) + _ending(by),
        by=(steps(wide, narrow, by, factors) - steps(narrow, narrow, by, factors)).contrast(
            lost=False
        ),
        ahead=more(
            swept[wide],
            swept[narrow],
            check(f"end_{by}_val_accuracy"),
            "width",
            LOSS,
            beside=swept[narrow],
        ),
        label=f"{label}{three}, {by}",
        question=TOLERANT,
        statement=f"Trained {HOW[factors]}, a net with {NAMES[wide]} learns well from initial "
        f"kernels of more scales than {NAMES[narrow]}, {AFTER}, {SCORES[by]}.",
        arms=f"{wide.label} and {narrow.label}",
        metric=f"scales of all initial kernels, of {len(SCALES)} from 1/64 to 64 in steps of a "
        f"factor of four, at which the {ACCURACY}, is at most {100 * LOSS:g} pp below what "
        f"{NAMES[narrow]} reaches at the same seed from its best scale; the longest unbroken "
        f"stretch, each scale standing for half the way to its neighbours; {RATE[factors]}. A run "
        "that diverged counts as chance",
        unit="steps",
        margin=1.0,
        lost=False,
        score=by,
        known=SEEN if factors == OWN else "new",
    )


def _kept(by: str, name: str, scales: tuple[float, float], words: str, **own: Any) -> Judged:
    """Compare what a net with BN reaches from one scale with what it reaches from another."""
    one, other = scales
    end = check(f"end_{by}_val_accuracy")
    return claim(
        f"2-{name}{_ending(by)}",
        by=(100 * (reached(BN, one, by) - reached(BN, other, by))).contrast(),
        ahead=Direction(read(named(BN, one), end), read(named(BN, other), end)),
        label=f"BN at {fraction(one)} and at {fraction(other)}, {by}",
        question="Does the initial scale matter to a net with BN?",
        statement=f"At one rate for all scales, a net with BN on raw pixels whose kernels start "
        f"{words} the usual scale, {AFTER}, {SCORES[by]}.",
        arms=f"BN at scale {fraction(one)} minus BN at scale {fraction(other)}",
        metric=ACCURACY,
        unit="pp",
        score=by,
        known=SEEN,
        **own,
    )


def _ending(by: str) -> str:
    return "" if by == FRESH else f"-{by}"


FAMILIES = {
    by: (
        *(_wider(name, factors, by) for factors in HOW for name in PAIRS),
        _kept(
            by,
            "small",
            (SMALLEST, 1.0),
            "64 times too small is as accurate, within a point, as from",
            kind="equivalence",
            margin=1.0,
            expected="underpowered",
        ),
        _kept(
            by,
            "large",
            (1.0, LARGE),
            "16 times too large is less accurate than from",
            margin=100 * LOSS,
            source=LARGER,
        ),
    )
    for by in SCORES
}
# Every arm, by the net without BN whose best is its mark.
ROWS = {
    "raw pixels": (RAW, RAW),
    "BN": (BN, RAW),
    "standardized inputs": (STD, STD),
    "standardized inputs and BN": (STD_BN, STD),
    "BN, by the mark of standardized inputs": (BN, STD),
}


def _values(records: Records) -> dict[str, Value]:
    given = {
        "images": f"{IMAGES:,}",
        "epochs": str(EPOCHS),
        "steps": f"{STEPS:,}",
        "loss": f"{100 * LOSS:g}",
        "tuning": str(len(NETS.seeds)),
        **{f"rate.{arm.name}": f"{rate:g}" for arm, rate in NETS.rates.items()},
    }
    values = values_of("set before the runs that judge", given)
    for arm, plain in list(ROWS.values())[:-1]:
        for factors, how in HOW.items():
            origin = (
                f"{arm.label}, {how}: the longest row of scales at which more than half of the "
                "seeds are good, by fresh statistics"
            )
            name = f"span.{arm.name}" + ".three" * (factors == THREE)
            values |= values_of(origin, {name: good(arm, plain, FRESH, factors).stretch(records)})
    for arm in (RAW, STD):
        for factors, how in HOW.items():
            mean = mean_of(100 * sweep(arm, FRESH, factors)[4.0](records), 1)
            name = f"four.{arm.name}" + ".three" * (factors == THREE)
            values |= values_of(f"{arm.label}, kernels times four, {how}; unjudged", {name: mean})
    return values


def _good(records: Records, factors: tuple[str, ...], by: str) -> Table:
    return good_counts(
        records,
        {label: good(*pair, by, factors) for label, pair in ROWS.items()},
        "arm",
        f"At how many of {len(SEEDS)} seeds a scale is good, {HOW[factors]}",
        f"Good: at most {100 * LOSS:g} pp below the best that the same seed reaches without BN on "
        f"the same inputs, in the last row on standardized ones. Scored {SCORES[by]}.",
    )


def _accuracies(records: Records, factors: tuple[str, ...]) -> Table:
    return Table.crossed(
        f"Mean accuracy by scale, {HOW[factors]}, %",
        "arm",
        {arm.label: sweep(arm, FRESH, factors) for arm in NETS.rates},
        {fraction(scale): scale for scale in SCALES},
        lambda swept, scale: mean_of(100 * swept[scale](records), 1),
        f"Validation accuracies of {len(SEEDS)} seeds by fresh statistics; unjudged.",
    )


def _by_rate(records: Records) -> Table:
    def cell(pair: tuple[Arm, Arm], factor: str) -> str:
        arm, plain = pair
        swept = sweep(arm, FRESH, (factor,)).above(sweep(plain, FRESH).best - LOSS)
        widths = swept.width(records) / math.log10(4)
        return ("≥ " if swept.cut_short(records) else "") + mean_of(widths, 1, interval=True)

    return Table.crossed(
        "How many steps of a factor of four are good, at each rate alone",
        "arm",
        ROWS,
        {"a tenth": "tenth", "its own rate": "own", "ten times": "tenfold"},
        cell,
        "Means with 95% intervals by fresh statistics, unjudged; the mark is that of the own rate. "
        "A ≥ stands where runs are good at an end of the grid.",
    )


def _sweep(records: Records, factors: tuple[str, ...], by: str = FRESH) -> Curves:
    drawn = [
        range_panels(
            records,
            {arm: good(arm, next(iter(arms)), by, factors) for arm in arms},
            {title: arms},
            shelf=SHELF,
            shaded=True,
        )
        for title, arms in BY_INPUTS.items()
    ]
    return Curves(
        title=f"Validation accuracy by initial scale, {HOW[factors]}",
        subtitle=f"300-100 ReLU net, {EPOCHS} epochs, falling rate, scored {SCORES[by]}. Thin: "
        f"{len(SEEDS)} seeds; thick: mean, with its 95% interval. Tinted: good; gray: below "
        f"{SHELF:g}%, squeezed",
        x_label="factor of all initial kernels",
        x_scale="log",
        panels=tuple(panel for panels in drawn for panel in panels),
    )


def _rates(records: Records) -> Curves:
    drawn = NETS.panels(records, BY_INPUTS, floor=SHELF)
    return Curves(
        title=reach(drawn, SHELF, "BN still reaches", {BN.short}, "nets without it"),
        subtitle=f"By fresh statistics; the rate falls to zero. {len(NETS.seeds)} tuning seeds, "
        f"thin, and their mean, thick. Left out: rates with a seed below {SHELF:g}%",
        x_label="learning rate",
        x_scale="log",
        panels=drawn,
    )


SECOND = study(
    "initialization",
    [judged for family in FAMILIES.values() for judged in family],
    RUNS,
    number=2,
    families=FAMILIES.values(),
    values=_values,
    tables={
        "good": partial(_good, factors=OWN, by=FRESH),
        "good-three": partial(_good, factors=THREE, by=FRESH),
        "good-deployed": partial(_good, factors=OWN, by="deployed"),
        "accuracies": partial(_accuracies, factors=OWN),
        "accuracies-three": partial(_accuracies, factors=THREE),
        "by-rate": _by_rate,
    },
    plots={
        "sweep": partial(_sweep, factors=OWN),
        "sweep-three": partial(_sweep, factors=THREE),
        "sweep-deployed": partial(_sweep, factors=OWN, by="deployed"),
        "rates": _rates,
    },
    check_tuning=NETS.check,
)
