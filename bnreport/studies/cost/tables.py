"""The tables of the page, and the numbers in its prose."""

import numpy as np

from bnreport.arms import NAMES
from bnreport.estimates import log_ratio
from bnreport.formats import number
from bnreport.plots import Arm
from bnreport.samples import steps_to
from bnreport.studies.cost.estimates import pace, seconds, typical
from bnreport.studies.cost.plots import BY_ARM, LAYERS
from bnreport.studies.cost.runs import (
    CHECK,
    IMAGES,
    LOOPS,
    ROUNDS,
    SIZES,
    STEPS_OF_TIMED,
    THRESHOLD,
)
from bnreport.study import Records, Table, Value


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""
    return {"epochs": _epochs_table(records), "arrivals": _arrivals_table(records)}


def all_values(records: Records) -> dict[str, Value]:
    """The numbers of the prose by name."""
    ratios = {
        f"loops.{size}": Value(
            number(typical(records, "fit", size) / typical(records, "compiled", size), 1),
            f"fit over compiled, medians of {ROUNDS} rounds without a normalizer",
        )
        for size in SIZES
    }
    return ratios | {"images": Value(f"{IMAGES:,}", "set before the runs")}


def _epochs_table(records: Records) -> Table:
    def cells(loop: str, net: str, size: int) -> tuple[str, str]:
        plain = seconds(records, loop, "raw", size)
        ratio = np.exp(log_ratio(seconds(records, loop, net, size), plain).interval.point)
        return number(typical(records, loop, size, net), 3), number(float(ratio), 2)

    return Table(
        f"Seconds for {IMAGES:,} training and 5,000 validation images",
        ("net", "batch", "fit, seconds", "fit, ratio", "compiled, seconds", "compiled, ratio"),
        tuple(
            (LAYERS[net], str(size), *cells("fit", net, size), *cells("compiled", net, size))
            for size in SIZES
            for net in LAYERS
        ),
        note=f"Seconds: the median of {ROUNDS} rounds. Ratio: over the net without a normalizer, "
        "the geometric mean of the rounds.",
    )


def _arrivals_table(records: Records) -> Table:
    def row(of: Arm) -> tuple[str, ...]:
        steps = steps_to(records.trial(of), CHECK.name, THRESHOLD)
        middle = float(np.median(steps))
        there = f"{int(np.isfinite(steps).sum())} of {len(steps)}"
        if np.isinf(middle):
            return NAMES[of], *(["not reached"] * (1 + len(LOOPS))), there
        times = (number(middle * pace(records, of, loop), 1) for loop in LOOPS)
        return NAMES[of], f"{middle:,.0f}", *times, there

    return Table(
        f"When the validation accuracy reaches {THRESHOLD:.0%}, in the median of the seeds",
        ("arm", "steps", "fit, seconds", "compiled, seconds", "runs that reached it"),
        tuple(row(of) for of in BY_ARM),
        note=f"A step takes the seconds of a timed epoch over its {STEPS_OF_TIMED} steps.",
    )
