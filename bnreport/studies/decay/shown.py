"""The figures, tables and numbers of the page."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import runs_of
from bnreport.analysis.ends import DEPLOYED
from bnreport.analysis.findings import at_most, means
from bnreport.presentation.plots import Arm as Colour
from bnreport.presentation.plots import Curves, Dots, Plot, Series
from bnreport.presentation.tables import Table, Value
from bnreport.records.collection import Records
from bnreport.studies.decay.runs import (
    AT_CONSTANT_RATE,
    DECAY,
    EPOCHS,
    FALLEN_FREE,
    FALLEN_LARGER,
    FAST,
    FREE,
    IMAGES,
    LARGER,
    MARKS,
    MIDDLE,
    PICTURED,
    PLAIN_FREE,
    PLAIN_MIDDLE,
    PLAIN_SLOW,
    PRODUCT,
    RATE,
    SETTLED,
    SLOW,
    UNDER_A_FALL,
    Descent,
    beside_theory,
    gain,
)

HOW = "Standardized inputs, plain gradient descent"
ENDED = f"after {EPOCHS} epochs of {IMAGES:,} images"
# What the figures along a run show, each with its name at the end of its curve.
PATHS: Mapping[str, Mapping[Descent, str]] = {
    "with BN": {SLOW: "0.05", MIDDLE: "0.2", FAST: "0.8", FREE: "0.2, none"},
    "without BN": {PLAIN_SLOW: "0.05", PLAIN_MIDDLE: "0.2", PLAIN_FREE: "0.2, none"},
}
COLOURS: Mapping[float, Colour] = {SLOW.rate: "std", MIDDLE.rate: "bn", FAST.rate: "std-bn"}


def _curve(records: Records, descent: Descent, quantity: str, label: str) -> Series:
    """The first hidden layer along the runs of a way to train."""
    rows = runs_of(descent).measured(f"path_{quantity}")(records)[:, :, 0]
    heights = np.degrees(rows) if quantity == "turn" else rows
    colour: Colour = COLOURS[descent.rate] if descent.decay else "neutral"
    return Series(label, colour, np.array(MARKS) / 1000, heights)


def _along(records: Records, quantity: str, title: str, y_label: str, **more: Any) -> Curves:
    by_title = {
        f"{net}: {y_label}": [
            _curve(records, each, quantity, label) for each, label in shown.items()
        ]
        for net, shown in PATHS.items()
    }
    return Curves(
        title=title,
        subtitle=f"{HOW}, first hidden layer, constant rates; rate times decay is {PRODUCT:g}, or "
        "there is no decay (gray)",
        x_label="thousand steps",
        panels=panels(by_title, y_label, y_scale="log", **more),
    )


def _lengths(records: Records) -> Curves:
    figure = _along(records, "length", "", "length of the weights")

    def left(decaying: bool) -> list[float]:
        """The last length over the first, of each curve with decay or without."""
        names = {
            name
            for shown in PATHS.values()
            for each, name in shown.items()
            if (each.decay > 0) == decaying
        }
        lengths = [[*each.values()] for name in names for each in means(figure.panels, name)]
        return [each[-1] / each[0] for each in lengths]

    grow = "and grow" if min(left(False)) > 1 else "and do not all grow"
    most = at_most([100 * share for share in left(True)])
    return replace(
        figure, title=f"Weights keep at most {most}% of their length with decay, {grow} without"
    )


def _turns(records: Records) -> Curves:
    title = "How far a step turns the weights, along the run"
    level = round(float(np.degrees(MIDDLE.predicted)), 1), "predicted"
    return _along(records, "turn", title, "turn, degrees", level=level)


def _beside_theory(records: Records) -> Dots:
    return Dots(
        title="Measured turn over the turn that rate and decay predict",
        subtitle=f"{HOW}, constant rate; steps of the last of {EPOCHS} epochs, both hidden layers; "
        "a dot a seed",
        x_label="measured over predicted turn",
        rows=tuple(
            each.arm.row(beside_theory(each)(records), each.label, log=True)
            for each in (*SETTLED, PLAIN_MIDDLE, PLAIN_SLOW)
        ),
        nothing=1.0,
        x_scale="log",
        decimals=2,
        narrow=True,
    )


def _ended(records: Records, title: str, course: str, shown: Iterable[Descent]) -> Dots:
    return Dots(
        title=title,
        subtitle=f"{HOW}, {course} rate; by fresh statistics {ENDED}; a dot a seed",
        x_label="validation accuracy, %",
        rows=tuple(each.arm.row(each.accuracy()(records), each.label) for each in shown),
        decimals=2,
        narrow=True,
    )


def _at_constant_rate(records: Records) -> Dots:
    title = "Validation accuracy at a constant rate"
    return _ended(records, title, "constant", AT_CONSTANT_RATE)


def _under_a_fall(records: Records) -> Dots:
    title = "Validation accuracy at a falling rate"
    return _ended(records, title, "falling", UNDER_A_FALL)


def _degrees(records: Records, descent: Descent, layer: int) -> str:
    turn = runs_of(descent).measured("late_turn")(records)[:, 0, layer]
    return mean_of(np.degrees(turn), 2)


def _settled(records: Records) -> Table:
    return Table.by_column(
        "Degrees by which a step of the last epoch turns weights, and their length",
        "nets",
        {each.label: each for each in AT_CONSTANT_RATE},
        {
            "predicted": lambda each: (
                f"{np.degrees(each.predicted):.2f}" if each.decay else "\u2013"
            ),
            "layer 1": lambda each: _degrees(records, each, 0),
            "layer 2": lambda each: _degrees(records, each, 1),
            "output": lambda each: _degrees(records, each, 2),
            "length": lambda each: mean_of(each.length(records), 2),
        },
        "Means over the seeds. The output layer has no BN behind it. Length: mean of both hidden "
        "layers where the last epoch begins.",
    )


def _accuracies(records: Records) -> Table:
    def fit(each: Descent) -> str:
        return mean_of(100 * runs_of(each).scored("fit_fresh_train")(records)[:, -1], 1)

    return Table.by_column(
        f"Accuracy {ENDED}, per cent",
        "rate over time, and nets",
        {f"{each.course}: {each.label}": each for each in (*AT_CONSTANT_RATE, *UNDER_A_FALL)},
        {
            "training": fit,
            "validation, fresh": lambda each: mean_of(each.accuracy()(records), 2),
            "deployed": lambda each: mean_of(each.accuracy(DEPLOYED)(records), 2),
            "seeds": lambda each: str(len(each.accuracy()(records))),
        },
        "Means over the seeds of each row. Training: 5,000 training images in inference mode, "
        "fresh. Nets without BN have one score.",
    )


PLOTS: Mapping[str, Callable[[Records], Plot]] = {
    "theory": _beside_theory,
    "lengths": _lengths,
    "turns": _turns,
    "constant": _at_constant_rate,
    "falling": _under_a_fall,
}
TABLES = {"settled": _settled, "accuracies": _accuracies}


def values(records: Records) -> Mapping[str, Value]:
    """The numbers of the prose that no claim judges."""
    unjudged = {
        "cost.constant": FREE.accuracy() - MIDDLE.accuracy()[: len(PICTURED)],
        "cost.plain": PLAIN_FREE.accuracy() - PLAIN_MIDDLE.accuracy()[: len(PICTURED)],
        "larger.free": gain(FALLEN_LARGER, FALLEN_FREE),
    }
    given = {
        "rate": f"{RATE:g}",
        "decay": f"{DECAY:g}",
        "larger": f"{LARGER:g}",
        "product": f"{PRODUCT:g}",
        # Beside a rate of 0.1 and a decay of 0.0005.
        "slower": f"{PRODUCT / (0.1 * 0.0005):.0f}",
        "free": str(len(PICTURED)),
        "predicted": f"{np.degrees(MIDDLE.predicted):.1f}°",
    }
    longer = {
        f"longer.{one.rate:g}": one.length.map(np.log) - other.length.map(np.log)
        for one, other in ((MIDDLE, SLOW), (FAST, MIDDLE))
    }
    turned = {
        "turn.free": FREE.turn,
        **{f"turn.plain.{each.rate:g}": each.turn for each in (PLAIN_SLOW, PLAIN_MIDDLE)},
    }
    return {
        **values_of(
            "difference of validation accuracies by fresh statistics, mean and its 95% interval; "
            "unjudged",
            {
                name: mean_of(sample(records), 2, signed=True, interval=True, unit="pp")
                for name, sample in unjudged.items()
            },
        ),
        **values_of(
            "ratio of the lengths of hidden weights, mean and its 95% interval; unjudged",
            {
                name: mean_of(sample(records), 2, log=True, interval=True)
                for name, sample in longer.items()
            },
        ),
        **values_of("set before the runs", given),
        **values_of(
            "turn in a step of the last epoch, mean over the seeds",
            {
                name: mean_of(np.degrees(sample(records)), 2) + "°"
                for name, sample in turned.items()
            },
        ),
    }
