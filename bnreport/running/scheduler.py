"""Hand groups of runs out to a crew of workers, and collect their records as they finish."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Future
from queue import Empty, SimpleQueue
from typing import Protocol

from bnreport.errors import TrainingError
from bnreport.protocol.trials import AnyTrial, Identity, Training, program
from bnreport.records.record import Record
from bnreport.running.desk import Group, UnfitError
from bnreport.running.progress import Progress

# What says that a group is gone because its worker is.
LOST = (BrokenExecutor, CancelledError)
# After so many seconds without a finished group the epochs are told of, and places asked for.
PAUSE = 0.5


class Executor(Protocol):
    """Worker processes, here or elsewhere, that train one group each at a time."""

    def places(self) -> int:
        """The number of groups it takes at once, at least one; asked again and again.

        Raises:
            TrainingError: when there is no worker left, and none to come.
        """

    def submit(self, group: Group) -> Future[list[str]]:
        """The records of a group to come, as lines of JSON.

        One of LOST as its exception says that the worker died, and that another may try.
        """

    def epochs(self) -> Iterable[str]:
        """The run of every epoch that was finished since the last call."""

    def close(self) -> None:
        """End what still runs."""


def grouped(identities: Iterable[Identity], lanes: int) -> list[Group]:
    """The runs in groups of at most `lanes` that share a program; what trains no net is alone.

    Groups come in the order of their first runs, those of one program together, so that a process
    seldom compiles more than one.
    """
    together: dict[str, list[Identity]] = {}
    for identity in identities:
        together.setdefault(_program(identity.trial, lanes), []).append(identity)
    return [
        group
        for runs in together.values()
        for group in _parts(runs, lanes if runs[0].trial.traits.trains_together else 1)
    ]


def _program(trial: AnyTrial, lanes: int) -> str:
    if isinstance(trial, Training) and lanes == 1:
        # Runs that only come one after another may differ in their number of epochs and the like.
        return f"{trial.net} {trial.batch_size}"
    return program(trial)


def _parts(runs: Sequence[Identity], size: int) -> list[Group]:
    return [tuple(runs[start : start + size]) for start in range(0, len(runs), size)]


def train_all(
    groups: Iterable[Group], crew: Executor, progress: Progress, failures: dict[str, list[str]]
) -> Iterator[Record]:
    """The records of the runs, in the order in which they finish.

    A run whose worker dies is handed out once more, last. A group of several that fails is handed
    out again in halves, so that in the end only a run that fails by itself fails.

    Args:
        groups: the runs.
        crew: who trains them.
        progress: what shows how far they are.
        failures: gains the names of the runs that failed, by their reason.

    Raises:
        UnfitError: when a worker cannot train at all.
        TrainingError: when the crew is lost.
    """
    waiting = deque(groups)
    running: dict[Future[list[str]], Group] = {}
    # Each group comes here by itself: looking at all that run would cost more with every run.
    finished: SimpleQueue[Future[list[str]]] = SimpleQueue()
    tried: set[str] = set()
    while waiting or running:
        for _ in range(min(len(waiting), crew.places() - len(running))):
            group = waiting.popleft()
            for identity in group:
                progress.start(identity.run_id, label(identity), identity.trial.length)
            future = crew.submit(group)
            running[future] = group
            future.add_done_callback(finished.put)
        done = _taken(finished)
        for run in crew.epochs():
            progress.epoch(run)
        for future in done:
            group = running.pop(future)
            error = _error(future)
            again = _again(group, error, tried)
            waiting.extend(again)
            for identity in group:
                (progress.repeat if again else progress.finish)(identity.run_id)
            if error is None:
                yield from map(Record.model_validate_json, future.result())
            elif not again:
                failures.setdefault(_reason(error), []).append(label(group[0]))


def _taken(finished: SimpleQueue[Future[list[str]]]) -> list[Future[list[str]]]:
    """Take what has finished by now, after a wait for the first."""
    try:
        first = finished.get(timeout=PAUSE)
    except Empty:
        return []
    return [first, *(finished.get() for _ in range(finished.qsize()))]


def label(identity: Identity) -> str:
    """A run's name in messages."""
    return f"{identity.trial.name} seed {identity.seed}"


def _error(future: Future[list[str]]) -> BaseException | None:
    """The reason why a group failed, if it did; an error that will meet every group is raised."""
    error = CancelledError() if future.cancelled() else future.exception()
    if isinstance(error, UnfitError):
        raise error
    if isinstance(error, ImportError):
        raise UnfitError(
            f"Expected this project and its libraries where runs train. Received: {error}. "
            "Install them: `scripts/setup train`, and on a cluster the same commit."
        ) from error
    return error


def _again(group: Group, error: BaseException | None, tried: set[str]) -> list[Group]:
    """The work that is handed out once more; notes in `tried` that it is."""
    if error is None:
        return []
    if len(group) > 1:
        return _parts(group, (len(group) + 1) // 2)
    run = group[0].run_id
    if isinstance(error, LOST) and run not in tried:
        tried.add(run)
        return [group]
    return []


def _reason(error: BaseException) -> str:
    if isinstance(error, LOST):
        return "a worker process died while training it, twice (killed, or out of memory?)"
    if isinstance(error, MemoryError):
        return "no memory left on its worker; free some, or use a larger machine"
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def check(failures: Mapping[str, Sequence[str]]) -> None:
    """Name the runs that failed, with their reasons.

    Raises:
        TrainingError: when there are any.
    """
    if failures:
        reasons = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in failures.items())
        raise TrainingError(
            f"Expected every run to end with a record. Received: {reasons}. Finished runs are "
            "recorded. Run the command again to train what is missing."
        )
