"""Show ranges: sweeps with the level from which settings are good, and how often each is good."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bnreport.analysis.arms import Arm
from bnreport.analysis.charts import curves_of, panels
from bnreport.analysis.controls import BY_INPUTS
from bnreport.analysis.grids import Range
from bnreport.analysis.ranges import Flags
from bnreport.presentation.plots import Panel
from bnreport.presentation.tables import Table
from bnreport.records.collection import Records


def range_panels(
    records: Records,
    ranges: Mapping[Arm, Range],
    by_title: Mapping[str, Mapping[Arm, str]] = BY_INPUTS,
    **more: Any,
) -> tuple[Panel, ...]:
    """Panels of the sweeps of arms, in per cent, with the level above which settings are good.

    Args:
        records: those that hold the numbers.
        ranges: what is good of each arm; all have one floor.
        by_title: which arms each panel shows, and what it calls them; by default those with BN and
            without it, by their inputs.
        more: other fields of `Panel`, which all panels have.
    """
    curves = curves_of(
        by_title, lambda arm, label: (100 * ranges[arm].sweep).curve(records, arm, label)
    )
    level = next(iter(ranges.values())).level(records)
    return panels(curves, "validation accuracy, %", level=level, **more)


def good_counts(
    records: Records,
    ranges: Mapping[str, Range],
    corner: str,
    caption: str,
    note: str,
    head: Callable[[float], str] = "{:g}".format,
) -> Table:
    """A table of the number of seeds at which each setting is good.

    Args:
        records: those that hold the numbers.
        ranges: what is good, by the head of its row; all have one grid.
        corner: what stands above the heads of the rows.
        caption: its caption.
        note: what stands below.
        head: the head of a setting's column.
    """
    settings = next(iter(ranges.values())).sweep.by_setting
    return Table.crossed(
        caption,
        corner,
        {label: each.good(records) for label, each in ranges.items()},
        {head(setting): place for place, setting in enumerate(settings)},
        lambda good, place: str(good[place].sum()),
        note,
    )


def fraction(setting: float) -> str:
    """A setting in print, one below 1 as a fraction."""
    return f"{setting:g}" if setting >= 1 else f"1/{1 / setting:g}"


def stretch(settings: Sequence[float], fine: Flags) -> str:
    """The longest unbroken row of settings that are fine, in words; the first of equally long."""
    ends = range(len(settings) + 1)
    rows = [
        settings[first:after]
        for first in ends
        for after in ends[first + 1 :]
        if fine[first:after].all()
    ]
    longest = max(rows, key=len, default=())
    # The first and the last, or the one that is both.
    return " to ".join(map(fraction, dict.fromkeys((*longest[:1], *longest[-1:])))) or "no scale"
