"""Train on a Dask cluster that already runs: its scheduler hands the groups to its workers."""

import asyncio
import logging
import os
import pickle
import queue
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bnreport.errors import BnreportError, TrainingError
from bnreport.records import provenance
from bnreport.records.code import executed
from bnreport.records.code.executed import Digests
from bnreport.running.desk import Desk, Group, Origin, UnfitError, set_up
from bnreport.running.worker import perform
from bnreport.training import backends
from bnreport.training.images import Dataset

CONNECT_SECONDS = 5.0
# How long to wait for a worker where there is none: a batch system may be slow to start one.
WORKER_SECONDS = 120.0

Say = Callable[[str], None]
Images = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """The part that every run of a call shares; finished epochs are told of under `topic`."""

    topic: str
    backend: str
    origin: Origin


class ClusterExecutor:
    """The workers of a Dask cluster, whichever there are at any time.

    All groups go to the scheduler at once; it deals them out, and hands out again what a worker
    had that died. The images are the result of a task on which all others depend: workers get them
    from each other and keep them from run to run, and Dask makes them again when all are lost. Its
    memory manager may drop a copy that no run waits for; the next run there gets another.
    """

    def __init__(self, address: str, data: Dataset, origin: Origin, say: Say) -> None:
        """Connect to the scheduler at that address.

        Raises:
            TrainingError: when Dask is not installed or no scheduler answers.
        """
        self._address, self._data, self._say = address, data, say
        self._client = _connect(address)
        self._executor = self._client.get_executor(pure=False)
        backend = os.environ.get("KERAS_BACKEND", "tensorflow")
        self._call = Call(f"bnreport-{self._client.id}", backend, origin)
        self._told: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._client.subscribe_topic(self._call.topic, lambda event: self._told.put(event[1]))
        self._images: Any = None
        self._waits_since: float | None = None

    def places(self) -> int:
        """No limit.

        Raises:
            TrainingError: when there is no worker for two minutes, or the scheduler is gone.
        """
        with self._answering():
            workers = self._client.nthreads()
        clock = time.monotonic()
        if workers:
            self._waits_since = None
        elif self._waits_since is None:
            self._waits_since = clock
            self._say(f"Waiting for a worker at {self._address}.")
        elif clock - self._waits_since > WORKER_SECONDS:
            raise TrainingError(
                f"Expected a worker at {self._address} within {WORKER_SECONDS:.0f} seconds. "
                f"Received: none. Start one: dask worker {self._address} --nthreads 1. "
                "Finished runs are recorded."
            )
        return sys.maxsize

    def submit(self, group: Group) -> Future[list[str]]:
        """The records of a group to come, as lines of JSON.

        Raises:
            UnfitError: when a worker has other code.
            TrainingError: when the scheduler is gone.
        """
        with self._answering():
            if self._images is None or self._images.cancelled():
                self._client.run(_check, self._call)
                self._images = self._send(self._data)
            future: Future[list[str]] = self._executor.submit(
                _perform, self._call, self._images, group
            )
        return future

    def _send(self, data: Dataset) -> Any:
        import dask

        # Pixels have 256 values, so a quarter of the bytes is enough.
        content = zlib.compress(pickle.dumps(data), level=1)
        # Dask warns of so much in a task; a task is what it can repeat.
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GiB"}):
            return self._client.submit(_unpack, content, pure=False)

    def epochs(self) -> Iterator[str]:
        """The run of every epoch that was finished since the last call."""
        while not self._told.empty():
            yield self._told.get()

    def close(self) -> None:
        """Take back what has not begun; a run that has ends on its worker, and is dropped."""
        if self._client.status == "running":
            self._executor.shutdown(wait=False)
        self._client.close()

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except BnreportError:
            raise
        except Exception as error:
            if lost := self._lost(error):
                raise TrainingError(
                    f"Expected the Dask scheduler at {self._address} to answer until all runs are "
                    f"trained. Received: {lost}. See whether it still runs and can be reached, or "
                    "start another with `dask scheduler` and workers for it. Then run the command "
                    "again; finished runs are recorded."
                ) from error
            # Dask hands on whatever was raised on a worker or in between.
            raise TrainingError(
                f"Expected the Dask scheduler at {self._address} and its workers to answer, with "
                f"this project installed. Received: {error}. Fix this and run the command "
                "again; finished runs are recorded."
            ) from error

    def _lost(self, error: Exception) -> str:
        """Say what came in place of an answer when the scheduler is gone, and nothing otherwise."""
        from distributed.comm.core import CommClosedError

        # Whatever is asked of a client that gave up fails in some way of its own.
        if self._client.status != "running":
            return f"no answer for {CONNECT_SECONDS:.0f} seconds"
        # What was under way when the scheduler died fails before the client knows.
        return "a connection that was closed" if isinstance(error, CommClosedError) else ""


