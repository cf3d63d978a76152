"""The figures of the page."""

import numpy as np

from bnreport.plots import Arm, Curves, Dots, Panel, Plot, Row, Series
from bnreport.samples import Floats, checked, steps_of
from bnreport.statistics import t_interval
from bnreport.studies.regularization.estimates import matched
from bnreport.studies.regularization.runs import (
    BATCH_SIZE,
    GHOST_BATCH,
    GHOST_IMAGES,
    GHOST_RATE,
    GHOSTS,
    LEVEL,
    SIZES,
)
from bnreport.study import SEEDS, Records

# By arm, its name and its colour.
NETS: dict[str, tuple[str, Arm]] = {
    "raw": ("raw pixels", "raw"),
    "std": ("standardized", "std"),
    "bn": ("BN", "bn"),
    "std-bn": ("standardized, BN", "std-bn"),
    "ln": ("layer normalization", "ln"),
    "dropout": ("raw pixels, dropout", "neutral"),
    "bn-dropout": ("BN, dropout", "neutral"),
}
DRAWN = ("raw", "std", "bn", "dropout")
NET = f"300-100 net, batches of {BATCH_SIZE}, each at its best rate"


def all_plots(records: Records) -> dict[str, Plot]:
    """The figures by name."""
    return {
        **{f"same-{images}": _same(records, images) for images in SIZES},
        "course": _course(records),
        "ghosts": _ghosts(records),
    }


def reached(values: Floats) -> Floats:
    """The values of the seeds that have one."""
    return values[np.isfinite(values)]


def _row(label: str, of: Arm, values: Floats) -> list[Row]:
    """The row of the seeds that fall to the level; none where fewer than two of them do."""
    found = 100 * reached(values)
    if len(found) < 2:
        return []
    mean = t_interval(found)
    if len(found) < len(values):
        label += f" ({len(found)} of {len(values)} runs)"
    return [Row(label, of, found, mean.low, mean.point, mean.high)]


def _same(records: Records, images: int) -> Dots:
    rows = [
        row
        for name, (label, of) in NETS.items()
        for row in _row(label, of, matched(records.trial(f"{name}-{images}")))
    ]
    return Dots(
        title=f"Test accuracy at a training loss of {LEVEL:g}, {images:,} images",
        subtitle=f"{NET}. A dot a seed (n = {len(SEEDS)}), the mean and its 95% interval",
        x_label="test accuracy, %",
        rows=tuple(rows),
        decimals=2,
        narrow=True,
    )


def _course(records: Records) -> Curves:
    def series(name: str, images: int) -> Series:
        found = records.trial(f"{name}-{images}")
        label, of = NETS[name]
        y = 100 * checked(found, "test_accuracy", 0.1)
        return Series(label, of, steps_of(found, "test"), y)

    return Curves(
        title="Test accuracy on the way",
        subtitle=f"{NET}. Thin lines: {len(SEEDS)} seeds; thick: mean and its 95% interval",
        x_label="steps",
        x_scale="log",
        panels=tuple(
            Panel(
                f"{images:,} training images",
                "test accuracy, %",
                tuple(series(name, images) for name in DRAWN),
            )
            for images in SIZES
        ),
    )


def _ghosts(records: Records) -> Dots:
    rows = [
        row
        for size in GHOSTS
        for row in _row(
            f"{size} images share a mean", "bn", matched(records.trial(f"ghost-{size}"))
        )
    ]
    return Dots(
        title=f"Test accuracy at a training loss of {LEVEL:g}, by ghost batch",
        subtitle=f"BN, batches of {GHOST_BATCH}, learning rate {GHOST_RATE:g}, {GHOST_IMAGES:,} "
        f"images. A dot a seed (n = {len(SEEDS)}), the mean and its 95% interval",
        x_label="test accuracy, %",
        rows=tuple(rows),
        decimals=2,
        narrow=True,
    )
