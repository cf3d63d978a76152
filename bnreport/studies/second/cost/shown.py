"""The numbers, tables and figures of the page."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import arrivals, mean_of, values_of
from bnreport.analysis.ends import DEPLOYED, FRESH, SCORES
from bnreport.analysis.metrics import passed
from bnreport.analysis.timings import LOOPS
from bnreport.presentation import Dots, Table, Value
from bnreport.records.collection import Records
from bnreport.statistics.estimates import paired
from bnreport.statistics.intervals import median_interval
from bnreport.studies.second.cost.runs import (
    BATCH_SIZE,
    BN,
    FASTEST,
    MARKS,
    RAW,
    SEEDS,
    STD,
    STEPS,
    THRESHOLD,
    TIMED,
    arrival,
    path,
    ratios,
    steps_of,
)


def values(records: Records) -> dict[str, Value]:
    """Give what was set, the steps of every arm, and how the two loops compare."""
    plain = {loop: TIMED.typical(RAW, loop, BATCH_SIZE)(records) for loop in LOOPS}
    given = {
        "images": f"{TIMED.images:,}",
        "rounds": str(TIMED.rounds),
        "batch": str(BATCH_SIZE),
        "threshold": f"{THRESHOLD:.0%}",
        "marks": str(len(MARKS)),
        "steps": f"{STEPS:,}",
        "tuning": str(len(FASTEST.seeds)),
        **{f"rate.{arm.name}": f"{rate:g}" for arm, rate in FASTEST.rates.items()},
    }
    medians = {
        f"steps.{arm.name}{'' if by == FRESH else '.' + by}": arrivals(steps_of(arm, by)(records))[
            0
        ]
        for arm in FASTEST.rates
        for by in SCORES
    }
    return (
        values_of("set before the runs that judge", given)
        | values_of(f"steps to {THRESHOLD:.0%}, median of {len(SEEDS)} seeds", medians)
        | near_ties(records)
        | values_of(
            f"fit over compiled, medians of {TIMED.rounds} rounds without a normalizer",
            {"loops": mean_of(plain["fit"] / plain["compiled"], 1)},
        )
    )


def near_ties(records: Records) -> dict[str, Value]:
    """Give what the rule for near ties costs nets without BN, which it gave a smaller rate.

    `lead.fit` and `lead.compiled` are the leads of BN in seconds if standardized inputs had arrived
    earlier by as much as in the tuning runs at their fastest rate.
    """
    steps: dict[str, str] = {}
    shares = {}
    for arm in (RAW, STD):
        tried = {rate: _tried(records, arm, rate) for rate in FASTEST.grid}
        chosen, fastest = tried[FASTEST.rates[arm]], min(tried.values())
        steps |= {f"tried.{arm.name}": f"{chosen:,.0f}", f"fastest.{arm.name}": f"{fastest:,.0f}"}
        shares[arm] = fastest / chosen
    leads = {}
    for loop in LOOPS:
        ratio = arrival(STD, loop, FRESH).ratio(arrival(BN, loop, FRESH), lost=False)(records)
        leads[f"lead.{loop}"] = mean_of(np.exp(ratio.interval.point) * shares[STD], 2)
    origin = f"steps to {THRESHOLD:.0%}, median of {len(FASTEST.seeds)} tuning seeds; unjudged"
    return values_of(origin, steps) | values_of("the lead of BN times their share; unjudged", leads)


def _tried(records: Records, arm: Arm, rate: float) -> float:
    """The median steps of the tuning runs at a rate; infinite where most never arrive."""
    runs = records.tuning(FASTEST.tried(arm, rate))
    return float(np.median(passed(runs, path(FRESH), THRESHOLD)))


def _epochs_table(records: Records) -> Table:
    def between(timed: tuple[Arm, str, int]) -> str:
        interval = median_interval(ratios(*timed)(records))
        return f"{mean_of(interval.low, 2)} to {mean_of(interval.high, 2)}"

    return Table.by_column(
        f"Seconds for {TIMED.images:,} training and 5,000 validation images",
        "loop, batch, net",
        TIMED.every_net,
        {
            "seconds": lambda timed: mean_of(TIMED.typical(*timed)(records), 3),
            "ratio": lambda timed: mean_of(np.median(ratios(*timed)(records)), 2),
            "95% interval": between,
        },
        f"Medians of {TIMED.rounds} rounds. Ratios are over the net without a normalizer in the "
        f"same round, with the interval of their median. {TIMED.disturbances(records)}",
    )


def _arrivals_table(records: Records) -> Table:
    def row(arm: Arm, by: str) -> tuple[str, ...]:
        steps, reached = arrivals(steps_of(arm, by)(records))
        times = (np.median(arrival(arm, loop, by)(records)) for loop in LOOPS)
        return (arm.label, by, steps, *(mean_of(time, 2) for time in times), reached)

    return Table(
        f"When the validation accuracy reaches {THRESHOLD:.0%}, in the median of the seeds",
        ("arm", "score", "steps", "fit, seconds", "compiled, seconds", "reached it"),
        tuple(row(arm, by) for by in SCORES for arm in FASTEST.rates),
        note=f"A step takes its share of a timed epoch of batches of {BATCH_SIZE}. Without BN "
        "both scores are the same.",
    )


def _tuned(records: Records) -> Table:
    """The arrivals at every rate: at the chosen ones, and at those beside them."""

    def cell(arm: Arm, rate: float) -> str:
        runs = records.tuning(FASTEST.tried(arm, rate))
        median = arrivals(passed(runs, path(FRESH), THRESHOLD))[0]
        return median + " *" * (FASTEST.rates[arm] == rate)

    return Table.crossed(
        f"Median steps to {THRESHOLD:.0%} by fresh statistics, at every rate that was tried",
        "arm",
        {arm.label: arm for arm in FASTEST.rates},
        {f"{rate:g}": rate for rate in FASTEST.grid},
        cell,
        f"Of {len(FASTEST.seeds)} tuning seeds, unjudged. Stars mark the rates that were chosen: "
        "of those within a standard error of the fastest, the smallest.",
    )


def _epochs(records: Records) -> Dots:
    return Dots(
        title=f"Seconds for {TIMED.images:,} training and 5,000 validation images, timed again",
        subtitle=f"300-100 ReLU net, by loop, batch size and normalizer. A dot a round (n = "
        f"{TIMED.rounds}), the median and the range",
        x_label="seconds, on a logarithmic axis",
        rows=tuple(
            timed[0].median_row(TIMED.seconds(*timed)(records), label)
            for label, timed in TIMED.every_net.items()
        ),
        centre="median",
        x_scale="log",
    )


def _arrivals(records: Records, by: str) -> Dots:
    times = {
        (loop, arm): arrival(arm, loop, by)(records) for loop in LOOPS for arm in FASTEST.rates
    }
    late = {key: int(np.isinf(each).sum()) for key, each in times.items()}
    never = "; at the end of the axis, runs that never arrived, and then a median"
    around = "the mean and its 95% interval" + never * any(late.values())
    return Dots(
        title=f"Seconds until the validation accuracy reaches {THRESHOLD:.0%}",
        subtitle=f"Each arm at its tuned constant rate, batches of {BATCH_SIZE}, {SCORES[by]}. A "
        f"dot a seed (n = {len(SEEDS)}), {around}",
        x_label="seconds, on a logarithmic axis",
        rows=tuple(
            arm.row(paired(each, censored=late[loop, arm]), f"{loop}: {arm.label}")
            for (loop, arm), each in times.items()
        ),
        decimals=2,
        x_scale="log",
        narrow=True,
    )


PLOTS: Mapping[str, Callable[[Records], Dots]] = {
    "arrivals": partial(_arrivals, by=FRESH),
    "arrivals-deployed": partial(_arrivals, by=DEPLOYED),
    "epochs": _epochs,
}
TABLES = {"epochs": _epochs_table, "arrivals": _arrivals_table, "tuned": _tuned}
