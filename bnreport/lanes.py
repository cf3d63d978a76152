"""How many runs a process should train together, by the benchmark's record."""

import re
from collections.abc import Mapping

import numpy as np

from bnreport.records import Record

_GROUP = re.compile(r"jax-lanes-(\d+)_(.+)")


def seconds_by_lanes(record: Record, net: str) -> Mapping[int, float]:
    """The median seconds per run and epoch on JAX by the number of runs that train together.

    Args:
        record: a record of the part "lanes".
        net: the net that was trained.

    Returns:
        The seconds by group size, rising; 1 stands for one run per process and core at a time.
        Empty where JAX was not measured.
    """
    alone = "cores" if record.provenance.backend == "jax" else "jax-cores"
    found = {1: f"{alone}_{net}"}
    for name in record.history:
        if (match := _GROUP.fullmatch(name)) and match[2] == net:
            found[int(match[1])] = name
    return {
        lanes: float(np.median(record.epochs(found[lanes])))
        for lanes in sorted(found)
        if found[lanes] in record.history
    }


def best_lanes(record: Record) -> int:
    """The group size with the least mean seconds per run and epoch over the nets.

    1 where a run per core is fastest, or where nothing was vectorized.
    """
    assert record.identity.trial.kind == "bench"
    measured = [seconds_by_lanes(record, net) for net in record.identity.trial.nets]
    common = set.intersection(*(set(seconds) for seconds in measured))
    means = {lanes: np.mean([seconds[lanes] for seconds in measured]) for lanes in common}
    return min(sorted(means), key=means.__getitem__, default=1)
