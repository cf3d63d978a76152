"""The figures, tables and numbers of the page."""

from collections.abc import Callable, Mapping

import numpy as np

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import mean_of, means_of, values_of
from bnreport.analysis.charts import differences, panels
from bnreport.analysis.comparisons import Sample
from bnreport.analysis.ends import DEPLOYED, FRESH
from bnreport.analysis.findings import at_least, means
from bnreport.presentation.plots import Curves, Dots, Plot
from bnreport.presentation.tables import Table, Value
from bnreport.records.collection import Records
from bnreport.studies.averaging.runs import (
    ARMS,
    BN,
    COURSES,
    EPOCHS,
    IMAGES,
    LN,
    MEAN,
    RATES,
    RAW,
    SPANS,
    STD,
    STD_BN,
    STEPS,
    TAIL,
    TAKEN,
    accuracy,
)

LAST, EMA = "end", "ema"
HOW = f"{EPOCHS} epochs of {IMAGES:,} images, plain gradient descent"
# Which weights, and which statistics of BN.
WAYS = {
    "last, deployed": (LAST, DEPLOYED),
    "last, fresh": (LAST, FRESH),
    "averaged, deployed": (MEAN, DEPLOYED),
    "averaged, both": (MEAN, "averaged"),
    "averaged, fresh": (MEAN, FRESH),
}
SHOWN = {key: WAYS[key] for key in ("last, deployed", "last, fresh", "averaged, fresh")}


def gain(arm: Arm, course: str, weights: str = MEAN, by: str = FRESH) -> Sample:
    """The points by which an average of weights is more accurate than the last ones."""
    return accuracy(arm, course, weights, by) - accuracy(arm, course, LAST, by)


def _gains(records: Records) -> Dots:
    return differences(
        "Averaged weights minus the last ones, in every net",
        f"Mean of {TAKEN} sets of weights of the last epoch minus the last weights; by fresh "
        f"statistics where there is BN; {HOW}; a dot a seed",
        "percentage points gained",
        (
            arm.row(gain(arm, course)(records), f"{arm.short or arm.label}: {course}")
            for course in COURSES
            for arm in ARMS
        ),
    )


def _statistics(records: Records) -> Dots:
    return Dots(
        title="Moving averages and fresh statistics, for the last weights and for averaged ones",
        subtitle=f"Constant rate, {HOW}; which weights, and which statistics of BN; a dot a seed",
        x_label="validation accuracy, %",
        rows=tuple(
            arm.row(accuracy(arm, "constant", *way)(records), f"{arm.short}: {label}")
            for arm in (BN, STD_BN)
            for label, way in WAYS.items()
        ),
        decimals=2,
        narrow=True,
    )


def _leads(records: Records) -> Dots:
    def lead(other: Arm, weights: str, by: str) -> Sample:
        ahead = accuracy(BN, "constant", weights, by)
        return ahead - accuracy(other, "constant", weights, by)

    return differences(
        "BN minus other nets, by three scores",
        f"BN on raw pixels minus the other net, constant rate, {HOW}; a dot a seed",
        "percentage points, right of zero BN is ahead",
        (
            other.row(lead(other, *way)(records), f"over {other.short or other.label}: {label}")
            for other in (RAW, STD, LN)
            for label, way in SHOWN.items()
        ),
    )


def _spans(records: Records) -> Curves:
    reach = {1: LAST} | {span: f"mean-{span}" for span in SPANS}

    def heights(arm: Arm, course: str) -> np.ndarray:
        return np.array([accuracy(arm, course, name)(records) for name in reach.values()]).T

    by_title = {
        f"{course} rate": [
            arm.curve([*reach], heights(arm, course), arm.short or arm.label) for arm in ARMS
        ]
        for course in COURSES
    }
    drawn = panels(by_title, "validation accuracy, %")
    # Of the most that any of the averages gains, the shortest has a share already.
    course, *_ = COURSES
    gains = [
        [by_span[span] - by_span[1] for span in SPANS]
        for arm in ARMS
        for by_span in means(drawn[:1], arm.short or arm.label)
    ]
    if min(map(max, gains)) > 0:
        share = at_least([100 * each[0] / max(each) for each in gains])
        finding = f"the last {SPANS[0]} steps bring at least {share}% of the gain"
    else:
        finding = "not every net gains by averaging"
    return Curves(
        title=f"At a {course} rate {finding}",
        subtitle=f"The last weights (1), and plain means of {TAKEN} sets of weights over the last "
        f"{SPANS[0]} to {SPANS[-1]} of {STEPS} steps; by fresh statistics",
        x_label="steps that the average reaches back",
        x_scale="log",
        panels=drawn,
    )


def _accuracies(records: Records) -> Table:
    def cell(weights: str, by: str = FRESH) -> Callable[[tuple[Arm, str]], str]:
        return lambda row: mean_of(accuracy(*row, weights, by)(records), 2)

    return Table.by_column(
        "Validation accuracy by fresh statistics where there is BN, and as deployed, per cent",
        "inputs and rate",
        {f"{arm.label}, {course}": (arm, course) for arm in ARMS for course in COURSES},
        {
            "last": cell(LAST),
            "last, deployed": cell(LAST, DEPLOYED),
            "mean": cell(MEAN),
            "mean, deployed": cell(MEAN, DEPLOYED),
            "moving": cell(EMA),
        },
        f"Means over the seeds. Mean: of {TAKEN} sets of weights over the last {TAIL} steps. "
        "Moving: a moving average of the weights of every second step, with momentum 0.99 a step. "
        "Rates at their height: "
        + "; ".join(f"{arm.short or arm.label} {rate:g}" for arm, rate in RATES.items())
        + ".",
    )


PLOTS: Mapping[str, Callable[[Records], Plot]] = {
    "gains": _gains,
    "statistics": _statistics,
    "leads": _leads,
    "spans": _spans,
}
TABLES = {"accuracies": _accuracies}


def values(records: Records) -> Mapping[str, Value]:
    """The numbers of the prose that no claim judges."""
    unjudged = {
        "ln": gain(LN, "constant"),
        **{
            f"lag.{weights}": accuracy(BN, "constant", weights)
            - accuracy(BN, "constant", weights, DEPLOYED)
            for weights in (LAST, MEAN, EMA)
        },
        **{
            f"lead.{other.name}": accuracy(BN, "constant", LAST, DEPLOYED)
            - accuracy(other, "constant", LAST)
            for other in (RAW, STD)
        },
    }
    return {
        **means_of(
            records,
            "difference of validation accuracies at a constant rate, mean and its 95% interval; "
            "unjudged",
            unjudged,
            2,
            signed=True,
            interval=True,
            unit="pp",
        ),
        **values_of("set before the runs", {"taken": str(TAKEN), "tail": str(TAIL)}),
    }
