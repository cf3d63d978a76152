"""Measure what a run costs the one process that hands out and writes, and simulate many workers.

Nothing is trained: the runs are made up, and their workers say at once that they have finished. All
else is what `bnreport run --cluster` does: groups, progress, records parsed, checked and on disk.
"""

import io
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import fmean

from rich.console import Console

from bnreport import machine
from bnreport.commands.site_benchmark import many
from bnreport.errors import BnreportError
from bnreport.pages.scheduler_times import FILE, SchedulerTimes
from bnreport.randomness import generator
from bnreport.records import checkout, checksums, provenance
from bnreport.records.code import executed
from bnreport.records.layout import Layout
from bnreport.records.record import Record
from bnreport.records.store import read
from bnreport.records.writing import Writer
from bnreport.running import orchestrate, scheduler
from bnreport.running.desk import Group
from bnreport.running.progress import Progress
from bnreport.running.simulation import simulate
from bnreport.studies import all_editions

RUNS, WORKERS = 100_000, 1_000
# Its records are the smallest; each of the made-up runs has a seed of its own.
STUDY = "toy"
# The share of all records that is looked at in the beginning, and in the end.
PART = 10
SEED = 0


@dataclass
class SilentCrew:
    """A crew of so many workers that takes all runs at once; a round ends a run of each."""

    lines: dict[str, str]
    workers: int
    taken: list[tuple[Future[list[str]], Group]] = field(default_factory=list)
    ended: int = 0

    def places(self) -> int:
        """No limit, as on a cluster."""
        return sys.maxsize

    def submit(self, group: Group) -> Future[list[str]]:
        """The records of a group, in a later round."""
        future: Future[list[str]] = Future()
        self.taken.append((future, group))
        return future

    def epochs(self) -> Iterator[str]:
        """A round: each worker ends a run, and tells of its only epoch."""
        until = min(self.ended + self.workers, len(self.taken))
        for future, group in self.taken[self.ended : until]:
            yield from (run.run_id for run in group)
            future.set_result([self.lines.pop(run.run_id) for run in group])
        self.ended = until

    def close(self) -> None:
        """There is nothing to end."""


def measure(
    known: Sequence[Record], lasting: Sequence[float], runs: int, workers: int
) -> SchedulerTimes:
    """Hand out and write so many made-up runs, then simulate as many at the cost that was found.

    Args:
        known: the records that the made-up ones are like.
        lasting: what recorded runs took, in seconds; the simulated ones are drawn from these.
        runs: how many there are.
        workers: how many train at once.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "many.jsonl"
        ends, closed = _written(path, known, runs, workers)
        size = path.stat().st_size
    part = runs // PART
    cost = (ends[-1] - ends[0]) / runs
    rng = generator(SEED, "scheduler")
    drawn = rng.choice(lasting, runs).tolist()
    real = simulate(drawn, workers, cost)
    return SchedulerTimes(
        machine=machine.processor(),
        date=datetime.now(UTC).date().isoformat(),
        commit=checkout.commit(provenance.ROOT)[0],
        runs=runs,
        workers=workers,
        record=cost,
        first=(ends[part] - ends[0]) / part,
        last=(ends[-1] - ends[-1 - part]) / part,
        closing=closed - ends[-1],
        size=size / runs,
        memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        lasting=fmean(drawn),
        whole=real.whole,
        trained=real.trained,
        busy=real.busy,
        queue=real.queue,
        wait=real.wait,
    )


def _written(
    path: Path, known: Sequence[Record], runs: int, workers: int
) -> tuple[list[float], float]:
    """The moments at which the first run was handed out and each record was on disk; the end."""
    groups: list[Group] = []
    lines: dict[str, str] = {}
    for record in islice(many(known), runs):
        groups.append((record.identity,))
        lines[record.id] = record.line()
    crew = SilentCrew(lines, workers)
    failures: dict[str, list[str]] = {}
    silent = Console(file=io.StringIO())
    ends = [time.perf_counter()]
    with Writer(path, lambda _: None) as writer, Progress(silent, runs, runs) as progress:
        trained = scheduler.train_all(groups, crew, progress, failures)
        written = orchestrate.written(trained, {STUDY: writer}, executed.today())
        ends += [time.perf_counter() for _ in written]
    closed = time.perf_counter()
    if len(ends) != runs + 1 or failures:
        raise BnreportError(
            f"Expected {runs} records. Received: {len(ends) - 1}, and {failures}. Fix it."
        )
    return ends, closed


def main() -> None:
    """Measure, and write results/scheduler.json."""
    layout = Layout(provenance.ROOT)
    editions = [
        [*read(layout.committed(name, "full"), lambda _: None).values()] for name in all_editions()
    ]
    lasting = [
        record.provenance.seconds
        for records in editions
        for record in records
        if record.identity.trial.traits.repeats
    ]
    known = [*read(layout.committed(STUDY, "full"), lambda _: None).values()]
    del editions
    times = measure(known, lasting, RUNS, WORKERS)
    text = times.model_dump_json(indent=1) + "\n"
    checksums.write_result(layout.results, FILE, text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
