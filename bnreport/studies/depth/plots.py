"""The figures of the page."""

from collections.abc import Callable
from typing import cast

import numpy as np

from bnreport.arms import ARMS
from bnreport.plots import Arm, Curves, Panel, Plot, Scale, Series
from bnreport.samples import CHANCE, last
from bnreport.studies.depth.runs import DEPTHS, GRID, INITIALIZERS, RATES, WIDTH, name
from bnreport.studies.depth.values import LABELS, STEPS
from bnreport.study import Records

# Short enough for the end of a curve beside others.
SHORT = {"raw": "raw", "std": "std.", "bn": "BN", "std-bn": "std., BN"}
DEEP = DEPTHS[-1]


def all_plots(records: Records) -> dict[str, Plot]:
    """The figures by name."""
    return {"depths": _depths(records), "rates": _rates(records)}


def _depths(records: Records) -> Curves:
    def series(activation: str, of: str) -> Series:
        depths = list(RATES[activation, of])
        found = [last(records.trial(name(activation, d, of)), "val_accuracy") for d in depths]
        return Series(SHORT[of], cast(Arm, of), np.array(depths, float), 100 * np.array(found).T)

    seeds = len(records.trial(name("relu", DEEP, "bn")))
    return _by_activation(
        series,
        title="Validation accuracy by depth, each net at the rate that one seed chose",
        subtitle=f"{WIDTH} units a layer, one epoch of {STEPS} steps. Thin lines: {seeds} seeds; "
        "thick: mean and its 95% interval",
        x_label="hidden layers",
    )


def _rates(records: Records) -> Curves:
    def series(activation: str, of: str) -> Series:
        tried = [records.tuning(name(activation, DEEP, of, rate)) for rate in GRID]
        found = np.array([last(runs, "val_accuracy") for runs in tried])
        return Series(SHORT[of], cast(Arm, of), np.array(GRID), 100 * found.T)

    return _by_activation(
        series,
        title=f"Validation accuracy by learning rate, {DEEP} layers",
        subtitle="The tuning runs, one seed a rate, which judge nothing. Diverged runs count as "
        "chance",
        x_label="learning rate",
        x_scale="log",
    )


def _by_activation(
    series: Callable[[str, str], Series],
    title: str,
    subtitle: str,
    x_label: str,
    x_scale: Scale = "linear",
) -> Curves:
    return Curves(
        title=title,
        subtitle=subtitle,
        x_label=x_label,
        x_scale=x_scale,
        panels=tuple(
            Panel(
                LABELS[activation],
                "validation accuracy, %",
                tuple(series(activation, of) for of in ARMS),
                level=(100 * CHANCE, "chance"),
            )
            for activation in INITIALIZERS
        ),
    )
