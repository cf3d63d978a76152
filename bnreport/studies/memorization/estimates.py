"""What each claim is judged by: how much repeated batches add to a number."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnreport.estimates import Contrast, Estimate, Settings, paired
from bnreport.records import Record
from bnreport.samples import CHANCE, checked, last, lost
from bnreport.studies.memorization.runs import BN, INPUTS, LATE, MATES, MOVING
from bnreport.study import Records
from bnreport.trials import Score

Floats = NDArray[np.float64]
# From the records of a trial one number a seed.
Take: TypeAlias = Callable[[Sequence[Record]], Floats]


def running(records: Sequence[Record]) -> Floats:
    """The running training accuracy of the last epoch, (seeds,); chance where a run diverged."""
    return last(records, "accuracy")


def late(records: Sequence[Record]) -> Floats:
    """The mean validation accuracy after the last epochs, (seeds,); chance where one diverged."""
    return np.array(
        [CHANCE if r.diverged else r.epochs("val_accuracy")[-LATE:].mean() for r in records]
    )


def _after(check: Score) -> Take:
    return lambda records: checked(records, f"{check.name}_accuracy", CHANCE)[:, -1]


def gain(
    of: str, take: Take = running, less: Take | None = None, order: str = "fixed"
) -> Callable[[Records], Contrast]:
    """By how many points a number rises when batches come again, less the rise of another."""

    def estimate(records: Records) -> Contrast:
        repeated, fresh = records.trial(f"{of}-{order}"), records.trial(f"{of}-fresh")
        rise = take(repeated) - take(fresh)
        if less is not None:
            rise = rise - (less(repeated) - less(fresh))
        return paired(100 * rise, lost(repeated, fresh))

    return estimate


def _each(arms: Mapping[str, str], **more: Any) -> Callable[[Records], Settings]:
    return lambda records: {name: gain(of, **more)(records) for name, of in arms.items()}


ESTIMATES: dict[str, Callable[[Records], Estimate]] = {
    "memorization-bn": gain("bn"),
    "memorization-std-bn": gain("std-bn"),
    "memorization-none": _each(INPUTS),
    "memorization-ln": gain("ln"),
    "memorization-mates": _each(BN, less=_after(MATES)),
    "memorization-moving": _each(BN, less=_after(MOVING)),
    "memorization-shuffled": gain("bn", order="shuffled"),
    "memorization-validation": _each(BN, take=lambda records: -late(records)),
}

OTHER = "other batches"
# Four measures of one net: in the batches that it trains in, as Keras prints it; in other batches;
# by the moving averages; and on images that it did not train on.
MEASURES: dict[str, Take] = {
    "training batches": running,
    OTHER: _after(MATES),
    "inference mode": _after(MOVING),
    "validation": late,
}


def measures_of(of: str) -> list[str]:
    """The measures of an arm: without BN it makes no difference which batch an image is in."""
    return [name for name in MEASURES if name != OTHER or of in BN.values()]
