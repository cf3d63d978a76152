"""What each claim is judged by: the largest of its errors over all seeds, steps and layers."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.metrics import checked
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Estimate, Exact
from bnreport.studies.identities.runs import FOLDED, IMAGES

Floats = NDArray[np.float64]
# From the records the errors of one claim, (seeds, checks).
Errors: TypeAlias = Callable[[Records], Floats]


def _all(records: Records, nets: tuple[str, ...], found: str) -> Floats:
    """What a check found, (seeds, checks): by net, by step, and by layer or factor."""
    parts = [checked(records.trial(net), found) for net in nets]
    return np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)


def _error(found: str, *nets: str, right: float = 0.0) -> Errors:
    return lambda records: np.abs(_all(records, nets, found) - right)


def _bias(*nets: str) -> Errors:
    return lambda records: _all(records, nets, "biases_bias") / _all(records, nets, "biases_beta")


def _classes(records: Records) -> Floats:
    return np.rint(IMAGES * (1 - _all(records, FOLDED, "folding_agreement")))


ERRORS: dict[str, Errors] = {
    "identities-bias-before": _bias("before"),
    "identities-bias-after": _bias("after", "notebook"),
    "identities-folding": _error("folding_difference", *FOLDED),
    "identities-classes": _classes,
    "identities-scale-logits": _error("scaling_logits", "before-exact"),
    "identities-scale-gradient": _error("scaling_gradient", "before-exact", right=1.0),
    "identities-scale-epsilon": _error("scaling_logits", "before"),
    "identities-orthogonal": _error("scaling_cosine", "before-exact"),
    "identities-orthogonal-epsilon": _error("scaling_cosine", "before"),
    "identities-mates-training": _error("mates_batch", *FOLDED),
    "identities-mates-inference": _error("mates_inference", *FOLDED),
    "identities-alone": _error("mates_alone", *FOLDED),
}


def _largest(of: Errors) -> Callable[[Records], Estimate]:
    def estimate(records: Records) -> Exact:
        errors = of(records)
        return Exact(float(errors.max()), errors.size)

    return estimate


ESTIMATES = {name: _largest(of) for name, of in ERRORS.items()}
