"""The tables of the page."""

import numpy as np

from bnreport.arms import NAMES
from bnreport.formats import between, number
from bnreport.samples import cut_short, good, spans
from bnreport.statistics import t_interval
from bnreport.studies.rates.estimates import best, by_rate, floor, highest, widths
from bnreport.studies.rates.runs import ALL_ARMS, LOSS, RATES
from bnreport.study import Records, Table


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""
    return {"arms": _arms(records), "good": _good(records)}


def _arms(records: Records) -> Table:
    rows = []
    for of in ALL_ARMS:
        found = by_rate(records, of)
        width, top = t_interval(widths(records, of)), t_interval(100 * best(records, of))
        least = "≥ " if cut_short(found, floor(records)) else ""
        limit = float(np.median(highest(records, of)))
        rows.append(
            (
                NAMES[of],
                f"{least}{number(width.point, 2)} {between(width.low, width.high, 2)}",
                number(float((spans(RATES) @ good(found, floor(records))).mean()), 2),
                f"{limit:g}" if np.isfinite(limit) else f"above {max(RATES):g}",
                f"{number(top.point, 1)} {between(top.low, top.high, 1)}",
            )
        )
    return Table(
        f"What each arm reaches over the {len(RATES)} rates",
        ("arm", "width", "all good", "learns up to", "best, %"),
        tuple(rows),
        note="Width: decades of good rates side by side; all good: of all good rates. A ≥ stands "
        "where runs are good at an end of the grid, so that their width is a lower bound. Learns "
        "up to: the highest rate at which most answers are right, the median. Best: the accuracy "
        "at each seed's own best rate. Means with 95% intervals.",
    )


def _good(records: Records) -> Table:
    seeds = len(floor(records))
    return Table(
        f"At how many of {seeds} seeds a learning rate is good",
        ("arm", *(f"{rate:g}" for rate in RATES)),
        tuple(
            (
                NAMES[of],
                *(str(n) for n in good(by_rate(records, of), floor(records)).sum(axis=1)),
            )
            for of in ALL_ARMS
        ),
        note=f"Good: at most {100 * LOSS:g} pp below the best that the same seed reaches on raw "
        "pixels without BN.",
    )
