"""Say in words what a figure shows: its alternative text."""

from collections.abc import Sequence

import numpy as np

from bnreport.presentation.formats import interval_name, number, placed, plain, scientific
from bnreport.presentation.plots import Dots, Matrix, Panel, Plot, Row, Series, Tile


def describe(plot: Plot) -> str:
    """The figure in words, made from its data: its alternative text."""
    if isinstance(plot, Matrix):
        rows = ". ".join(f"{name}: {_tiles(plot.columns, tiles)}" for name, tiles in plot.rows)
        return f"{plot.title}. {plot.subtitle}. {rows}."
    if isinstance(plot, Dots):
        words = WORDS[plot.centre]
        rows = "; ".join(words(row, plot.decimals) for row in plot.rows)
        return f"{plot.title}. {plot.subtitle}. {plot.x_label}: {rows}."
    panels = ". ".join(_panel_words(panel, plot.x_label) for panel in plot.panels)
    return f"{plot.title}. {plot.subtitle}. {panels}."


def _tiles(columns: Sequence[str], tiles: Sequence[Tile | None]) -> str:
    return ", ".join(
        f"{name.replace(chr(10), '')} {tile.text}"
        for name, tile in zip(columns, tiles, strict=True)
        if tile
    )


def _row_words(row: Row, decimals: int) -> str:
    words = (
        f"{row.label} {number(row.point, decimals)} on average, {interval_name(row.level)} "
        f"{number(row.low, decimals)} to {number(row.high, decimals)}, runs from "
        f"{number(row.values.min(), decimals)} to {number(row.values.max(), decimals)}"
    )
    if row.published:
        words += f", {row.cross} " + " to ".join(
            placed(v) for v in row.published[:: max(1, len(row.published) - 1)]
        )
    return words


def _median_words(row: Row, decimals: int) -> str:
    return (
        f"{row.label} {number(row.point, decimals)} in the median, from "
        f"{number(row.low, decimals)} to {number(row.high, decimals)}"
    )


def _largest_words(row: Row, _: int) -> str:
    words = f"{row.label} at most {scientific(row.point)}"
    return f"{words}, shaded up to {placed(row.band[1])}" if row.band else words


WORDS = {"mean": _row_words, "median": _median_words, "largest": _largest_words}


def _panel_words(panel: Panel, x_label: str) -> str:
    parts = [_series_words(series, x_label) for series in panel.series]
    parts += [
        f"printed numbers go from {placed(m.y[0])} at {x_label} {placed(m.x[0])} to "
        f"{placed(m.y[-1])} at {placed(m.x[-1])}"
        for m in panel.marks
    ]
    if panel.level:
        parts.append(f"{panel.level[1]}: {placed(panel.level[0])}")
    return f"{panel.title or panel.y_label}: " + "; ".join(parts)


def _series_words(series: Series, x_label: str) -> str:
    mean = series.y.mean(axis=0)
    low, high = int(np.nanargmin(mean)), int(np.nanargmax(mean))
    return (
        f"{series.label} goes from {_three(mean[0])} at {x_label} {placed(series.x[0])} to "
        f"{_three(mean[-1])} at {placed(series.x[-1])}, lowest {_three(mean[low])} at "
        f"{placed(series.x[low])}, highest {_three(mean[high])} at {placed(series.x[high])}"
    )


def _three(value: float) -> str:
    """A number in three digits, without the zeros at its end."""
    return plain(float(f"{value:.3g}"))
