"""On the simplest problem, least squares: does normalization let gradient descent take any rate?"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.ranges import width
from bnreport.analysis.study import Study
from bnreport.presentation.formats import MINUS, number, quantity
from bnreport.presentation.plots import Arm, Curves, Panel, Series
from bnreport.presentation.tables import Analysis, Table, Value
from bnreport.protocol.claims import Claim
from bnreport.protocol.directions import (
    Direction,
    Directions,
    Measure,
    exactly,
    history,
    less,
    read,
)
from bnreport.protocol.measurements import ToyTrial
from bnreport.protocol.rules import DIFFERENCE, EXACT, SETTINGS
from bnreport.protocol.runs import Runs
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Contrast, Estimate, Exact, Settings, paired

Floats = NDArray[np.float64]

DIMENSIONS, STEPS = 50, 1000
CONDITIONS = (10, 100, 1_000, 10_000)
# The better conditioned a problem, the sooner both descents end at the precision of the machine.
ILL, WORST = CONDITIONS[1:], CONDITIONS[2:]
# Ten decades, four rates in each. Plain descent diverges above 2 over the largest eigenvalue, 1.
RATES = tuple(float(f"{10 ** (place / 4):.4g}") for place in range(-16, 25))
SEEDS = tuple(range(100, 120))

# What counts as arrived: a hundredth of the excess loss at the start is left.
ARRIVED = 2.0
# A rate at which plain descent is stable, and one far above all such rates.
SAME_RATE, LARGE_RATE = 0.1, 10_000.0


def trial(condition: int) -> str:
    """The name of a trial."""
    return f"condition-{condition}"


RUNS = tuple(
    Runs(
        ToyTrial(
            name=trial(condition),
            dimensions=DIMENSIONS,
            condition=condition,
            rates=RATES,
            steps=STEPS,
        ),
        SEEDS,
    )
    for condition in CONDITIONS
)

CAI = "Cai, Li and Shen 2019 (arXiv 1810.00122), abstract"
PROBLEM = (
    f"Least squares in {DIMENSIONS} dimensions, {STEPS:,} steps; the excess loss is that above the "
    "least value, and 1 is the largest eigenvalue of the Hessian"
)


def settings(conditions: tuple[int, ...]) -> tuple[str, ...]:
    """The names of the settings of a claim on these condition numbers."""
    return tuple(f"condition {condition:,}" for condition in conditions)


def _claim(name: str, **fields: Any) -> Claim:
    base = {
        "id": f"toy-{name}",
        "question": "Does BN make gradient descent insensitive to the learning rate?",
        "kind": "difference",
        "arms": "gradient descent with and without normalization (BNGD and GD)",
        "unit": "decades",
        "margin": 0.3,
        "seeds": "100-119",
        "rule": DIFFERENCE + SETTINGS + " The interval covers the problems and their starts.",
    }
    return Claim.model_validate(base | fields)


CLAIMS = (
    _claim(
        "width",
        label="BNGD over GD, decades of rates",
        statement="BNGD takes the excess loss to a hundredth over more decades of learning rates "
        "than GD.",
        source=f"{CAI}: BNGD has a large range of learning rates that give rise to fast descent",
        metric="decades of learning rates, in one stretch from 0.0001 to 1,000,000, over which at "
        f"most a hundredth of the excess loss is left. {PROBLEM}",
        margin=1.0,
        expected="supported",
        settings=settings(CONDITIONS),
    ),
    _claim(
        "any-rate",
        label="BNGD ends above its start",
        statement="BNGD diverges at no learning rate: none ends above the loss at which it began.",
        source=f"{CAI}: unlike GD, BNGD converges for arbitrary learning rates for the weights",
        kind="exact",
        arms="BNGD at every rate",
        metric=f"descents that end above the excess loss at which they began. {PROBLEM}",
        unit="descents",
        margin=0.0,
        rule=EXACT,
        expected="supported",
    ),
    _claim(
        "large-rate",
        label="BNGD at rate 10,000",
        statement="BNGD does not need a tuned rate: at 10,000 it takes the excess loss to a "
        "hundredth, too.",
        source=f"{CAI}: BNGD converges for arbitrary learning rates, and the convergence remains "
        "linear under mild conditions; it says nothing of a fixed number of steps",
        arms="BNGD at rate 10,000, against a hundredth",
        metric="decades by which the excess loss falls, beyond two, which is a hundredth. "
        f"{PROBLEM}",
        margin=0.0,
        expected="not supported",
        settings=settings(CONDITIONS),
    ),
    _claim(
        "same-rate",
        label="BNGD over GD, rate 0.1",
        statement="At learning rate 0.1, at which both converge, BNGD leaves less of the excess "
        "loss than GD.",
        source=f"{CAI}: BNGD is faster than GD, for one because over-parametrization improves the "
        "effective condition number",
        metric=f"decades by which the excess loss falls further. {PROBLEM}",
        expected="not supported",
        settings=settings(ILL),
    ),
    _claim(
        "best-rate",
        label="BNGD over GD, best rates",
        statement="With the best of all rates for each problem, BNGD leaves less of the excess "
        "loss than GD.",
        source=f"{CAI}: BNGD is faster than GD, for one because over-parametrization improves the "
        "effective condition number",
        metric="decades by which the excess loss falls further, each method at the best of "
        f"{len(RATES)} rates. {PROBLEM}",
        expected="not supported",
        settings=settings(WORST),
    ),
)


def fallen(records: Records, condition: int, method: str) -> Floats:
    """By how many decades the excess loss fell, (seeds, rates); negative where it grew.

    Args:
        records: of this study.
        condition: the condition number.
        method: "gd" or "bngd".
    """
    return -np.array([record.epochs(method) for record in records.trial(trial(condition))])


def widths(records: Records, condition: int, method: str) -> Floats:
    """Over how many decades of rates a descent arrives, (seeds,)."""
    by_rate = fallen(records, condition, method).T
    return width(dict(zip(RATES, by_rate, strict=True)), ARRIVED)


def _width(records: Records, condition: int) -> Contrast:
    return paired(widths(records, condition, "bngd") - widths(records, condition, "gd"))


def _any_rate(records: Records) -> Exact:
    found = np.concatenate([fallen(records, condition, "bngd") for condition in CONDITIONS])
    return Exact(float(np.sum(found < 0)), found.size)


def _large_rate(records: Records, condition: int) -> Contrast:
    return paired(fallen(records, condition, "bngd")[:, RATES.index(LARGE_RATE)] - ARRIVED)


def _same_rate(records: Records, condition: int) -> Contrast:
    both = (fallen(records, condition, of)[:, RATES.index(SAME_RATE)] for of in ("bngd", "gd"))
    return paired(np.subtract(*both))


def _best_rate(records: Records, condition: int) -> Contrast:
    both = (fallen(records, condition, of).max(axis=1) for of in ("bngd", "gd"))
    return paired(np.subtract(*both))


def _by_condition(
    estimate: Callable[[Records, int], Contrast], conditions: tuple[int, ...]
) -> Callable[[Records], Settings]:
    return lambda records: dict(
        zip(settings(conditions), (estimate(records, c) for c in conditions), strict=True)
    )


ESTIMATES: dict[str, Callable[[Records], Estimate]] = {
    "toy-width": _by_condition(_width, CONDITIONS),
    "toy-any-rate": _any_rate,
    "toy-large-rate": _by_condition(_large_rate, CONDITIONS),
    "toy-same-rate": _by_condition(_same_rate, ILL),
    "toy-best-rate": _by_condition(_best_rate, WORST),
}


def _both(measure: Measure, conditions: tuple[int, ...], *rates: float) -> dict[str, Direction]:
    """BNGD leaves less than GD, or, for a width, arrives at more rates."""

    def direction(name: str) -> Direction:
        bngd, gd = (read(name, history(method, *rates), more=False) for method in ("bngd", "gd"))
        return Direction(bngd, gd, measure=measure, level=-2.0 if measure == "width" else None)

    return dict(zip(settings(conditions), map(direction, map(trial, conditions)), strict=True))


# Who each claim predicts to be ahead. What is left is a decimal logarithm: a hundredth is -2.
DIRECTIONS: Mapping[str, Directions] = {
    "toy-width": _both("width", CONDITIONS),
    "toy-any-rate": exactly(map(trial, CONDITIONS), history("bngd"), 0.0),
    "toy-large-rate": {
        name: less(trial(condition), (), history("bngd", 10_000.0), level=-2.0)
        for name, condition in zip(settings(CONDITIONS), CONDITIONS, strict=True)
    },
    "toy-same-rate": _both("each", ILL, 0.1),
    "toy-best-rate": _both("smallest", WORST),
}

# The figures show this part of the grid; ends beyond these powers of ten are drawn there.
SHOWN = slice(RATES.index(0.001), RATES.index(LARGE_RATE) + 1)
FLOOR, CEILING = -6.0, 1.0
METHODS: dict[str, tuple[str, Arm]] = {"gd": ("GD", "raw"), "bngd": ("BNGD", "bn")}


def analyse(records: Records) -> Analysis:
    """Where the descents end, by rate and at the best rate."""
    worst = 10 ** -min(float(fallen(records, c, "bngd").min()) for c in CONDITIONS)
    return Analysis(
        values={
            "worst": Value(f"{number(100 * worst, 0)}%", "the largest of all ends of BNGD"),
            "rates": Value(str(len(RATES)), "learning rates, four a decade"),
            **{f"large.{condition:,}": _large(records, condition) for condition in CONDITIONS},
        },
        tables={"ends": _table(records)},
        plots={"well": _plot(records, CONDITIONS[:2]), "ill": _plot(records, CONDITIONS[2:])},
    )


def _large(records: Records, condition: int) -> Value:
    found = fallen(records, condition, "bngd")[:, RATES.index(LARGE_RATE)]
    origin = (
        f"fall at rate {LARGE_RATE:,.0f}, condition {condition:,}, mean of {len(found)} problems"
    )
    return Value(quantity(found.mean(), 1, "decades"), origin)


def _plot(records: Records, conditions: tuple[int, ...]) -> Curves:
    def series(condition: int, method: str) -> Series:
        label, arm = METHODS[method]
        left = np.clip(-fallen(records, condition, method), FLOOR, CEILING)
        return Series(label, arm, np.log10(RATES)[SHOWN], left[:, SHOWN])

    numbers = " and ".join(f"{condition:,}" for condition in conditions)
    return Curves(
        title=f"What is left of the excess loss at condition numbers {numbers}",
        subtitle=f"Least squares in {DIMENSIONS} dimensions, {STEPS:,} steps. Thin lines: "
        f"{len(SEEDS)} problems; thick: mean",
        x_label="learning rate, as a power of ten",
        panels=tuple(
            Panel(
                title=f"Condition number {condition:,}",
                y_label="excess loss, as a power of ten",
                series=tuple(series(condition, method) for method in METHODS),
                level=(-ARRIVED, "arrived"),
            )
            for condition in conditions
        ),
    )


def _table(records: Records) -> Table:
    def cells(condition: int) -> Iterator[str]:
        left = {method: -fallen(records, condition, method) for method in METHODS}
        yield from (number(widths(records, condition, method).mean(), 1) for method in METHODS)
        yield from (number(ends.min(axis=1).mean(), 1) for ends in left.values())
        yield from (number(ends[:, RATES.index(SAME_RATE)].mean(), 1) for ends in left.values())
        yield number(left["bngd"][:, RATES.index(LARGE_RATE)].mean(), 1)

    return Table(
        "Decades of good rates, and what is left of the excess loss at some rates",
        (
            "condition number",
            *(f"good rates, {label}" for label, _ in METHODS.values()),
            *(f"best rate, {label}" for label, _ in METHODS.values()),
            *(f"{SAME_RATE:g}, {label}" for label, _ in METHODS.values()),
            f"{LARGE_RATE:,.0f}, BNGD",
        ),
        tuple((f"{condition:,}", *cells(condition)) for condition in CONDITIONS),
        note=f"Means over {len(SEEDS)} problems. A rate is good when at most a hundredth of the "
        "excess loss is left; the first two columns count decades of them. The others give what "
        f"is left at the rate in their head, as a power of ten; {MINUS}16 stands for the rounding "
        "of the numbers.",
    )


STUDY = Study(
    name="toy",
    title="Least squares at any rate",
    page="studies/toy.md",
    chapter="Mechanisms",
    question="On the simplest problem, does normalization free gradient descent from its rate?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    directions=DIRECTIONS,
    analyse=analyse,
)
