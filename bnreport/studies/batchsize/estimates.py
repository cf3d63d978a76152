"""From records to what the claims are judged by."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.metrics import CHANCE, checked, last, lead, lost, steps_of
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Contrast, Estimate, paired
from bnreport.studies.batchsize.runs import EARLY, LARGE, LATE, SMALL, lagging, named

Floats = NDArray[np.float64]


def accuracy(records: Records, of: str, size: int) -> Floats:
    """Validation accuracy by moving averages after training, (seeds,)."""
    return last(records.trial(named(of, size)), "val_accuracy")


def precise(records: Records, size: int) -> Floats:
    """Validation accuracy of BN by precise statistics after training, (seeds,)."""
    return checked(records.trial(named("bn", size)), "precise_accuracy", CHANCE)[:, -1]


def _ahead(records: Records, better: str, worse: str, size: int) -> Contrast:
    """By how many percentage points one arm is ahead of another at a batch size."""
    return lead(records.trial(named(better, size)), records.trial(named(worse, size)))


def _small(records: Records) -> dict[str, Contrast]:
    return {
        f"{of}, {size}": _ahead(records, of, "bn", size) for of in ("raw", "std") for size in SMALL
    }


def _large(of: str) -> Callable[[Records], dict[str, Contrast]]:
    return lambda records: {str(size): _ahead(records, "bn", of, size) for size in LARGE}


def _repaired(records: Records) -> Contrast:
    difference = precise(records, 512) - accuracy(records, "bn", 512)
    return paired(100 * difference, lost(records.trial(named("bn", 512))))


def _unrepaired(records: Records) -> dict[str, Contrast]:
    bn = records.trial(named("bn", 2))
    return {
        of: paired(
            100 * (accuracy(records, of, 2) - precise(records, 2)),
            lost(records.trial(named(of, 2)), bn),
        )
        for of in ("raw", "std")
    }


def _lag(step: int) -> Callable[[Records], Contrast]:
    def behind(records: Records) -> Contrast:
        found = records.trial(lagging(0.99))
        place = steps_of(found, "moving").tolist().index(step)
        moving, exact = (
            checked(found, f"{which}_accuracy", CHANCE)[:, place] for which in ("moving", "precise")
        )
        return paired(100 * (exact - moving), lost(found))

    return behind


def _others(records: Records) -> dict[str, Contrast]:
    return {of: _ahead(records, of, "bn", 2) for of in ("ln", "gn")}


ESTIMATES: dict[str, Callable[[Records], Estimate]] = {
    "batchsize-small": _small,
    "batchsize-large-raw": _large("raw"),
    "batchsize-large-std": _large("std"),
    "batchsize-others": _others,
    "batchsize-precise-512": _repaired,
    "batchsize-precise-2": _unrepaired,
    "batchsize-lag": _lag(EARLY),
    "batchsize-caught-up": _lag(LATE),
}
