"""What each claim is judged by."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bnreport.estimates import Contrast, Settings, paired
from bnreport.samples import checked
from bnreport.studies.gradients.claims import EVERY, RELU, SIGMOID, WIDE
from bnreport.studies.gradients.runs import LARGE, RATES, SMALL, STEPS, THEORY, start, trained
from bnreport.study import Records

Floats = NDArray[np.float64]


def sizes(records: Records, trial: str, found: str = "outputs") -> Floats:
    """The logarithms of the gradients' norms, (seeds, steps, hidden layers); NaN where one is lost.

    Args:
        records: of this study.
        trial: its name.
        found: "outputs" for the gradient by a layer's outputs, "weights" for that by its kernel.
    """
    # The last layer is the output's, which has another width and no normalizer.
    norms = checked(records.trial(trial), f"slopes_{found}")[:, :, :-1]
    return np.log(np.where(norms > 0, norms, np.nan))


def factors(records: Records, trial: str, found: str = "outputs") -> Floats:
    """The logarithm of the factor by which gradients change per layer back, (seeds, steps).

    The arguments are those of `sizes`.
    """
    norms = sizes(records, trial, found)
    places = np.arange(norms.shape[2]) - (norms.shape[2] - 1) / 2
    slopes: Floats = norms @ places / (places @ places)
    return -slopes


def _first(records: Records, trial: str) -> Floats:
    return factors(records, trial)[:, 0]


def nearer(near: Floats, far: Floats) -> Contrast:
    """How much nearer to zero the logarithm of a factor is, paired by seed."""
    return paired(np.abs(far) - np.abs(near))


def _over(near: str, far: str, where: dict[str, tuple[str, str]]) -> Callable[[Records], Settings]:
    """How much nearer to 1 one normalizer's factor is than another's, by setting."""
    return lambda records: {
        name: nearer(
            _first(records, start(of, near, SMALL, inputs)),
            _first(records, start(of, far, SMALL, inputs)),
        )
        for name, (of, inputs) in where.items()
    }


def _theory(records: Records) -> Settings:
    return {
        name: paired(_first(records, start("relu-he", "bn", LARGE, inputs, depth)) - np.log(THEORY))
        for name, (inputs, depth) in WIDE.items()
    }


def _batch(records: Records) -> Settings:
    return {
        name: paired(
            _first(records, start(of, "bn", SMALL, inputs))
            - _first(records, start(of, "bn", LARGE, inputs))
        )
        for name, (of, inputs) in RELU.items()
    }


def _after(step: int) -> Callable[[Records], Settings]:
    place = STEPS.index(step)

    def estimate(records: Records) -> Settings:
        found = {rate: factors(records, trained("bn", rate)) for rate in RATES}
        return {f"rate {rate:g}": nearer(x[:, place], x[:, 0]) for rate, x in found.items()}

    return estimate


ESTIMATES = {
    "gradients-improve": _over("bn", "none", EVERY),
    "gradients-sigmoid": _over("bn", "none", SIGMOID),
    "gradients-explode": _over("none", "bn", RELU),
    "gradients-theory": _theory,
    "gradients-batch": _batch,
    "gradients-layer": _over("ln", "bn", RELU),
    "gradients-one-step": _after(1),
    "gradients-later": _after(400),
}
