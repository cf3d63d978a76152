"""Show ranges: sweeps with the level from which settings are good, and how often each is good."""

from collections.abc import Callable, Mapping
from typing import Any

from bnreport.analysis.arms import Arm
from bnreport.analysis.charts import curves_of, panels
from bnreport.analysis.controls import BY_INPUTS
from bnreport.analysis.grids import Range
from bnreport.analysis.ranges import fraction
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
    head: Callable[[float], str] = fraction,
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
