"""Train on this machine: one process per core, each of which trains one group at a time."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, TypeVar

from bnreport.protocol.datasets import Profile
from bnreport.running.desk import Desk, Group, Origin, set_up
from bnreport.running.worker import perform
from bnreport.training.images import Dataset, load

T = TypeVar("T")
CONTEXT = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class WorkerConfig:
    """The settings that a worker needs before its first run."""

    profile: Profile
    folder: Path | None
    origin: Origin
    threads: int | None


@dataclass(frozen=True)
class GivenConfig(WorkerConfig):
    """The same, with examples in place of the profile's images."""

    given: Dataset


class LocalExecutor:
    """Processes of this machine.

    Each is an executor of its own, so that one that dies takes only its own group with it, and is
    replaced.
    """

    def __init__(self, post: WorkerConfig, places: int) -> None:
        self._post = post
        self._seats = [_Slot(post) for _ in range(places)]

    def places(self) -> int:
        """The number of groups it trains at once."""
        return len(self._seats)

    def submit(self, group: Group) -> Future[list[str]]:
        """The records of a group to come, as lines of JSON."""
        number = next(i for i, seat in enumerate(self._seats) if seat.idle)
        try:
            return self._seats[number].submit(group)
        except BrokenProcessPool:
            self._seats[number].close()
            self._seats[number] = _Slot(self._post)
            return self._seats[number].submit(group)

    def epochs(self) -> Iterator[str]:
        """The run of every epoch that was finished since the last call."""
        for seat in self._seats:
            while not seat.events.empty():
                yield seat.events.get()

    def close(self) -> None:
        """End the processes; an interrupted call does not wait for runs that nobody records."""
        for seat in self._seats:
            seat.close()


class GivenExecutor(LocalExecutor):
    """One process of this machine, which trains on examples that it is given."""

    def __init__(self, post: GivenConfig) -> None:
        self._post = post
        self._seats: list[_Slot] = [_GivenSlot(post)]

    def submit(self, group: Group) -> Future[list[str]]:
        """The records of a group to come, as lines of JSON."""
        try:
            return self._seats[0].submit(group)
        except BrokenProcessPool:
            self.close()
            self._seats = [_GivenSlot(self._post)]
            return self._seats[0].submit(group)


class _Slot:
    def __init__(self, post: WorkerConfig) -> None:
        self.events = CONTEXT.SimpleQueue()
        self._executor = ProcessPoolExecutor(
            1, CONTEXT, initializer=_begin, initargs=(post, self.events)
        )
        self._future: Future[list[str]] | None = None

    @property
    def idle(self) -> bool:
        return self._future is None or self._future.done()

    def submit(self, group: Group) -> Future[list[str]]:
        self._future = _deaf(lambda: self._executor.submit(_perform, group))
        return self._future

    def close(self) -> None:
        processes = list((self._executor._processes or {}).values())
        self._executor.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()
            process.join()


class _GivenSlot(_Slot):
    def submit(self, group: Group) -> Future[list[str]]:
        self._future = _deaf(lambda: self._executor.submit(_perform_given, group))
        return self._future


def _deaf(start: Callable[[], T]) -> T:
    """Start a process that Ctrl-C does not reach: it is for the calling process to end it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_posts: list[tuple[WorkerConfig, Any]] = []
_desks: list[Desk] = []


def _begin(post: WorkerConfig, events: Any) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _posts[:] = [(post, events)]


def _end_with_parent() -> None:
    # Nobody tells a worker that its parent was killed: it would wait for work for ever.
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


def _perform(group: Group) -> list[str]:
    ((post, events),) = _posts
    if not _desks:
        desk = set_up(
            lambda: load(post.profile, post.folder), post.origin, post.threads, events.put
        )
        desk.folder = post.folder
        _desks.append(desk)
    return [record.line() for record in perform(group, _desks[0])]


def _perform_given(group: Group) -> list[str]:
    ((post, events),) = _posts
    assert isinstance(post, GivenConfig)
    if not _desks:
        _desks.append(set_up(lambda: post.given, post.origin, post.threads, events.put))
    return _perform(group)
