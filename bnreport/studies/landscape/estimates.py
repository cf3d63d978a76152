"""From records to what the claims are judged by."""

from collections.abc import Callable, Sequence

import numpy as np

from bnreport.estimates import Contrast, Estimate, log_ratio
from bnreport.records import Record
from bnreport.samples import Floats, checked, lost
from bnreport.studies.landscape.runs import ALONG, CELLS, SHARE, name
from bnreport.study import Records


def beta(records: Sequence[Record]) -> Floats:
    """The effective beta, (seeds, marks); infinite where a run diverged."""
    return np.asarray(checked(records, f"{ALONG.name}_beta", np.inf).max(axis=2), float)


def change(records: Sequence[Record]) -> Floats:
    """The relative change of the gradient after the largest relative step, (seeds, marks)."""
    return checked(records, f"{SHARE.name}_relative", np.inf)[:, :, -1]


def spread(records: Sequence[Record]) -> Floats:
    """The range of the loss along the gradient, (seeds, marks); infinite where a run diverged."""
    losses = checked(records, f"{ALONG.name}_loss", np.inf)
    whole = np.isfinite(losses).all(axis=2)
    ranges = np.full(whole.shape, np.inf)
    ranges[whole] = np.ptp(losses[whole], axis=1)
    return ranges


def during(found: Floats) -> Floats:
    """The geometric mean over the marks of training, (seeds,)."""
    return np.asarray(np.exp(np.log(found[:, 1:]).mean(axis=1)), float)


def at_start(found: Floats) -> Floats:
    """The mark before the first step, (seeds,)."""
    return found[:, 0]


def _smoother(
    measure: Callable[[Sequence[Record]], Floats], when: Callable[[Floats], Floats], than: str
) -> Callable[[Records], Estimate]:
    def contrast(records: Records, depth: int, rate: float) -> Contrast:
        rough, smooth = (records.trial(name(depth, of, rate)) for of in (than, "bn"))
        return log_ratio(when(measure(rough)), when(measure(smooth)), lost(rough, smooth))

    return lambda records: {where: contrast(records, *cell) for where, cell in CELLS.items()}


ESTIMATES = {
    f"landscape-{what}-{than}": _smoother(measure, when, than)
    for what, measure, when in (
        ("beta", beta, during),
        ("share", change, during),
        ("range", spread, during),
        ("start", beta, at_start),
    )
    for than in ("raw", "std")
}
