"""The figures of the page."""

from typing import cast

import numpy as np

from bnreport.analysis.arms import ARMS, NAMES
from bnreport.analysis.metrics import CHANCE, Floats, checked, steps_of
from bnreport.presentation.plots import Arm, Curves, Panel, Plot, Series
from bnreport.protocol.runs import SEEDS
from bnreport.records.collection import Records
from bnreport.studies.convolution.estimates import accuracy, by_rate, floor
from bnreport.studies.convolution.runs import (
    IMAGES,
    OTHERS,
    RATES,
    SAME_RATE,
    SIZE,
    THRESHOLD,
    VALIDATED,
    sized,
    swept,
)

SIZES = tuple(sorted((*OTHERS, SIZE)))
NET = "Two convolutions with ReLU and pooling, a dense layer"
LINES = f"Thin lines: {len(SEEDS)} seeds; thick: mean and its 95% interval"


def all_plots(records: Records) -> dict[str, Plot]:
    """The figures by name."""
    return {"steps": _steps(records), "rates": _rates(records), "sizes": _sizes(records)}


def by_size(records: Records, of: str) -> dict[int, Floats]:
    """The validation accuracy of an arm after training by batch size, (seeds,)."""
    return {size: accuracy(records, sized(of, size)) for size in SIZES}


def _series(of: str, x: Floats, runs: Floats, label: str = "") -> Series:
    return Series(label or NAMES[of], cast(Arm, of), x, 100 * runs)


def _panel(
    series: tuple[Series, ...], level: tuple[float, str] | None = None, title: str = ""
) -> Panel:
    return Panel(title, "validation accuracy, %", series, level=level)


def _steps(records: Records) -> Curves:
    def series(of: str) -> Series:
        found = records.trial(swept(of, SAME_RATE))
        return _series(of, steps_of(found, "val"), checked(found, "val_accuracy", CHANCE))

    return Curves(
        title=f"Validation accuracy by step, at learning rate {SAME_RATE:g}",
        subtitle=f"{NET}, batches of {SIZE}, an epoch of {IMAGES:,} images; {VALIDATED:,} "
        f"validation images. {LINES}",
        x_label="step",
        x_scale="log",
        panels=(_panel(tuple(series(of) for of in ARMS), (100 * THRESHOLD, "threshold")),),
    )


def _rates(records: Records) -> Curves:
    def series(of: str, label: str) -> Series:
        runs = np.array(list(by_rate(records, of).values())).T
        return _series(of, np.array(RATES), runs, label)

    panels = {
        "Raw pixels": {"raw": "plain", "bn": "BN"},
        "Standardized inputs": {"std": "plain", "std-bn": "BN"},
    }
    level = round(100 * float(floor(records).mean()), 1), "good from"
    return Curves(
        title="Validation accuracy by learning rate",
        subtitle=f"{NET}, batches of {SIZE}, an epoch of {IMAGES:,} images. {LINES}",
        x_label="learning rate",
        x_scale="log",
        panels=tuple(
            _panel(tuple(series(of, label) for of, label in arms.items()), level, title)
            for title, arms in panels.items()
        ),
    )


def _sizes(records: Records) -> Curves:
    def series(of: str) -> Series:
        found = np.array(list(by_size(records, of).values()))
        return _series(of, np.array(SIZES, float), found.T)

    return Curves(
        title="Validation accuracy by batch size",
        subtitle=f"{NET}, an epoch of {IMAGES:,} images, rates that grow with the root of the "
        f"batch size. {LINES}",
        x_label="images in a batch",
        x_scale="log",
        panels=(_panel(tuple(series(of) for of in ARMS)),),
    )
