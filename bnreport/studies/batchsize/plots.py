"""The figures and the table of the page."""

from typing import cast

import numpy as np

from bnreport.analysis.arms import NAMES
from bnreport.analysis.metrics import CHANCE, checked, steps_of
from bnreport.presentation.plots import Arm, Curves, Panel, Series
from bnreport.presentation.tables import Table
from bnreport.records.collection import Records
from bnreport.studies.batchsize.estimates import Floats, accuracy, precise
from bnreport.studies.batchsize.runs import ALL_ARMS, MOMENTA, SIZES, lagging, named


def _curve(label: str, of: Arm, by_size: list[Floats], dashed: bool = False) -> Series:
    return Series(label, of, np.array(SIZES, float), 100 * np.array(by_size).T, dashed)


def by_size(records: Records) -> Curves:
    """Validation accuracy by batch size, a curve an arm."""
    series = tuple(
        _curve(NAMES[of], cast(Arm, of), [accuracy(records, of, size) for size in SIZES])
        for of in ALL_ARMS
    )
    return Curves(
        title="Validation accuracy by batch size",
        subtitle="300-100 ReLU net, two epochs of 20,480 images, inference mode. Thin lines: 12 "
        "seeds; thick: mean and its 95% interval",
        x_label="images in a batch",
        x_scale="log",
        panels=(Panel("", "validation accuracy, %", series),),
    )


def by_statistics(records: Records) -> Curves:
    """The accuracies of the same nets with BN, normalized in different ways."""

    def found(name: str) -> list[Floats]:
        trials = [records.trial(named("bn", size)) for size in SIZES]
        return [checked(of, f"{name}_accuracy", CHANCE)[:, -1] for of in trials]

    series = (
        _curve("moving averages", "bn", [accuracy(records, "bn", size) for size in SIZES]),
        _curve("fresh statistics", "std-bn", found("precise"), dashed=True),
        _curve("batch statistics", "neutral", found("batch")),
        _curve("training images, moving", "bn", found("train"), dashed=True),
    )
    return Curves(
        title="The same trained nets with BN, normalized in different ways",
        subtitle="Validation images but for the last. Fresh: statistics of 10,000 "
        "training images. Batch: in batches of the size that the net trained on. n = 12",
        x_label="images in a batch",
        x_scale="log",
        panels=(Panel("", "accuracy, %", series),),
    )


def by_step(records: Records) -> Curves:
    """Moving averages beside fresh statistics, by step, a panel a momentum."""

    def panel(momentum: float) -> Panel:
        trial = records.trial(lagging(momentum))
        steps = steps_of(trial, "moving")
        ways: tuple[tuple[str, Arm, str], ...] = (
            ("moving", "bn", "moving averages"),
            ("precise", "std-bn", "fresh statistics"),
        )
        return Panel(
            f"momentum {momentum:g}",
            "validation accuracy, %",
            tuple(
                Series(
                    label,
                    color,
                    steps,
                    100 * checked(trial, f"{way}_accuracy", CHANCE),
                    way != "moving",
                )
                for way, color, label in ways
            ),
        )

    return Curves(
        title="How long the moving averages lag behind",
        subtitle="One BN net, batches of 32, by its moving averages and by fresh statistics "
        "of 10,000 training images. n = 12",
        x_label="step",
        x_scale="log",
        panels=tuple(panel(momentum) for momentum in MOMENTA),
    )


def table(records: Records) -> Table:
    """Mean validation accuracy by arm and batch size."""
    rows = tuple(
        (NAMES[of], *(f"{100 * accuracy(records, of, size).mean():.1f}" for size in SIZES))
        for of in ALL_ARMS
    )
    exact = (
        "BN, fresh statistics",
        *(f"{100 * precise(records, size).mean():.1f}" for size in SIZES),
    )
    return Table(
        "Mean validation accuracy in %, by the images in a batch",
        ("arm", *(str(size) for size in SIZES)),
        (*rows, exact),
    )
