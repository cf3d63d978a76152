"""What happens inside a worker process: load the data once, then train run after run."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bnreport import backends, provenance
from bnreport.data import Dataset, load
from bnreport.records import Provenance, Record, ScoreRecord, packed
from bnreport.trials import BenchTrial, Identity, Profile, TimingTrial

LIBRARIES = {
    "tensorflow": ("keras", "numpy", "scipy", "tensorflow"),
    "jax": ("keras", "numpy", "scipy", "jax", "jaxlib"),
}


@dataclass(frozen=True)
class Origin:
    """The state of the project that trains: the same for every run of a call."""

    code: str
    claims: str
    commit: str
    dirty: bool


@dataclass(frozen=True)
class Post:
    """What a worker needs to know before its first run; `events` carries finished epochs back."""

    profile: Profile
    folder: Path | None
    origin: Origin
    threads: int | None
    events: Any


@dataclass
class _Desk:
    post: Post
    data: Dataset
    pool: Any = None


_desks: list[_Desk] = []


def begin(post: Post) -> None:
    """Set up this process; a pool calls it once per worker."""
    backends.prepare(post.threads)
    _desks[:] = [_Desk(post, load(post.profile, post.folder))]


def perform(identity: Identity) -> Record:
    """Train one run in this process and return its record."""
    from bnreport import bench, engine, timing

    desk = _desks[0]
    began = time.perf_counter()
    tell = _teller(desk.post.events, identity)
    trial = identity.trial
    other: str | None = None
    if isinstance(trial, TimingTrial):
        seconds = timing.time_epochs(trial, identity.seed, desk.data, tell)
        outcome: dict[str, Any] = {"history": seconds}
    elif isinstance(trial, BenchTrial):
        post = desk.post
        part = bench.Bench(trial, identity.seed, post.profile, post.folder, tell)
        outcome, other = {"history": bench.measure(part)}, part.other
    else:
        desk.pool = desk.pool or engine.place(desk.data)
        (trained,) = engine.train(
            [(trial, identity.seed)], desk.pool, lambda run, epoch: tell(epoch)
        )
        outcome = _trained(trained)
    made = _provenance(desk.post, time.perf_counter() - began, other)
    return Record.model_validate(
        {"id": identity.run_id, "identity": identity, "provenance": made, **outcome}
    )


def _trained(outcome: Any) -> dict[str, Any]:
    return {
        "history": outcome.history,
        "early_loss": outcome.early_loss,
        "diverged": outcome.diverged,
        "checks": outcome.checks,
        "scores": tuple(
            ScoreRecord(
                epoch=score.epoch,
                val_images=len(score.val_correct),
                test_images=len(score.test_correct),
                val_correct=packed(score.val_correct),
                test_correct=packed(score.test_correct),
            )
            for score in outcome.scores
        ),
    }


def _provenance(post: Post, seconds: float, other: str | None) -> Provenance:
    """How a run was made; `other` is a second backend that it used."""
    backend = backends.name()
    libraries = {name for used in (backend, other) if used for name in LIBRARIES[used]}
    return Provenance(
        code=post.origin.code,
        claims=post.origin.claims,
        commit=post.origin.commit,
        dirty=post.origin.dirty,
        versions=provenance.versions(sorted(libraries)),
        backend=backend,
        device=backends.accelerator() or provenance.processor(),
        threads=post.threads or os.cpu_count() or 1,
        precision="float32",
        seconds=round(seconds, 2),
    )


def _teller(events: Any, identity: Identity) -> Callable[[int], None]:
    def tell(number: int) -> None:
        events.put((identity.run_id, number))

    return tell
