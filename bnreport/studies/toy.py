"""On the simplest problem, least squares: does normalization let gradient descent take any rate?"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.design import claim_form, study
from bnreport.analysis.ranges import width
from bnreport.presentation.formats import MINUS
from bnreport.presentation.plots import Curves
from bnreport.presentation.tables import Table
from bnreport.protocol.directions import exactly, history, less
from bnreport.protocol.measurements import ToyTrial
from bnreport.protocol.runs import Runs
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Exact

# Gradient descent without normalization and with it; both descend in one run, each at every rate.
METHODS = GD, BNGD = Arm("gd", "GD", colour="raw"), Arm("bngd", "BNGD", colour="bn")
DIMENSIONS, STEPS = 50, 1000
# The better conditioned a problem, the sooner both descents end at the precision of the machine.
CONDITIONS = {f"condition {condition:,}": condition for condition in (10, 100, 1_000, 10_000)}
ILL, WORST = (dict([*CONDITIONS.items()][easiest:]) for easiest in (1, 2))
# Ten decades, four rates in each. Plain descent diverges above 2 over the largest eigenvalue, 1.
RATES = tuple(float(f"{10 ** (place / 4):.4g}") for place in range(-16, 25))
SEEDS = tuple(range(100, 120))
# What counts as arrived: a hundredth of the excess loss at the start is left.
ARRIVED = 2.0
# A rate at which plain descent is stable, and one far above all such rates.
SAME_RATE, LARGE_RATE = 0.1, 10_000.0
AT_SAME, AT_LARGE = RATES.index(SAME_RATE), RATES.index(LARGE_RATE)


def trial(condition: int) -> str:
    """The name of a trial."""
    return f"condition-{condition}"


RUNS = tuple(
    Runs(
        ToyTrial(name=trial(c), dimensions=DIMENSIONS, condition=c, rates=RATES, steps=STEPS),
        SEEDS,
    )
    for c in CONDITIONS.values()
)


def fallen(method: Arm, condition: int) -> Sample:
    """The decades by which the excess loss fell, (seeds, rates); negative where it grew."""
    return -runs_of(trial(condition)).history(method.name)


def best(method: Arm, condition: int) -> Sample:
    """The decades by which it fell at the best of all rates, (seeds,)."""
    return fallen(method, condition).map(lambda decades: decades.max(axis=1))


def arriving(method: Arm, condition: int) -> Sample:
    """The decades of rates over which a descent arrives, (seeds,)."""
    return fallen(method, condition).map(
        lambda decades: width(dict(zip(RATES, decades.T, strict=True)), ARRIVED)
    )


def _risen(records: Records) -> Exact:
    """The number of descents with normalization that end above their start."""
    ends = np.concatenate([fallen(BNGD, c)(records) for c in CONDITIONS.values()])
    return Exact(float(np.sum(ends < 0)), ends.size)


CAI = "Cai, Li and Shen 2019 (arXiv 1810.00122), abstract"
FASTER = (
    f"{CAI}: BNGD is faster than GD, for one because over-parametrization improves the effective "
    "condition number"
)
claim = claim_form(
    "toy",
    question="Does BN make gradient descent insensitive to the learning rate?",
    arms="gradient descent with and without normalization (BNGD and GD)",
    metric=f"{{}}. Least squares in {DIMENSIONS} dimensions, {STEPS:,} steps; the excess loss is "
    "that above the least value, and 1 is the largest eigenvalue of the Hessian",
    unit="decades",
    margin=0.3,
    seeds="100-119",
    lost=False,
    interval="The interval covers the problems and their starts.",
)

# What is left of the excess loss is recorded as a decimal logarithm.
HUNDREDTH = -2.0

CLAIMS = (
    claim(
        "width",
        by=lambda c: (arriving(BNGD, c) - arriving(GD, c)).contrast(lost=False),
        ahead=lambda c: less(
            trial(c), trial(c), history("bngd"), "width", HUNDREDTH, than=history("gd")
        ),
        in_each=CONDITIONS,
        label="BNGD over GD, decades of rates",
        statement="BNGD takes the excess loss to a hundredth over more decades of learning rates "
        "than GD.",
        source=f"{CAI}: BNGD has a large range of learning rates that give rise to fast descent",
        metric="decades of learning rates, in one stretch from 0.0001 to 1,000,000, over which at "
        "most a hundredth of the excess loss is left",
        margin=1.0,
        expected="supported",
    ),
    claim(
        "any-rate",
        by=_risen,
        ahead=exactly(map(trial, CONDITIONS.values()), history("bngd"), 0.0),
        kind="exact",
        label="BNGD ends above its start",
        called="BNGD never ends above its start",
        statement="BNGD diverges at no learning rate: none ends above the loss at which it began.",
        source=f"{CAI}: unlike GD, BNGD converges for arbitrary learning rates for the weights",
        arms="BNGD at every rate",
        metric="descents that end above the excess loss at which they began",
        unit="descents",
        margin=0.0,
        expected="supported",
    ),
    claim(
        "large-rate",
        by=lambda c: (fallen(BNGD, c)[:, AT_LARGE] - ARRIVED).contrast(lost=False),
        ahead=lambda c: less(trial(c), (), history("bngd", 10_000.0), level=HUNDREDTH),
        in_each=CONDITIONS,
        label="BNGD at rate 10,000",
        statement="BNGD does not need a tuned rate: at 10,000 it takes the excess loss to a "
        "hundredth, too.",
        source=f"{CAI}: BNGD converges for arbitrary learning rates, and the convergence remains "
        "linear under mild conditions; it says nothing of a fixed number of steps",
        arms="BNGD at rate 10,000, against a hundredth",
        metric="decades by which the excess loss falls, beyond two, which is a hundredth",
        margin=0.0,
        expected="not supported",
    ),
    claim(
        "same-rate",
        by=lambda c: (fallen(BNGD, c) - fallen(GD, c))[:, AT_SAME].contrast(lost=False),
        ahead=lambda c: less(trial(c), trial(c), history("bngd", 0.1), than=history("gd", 0.1)),
        in_each=ILL,
        label="BNGD over GD, rate 0.1",
        statement="At learning rate 0.1, at which both converge, BNGD leaves less of the excess "
        "loss than GD.",
        source=FASTER,
        metric="decades by which the excess loss falls further",
        expected="not supported",
    ),
    claim(
        "best-rate",
        by=lambda c: (best(BNGD, c) - best(GD, c)).contrast(lost=False),
        ahead=lambda c: less(trial(c), trial(c), history("bngd"), "smallest", than=history("gd")),
        in_each=WORST,
        label="BNGD over GD, best rates",
        statement="With the best of all rates for each problem, BNGD leaves less of the excess "
        "loss than GD.",
        source=FASTER,
        metric="decades by which the excess loss falls further, each method at the best of "
        f"{len(RATES)} rates",
        expected="not supported",
    ),
)

# The figures show this part of the grid; ends beyond these powers of ten are drawn there.
SHOWN = slice(RATES.index(0.001), AT_LARGE + 1)
FLOOR, CEILING = -6.0, 1.0


def _values(records: Records) -> dict[str, Any]:
    least = min(float(fallen(BNGD, c)(records).min()) for c in CONDITIONS.values())
    worst = mean_of(100 * 10**-least, 0)
    values = values_of("the largest of all ends of BNGD", {"worst": f"{worst}%"})
    values |= values_of("learning rates, four a decade", {"rates": str(len(RATES))})
    for setting, condition in CONDITIONS.items():
        large = mean_of(fallen(BNGD, condition)(records)[:, AT_LARGE], 1, unit="decades")
        origin = f"fall at rate {LARGE_RATE:,.0f}, {setting}, mean of {len(SEEDS)} problems"
        values |= values_of(origin, {f"large.{condition:,}": large})
    return values


def _ends(*conditions: int) -> Callable[[Records], Curves]:
    """A figure of what is left at each rate, with a panel for each condition number."""

    def curve(method: Arm, condition: int, records: Records) -> Any:
        left = np.clip(-fallen(method, condition)(records), FLOOR, CEILING)
        return method.curve(np.log10(RATES)[SHOWN], left[:, SHOWN])

    numbers = " and ".join(f"{condition:,}" for condition in conditions)
    return lambda records: Curves(
        title=f"What is left of the excess loss at condition numbers {numbers}",
        subtitle=f"Least squares in {DIMENSIONS} dimensions, {STEPS:,} steps. Thin lines: "
        f"{len(SEEDS)} problems; thick: mean",
        x_label="learning rate, as a power of ten",
        panels=panels(
            {
                f"Condition number {c:,}": [curve(m, c, records) for m in METHODS]
                for c in conditions
            },
            "excess loss, as a power of ten",
            level=(-ARRIVED, "arrived"),
        ),
    )


def _table(records: Records) -> Table:
    def row(condition: int) -> Iterator[str]:
        left = [-fallen(method, condition)(records) for method in METHODS]
        yield f"{condition:,}"
        yield from (mean_of(arriving(method, condition)(records), 1) for method in METHODS)
        yield from (mean_of(ends.min(axis=1), 1) for ends in left)
        yield from (mean_of(ends[:, AT_SAME], 1) for ends in left)
        yield mean_of(left[METHODS.index(BNGD)][:, AT_LARGE], 1)

    by_method = ("good rates", "left at best rate", f"left at rate {SAME_RATE:g}")
    heads = (f"{head}, {method.label}" for head in by_method for method in METHODS)
    return Table(
        "Decades of good rates, and what is left of the excess loss at some rates",
        ("condition number", *heads, f"left at rate {LARGE_RATE:,.0f}, BNGD"),
        tuple(tuple(row(condition)) for condition in CONDITIONS.values()),
        note=f"Means over {len(SEEDS)} problems. A rate is good when at most a hundredth of the "
        "excess loss is left, and the span of good rates is counted in decades. What is left is "
        f"given as a power of ten; {MINUS}16 stands for the rounding of the numbers.",
    )


STUDY = study(
    "toy",
    CLAIMS,
    RUNS,
    title="Least squares at any rate",
    chapter="Mechanisms",
    question="On the simplest problem, does normalization free gradient descent from its rate?",
    values=_values,
    tables={"ends": _table},
    plots={"well": _ends(10, 100), "ill": _ends(1_000, 10_000)},
)
