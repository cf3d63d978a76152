"""The numbers that the prose of the page may name."""

from collections.abc import Mapping

from bnreport.analysis.ensembles import best_size
from bnreport.presentation.formats import number, quantity
from bnreport.presentation.tables import Value
from bnreport.records.record import Record
from bnreport.studies.performance.measures import (
    Parts,
    bench_trial,
    further,
    median,
    overhead,
    speed,
    targets,
)


def all_values(here: Parts, others: Mapping[str, Parts]) -> dict[str, Value]:
    """Every number by name; those of parts that were not measured are missing."""
    judged = [target for target in targets(here, others) if target.met is not None]
    values = {
        "targets.met": Value(str(sum(bool(t.met) for t in judged)), "targets that are met"),
        "targets": Value(str(len(judged)), "targets that were measured"),
    }
    if loops := here.get("loops"):
        values |= _machine(loops) | _loops(loops)
    if lanes := here.get("lanes"):
        values["lanes.best"] = Value(str(best_size(lanes)), "runs that train together fastest")
    if start := here.get("start-up"):
        values |= _start_up(start)
    if thousand := here.get("thousand"):
        *_, late = further(thousand).values()
        values["further.late"] = Value(
            quantity(1000 * late, 0, "ms"), "one more run, between the two largest calls"
        )
    return values


def _machine(loops: Record) -> dict[str, Value]:
    made, trial = loops.provenance, bench_trial(loops)
    versions = ", ".join(f"{name} {version}" for name, version in sorted(made.versions.items()))
    return {
        "machine": Value(made.device, "the machine of this record"),
        "versions": Value(versions, "of Python and the libraries"),
        "backend": Value(made.backend, "the backend of this record"),
        "rounds": Value(str(trial.rounds), "rounds that are counted"),
    }


def _loops(loops: Record) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for net in bench_trial(loops).nets:
        for contender in ("fit", "fast-fit", "engine-one", "engine-all", "products"):
            values[f"{contender}.{net}"] = Value(
                quantity(median(loops, f"{contender}_{net}"), 2, "s"),
                "median seconds per run and epoch",
            )
        values[f"speed.{net}"] = Value(
            number(speed(loops, "engine-all", net), 1), "run-epochs an hour over those of fit"
        )
        for floor in ("products", "best-products"):
            values[f"{floor}.over.{net}"] = Value(
                number(overhead(loops, net, floor), 2), f"seconds of training over {floor}"
            )
    return values


def _start_up(start: Record) -> dict[str, Value]:
    return {
        f"{phase}.{net}": Value(quantity(median(start, f"{phase}_{net}"), 1, "s"), "median seconds")
        for net in bench_trial(start).nets
        for phase in ("imports", "compile-first", "compile-second", "command")
    }
