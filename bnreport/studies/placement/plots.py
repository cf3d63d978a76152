"""The figures of the page."""

from typing import cast

import numpy as np

from bnreport.plots import Arm, Curves, Dots, Panel, Plot, Row, Series
from bnreport.samples import accuracy, gain, last
from bnreport.statistics import t_interval
from bnreport.studies.placement.claims import SAME
from bnreport.studies.placement.runs import (
    ACTIVATIONS,
    BATCH_SIZE,
    EPOCHS,
    GRID,
    KINDS,
    TUNING_EPOCHS,
    tuning,
)
from bnreport.study import SEEDS, TUNING_SEEDS, Records

TITLES = {"relu": "ReLU", "tanh": "tanh"}
LABELS = {
    "raw": "raw pixels, no BN",
    "std": "standardized, no BN",
    "before": "raw pixels, BN before",
    "after": "raw pixels, BN after",
    "std-before": "standardized, BN before",
    "std-after": "standardized, BN after",
}
# After minus before in pp, test accuracy with the scale and shift that BN has here, too.
# Source: ducha-aiki/caffenet-benchmark on GitHub, batchnorm.md: 0.478 before ReLU, 0.493 after.
CAFFENET = 1.5
NET = f"300-100 net, batches of {BATCH_SIZE}"

# What is below has failed; how far hardly matters.
SHELF = 75.0


def all_plots(records: Records) -> dict[str, Plot]:
    """The figures by name."""
    return {
        "places": _places(records),
        "accuracies": _accuracies(records),
        "rates": _rates(records),
    }


def colour(kind: str) -> Arm:
    """The colour of a net: BN keeps its own at either place."""
    inputs = "std-" if kind.startswith("std-") else ""
    return cast(Arm, kind if kind in {"raw", "std"} else f"{inputs}bn")


def _places(records: Records) -> Dots:
    def row(activation: str, inputs: str) -> Row:
        after, before = (
            records.trial(f"{activation}-{inputs}{place}") for place in ("after", "before")
        )
        found = gain(after, before, EPOCHS)
        published = (CAFFENET,) if (activation, inputs) == ("relu", "") else ()
        return Row(
            label=TITLES[activation] + (", standardized" if inputs else ", raw pixels"),
            arm="std-bn" if inputs else "bn",
            values=np.array(found.values),
            low=found.interval.low,
            point=found.interval.point,
            high=found.interval.high,
            published=published,
            band=(-SAME, SAME),
            cross="CaffeNet",
        )

    return Dots(
        title="Test accuracy with BN after the activation, minus that with BN before it",
        subtitle=f"{NET}, {EPOCHS} epochs, each net at its tuned rate. A dot a seed (n = "
        f"{len(SEEDS)}), the mean and its 95% interval below; shaded: within {SAME:g} pp",
        x_label="pp; left of the line BN before is ahead, right of it BN after",
        rows=tuple(row(activation, inputs) for inputs in ("", "std-") for activation in TITLES),
        decimals=2,
        nothing=0.0,
    )


def _accuracies(records: Records) -> Dots:
    def row(activation: str, kind: str) -> Row:
        values = 100 * accuracy(records.trial(f"{activation}-{kind}"), "test", EPOCHS)
        mean = t_interval(values)
        label = f"{TITLES[activation]}: {LABELS[kind]}"
        return Row(label, colour(kind), values, mean.low, mean.point, mean.high)

    return Dots(
        title=f"Test accuracy after {EPOCHS} epochs",
        subtitle=f"{NET}, each at its tuned rate. A dot a seed (n = {len(SEEDS)}), the mean and "
        "its 95% interval",
        x_label="test accuracy, %",
        rows=tuple(row(activation, kind) for activation in ACTIVATIONS for kind in KINDS),
        decimals=2,
        narrow=True,
    )


def _rates(records: Records) -> Curves:
    names = {"raw": "no BN", "before": "BN before", "after": "BN after"}

    def series(activation: str, kind: str) -> Series:
        tried = [records.tuning(tuning(f"{activation}-{kind}", rate)) for rate in GRID]
        found = np.array([last(runs, "val_accuracy") for runs in tried])
        return Series(
            names[kind], colour(kind), np.array(GRID), 100 * found.T, dashed=kind == "after"
        )

    return Curves(
        title="Validation accuracy by learning rate, raw pixels",
        subtitle=f"{NET}, {TUNING_EPOCHS} epochs. Tuning runs, which judge nothing: "
        f"{len(TUNING_SEEDS)} seeds, thin, and their mean, thick. Diverged runs count as chance. "
        f"Shaded: below {SHELF:g}%, squeezed",
        x_label="learning rate",
        x_scale="log",
        panels=tuple(
            Panel(
                TITLES[activation],
                "validation accuracy, %",
                tuple(series(activation, kind) for kind in names),
                shelf=SHELF,
            )
            for activation in ACTIVATIONS
        ),
    )
