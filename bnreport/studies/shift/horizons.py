"""The drift over the 39 steps between two marks, beside that of one step; no claim judges it."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from bnreport.analysis.metrics import Floats, lost
from bnreport.presentation.formats import with_interval
from bnreport.presentation.tables import Table, Value
from bnreport.records.collection import Records
from bnreport.records.record import Record
from bnreport.statistics.estimates import log_ratio
from bnreport.statistics.intervals import Interval
from bnreport.studies.shift.estimates import in_one_step, level, outputs, received
from bnreport.studies.shift.runs import CELLS, NOISY, name

Place = Callable[[Sequence[Record]], Floats]

# By what a claim compares: where the drift is measured, and which arm over which.
DRIFTS: dict[str, tuple[Place, str, str]] = {
    "received, raw over BN": (received, "raw", "bn"),
    "received, standardized over BN": (received, "std", "bn"),
    "before BN, raw over BN": (outputs, "raw", "bn"),
    "before BN, standardized over BN": (outputs, "std", "bn"),
    "received, noisy BN over raw": (received, NOISY, "raw"),
}
NOISE = "received, noisy BN over raw"


def between_marks(drift: Floats) -> Floats:
    """The drift in the 39 steps before each mark but the first, (seeds, marks - 1, layers)."""
    return drift[:, 2::2]


def one_step(found: Floats) -> Floats:
    """The mean drift of one step over layers and the marks after the start, (seeds,)."""
    return level(in_one_step(found))


def many_steps(found: Floats) -> Floats:
    """The mean drift of 39 steps over layers and marks, (seeds,)."""
    return np.asarray(between_marks(found).mean(axis=(1, 2)), float)


def ratio(
    records: Records, compared: str, cell: tuple[int, float], horizon: Callable[[Floats], Floats]
) -> Interval:
    """How many times as far the one arm drifts as the other, with its 95% interval over seeds."""
    place, more, less = DRIFTS[compared]
    over, under = (records.trial(name(cell[0], of, cell[1])) for of in (more, less))
    found = log_ratio(horizon(place(over)), horizon(place(under)), lost(over, under)).interval
    low, point, high = (math.exp(end) for end in (found.low, found.point, found.high))
    return Interval(low, point, high, found.n, found.method)


def horizons_table(records: Records) -> Table:
    """Every drift that a claim compares, in one step and over 39."""
    return Table(
        "The same drifts over two horizons",
        ("drift", "net", "in one step", "over 39 steps"),
        tuple(
            (
                compared,
                where,
                _three(ratio(records, compared, cell, one_step)),
                _three(ratio(records, compared, cell, many_steps)),
            )
            for compared in DRIFTS
            for where, cell in CELLS.items()
        ),
        note="How many times as far the first net drifts as the second, with 95% intervals over "
        "the seeds. The claims judge one step; nothing judges the 39 steps between two marks.",
    )


def _three(interval: Interval) -> str:
    """A ratio and its interval in three digits, as many as a phone shows and the seeds warrant."""
    decimals = min(2, max(0, 2 - math.floor(math.log10(interval.point))))
    return with_interval(interval, decimals)


def horizons_values(records: Records) -> dict[str, Value]:
    """In how many nets the noise adds drift, and how much, over 39 steps."""
    found = {where: ratio(records, NOISE, cell, many_steps) for where, cell in CELLS.items()}
    origin = "noisy BN over raw pixels, 39 steps, 12 pairs, not judged"
    values = {
        f"long.{where}": Value(with_interval(interval, 2), origin)
        for where, interval in found.items()
    }
    return values | {
        "long.more": Value(str(sum(i.low > 1 for i in found.values())), f"nets, {origin}"),
        "long.less": Value(str(sum(i.high < 1 for i in found.values())), f"nets, {origin}"),
        "long.nets": Value(str(len(found)), "nets"),
    }
