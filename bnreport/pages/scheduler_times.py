"""Show what a run costs the process that hands out and writes, as it was measured last."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter

from bnreport.presentation.formats import number, span
from bnreport.presentation.tables import Table
from bnreport.protocol.frozen import Frozen
from bnreport.records.documents import read_json

FILE = "scheduler.json"
# A writer that is busy for less of a call seems to have time to spare.
IDLE = 0.9


class SchedulerTimes(Frozen):
    """The cost of made-up runs, and a simulation at that cost; times in seconds.

    Attributes:
        machine: the processor.
        date: the day, as year-month-day.
        commit: the commit that was measured.
        runs: how many runs were handed out and written, and simulated.
        workers: how many workers were simulated.
        record: one run, from the hand-out of the first to the record of the last, by their number.
        first: one record, among the first tenth; last: among the last tenth.
        closing: sorting the file in the end.
        size: bytes of a record.
        memory: bytes that the process held at most.
        lasting: how long a simulated run takes; drawn from recorded runs.
        whole: the simulated call.
        trained: the same until the last run was finished.
        busy: the share of it in which the writer wrote.
        queue: how many finished runs waited for it, at most.
        wait: how long a finished run waited until it was on disk, at most.
    """

    machine: str
    date: str
    commit: str
    runs: int
    workers: int
    record: float
    first: float
    last: float
    closing: float
    size: float
    memory: int
    lasting: float
    whole: float
    trained: float
    busy: float
    queue: int
    wait: float

    @property
    def keeps_up(self) -> bool:
        """Say whether the writer has less to do than time, so that no queue grows."""
        return self.shortest < self.lasting

    @property
    def seems_idle(self) -> bool:
        """Say whether a share of the call hides that the writer has no time to spare."""
        return not self.keeps_up and self.busy < IDLE

    @property
    def shortest(self) -> float:
        """The seconds that runs must take for so many workers not to outrun the writer."""
        return self.workers * self.record

    def words(self) -> Mapping[str, str]:
        """The numbers in the units of prose."""
        return {
            "runs": f"{self.runs:,}",
            "workers": f"{self.workers:,}",
            "record": f"{number(1000 * self.record, 1)} ms",
            "lasting": span(self.lasting),
            "shortest": span(self.shortest),
            "busy": f"{number(100 * self.busy, 0)}%",
            "wait": span(self.wait),
            "later": span(self.whole - self.trained + self.closing),
        }

    def table(self) -> Table:
        """List what was measured and what was simulated."""
        rows = (
            ("one run handed out and recorded", f"{number(1000 * self.record, 2)} ms"),
            ("one of the first tenth", f"{number(1000 * self.first, 2)} ms"),
            ("one of the last tenth", f"{number(1000 * self.last, 2)} ms"),
            ("sorting the file in the end", span(self.closing)),
            ("largest memory of the process", f"{number(self.memory / 1e9, 1)} GB"),
            ("simulated: mean length of a run", span(self.lasting)),
            ("simulated: the whole call", span(self.whole)),
            ("simulated: share of it in which the writer writes", f"{number(100 * self.busy, 1)}%"),
            ("simulated: finished runs that wait, at most", f"{self.queue:,}"),
            ("simulated: longest wait of a finished run", span(self.wait)),
        )
        return Table(
            caption=f"{self.runs:,} runs on {self.workers:,} workers, one writer",
            head=("what", "result"),
            rows=rows,
            note=f"{self.machine}; {self.date}. A record of {number(self.size / 1000, 1)} kB.",
        )


def read_scheduler_times(results: Path) -> SchedulerTimes | None:
    """Read the last measurement; None where there is none.

    Raises:
        RecordError: when the file is damaged.
    """
    remedy = "Restore the file from version control, or run `scripts/bench scheduler`."
    return read_json(results / FILE, TypeAdapter(SchedulerTimes), "the scheduler's times", remedy)
