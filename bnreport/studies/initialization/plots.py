"""The figures of the page."""

import numpy as np

from bnreport.analysis.arms import NAMES
from bnreport.presentation.plots import Arm, Curves, Dots, Panel, Plot, Row, Series
from bnreport.records.collection import Records
from bnreport.statistics.intervals import t_interval
from bnreport.studies.initialization.estimates import (
    Floats,
    accuracies,
    by_scale,
    cut,
    floor,
    widths,
)
from bnreport.studies.initialization.runs import (
    ALL_ARMS,
    BATCH_SIZE,
    EPOCHS,
    LEARNING_RATE,
    SCALES,
    SETS,
    SETTING_NAMES,
    Scaled,
    named,
    unit,
)

SETTING = f"300-100 ReLU net, {EPOCHS} epoch at rate {LEARNING_RATE:g}, batches of {BATCH_SIZE}"


def all_plots(records: Records) -> dict[str, Plot]:
    """The figures by name."""
    sweeps: dict[str, Plot] = {
        scaled: _sweep(records, name, scaled)
        for name, scaled in zip(SETTING_NAMES, SETS, strict=True)
    }
    return {**sweeps, "widths": _widths(records), "start": _start(records)}


def _sweep(records: Records, name: str, scaled: Scaled) -> Curves:
    def panel(title: str, plain: Arm, normalized: Arm) -> Panel:
        return Panel(
            title=title,
            y_label="validation accuracy, %",
            series=(
                _series(records, "plain", plain, scaled),
                _series(records, "BN", normalized, scaled),
            ),
            level=(round(100 * float(floor(records).mean()), 1), "good from"),
            from_zero=True,
        )

    return Curves(
        title=f"Validation accuracy by initial scale, {name} scaled",
        subtitle=f"{SETTING}. Thin lines: {len(floor(records))} seeds; thick: mean",
        x_label="factor of the initial kernels",
        x_scale="log",
        panels=(
            panel("Raw pixels", "raw", "bn"),
            panel("Standardized inputs", "std", "std-bn"),
        ),
    )


def _series(records: Records, label: str, of: Arm, scaled: Scaled) -> Series:
    runs = np.array(list(by_scale(records, of, scaled).values())).T
    return Series(label, of, np.array(SCALES), 100 * runs)


def _widths(records: Records) -> Dots:
    return Dots(
        title="Over how many decades of initial scales each arm learns well",
        subtitle=_dots(records),
        x_label="decades of good scales, side by side",
        rows=tuple(
            _row(
                f"{NAMES[of]}, {name}" + (", at least" if cut(records, of, scaled) else ""),
                of,
                widths(records, of, scaled),
            )
            for name, scaled in zip(SETTING_NAMES, SETS, strict=True)
            for of in ALL_ARMS
        ),
        from_zero=True,
        decimals=2,
    )


def _start(records: Records) -> Dots:
    starts: tuple[tuple[str, Arm, str], ...] = (
        ("raw pixels", "raw", named("raw", "all", 1.0)),
        ("raw pixels, unit variance", "raw", unit("raw", 1.0)),
        ("standardized inputs", "std", named("std", "all", 1.0)),
        ("standardized inputs, unit variance", "std", unit("std", 1.0)),
        ("BN", "bn", named("bn", "all", 1.0)),
        ("standardized inputs and BN", "std-bn", named("std-bn", "all", 1.0)),
    )
    return Dots(
        title="Accuracy at scale 1, and with a start of unit variance",
        subtitle=_dots(records),
        x_label="validation accuracy, %",
        rows=tuple(_row(label, of, 100 * accuracies(records, name)) for label, of, name in starts),
        decimals=1,
    )


def _dots(records: Records) -> str:
    return f"{SETTING}. A dot a seed (n = {len(floor(records))}); bars: 95% interval"


def _row(label: str, of: Arm, values: Floats) -> Row:
    interval = t_interval(values)
    return Row(label, of, values, interval.low, interval.point, interval.high)
