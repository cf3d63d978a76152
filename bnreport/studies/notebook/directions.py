"""Who each claim predicts to be ahead, and in which numbers."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bnreport.protocol.directions import Direction, Directions, history, more, read, score
from bnreport.studies.notebook.published import METRICS, PUBLISHED_BASELINE, PUBLISHED_BN
from bnreport.studies.notebook.runs import SWEEP_RATES

_BN, _BASELINE = "bn-0.01", "baseline-0.01"


def _fit(
    trial: str,
    published: NDArray[np.float64],
    starts: int = 1,
    metrics: tuple[str, ...] = METRICS,
) -> dict[str, Direction]:
    """The printed numbers pass for those of a run, from the epoch at which the printout starts."""
    return {
        f"{metric} of epoch {epoch}": more(trial, (), history(metric, epoch), "printed", printed)
        for epoch, row in enumerate(published, start=starts)
        for metric, printed in zip(METRICS, row, strict=True)
        if metric in metrics
    }


def _slower(loop: str) -> Direction:
    """BN takes more seconds."""
    bn, baseline = (read("timing", history(f"{loop}_{net}")) for net in ("bn", "baseline"))
    return Direction(bn, baseline)


DIRECTIONS: Mapping[str, Directions] = {
    "a-rate-0.01": _fit(_BASELINE, PUBLISHED_BASELINE),
    "a-rate-0.001": _fit("baseline-0.001", PUBLISHED_BASELINE),
    "a-follow-up": _fit("baseline-0.01-follow-up", PUBLISHED_BASELINE),
    "a-follow-up-training": _fit(
        "baseline-0.01-follow-up", PUBLISHED_BASELINE, metrics=("loss", "accuracy")
    ),
    "b-fresh": _fit(_BN, PUBLISHED_BN),
    # It may start at any epoch from 2 to 13; here at the last.
    "b-new-batches": _fit(_BN, PUBLISHED_BN, starts=13),
    "b-replayed-batches": _fit("bn-0.01-replayed", PUBLISHED_BN, starts=11),
    # At the best of seven rates the loss is still higher than the first that is printed.
    "b-any-rate": more(
        ("bn-0.001", _BN, *(f"bn-one-epoch-{rate:g}" for rate in SWEEP_RATES)),
        (),
        history("loss", 1),
        "smallest",
        0.2264,
    ),
    "c-validation": more(_BN, _BASELINE, score("val", 10)),
    "c-test": more(_BN, _BASELINE, score("test", 10)),
    "c-printed-gap": more(_BN, _BASELINE, score("test", 10)),
    "d-fit-time": _slower("fit"),
    "d-compiled-time": _slower("compiled"),
}