def _connect(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise TrainingError(
            f"Expected Dask for --cluster. Received: {error}. "
            "Install it: .venv/bin/pip install -e '.[cluster]'."
        ) from error
    # What it logs here, the errors of this module say.
    for name in ("distributed.batched", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        # In a thread of its own: the caller may be inside an event loop, as in a notebook.
        with ThreadPoolExecutor(1) as alone:
            alone.submit(lambda: asyncio.run(_greet(address))).result()
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False, name="bnreport")
    except (OSError, TypeError, ValueError) as error:
        # Dask raises the second where a tls:// address meets no certificate.
        reason = str(error) or f"no answer for {CONNECT_SECONDS:.0f} seconds"
        raise TrainingError(
            f"Expected a Dask scheduler at {address}. Received: {reason}. "
            "Start one with `dask scheduler`, and give the address that it prints."
        ) from error


async def _greet(address: str) -> None:
    # Dask waits for ever for the answer of what listens but is no scheduler.
    from distributed.comm.core import connect
    from distributed.security import Security

    async with asyncio.timeout(CONNECT_SECONDS):
        security = Security().get_connection_args("client")
        comm = await connect(address, timeout=CONNECT_SECONDS, **security)
    await comm.close()


# What follows runs on the workers.

# Two runs at once in one process would share its threads.
_alone = threading.Lock()
_desks: dict[str, Desk] = {}


def _check(call: Call, dask_worker: Any) -> None:
    """Refuse a worker that has other code; Dask fills in `dask_worker`."""
    if _code() != call.origin.code:
        raise UnfitError(
            "Expected every worker to run the training code of this checkout. Received: other code "
            f"from the worker at {dask_worker.address} ({provenance.SOURCES}). Install the same "
            "commit there, and start the worker again."
        )


def _unpack(content: bytes) -> Images:
    # As arrays, whose size Dask knows.
    data: Dataset = pickle.loads(zlib.decompress(content))
    return vars(data)


def _perform(call: Call, images: Images, group: Group) -> list[str]:
    from distributed import get_worker

    worker: Any = get_worker()
    with _alone:
        if call.topic not in _desks:
            _check(call, worker)
            desk = _desk(call, images, worker)
            _desks.clear()
            _desks[call.topic] = desk
        return [record.line() for record in perform(group, _desks[call.topic])]


def _desk(call: Call, images: Images, worker: Any) -> Desk:
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = call.backend
    desk = set_up(
        lambda: Dataset(**images), call.origin, 1, lambda run: worker.log_event(call.topic, run)
    )
    if backends.name() != call.backend:
        raise UnfitError(
            f"Expected the backend {call.backend}, as here, on every worker. Received: "
            f"{backends.name()}, which the worker at {worker.address} has used before. "
            "Start the worker again."
        )
    return desk


@lru_cache(maxsize=1)
def _code() -> Digests:
    # Once: a process goes on with the code that it has loaded, whatever becomes of the files.
    return executed.today()
