"""Medians and ratios of a benchmark, and the targets that were set before it was run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from bnreport.analysis.ensembles import seconds_by_size
from bnreport.presentation.formats import THIN, number, quantity
from bnreport.protocol.measurements import BenchTrial
from bnreport.records.record import Record

Parts: TypeAlias = Mapping[str, Record]

NETS = {"baseline": "baseline", "bn": "BN"}
BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX"}
TIMES = "\u00d7"

LEAST_SPEED = {"baseline": 10.0, "bn": 8.0}
LARGEST_OVERHEAD = {"baseline": 1.15, "bn": 1.8}
LARGEST_WORKER = 2000.0
LATEST_EPOCH = 15.0
# How much dearer than an early one a late run may be and still be called the same.
CONSTANT = 1.2
GPU_LANES, GPU_SECONDS = 64, 0.010


def parts(of: Mapping[str, Mapping[int, Record]]) -> dict[str, Record]:
    """The record of each part that was measured."""
    found: dict[str, Record] = {}
    for records in of.values():
        for record in records.values():
            if isinstance(record.identity.trial, BenchTrial):
                found[record.identity.trial.part] = record
    return found


def bench_trial(record: Record) -> BenchTrial:
    """The trial of a record of this study."""
    assert isinstance(record.identity.trial, BenchTrial)
    return record.identity.trial


def median(record: Record, name: str) -> float:
    """The median over the rounds of a measure."""
    return float(np.median(record.epochs(name)))


def speed(loops: Record, contender: str, net: str) -> float:
    """How many times as many run-epochs an hour as the notebook's own loop."""
    return median(loops, f"fit_{net}") / median(loops, f"{contender}_{net}")


def overhead(loops: Record, net: str, floor: str = "products", contender: str = "train") -> float:
    """Seconds of a contender over those of the bare products."""
    return median(loops, f"{contender}_{net}") / median(loops, f"{floor}_{net}")


def further(record: Record) -> dict[tuple[int, int], float]:
    """Seconds of one more run between two sizes of a call, by those sizes."""
    trial = bench_trial(record)
    seconds = [median(record, f"seconds-{size}_{trial.nets[0]}") for size in trial.sizes]
    return {
        (few, many): (after - before) / (many - few)
        for few, many, before, after in zip(
            trial.sizes, trial.sizes[1:], seconds, seconds[1:], strict=False
        )
    }


@dataclass(frozen=True)
class Target:
    """What was asked for, what was measured, and whether it is met; None where nobody measured."""

    asked: str
    measured: str
    met: bool | None


def targets(here: Parts, others: Mapping[str, Parts]) -> list[Target]:
    """Every target whose part was measured, and that for a GPU."""
    found: list[Target] = []
    if loops := here.get("loops"):
        nets = bench_trial(loops).nets
        found += [_speed(loops, net) for net in nets]
        found += [_overhead(loops, net) for net in nets]
    if runs := here.get("runs"):
        peak = max(float(runs.epochs(m).max()) for m in runs.history if m.startswith("peak"))
        asked = f"peak memory of a worker below {LARGEST_WORKER / 1000:g}{THIN}GB"
        found.append(Target(asked, quantity(peak / 1000, 2, "GB"), peak < LARGEST_WORKER))
    if start := here.get("start-up"):
        latest = max(median(start, f"command_{net}") for net in bench_trial(start).nets)
        asked = f"first finished epoch within {LATEST_EPOCH:g}{THIN}s of the command"
        found.append(Target(asked, quantity(latest, 1, "s"), latest <= LATEST_EPOCH))
    if thousand := here.get("thousand"):
        early, *_, late = further(thousand).values()
        asked = f"one more run costs the same up to {bench_trial(thousand).sizes[-1]:,}"
        measured = f"the last cost {number(late / early, 2)} times the first"
        found.append(Target(asked, measured, late / early <= CONSTANT))
    return [*found, _gpu(others)]


def _speed(loops: Record, net: str) -> Target:
    asked = LEAST_SPEED[net]
    found = speed(loops, "engine-all", net)
    return Target(
        f"{NETS[net]}: {asked:g} times the run-epochs an hour of the notebook's loop, on all cores",
        f"{number(found, 1)} times",
        found >= asked,
    )


def _overhead(loops: Record, net: str) -> Target:
    asked = LARGEST_OVERHEAD[net]
    found = overhead(loops, net)
    return Target(
        f"{NETS[net]}: training on one core within {asked:g} times the bare products",
        f"{number(found, 2)} times",
        found <= asked,
    )


def _gpu(others: Mapping[str, Parts]) -> Target:
    asked = f"a GPU: {GPU_LANES} runs at once, below {1000 * GPU_SECONDS:g}{THIN}ms a run and epoch"
    for name, found in others.items():
        if "lanes" not in found:
            continue
        lanes = found["lanes"]
        seconds = [
            seconds_by_size(lanes, net).get(GPU_LANES, np.inf) for net in bench_trial(lanes).nets
        ]
        if np.isfinite(seconds).all():
            words = f"{quantity(1000 * max(seconds), 1, 'ms')} on {name}"
            return Target(asked, words, max(seconds) < GPU_SECONDS)
    return Target(asked, "not measured: no record of a GPU yet", None)
