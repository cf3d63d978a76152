"""The tables of the page, and the numbers in its prose."""

from bnreport.analysis.arms import NAMES
from bnreport.analysis.ranges import Flags, good
from bnreport.presentation.formats import between, number
from bnreport.presentation.tables import Table, Value
from bnreport.records.collection import Records
from bnreport.statistics.intervals import t_interval
from bnreport.studies.initialization.estimates import by_scale, cut, floor, own_floor, widths
from bnreport.studies.initialization.runs import ALL_ARMS, LOSS, SCALES, SETS, SETTING_NAMES


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""
    return {"good": _good(records), "widths": _widths(records)}


def all_values(records: Records) -> dict[str, Value]:
    """Over which scales most seeds of an arm learn well, in words, by "span.ARM.KERNELS"."""
    found = {}
    for scaled in SETS:
        for of in ALL_ARMS:
            seeds = good(by_scale(records, of, scaled), floor(records)).mean(axis=1)
            found[f"span.{of}.{scaled}"] = Value(
                stretch(seeds > 1 / 2),
                f"{NAMES[of]}, {scaled} kernels scaled: the longest row of scales at which more "
                "than half of the seeds are good",
            )
    return found


def stretch(fine: Flags) -> str:
    """The longest unbroken row of scales that are fine, in words; the first of equally long."""
    best: tuple[int, int] = (0, 0)
    start = 0
    for place, is_fine in enumerate(fine):
        if not is_fine:
            start = place + 1
        elif place + 1 - start > best[1] - best[0]:
            best = (start, place + 1)
    first, after = best
    if first == after:
        return "no scale"
    low, high = _fraction(SCALES[first]), _fraction(SCALES[after - 1])
    return low if low == high else f"{low} to {high}"


def _good(records: Records) -> Table:
    rows = [
        (
            f"{NAMES[of]}, {name}",
            *(str(n) for n in good(by_scale(records, of, scaled), floor(records)).sum(axis=1)),
        )
        for name, scaled in zip(SETTING_NAMES, SETS, strict=True)
        for of in ALL_ARMS
    ]
    return Table(
        f"At how many of {len(floor(records))} seeds a scale is good",
        ("arm, what is scaled", *map(_fraction, SCALES)),
        tuple(rows),
        note=f"Good: at most {100 * LOSS:g} pp below what the same seed reaches on raw pixels "
        "without BN at scale 1.",
    )


def _fraction(scale: float) -> str:
    return f"{scale:g}" if scale >= 1 else f"1/{1 / scale:g}"


def _widths(records: Records) -> Table:
    rows = []
    for name, scaled in zip(SETTING_NAMES, SETS, strict=True):
        for of in ALL_ARMS:
            cells = []
            for level in (floor(records), own_floor(records, of)):
                found = t_interval(widths(records, of, scaled, level))
                least = "≥ " if cut(records, of, scaled, level) else ""
                cells.append(f"{least}{number(found.point, 2)} {between(found.low, found.high, 2)}")
            rows.append((f"{NAMES[of]}, {name}", *cells))
    return Table(
        "Decades of good scales, by two levels",
        ("arm, what is scaled", "level of raw pixels", "level of the arm"),
        tuple(rows),
        note=f"Good: at most {100 * LOSS:g} pp below the accuracy at scale 1 of raw pixels, as in "
        "the claims, or of the arm itself, added for comparison. A ≥ stands where runs are good "
        "at an end of the grid, so that their width is a lower bound. Means with 95% intervals.",
    )
