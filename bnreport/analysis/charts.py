"""Give the figures of studies their rows of seeds and panels of curves."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np

from bnreport.analysis.metrics import Floats
from bnreport.presentation.plots import Arm as Colour
from bnreport.presentation.plots import Dots, Panel, Row, Series
from bnreport.statistics.estimates import Contrast
from bnreport.statistics.intervals import t_interval

Net = TypeVar("Net")


def seed_row(
    label: str, colour: Colour, values: Floats | Contrast, log: bool = False, **more: Any
) -> Row:
    """A dot a seed, with the mean and its interval.

    Args:
        label: the row's name.
        colour: the colour of its dots.
        values: one number a seed; or what judges a claim, whose interval the row has then.
        log: whether the numbers are logarithms of what is shown.
        more: other fields of `Row`.
    """
    if isinstance(values, Contrast):
        interval, shown = values.interval, np.array(values.values)
    else:
        interval, shown = t_interval(values), values
    ends = np.array([interval.low, interval.point, interval.high])
    if log:
        ends, shown = np.exp(ends), np.exp(shown)
    return Row(label, colour, shown, *ends.tolist(), **more)


def panels(
    by_title: Mapping[str, Iterable[Series]],
    y_label: str,
    longest_first: bool = False,
    **more: Any,
) -> tuple[Panel, ...]:
    """A panel for each title.

    Args:
        by_title: the curves by the title of their panel.
        y_label: what they show.
        longest_first: whether the longest curve comes first: the first one sets the ticks.
        more: other fields of `Panel`, which all panels have.
    """

    def ordered(curves: Iterable[Series]) -> tuple[Series, ...]:
        return tuple(sorted(curves, key=lambda curve: -len(curve.x) if longest_first else 0))

    return tuple(
        Panel(title, y_label, ordered(curves), **more) for title, curves in by_title.items()
    )


def curves_of(
    by_title: Mapping[str, Mapping[Net, str]], curve: Callable[[Net, str], Series]
) -> dict[str, list[Series]]:
    """The curves of each panel, for `panels`.

    Args:
        by_title: which nets a panel shows, and what each is called at the end of its curve.
        curve: the curve of a net, by that name.
    """
    return {
        title: [curve(net, label) for net, label in nets.items()]
        for title, nets in by_title.items()
    }


def differences(title: str, subtitle: str, x_label: str, rows: Iterable[Row], **more: Any) -> Dots:
    """Rows of differences about nothing, with two decimals; `more` are other fields of `Dots`."""
    how: dict[str, Any] = {"nothing": 0.0, "decimals": 2, "narrow": True, **more}
    return Dots(title, subtitle, x_label, tuple(rows), **how)


def median_row(label: str, colour: Colour, values: Floats, **more: Any) -> Row:
    """A dot a number, with the median and the ends of the range; `more` as in `seed_row`."""
    low, point, high = float(values.min()), float(np.median(values)), float(values.max())
    return Row(label, colour, values, low, point, high, **more)
