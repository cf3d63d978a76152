"""From records to what the claims are judged by."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bnreport.estimates import Contrast, log_ratio, paired
from bnreport.samples import last, peak, width
from bnreport.studies.rates.runs import LEARNS, LOSS, RATES, named
from bnreport.study import Records

Floats = NDArray[np.float64]


def by_rate(records: Records, of: str) -> dict[float, Floats]:
    """The final validation accuracy of an arm by learning rate, (seeds,); chance if diverged."""
    return {rate: last(records.trial(named(of, rate)), "val_accuracy") for rate in RATES}


def best(records: Records, of: str) -> Floats:
    """The highest final validation accuracy over the rates, (seeds,)."""
    return peak(by_rate(records, of))


def floor(records: Records) -> Floats:
    """The accuracy from which a rate counts as good, (seeds,)."""
    return best(records, "raw") - LOSS


def widths(records: Records, of: str) -> Floats:
    """Over how many decades of rates an arm learns well, (seeds,)."""
    return width(by_rate(records, of), floor(records))


def highest(records: Records, of: str) -> Floats:
    """The highest rate at which an arm learns, (seeds,); infinite where it learns at the last."""
    found = by_rate(records, of)
    learns = np.array(list(found.values())) >= LEARNS
    rates = np.array(list(found))[:, None]
    top = np.where(learns, rates, 0.0).max(axis=0)
    return np.where(top == max(RATES), np.inf, top)


def _wider_than(wide: str, narrow: str) -> Callable[[Records], Contrast]:
    return lambda records: paired(widths(records, wide) - widths(records, narrow))


def _higher_than(control: str) -> Callable[[Records], Contrast]:
    return lambda records: log_ratio(highest(records, "bn"), highest(records, control))


def _better_than(control: str) -> Callable[[Records], Contrast]:
    return lambda records: paired(100 * (best(records, "bn") - best(records, control)))


# A run that diverged is part of what is measured here, a rate that is too high: it narrows a width
# and bounds a highest rate, and no number is lost with it.
ESTIMATES = {
    "rates-width-raw": _wider_than("bn", "raw"),
    "rates-width-std": _wider_than("bn", "std"),
    "rates-width-std-bn": _wider_than("std-bn", "std"),
    "rates-width-ln": _wider_than("bn", "ln"),
    "rates-highest-raw": _higher_than("raw"),
    "rates-highest-std": _higher_than("std"),
    "rates-best-raw": _better_than("raw"),
    "rates-best-std": _better_than("std"),
}
