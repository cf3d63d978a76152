"""Give the tables and the prose of studies their means, intervals and steps as text."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bnreport.analysis.comparisons import Sample
from bnreport.analysis.metrics import Floats
from bnreport.presentation.formats import between, number, quantity, with_interval
from bnreport.presentation.tables import Value
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Contrast
from bnreport.statistics.intervals import t_interval


def mean_of(
    values: ArrayLike | Contrast,
    decimals: int,
    signed: bool = False,
    log: bool = False,
    interval: bool = False,
    unit: str = "",
) -> str:
    """A mean.

    Args:
        values: one number a seed; or what judges a claim, whose interval follows then.
        decimals: how many are printed.
        signed: whether a plus is.
        log: whether the numbers are logarithms of what is printed.
        interval: whether the 95% interval follows.
        unit: the unit, which stands behind the number.
    """
    if isinstance(values, Contrast):
        return with_interval(values.interval, decimals, unit, signed)
    x = np.asarray(values, float)
    if not interval:
        mean = float(np.exp(x.mean()) if log else x.mean())
        return quantity(mean, decimals, unit, signed) if unit else number(mean, decimals, signed)
    around = t_interval(x)
    if log:
        low, point, high = np.exp([around.low, around.point, around.high]).tolist()
        around = replace(around, low=low, point=point, high=high)
    return with_interval(around, decimals, unit, signed)


def interval_of(values: ArrayLike, decimals: int, signed: bool = False) -> str:
    """The 95% interval of a mean."""
    interval = t_interval(values)
    return between(interval.low, interval.high, decimals, signed)


def arrivals(steps: Floats) -> tuple[str, str]:
    """The median of the steps at which runs arrive, and how many of them do, in two cells."""
    median = float(np.median(steps))
    arrived = int(np.isfinite(steps).sum())
    return (
        f"{median:,.0f}" if np.isfinite(median) else "not reached",
        f"{arrived} of {len(steps)}",
    )


def reached(values: Floats) -> tuple[Floats, str]:
    """The numbers that there are of runs, and how many these are if some have none."""
    numbers = values[np.isfinite(values)]
    return numbers, "" if len(numbers) == len(values) else f"{len(numbers)} of {len(values)}"


def values_of(origin: str, texts: Mapping[str, str]) -> dict[str, Value]:
    """Numbers of the prose that share an origin, by name."""
    return {name: Value(text, origin) for name, text in texts.items()}


def means_of(
    records: Records, origin: str, samples: Mapping[str, Sample], decimals: int, **how: Any
) -> dict[str, Value]:
    """Means of the prose that share an origin, by name; `mean_of` says how they can be printed."""
    return values_of(
        origin,
        {name: mean_of(sample(records), decimals, **how) for name, sample in samples.items()},
    )
