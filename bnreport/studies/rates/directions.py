"""Who each claim predicts to be ahead, and in which numbers."""

from bnreport.directions import Direction, Measure, history, more, read
from bnreport.studies.rates.runs import EPOCHS, LEARNS, LOSS, RATES, named

_END = history("val_accuracy", EPOCHS)


def _sweep(of: str) -> list[str]:
    return [named(of, rate) for rate in RATES]


def _wider(wide: str, narrow: str) -> Direction:
    """What counts as good is measured from the best on raw pixels."""
    best = read(_sweep("raw"), _END)
    return more(_sweep(wide), _sweep(narrow), _END, "width", LOSS, beside=best)


def _over(than: str, measure: Measure, level: float | None = None) -> Direction:
    return more(_sweep("bn"), _sweep(than), _END, measure, level)


DIRECTIONS = {
    "rates-width-raw": _wider("bn", "raw"),
    "rates-width-std": _wider("bn", "std"),
    "rates-width-std-bn": _wider("std-bn", "std"),
    "rates-width-ln": _wider("bn", "ln"),
    "rates-highest-raw": _over("raw", "highest", LEARNS),
    "rates-highest-std": _over("std", "highest", LEARNS),
    "rates-best-raw": _over("raw", "largest"),
    "rates-best-std": _over("std", "largest"),
}
