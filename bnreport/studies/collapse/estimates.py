"""What each claim is judged by: how alike two kinds of nets see the images of one seed."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bnreport.estimates import Settings, log_ratio, paired
from bnreport.samples import checked
from bnreport.studies.collapse.runs import BOTH, DEEP, PAIRS, SHALLOW, trial
from bnreport.study import Records

Floats = NDArray[np.float64]


def last(records: Records, found: str, norm: str, depth: int, inputs: str) -> Floats:
    """The mean cosine ("cosine") or the effective rank ("rank") of a trial, (seeds,)."""
    values: Floats = checked(records.trial(trial(norm, depth, inputs)), f"last_{found}")[:, 0]
    return values


def _cosine(
    more: str, less: str, depth: int, pairs: dict[str, tuple[str, str]]
) -> Callable[[Records], Settings]:
    return lambda records: {
        name: paired(
            last(records, "cosine", more, depth, other)
            - last(records, "cosine", less, depth, inputs)
        )
        for name, (inputs, other) in pairs.items()
    }


def _deeper(norm: str) -> Callable[[Records], Settings]:
    return lambda records: {
        name: paired(
            last(records, "cosine", norm, DEEP, inputs)
            - last(records, "cosine", norm, SHALLOW, inputs)
        )
        for name, (inputs, _) in BOTH.items()
    }


def _rank(records: Records) -> Settings:
    return {
        name: log_ratio(
            last(records, "rank", "bn", DEEP, inputs), last(records, "rank", "none", DEEP, other)
        )
        for name, (inputs, other) in PAIRS.items()
    }


ESTIMATES = {
    "collapse-plain": _deeper("none"),
    "collapse-cosine": _cosine("none", "bn", DEEP, PAIRS),
    "collapse-rank": _rank,
    "collapse-depth": _deeper("bn"),
    "collapse-layer": _cosine("none", "ln", DEEP, BOTH),
    "collapse-batch-layer": _cosine("ln", "bn", DEEP, BOTH),
    "collapse-shallow": _cosine("none", "bn", SHALLOW, PAIRS),
}
