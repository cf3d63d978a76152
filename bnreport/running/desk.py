"""Set up a process that trains, wherever it stands, and keep at hand what its runs need."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bnreport.errors import BnreportError, TrainingError
from bnreport.protocol.trials import Identity
from bnreport.records.code.executed import Digests
from bnreport.training import backends
from bnreport.training.images import Dataset

Group = tuple[Identity, ...]


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
    """The state that a process keeps from group to group.

    `tell` is called with the run of each epoch; `folder` is where the images lie on this machine;
    `pool` holds the images of `data` on the device, `pools` those of recipes' data sets, by name.
    """

    data: Dataset
    origin: Origin
    threads: int | None
    tell: Callable[[str], None]
    folder: Path | None = None
    pool: Any = None
    pools: dict[str, Any] = field(default_factory=dict)


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
