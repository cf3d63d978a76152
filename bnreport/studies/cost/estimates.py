"""What each claim is judged by: ratios of seconds, of an epoch or until an accuracy."""

from collections.abc import Callable

import numpy as np

from bnreport.analysis.metrics import Floats, steps_to
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Contrast, log_ratio
from bnreport.studies.cost.runs import CHECK, LOOPS, SIZES, STEPS_OF_TIMED, THRESHOLD


def seconds(records: Records, loop: str, net: str, size: int) -> Floats:
    """Seconds of an epoch of a net, one number a round, (rounds,)."""
    (timing,) = records.trial("timing")
    return timing.epochs(f"{loop}_{net}_{size}")


def typical(records: Records, loop: str, size: int, net: str = "raw") -> float:
    """Seconds of an epoch of a net, the median of the rounds."""
    return float(np.median(seconds(records, loop, net, size)))


def pace(records: Records, of: str, loop: str) -> float:
    """Seconds of a step of an arm: the median of the timed epochs over their steps.

    Standardized inputs cost nothing a step: they are standardized once, before the training.
    """
    net = "bn" if of.endswith("bn") else "raw"
    return typical(records, loop, SIZES[0], net) / STEPS_OF_TIMED


def arrival(records: Records, of: str, loop: str) -> Floats:
    """When an arm reaches the threshold, in seconds, (seeds,)."""
    return pace(records, of, loop) * steps_to(records.trial(of), CHECK.name, THRESHOLD)


def _slowdown(slow: str, fast: str, *loops: str) -> Callable[[Records], dict[str, Contrast]]:
    def estimate(records: Records) -> dict[str, Contrast]:
        return {
            f"batch {size}" if len(loops) == 1 else f"{loop}, batch {size}": log_ratio(
                seconds(records, loop, slow, size), seconds(records, loop, fast, size)
            )
            for loop in loops
            for size in SIZES
        }

    return estimate


def _wall(fast: str, slow: str) -> Callable[[Records], dict[str, Contrast]]:
    return lambda records: {
        loop: log_ratio(arrival(records, slow, loop), arrival(records, fast, loop))
        for loop in LOOPS
    }


ESTIMATES = {
    "cost-bn-fit": _slowdown("bn", "raw", "fit"),
    "cost-bn-compiled": _slowdown("bn", "raw", "compiled"),
    "cost-ln": _slowdown("ln", "bn", *LOOPS),
    "cost-gn": _slowdown("gn", "bn", *LOOPS),
    "cost-wall-raw": _wall("bn", "raw"),
    "cost-wall-std": _wall("bn", "std"),
    "cost-wall-std-bn": _wall("std-bn", "std"),
}
