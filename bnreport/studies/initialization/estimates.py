"""From records to what the claims are judged by."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.metrics import last, lead
from bnreport.analysis.ranges import cut_short, width
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Contrast, Estimate, Exact, paired
from bnreport.studies.initialization.runs import (
    LARGEST,
    LOSS,
    SCALES,
    SETS,
    SETTING_NAMES,
    SMALLEST,
    Scaled,
    named,
    unit,
)

Floats = NDArray[np.float64]


def accuracies(records: Records, name: str) -> Floats:
    """The final validation accuracy of a trial, (seeds,); chance where a run diverged."""
    return last(records.trial(name), "val_accuracy")


def by_scale(records: Records, of: str, scaled: Scaled) -> dict[float, Floats]:
    """The final validation accuracy of an arm by the factor of its kernels, (seeds,)."""
    return {scale: accuracies(records, named(of, scaled, scale)) for scale in SCALES}


def own_floor(records: Records, of: str) -> Floats:
    """The accuracy from which a scale is good beside the arm's own scale 1, (seeds,)."""
    return accuracies(records, named(of, "all", 1.0)) - LOSS


def floor(records: Records) -> Floats:
    """The accuracy from which a scale counts as good in the claims, (seeds,)."""
    return own_floor(records, "raw")


def widths(records: Records, of: str, scaled: Scaled, level: Floats | None = None) -> Floats:
    """Over how many decades of scales an arm learns well, (seeds,)."""
    return width(by_scale(records, of, scaled), floor(records) if level is None else level)


def cut(records: Records, of: str, scaled: Scaled, level: Floats | None = None) -> int:
    """How many runs of an arm are good at an end of the grid."""
    return cut_short(by_scale(records, of, scaled), floor(records) if level is None else level)


def _wider_than(wide: str, narrow: str) -> Callable[[Records], dict[str, Contrast]]:
    # A run that diverged is a scale that is too large: it narrows a width, and no number is lost.
    return lambda records: {
        name: paired(widths(records, wide, scaled) - widths(records, narrow, scaled))
        for name, scaled in zip(SETTING_NAMES, SETS, strict=True)
    }


def _of_scales(over: float, under: float) -> Callable[[Records], dict[str, Contrast]]:
    return lambda records: {
        name: lead(*(records.trial(named("bn", scaled, scale)) for scale in (over, under)))
        for name, scaled in zip(SETTING_NAMES, SETS, strict=True)
    }


def _start_of(control: str) -> Callable[[Records], Contrast]:
    return lambda records: lead(
        records.trial(named("bn", "all", 1.0)), records.trial(unit(control, 1.0))
    )


def _cancelled(records: Records) -> Exact:
    """By how much the scale changes the accuracy of a net whose start undoes it, pp."""
    changes = [
        np.abs(accuracies(records, unit("raw", scale)) - accuracies(records, unit("raw", 1.0)))
        for scale in (SMALLEST, LARGEST)
    ]
    return Exact(100 * float(np.max(changes)), np.size(changes))


ESTIMATES: dict[str, Callable[[Records], Estimate]] = {
    "initialization-width-raw": _wider_than("bn", "raw"),
    "initialization-width-std": _wider_than("bn", "std"),
    "initialization-width-std-bn": _wider_than("std-bn", "std"),
    "initialization-small": _of_scales(SMALLEST, 1.0),
    "initialization-large": _of_scales(1.0, LARGEST),
    "initialization-start-raw": _start_of("raw"),
    "initialization-start-std": _start_of("std"),
    "initialization-unit": _cancelled,
}
