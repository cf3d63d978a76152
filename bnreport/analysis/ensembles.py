"""Choose by the benchmark's record how many runs a process trains together."""

import re
from collections.abc import Iterable, Mapping

import numpy as np

from bnreport.records.record import Record

_GROUP = re.compile(r"jax-lanes-(\d+)_(.+)")


def seconds_by_size(record: Record, net: str) -> Mapping[int, float]:
    """The median seconds per run and epoch on JAX by the number of runs that train together.

    Args:
        record: a record of the part "lanes".
        net: the net that was trained.

    Returns:
        The seconds by group size, rising; 1 stands for one run per process and core at a time.
        Empty where JAX was not measured.
    """
    alone = "cores" if record.provenance.backend == "jax" else "jax-cores"
    metrics = {1: f"{alone}_{net}"}
    for name in record.history:
        if (match := _GROUP.fullmatch(name)) and match[2] == net:
            metrics[int(match[1])] = name
    return {
        lanes: float(np.median(record.epochs(metrics[lanes])))
        for lanes in sorted(metrics)
        if metrics[lanes] in record.history
    }


def best_size(record: Record) -> int:
    """The group size with the least mean seconds per run and epoch over the nets.

    1 where a run per core is fastest, or where nothing was vectorized.
    """
    assert record.identity.trial.kind == "bench"
    measured = [seconds_by_size(record, net) for net in record.identity.trial.nets]
    common = set.intersection(*(set(seconds) for seconds in measured))
    means = {lanes: np.mean([seconds[lanes] for seconds in measured]) for lanes in common}
    return min(sorted(means), key=means.__getitem__, default=1)


def recorded_size(backend: str, gpu: str | None, records: Iterable[Record]) -> int | None:
    """The number of runs that train together here, by a record of the same kind of device.

    A CPU's record speaks for every CPU, a GPU's for GPUs of its name. None where a GPU has no
    record yet: then it must be measured first.

    Args:
        backend: the backend that trains; only JAX vectorizes.
        gpu: the GPU's name, or None for the CPU.
        records: benchmark records of any machines.
    """
    if backend != "jax":
        return 1
    for record in records:
        trial = record.identity.trial
        if trial.kind == "bench" and trial.part == "lanes":
            accelerated = record.provenance.backend == "jax" and record.provenance.device == gpu
            processor = gpu is None and record.provenance.device.endswith(" cores")
            if accelerated or processor:
                return best_size(record)
    return None if gpu else 1
