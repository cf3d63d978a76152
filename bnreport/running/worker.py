"""Perform a group of runs in this process and put down what came out as records."""

import os
import time

from bnreport import machine
from bnreport.protocol.trials import Identity
from bnreport.records.code.executed import run_digest
from bnreport.records.record import Provenance, Record
from bnreport.running.desk import Desk, Group
from bnreport.running.performers import PERFORMERS
from bnreport.training import backends

LIBRARIES = {
    "tensorflow": ("keras", "numpy", "scipy", "tensorflow"),
    "jax": ("keras", "numpy", "scipy", "jax", "jaxlib"),
}


def perform(group: Group, desk: Desk) -> list[Record]:
    """Train the runs of a group together in this process and return their records."""
    began = time.perf_counter()
    trial = group[0].trial
    done = PERFORMERS[trial.kind](trial, group, desk)
    seconds = (time.perf_counter() - began) / len(group)
    return [
        Record.model_validate(
            {
                "id": identity.run_id,
                "identity": identity,
                "provenance": _provenance(identity, desk, seconds, len(group), done.backends),
                **outcome,
            }
        )
        for identity, outcome in zip(group, done.outcomes, strict=True)
    ]


def _provenance(
    identity: Identity, desk: Desk, seconds: float, lanes: int, used: tuple[str, ...]
) -> Provenance:
    libraries = {name for backend in used for name in LIBRARIES[backend]}
    return Provenance(
        code=run_digest(desk.origin.code, identity.trial),
        claims=desk.origin.claims[identity.study],
        commit=desk.origin.commit,
        dirty=desk.origin.dirty,
        versions=machine.versions(sorted(libraries)),
        backend=used[0],
        device=backends.accelerator() or machine.processor(),
        threads=desk.threads or os.cpu_count() or 1,
        precision="float32",
        seconds=round(seconds, 2),
        lanes=lanes,
    )
