"""What each claim is judged by: how a number falls, averaged over the other factors."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnreport.estimates import Contrast, Estimate, Settings, paired
from bnreport.records import Record
from bnreport.samples import checked, last, lost
from bnreport.studies.factorial.runs import CELLS, END, INPUTS
from bnreport.study import Records

Floats = NDArray[np.float64]
# From the records of a trial one number a seed.
Take: TypeAlias = Callable[[Sequence[Record]], Floats]

# A net that diverged knows nothing: each of ten classes gets a tenth.
LOST_LOSS = float(np.log(10))


def loss(records: Sequence[Record]) -> Floats:
    """The training loss at the end, (seeds,); that of guessing where a run diverged."""
    return checked(records, f"{END.name}_loss", LOST_LOSS)[:, -1]


def accuracy(records: Sequence[Record]) -> Floats:
    """The validation accuracy at the end, in per cent, (seeds,); chance where a run diverged."""
    return 100 * last(records, "val_accuracy")


def cells_at(**levels: str) -> list[str]:
    """The names of the trials at these levels of their factors."""
    return ["-".join(cell) for cell in CELLS if levels.items() <= cell._asdict().items()]


def mean_at(records: Records, take: Take, **levels: str) -> Floats:
    """The mean of a number over all nets at these levels, (seeds,)."""
    found = [take(records.trial(name)) for name in cells_at(**levels)]
    return np.asarray(np.mean(found, axis=0), float)


def _fall(
    factor: str, first: str, second: str, take: Take = loss, **levels: str
) -> Callable[[Records], Contrast]:
    """By how much a number falls from the first level of a factor to the second."""

    def estimate(records: Records) -> Contrast:
        before, after = {factor: first} | levels, {factor: second} | levels
        names = cells_at(**before) + cells_at(**after)
        fall = mean_at(records, take, **before) - mean_at(records, take, **after)
        return paired(fall, lost(*(records.trial(name) for name in names)))

    return estimate


def _hidden(inputs: str, take: Take = loss) -> Callable[[Records], Contrast]:
    return _fall("hidden", "plain", "hidden", take, inputs=inputs)


def _interaction(records: Records) -> Contrast:
    raw, std = _hidden("raw")(records), _hidden("std")(records)
    difference = np.subtract(raw.values, std.values)
    names = cells_at(inputs="raw") + cells_at(inputs="std")
    return paired(difference, lost(*(records.trial(name) for name in names)))


def _validation(records: Records) -> Settings:
    def negative(found: Sequence[Record]) -> Floats:
        return -accuracy(found)

    return {name: _hidden(inputs, negative)(records) for name, inputs in INPUTS.items()}


ESTIMATES: Mapping[str, Callable[[Records], Estimate]] = {
    "factorial-hidden-raw": _hidden("raw"),
    "factorial-hidden-std": _hidden("std"),
    "factorial-hidden-bn": _hidden("bn"),
    "factorial-inputs": _fall("inputs", "raw", "std", hidden="plain"),
    "factorial-interaction": _interaction,
    "factorial-activation": _fall("activation", "leaky", "relu"),
    "factorial-initializer": _fall("initializer", "he", "glorot"),
    "factorial-validation": _validation,
}
