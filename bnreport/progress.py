"""Show long work: a bar in a terminal, a line now and then in a log."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from bnreport.formats import duration

LOG_SECONDS = 20.0


class Progress:
    """Work counted in epochs over a number of runs."""

    def __init__(self, console: Console, runs: int, epochs: int) -> None:
        self._console = console
        self._runs = runs
        self._epochs = epochs
        self._finished_runs = 0
        self._done = 0
        self._began = self._spoke = time.monotonic()
        self._running: dict[str, str] = {}
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

    def start(self, run: str, name: str) -> None:
        """A run was handed to a worker."""
        self._running[run] = name
        self._show()

    def advance(self, epochs: int) -> None:
        """That many epochs were trained."""
        self._done += epochs
        self._show()

    def finish(self, run: str) -> None:
        """A run ended, whatever came out."""
        self._running.pop(run, None)
        self._finished_runs += 1
        self._show()

    def _show(self) -> None:
        running = ", ".join(self._running.values()) or "starting"
        left = self._runs - self._finished_runs
        text = f"{left} of {self._runs} runs left; running {running}"
        self._bar.update(self._task, completed=self._done, description=text)
        now = time.monotonic()
        if not self._console.is_terminal and now - self._spoke >= LOG_SECONDS:
            self._spoke = now
            rate = self._done / (now - self._began)
            estimate = (
                f", about {duration((self._epochs - self._done) / rate)} left" if rate else ""
            )
            self._console.print(
                f"  {self._done} of {self._epochs} epochs; {text}{estimate}",
                highlight=False,
                soft_wrap=True,
            )
