"""From records to what the claims are judged by."""

from collections.abc import Callable

from bnreport.analysis.metrics import CHANCE, Floats, checked, lost, speedup
from bnreport.analysis.ranges import peak, width
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Contrast, Estimate, paired
from bnreport.studies.convolution.runs import (
    LARGE,
    LOSS,
    RATES,
    SAME_RATE,
    SMALL,
    THRESHOLD,
    sized,
    swept,
)


def accuracy(records: Records, name: str) -> Floats:
    """The validation accuracy after training, (seeds,); chance where a run diverged."""
    return checked(records.trial(name), "val_accuracy", CHANCE)[:, -1]


def by_rate(records: Records, of: str) -> dict[float, Floats]:
    """The validation accuracy of an arm after training by learning rate, (seeds,)."""
    return {rate: accuracy(records, swept(of, rate)) for rate in RATES}


def best(records: Records, of: str) -> Floats:
    """The highest validation accuracy of an arm over the rates, (seeds,)."""
    return peak(by_rate(records, of))


def floor(records: Records) -> Floats:
    """The accuracy from which a rate counts as good, (seeds,)."""
    return best(records, "raw") - LOSS


def widths(records: Records, of: str) -> Floats:
    """Over how many decades of rates an arm learns well, (seeds,)."""
    return width(by_rate(records, of), floor(records))


def _speedup(control: str) -> Callable[[Records], Contrast]:
    return lambda records: speedup(
        records.trial(swept("bn", SAME_RATE)),
        records.trial(swept(control, SAME_RATE)),
        "val",
        THRESHOLD,
    )


# A run that diverged is part of what is measured here: a rate that is too high.
def _wider_than(control: str) -> Callable[[Records], Contrast]:
    return lambda records: paired(widths(records, "bn") - widths(records, control))


def _ahead(records: Records, better: str, worse: str, size: int) -> Contrast:
    """By how many percentage points one arm is ahead of another at a batch size."""
    names = [sized(of, size) for of in (better, worse)]
    high, low = (accuracy(records, name) for name in names)
    return paired(100 * (high - low), lost(*(records.trial(name) for name in names)))


def _small(records: Records) -> dict[str, Contrast]:
    return {of: _ahead(records, of, "bn", SMALL) for of in ("raw", "std")}


def _large(control: str) -> Callable[[Records], dict[str, Contrast]]:
    return lambda records: {str(size): _ahead(records, "bn", control, size) for size in LARGE}


ESTIMATES: dict[str, Callable[[Records], Estimate]] = {
    "convolution-speed-raw": _speedup("raw"),
    "convolution-speed-std": _speedup("std"),
    "convolution-width-raw": _wider_than("raw"),
    "convolution-width-std": _wider_than("std"),
    "convolution-small": _small,
    "convolution-large-raw": _large("raw"),
    "convolution-large-std": _large("std"),
}
