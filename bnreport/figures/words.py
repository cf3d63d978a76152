"""Say in words what a figure shows: its alternative text."""

import numpy as np

from bnreport.plots import Diagram, Dots, Panel, Plot, Row, Series


def describe(plot: Plot) -> str:
    """The figure in words, made from its data: its alternative text."""
    if isinstance(plot, Diagram):
        return plot.alt
    if isinstance(plot, Dots):
        words = WORDS[plot.centre]
        rows = "; ".join(words(row, plot.decimals) for row in plot.rows)
        return f"{plot.title}. {plot.subtitle}. {plot.x_label}: {rows}."
    panels = ". ".join(_panel_words(panel, plot.x_label) for panel in plot.panels)
    return f"{plot.title}. {plot.subtitle}. {panels}."


def _row_words(row: Row, decimals: int) -> str:
    words = (
        f"{row.label} {row.point:.{decimals}f} on average, 95% interval {row.low:.{decimals}f} to "
        f"{row.high:.{decimals}f}, runs from {row.values.min():.{decimals}f} to "
        f"{row.values.max():.{decimals}f}"
    )
    if row.published:
        words += f", {row.cross} " + " to ".join(
            f"{v:g}" for v in row.published[:: max(1, len(row.published) - 1)]
        )
    return words


def _median_words(row: Row, decimals: int) -> str:
    return (
        f"{row.label} {row.point:.{decimals}f} in the median, from "
        f"{row.low:.{decimals}f} to {row.high:.{decimals}f}"
    )


def _largest_words(row: Row, _: int) -> str:
    words = f"{row.label} at most {shortest(row.point)}"
    return f"{words}, shaded up to {row.band[1]:g}" if row.band else words


WORDS = {"mean": _row_words, "median": _median_words, "largest": _largest_words}


def _panel_words(panel: Panel, x_label: str) -> str:
    parts = [_series_words(series, x_label) for series in panel.series]
    parts += [
        f"printed numbers go from {m.y[0]:g} at {x_label} {m.x[0]:g} to {m.y[-1]:g} at {m.x[-1]:g}"
        for m in panel.marks
    ]
    if panel.level:
        parts.append(f"{panel.level[1]}: {panel.level[0]:g}")
    return f"{panel.title or panel.y_label}: " + "; ".join(parts)


def _series_words(series: Series, x_label: str) -> str:
    mean = series.y.mean(axis=0)
    low, high = int(np.nanargmin(mean)), int(np.nanargmax(mean))
    return (
        f"{series.label} goes from {mean[0]:.3g} at {x_label} {series.x[0]:g} to {mean[-1]:.3g} at "
        f"{series.x[-1]:g}, lowest {mean[low]:.3g} at {series.x[low]:g}, highest {mean[high]:.3g} "
        f"at {series.x[high]:g}"
    )


def shortest(value: float) -> str:
    """A number of any size in two digits."""
    return f"{value:#.2g}".removesuffix(".") if value else "0"
