"""Show long work: a bar in a terminal, a line now and then in a log."""

import time
from dataclasses import dataclass
from itertools import islice
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from bnreport.presentation.formats import counted, duration

LOG_SECONDS = 20.0
# So many of the runs in flight are named.
NAMED = 8


@dataclass
class _Run:
    name: str
    epochs: int
    done: int = 0


class Progress:
    """Work counted in epochs over a number of runs."""

    def __init__(self, console: Console, runs: int, epochs: int) -> None:
        self._console = console
        self._runs = runs
        self._epochs = epochs
        self._finished_runs = 0
        self._done = 0
        self._began = self._spoke = time.monotonic()
        # On a cluster most of what was handed out still waits there.
        self._running: dict[str, _Run] = {}
        self._begun: dict[str, _Run] = {}
        self._bar = Bar(
            BarColumn(20),
            MofNCompleteColumn(),
            TextColumn("epochs,"),
            TimeRemainingColumn(),
            TextColumn("left; {task.description}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("starting", total=epochs)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def start(self, run: str, name: str, epochs: int) -> None:
        """A run of that many epochs was handed to a worker."""
        self._running[run] = _Run(name, epochs)
        self._show()

    def epoch(self, run: str) -> None:
        """A run finished an epoch; one that is not running, or all of whose are done, has none."""
        running = self._running.get(run)
        if running and running.done < running.epochs:
            running.done += 1
            self._begun[run] = running
            self._done += 1
            self._show()

    def finish(self, run: str) -> None:
        """A run ended, whatever came out."""
        running = self._taken(run)
        self._done += running.epochs - running.done
        self._finished_runs += 1
        self._show()

    def repeat(self, run: str) -> None:
        """A run was lost and begins again."""
        self._done -= self._taken(run).done
        self._show()

    def _taken(self, run: str) -> _Run:
        self._begun.pop(run, None)
        return self._running.pop(run)

    def _show(self) -> None:
        named = self._begun or self._running
        more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
        names = (run.name for run in islice(named.values(), NAMED))
        running = ", ".join(names) + more or "starting"
        left = self._runs - self._finished_runs
        text = f"{left} of {counted(self._runs, 'run')} left; running {running}"
        self._bar.update(self._task, completed=self._done, description=text)
        clock = time.monotonic()
        if not self._console.is_terminal and clock - self._spoke >= LOG_SECONDS:
            self._spoke = clock
            rate = self._done / (clock - self._began)
            estimate = (
                f", about {duration((self._epochs - self._done) / rate)} left" if rate else ""
            )
            self._console.print(
                f"  {self._done} of {counted(self._epochs, 'epoch')}; {text}{estimate}",
                highlight=False,
                soft_wrap=True,
            )
