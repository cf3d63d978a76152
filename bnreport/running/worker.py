"""What a process that trains does, wherever it stands: begin once, then train group by group."""

import os
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bnreport import machine
from bnreport.errors import BnreportError, TrainingError
from bnreport.protocol.measurements import BenchTrial, FactsTrial, TimingTrial, ToyTrial
from bnreport.protocol.trials import Identity
from bnreport.records.code.executed import Digests, run_digest
from bnreport.records.record import Provenance, Record, ScoreRecord, packed
from bnreport.training import backends, least_squares
from bnreport.training.facts import ask
from bnreport.training.images import Dataset

Group = tuple[Identity, ...]

LIBRARIES = {
    "tensorflow": ("keras", "numpy", "scipy", "tensorflow"),
    "jax": ("keras", "numpy", "scipy", "jax", "jaxlib"),
}


class UnfitError(TrainingError):
    """This process cannot train any run: giving it another one is pointless."""


@dataclass(frozen=True)
class Origin:
    """The state of the project that trains: the same for every run of a call.

    `code` holds the digests of what can be executed by name, `claims` that of the claims by study.
    """

    code: Digests
    claims: dict[str, str]
    commit: str
    dirty: bool


@dataclass
class Desk:
    """What a process keeps from group to group.

    `tell` is called with the run of each epoch; `folder` is where the images lie on this machine.
    """

    data: Dataset
    origin: Origin
    threads: int | None
    tell: Callable[[str], None]
    folder: Path | None = None
    pool: Any = None


def set_up(
    load: Callable[[], Dataset], origin: Origin, threads: int | None, tell: Callable[[str], None]
) -> Desk:
    """The desk of this process; its backend is started.

    Args:
        load: gets the images.
        origin: the state of the project.
        threads: threads of this process, or None for the backend's own choice.
        tell: called with the id of a run after each of its epochs.

    Raises:
        UnfitError: with the reason, when the images cannot be read or the backend does not start.
    """
    try:
        data = load()
        backends.prepare(threads)
        backends.name()
        with _cores(threads):
            # Asking for a device starts the backend.
            backends.accelerator()
    except BnreportError as error:
        raise UnfitError(str(error)) from error
    except Exception as error:
        raise UnfitError(
            "Expected a worker process to read its images and to start its backend. Received: "
            f"{type(error).__name__}: {error}. Set up .venv with `scripts/setup train`; where "
            "that is done, free memory: libraries fail in such ways when there is too little."
        ) from error
    return Desk(data, origin, threads, tell)


@contextmanager
def _cores(threads: int | None) -> Iterator[None]:
    """Let the backend see so many cores while it starts; its threads may then run on any.

    JAX sizes its pools by the cores that it sees, and has no setting for it.
    """
    tasks = Path("/proc/self/task")
    if threads is None or not tasks.exists():
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(cores)[:threads])
    try:
        yield
    finally:
        for task in tasks.iterdir():
            with suppress(ProcessLookupError):
                os.sched_setaffinity(int(task.name), cores)


def perform(group: Group, desk: Desk) -> list[Record]:
    """Train the runs of a group together in this process and return their records."""
    began = time.perf_counter()
    trial = group[0].trial
    backend = trial.backend if isinstance(trial, FactsTrial) else backends.name()
    libraries = set(LIBRARIES[backend])
    if isinstance(trial, TimingTrial):
        outcomes = _timed(group[0], trial, desk)
    elif isinstance(trial, ToyTrial):
        outcomes = [{"history": least_squares.solve(trial, group[0].seed)}]
    elif isinstance(trial, FactsTrial):
        facts = ask.found(trial, group[0].seed, desk.threads)
        outcomes = [{"history": {name: (value,) for name, value in facts.items()}}]
    elif isinstance(trial, BenchTrial):
        outcomes, other = _measured(group[0], trial, desk)
        libraries |= set(LIBRARIES[other] if other else ())
    else:
        outcomes = _trained(group, desk)
    seconds = (time.perf_counter() - began) / len(group)
    made = [
        _provenance(identity, desk, seconds, len(group), backend, libraries) for identity in group
    ]
    return [
        Record.model_validate(
            {"id": identity.run_id, "identity": identity, "provenance": how, **outcome}
        )
        for identity, how, outcome in zip(group, made, outcomes, strict=True)
    ]


def _timed(identity: Identity, trial: TimingTrial, desk: Desk) -> list[dict[str, Any]]:
    from bnreport.training import timing

    seconds = timing.time_epochs(
        trial, identity.seed, desk.data, lambda _: desk.tell(identity.run_id)
    )
    return [{"history": seconds}]


def _measured(
    identity: Identity, trial: BenchTrial, desk: Desk
) -> tuple[list[dict[str, Any]], str | None]:
    """What the benchmark finds, and the second backend that it used, if any."""
    from bnreport.benchmark import parts

    part = parts.Bench(
        trial, identity.seed, identity.profile, desk.folder, lambda _: desk.tell(identity.run_id)
    )
    return [{"history": parts.measure(part)}], part.other


def _trained(group: Group, desk: Desk) -> list[dict[str, Any]]:
    """What the engine finds; a group that is too large for the memory is trained in parts."""
    from bnreport.training import engine, placement

    desk.pool = desk.pool or placement.place(desk.data)
    runs: list[Any] = [(identity.trial, identity.seed) for identity in group]
    size = engine.capacity(runs[0][0], desk.pool) or len(runs)
    outcomes: list[Any] = []
    for first in range(0, len(runs), size):
        part = group[first : first + size]
        outcomes += engine.train(
            runs[first : first + size],
            desk.pool,
            lambda run, _, part=part: desk.tell(part[run].run_id),  # type: ignore[misc]
        )
    return [_fields(outcome) for outcome in outcomes]


def _fields(outcome: Any) -> dict[str, Any]:
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


def _provenance(
    identity: Identity,
    desk: Desk,
    seconds: float,
    lanes: int,
    backend: str,
    libraries: Collection[str],
) -> Provenance:
    return Provenance(
        code=run_digest(desk.origin.code, identity.trial),
        claims=desk.origin.claims[identity.study],
        commit=desk.origin.commit,
        dirty=desk.origin.dirty,
        versions=machine.versions(sorted(libraries)),
        backend=backend,
        device=backends.accelerator() or machine.processor(),
        threads=desk.threads or os.cpu_count() or 1,
        precision="float32",
        seconds=round(seconds, 2),
        lanes=lanes,
    )
