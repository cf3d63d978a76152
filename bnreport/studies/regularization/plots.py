"""The figures of the page."""

import numpy as np

from bnreport.plots import Arm, Curves, Dots, Panel, Plot, Row, Series
from bnreport.records import Record
from bnreport.samples import CHANCE, Floats, checked
from bnreport.statistics import t_interval
from bnreport.studies.regularization.estimates import matched
from bnreport.studies.regularization.runs import (
    BATCH_SIZE,
    GHOST_BATCH,
    GHOST_EPOCHS,
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
# The nets of the claims, with names short enough for the end of a curve.
DRAWN = {"raw": "raw", "std": "standardized", "bn": "BN"}
LEVELS = (0.6, 0.45, LEVEL, 0.2, 0.15, 0.1, 0.07, 0.05, 0.03)
NET = f"300-100 net, batches of {BATCH_SIZE}, each at its tuned rate"


def all_plots(records: Records) -> dict[str, Plot]:
    """The figures by name."""
    return {
        "fit": _fit(records),
        **{f"same-{images}": _same(records, images) for images in SIZES},
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


def _fit(records: Records) -> Curves:
    def series(name: str, label: str, images: int) -> Series:
        found = records.trial(f"{name}-{images}")
        by_level = {level: 100 * matched(found, level) for level in LEVELS}
        # A mean over fewer seeds than before would jump.
        known = {x: y for x, y in by_level.items() if np.isfinite(y).all()}
        return Series(label, NETS[name][1], np.array(list(known)), np.array(list(known.values())).T)

    return Curves(
        title="Test accuracy by how well the training images are fitted",
        subtitle=f"{NET}. Thin: {len(SEEDS)} seeds; thick: mean, 95% interval",
        x_label="training loss, falling",
        x_scale="log",
        panels=tuple(
            Panel(
                f"{images:,} training images",
                "test accuracy, %",
                # The longest one sets the ticks.
                tuple(
                    sorted(
                        (series(name, label, images) for name, label in DRAWN.items()),
                        key=lambda found: -len(found.x),
                    )
                ),
            )
            for images in SIZES
        ),
    )


def _ghosts(records: Records) -> Dots:
    at_level = [
        row
        for size in GHOSTS
        for row in _row(f"ghosts of {size}, loss {LEVEL:g}", "bn", matched(ghost(records, size)))
    ]
    at_end = [
        row
        for size in GHOSTS
        for row in _row(f"ghosts of {size}, the end", "neutral", final(records, size))
    ]
    return Dots(
        title=f"Test accuracy of ghost batches at loss {LEVEL:g}, and in the end",
        subtitle=f"BN, batches of {GHOST_BATCH}, rate {GHOST_RATE:g}, {GHOST_IMAGES:,} images, "
        f"{GHOST_EPOCHS} epochs. A dot a seed (n = {len(SEEDS)}), mean, 95% interval",
        x_label="test accuracy, %",
        rows=(*at_level, *at_end),
        decimals=2,
        narrow=True,
    )


def ghost(records: Records, size: int) -> list[Record]:
    """The runs in which so many images share a mean."""
    return records.trial(f"ghost-{size}")


def final(records: Records, size: int) -> Floats:
    """The test accuracy of these runs after the last epoch, (seeds,)."""
    return checked(ghost(records, size), "test_accuracy", CHANCE)[:, -1]
