"""From records to what the claims are judged by."""

from collections.abc import Callable, Sequence

import numpy as np

from bnreport.analysis.metrics import Floats, checked, last, lost
from bnreport.records.collection import Records
from bnreport.records.record import Record
from bnreport.statistics.estimates import Contrast, Estimate, log_ratio, paired
from bnreport.studies.shift.runs import AHEAD, CELLS, DRIFT, NOISY, name

# Noisy BN keeps the gain of BN when it keeps this share of it.
KEPT = 0.75


def received(records: Sequence[Record]) -> Floats:
    """The drift of what the activation functions receive, (seeds, steps of DRIFT, layers)."""
    normalized = any(f"{DRIFT.name}_norm" in record.checks for record in records)
    # A run that diverged has drifted without bound.
    return checked(records, f"{DRIFT.name}_{'norm' if normalized else 'hidden'}", np.inf)


def outputs(records: Sequence[Record]) -> Floats:
    """The drift of the outputs of the dense layers, before BN, (seeds, steps of DRIFT, layers)."""
    return checked(records, f"{DRIFT.name}_hidden", np.inf)


def in_one_step(drift: Floats) -> Floats:
    """The drift in the one step that follows each mark, (seeds, marks, layers)."""
    return drift[:, 1::2]


def ahead(records: Sequence[Record]) -> Floats:
    """How the gradients change when the layers before step, (seeds, marks, layers with such)."""
    return checked(records, f"{AHEAD.name}_distance", np.inf)[:, :, 1:]


def level(found: Floats) -> Floats:
    """The mean over layers and over the marks after the start, (seeds,)."""
    return np.asarray(found[:, 1:].mean(axis=(1, 2)), float)


def _ratio(
    measure: Callable[[Sequence[Record]], Floats], more: str, less: str
) -> Callable[[Records], Estimate]:
    def contrast(records: Records, depth: int, rate: float) -> Contrast:
        over, under = (records.trial(name(depth, of, rate)) for of in (more, less))
        return log_ratio(level(measure(over)), level(measure(under)), lost(over, under))

    return lambda records: {where: contrast(records, *cell) for where, cell in CELLS.items()}


def _drift(
    place: Callable[[Sequence[Record]], Floats], more: str, less: str
) -> Callable[[Records], Estimate]:
    return _ratio(lambda records: in_one_step(place(records)), more, less)


def _kept(records: Records, depth: int, rate: float) -> Contrast:
    arms = [records.trial(name(depth, of, rate)) for of in ("raw", "bn", NOISY)]
    raw, bn, noisy = (last(found, "val_accuracy") for found in arms)
    return paired(100 * (noisy - (raw + KEPT * (bn - raw))), lost(*arms))


ESTIMATES: dict[str, Callable[[Records], Estimate]] = {
    "shift-ahead-raw": _ratio(ahead, "raw", "bn"),
    "shift-ahead-std": _ratio(ahead, "std", "bn"),
    "shift-received-raw": _drift(received, "raw", "bn"),
    "shift-received-std": _drift(received, "std", "bn"),
    "shift-outputs-raw": _drift(outputs, "raw", "bn"),
    "shift-outputs-std": _drift(outputs, "std", "bn"),
    "shift-noisy-drift": _drift(received, NOISY, "raw"),
    "shift-noisy-gain": lambda records: {
        where: _kept(records, *cell) for where, cell in CELLS.items()
    },
}
