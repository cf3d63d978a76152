"""Show long work: a bar in a terminal, a line now and then in a log."""

import time
from dataclasses import dataclass
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
        self._running: dict[str, _Run] = {}
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
            self._done += 1
            self._show()

    def finish(self, run: str) -> None:
        """A run ended, whatever came out."""
        running = self._running.pop(run)
        self._done += running.epochs - running.done
        self._finished_runs += 1
        self._show()

    def repeat(self, run: str) -> None:
        """A run was lost and begins again."""
        self._done -= self._running.pop(run).done
        self._show()

    def _show(self) -> None:
        # On a cluster most of what was handed out still waits there.
        begun = [run for run in self._running.values() if run.done]
        names = [run.name for run in begun or self._running.values()]
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        running = ", ".join(names[:NAMED]) + more or "starting"
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
