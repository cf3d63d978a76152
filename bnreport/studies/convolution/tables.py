"""The tables of the page."""

import numpy as np

from bnreport.analysis.arms import ARMS, NAMES
from bnreport.analysis.metrics import CHANCE, checked, steps_of, steps_to
from bnreport.analysis.ranges import cut_short
from bnreport.presentation.formats import between, number
from bnreport.presentation.tables import Table, Value
from bnreport.protocol.runs import SEEDS
from bnreport.records.collection import Records
from bnreport.statistics.intervals import t_interval
from bnreport.studies.convolution.estimates import best, by_rate, floor, widths
from bnreport.studies.convolution.plots import SIZES, by_size
from bnreport.studies.convolution.runs import (
    RATES,
    SAME_RATE,
    THRESHOLD,
    VALIDATED,
    momentum_of,
    swept,
)


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""
    return {"arms": _arms(records), "sizes": _sizes(records)}


def all_values(records: Records) -> dict[str, Value]:
    """What the end of the epoch does at batches of 32, whose last one is smaller, by name."""
    found = {of: records.trial(swept(of, SAME_RATE)) for of in ARMS}
    before, end = steps_of(found["raw"], "val")[-2:]
    values = {"last.from": Value(f"{before:g}", "a step"), "last.to": Value(f"{end:g}", "a step")}
    for of, trial in found.items():
        means = 100 * checked(trial, "val_accuracy", CHANCE).mean(axis=0)
        values[f"last.{of}"] = Value(
            f"{number(float(means[-2]), 1)}% to {number(float(means[-1]), 1)}%",
            f"mean validation accuracies of {len(SEEDS)} seeds",
        )
    low, high = (momentum_of(size) for size in (max(SIZES), min(SIZES)))
    return values | {
        "validated": Value(f"{VALIDATED:,}", "the first validation images of each seed"),
        "momenta": Value(
            f"{low:.3g} to {high:.3g}",
            f"set before the runs, by batch size from {max(SIZES)} to {min(SIZES)} images",
        ),
    }


def _arms(records: Records) -> Table:
    def row(of: str) -> tuple[str, ...]:
        found = records.trial(swept(of, SAME_RATE))
        steps = steps_to(found, "val", THRESHOLD)
        median = float(np.median(steps))
        there = int(np.isfinite(steps).sum())
        width, top = t_interval(widths(records, of)), t_interval(100 * best(records, of))
        least = "≥ " if cut_short(by_rate(records, of), floor(records)) else ""
        return (
            NAMES[of],
            f"{median:,.0f}" if np.isfinite(median) else "not reached",
            f"{there} of {len(found)}",
            f"{least}{number(width.point, 2)} {between(width.low, width.high, 2)}",
            f"{number(top.point, 1)} {between(top.low, top.high, 1)}",
        )

    return Table(
        "What each arm reaches",
        ("arm", f"steps to {THRESHOLD:.0%}", "runs that reached it", "width", "best, %"),
        tuple(row(of) for of in ARMS),
        note=f"Steps: the median at learning rate {SAME_RATE:g}. Width: decades of good rates side "
        f"by side, of {RATES[0]:g} to {RATES[-1]:g}; a ≥ stands where runs are good at an end of "
        "these rates, so that their width is a lower bound. Best: the validation accuracy at each "
        "seed's own best rate. Means with 95% intervals.",
    )


def _sizes(records: Records) -> Table:
    return Table(
        "Mean validation accuracy in %, by the images in a batch",
        ("arm", *(str(size) for size in SIZES)),
        tuple(
            (NAMES[of], *(number(100 * float(v.mean()), 1) for v in by_size(records, of).values()))
            for of in ARMS
        ),
    )
