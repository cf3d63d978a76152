"""Processes that stand ready for the benchmark: one works, all others wait."""

import multiprocessing
import os
import threading
import time
import traceback
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from functools import cached_property
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bnreport.benchmark.tasks import Place, Task
from bnreport.training import backends
from bnreport.training.images import load


@dataclass
class Crew:
    """Processes that are set up alike and work at the same time.

    `began` is the clock when the first was started.
    """

    place: Place
    size: int = 1
    began: float = 0.0
    _members: list[tuple[Any, Connection]] = field(default_factory=list)

    def __enter__(self) -> Self:
        spawn = multiprocessing.get_context("spawn")
        self.began = time.perf_counter()
        for number in range(self.size):
            ours, theirs = spawn.Pipe()
            member = spawn.Process(target=serve, args=(theirs, self.place, number), daemon=True)
            member.start()
            # The end of this process must be the last one, so that losing it ends the member.
            theirs.close()
            self._members.append((member, ours))
        return self

    @cached_property
    def phases(self) -> tuple[float, float]:
        """The moments at which the first had imported its libraries and had its images placed.

        Waits until every process is ready; several crews can so get ready side by side.
        """
        ready = [(_answer(end), _answer(end)) for _, end in self._members]
        return ready[0]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for _, end in self._members:
            end.close()
        for member, _ in self._members:
            member.terminate()
            member.join(timeout=5)
        self._members.clear()

    def perform(self, task: Task, members: int | None = None) -> tuple[float, list[float]]:
        """Let so many members, by default all, do a task at once.

        Returns:
            The time from the start to the end of the last, and the first one's clock after each
            of its epochs, counted from the start. All in seconds.
        """
        assert self.phases
        busy = [end for _, end in self._members][:members]
        began = time.perf_counter()
        for end in busy:
            end.send(task)
        stamps = [_answer(end) for end in busy]
        ended = time.perf_counter()
        return ended - began, [stamp - began for stamp in stamps[0]]


def _answer(end: Connection) -> Any:
    try:
        done, answer = end.recv()
    except EOFError as error:
        raise RuntimeError("a process of the benchmark died") from error
    if not done:
        raise RuntimeError(f"a process of the benchmark failed: {answer}")
    return answer


def serve(end: Connection, place: Place, number: int) -> None:
    """Get a process of a crew ready, then perform tasks until nobody asks.

    Clocks of processes on one machine agree, so their readings can be compared.
    """
    try:
        threading.Thread(target=_end_with_parent, daemon=True).start()
        os.environ["KERAS_BACKEND"] = place.backend
        if place.threads == 1:
            _keep_to_one_core(number)
        backends.prepare(place.threads)
        from bnreport.benchmark.implementations import Implementations

        end.send((True, time.perf_counter()))
        bench = Implementations(load(place.profile, place.folder))
        if place.on_device:
            bench.place()
        end.send((True, time.perf_counter()))
        # The notebook's `fit` prints a line an epoch, which nobody reads here.
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
            while True:
                end.send((True, bench.perform(end.recv())))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:  # noqa: BLE001 - the caller hears of it whatever it is
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}, line {last.lineno}"
        end.send((False, f"{type(error).__name__}: {error} ({where})"))


def _end_with_parent() -> None:
    # A parent that is killed cannot end its children.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _keep_to_one_core(number: int) -> None:
    # The backends make as many threads as there are cores to run on, whatever they are told.
    if hasattr(os, "sched_setaffinity"):
        usable = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {usable[number % len(usable)]})
