"""Train runs in worker processes, one run a core, and hand back their records as they finish."""

import multiprocessing
import os
import queue
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from bnreport.errors import TrainingError
from bnreport.progress import Progress
from bnreport.records import Record
from bnreport.trials import Identity, Profile
from bnreport.worker import Origin, Post, begin, perform


def worker_count() -> int:
    """One worker per usable core; one in all where there is a GPU, which runs would fight over."""
    if Path("/proc/driver/nvidia/version").exists():
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def train_all(
    identities: Sequence[Identity],
    profile: Profile,
    folder: Path | None,
    origin: Origin,
    progress: Progress,
) -> Iterator[Record]:
    """The records of the runs, in the order in which they finish.

    Runs that measure time come last, alone, with all cores: nothing may run beside them.

    Raises:
        TrainingError: at the end, naming the runs that failed and why; the others were yielded.
    """
    events = multiprocessing.get_context("spawn").Queue()
    failures: list[str] = []
    groups = (
        ([i for i in identities if i.trial.kind == "train"], worker_count(), 1),
        ([i for i in identities if i.trial.kind != "train"], 1, None),
    )
    for group, workers, threads in groups:
        if group:
            post = Post(profile, folder, origin, threads, events)
            yield from _train(group, min(workers, len(group)), post, progress, failures)
    if failures:
        raise TrainingError(
            "Expected every run to end with a record. Received: "
            + "; ".join(failures)
            + ". Finished runs are recorded. Do run the command again to train what is missing."
        )


def _train(
    group: Sequence[Identity], workers: int, post: Post, progress: Progress, failures: list[str]
) -> Iterator[Record]:
    waiting = list(reversed(group))
    running: dict[Future[Record], Identity] = {}
    seen: dict[str, int] = {}
    lost: list[str] = []
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=begin, initargs=(post,)
    )
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                identity = waiting.pop()
                running[_hand_out(pool, identity)] = identity
                seen[identity.run_id] = 0
                progress.start(identity.run_id, f"{identity.trial.name} seed {identity.seed}")
            done, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
            _count_epochs(post.events, seen, progress)
            for future in done:
                identity = running.pop(future)
                missed = identity.trial.length - seen.pop(identity.run_id)
                progress.advance(missed)
                progress.finish(identity.run_id)
                name = f"{identity.trial.name} seed {identity.seed}"
                error = future.exception()
                if error is None:
                    yield future.result()
                elif isinstance(error, BrokenProcessPool):
                    # A broken pool trains nothing more, but a run that ended in time counts.
                    waiting.clear()
                    lost.append(name)
                else:
                    failures.append(f"{name} failed with {type(error).__name__}: {error}")
    finally:
        _stop(pool)
    if lost:
        failures.append(f"a worker process died while training {', '.join(lost)}")


def _hand_out(pool: ProcessPoolExecutor, identity: Identity) -> Future[Record]:
    try:
        return pool.submit(perform, identity)
    except BrokenProcessPool as error:
        # The worker died between two runs.
        failed: Future[Record] = Future()
        failed.set_exception(error)
        return failed


def _count_epochs(events: Any, seen: dict[str, int], progress: Progress) -> None:
    while True:
        try:
            run, _ = events.get_nowait()
        except queue.Empty:
            return
        # What arrives after its run has ended was counted when it ended.
        if run in seen:
            seen[run] += 1
            progress.advance(1)


def _stop(pool: ProcessPoolExecutor) -> None:
    # An interrupted call must not wait for runs that nobody will record.
    processes = list((pool._processes or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(timeout=5)
