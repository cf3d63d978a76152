"""Whatever ends a call, nothing that was recorded is lost, and the next call goes on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
import pytest

from bnreport.records.layout import Layout
from bnreport.records.record import Record
from bnreport.records.store import read
from tests import synthetic
from tests.processes import one_core, path_of

TOY = """
from bnreport.presentation.tables import Analysis
from bnreport.protocol.runs import Runs
from bnreport.analysis.study import Study
from bnreport.protocol.measurements import ToyTrial

TRIAL = ToyTrial(name="toy", dimensions=3, condition=4.0, rates=(0.1,), steps=5)
STUDY = Study(
    name="toy",
    title="A toy",
    page="studies/toy.md",
    chapter="Facts",
    question="What of it?",
    runs=(Runs(TRIAL, (), tuple(range(1, 9))),),
    claims=(),
    analyse=lambda records: Analysis(),
    check=(),
)
"""
RUNS = 8
# At the end of the module that performs runs: once a file has so many lines no run ends any more.
# So a call that is to be cut short does not come to its end before.
HELD = """

from pathlib import Path

_perform, (_file, _lines) = perform, os.environ.get("HELD", os.devnull + " 1").split()


def perform(group, desk):
    while Path(_file).exists() and Path(_file).read_bytes().count(b"\\n") >= int(_lines):
        time.sleep(0.01)
    return _perform(group, desk)
"""
# At the end of the module of the backends: least squares need none, and workers begin at once.
UNUSED = """

def prepare(threads):
    pass


def name():
    return "tensorflow"


def accelerator():
    return None
"""
# A file may then grow by half a record.
FULL_DISK = """
import resource, sys
from bnreport.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
main()
"""


@contextmanager
def interruptible() -> Iterator[None]:
    """What is started here hears Ctrl-C, even when these tests run behind an `&`."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@dataclass(frozen=True)
class End:
    """How a call ended, what it said, what it left on disk, and which workers outlived it."""

    code: int
    said: str
    records: dict[str, Record]
    orphans: list[int]


class Calls:
    """Calls of `bnreport run toy` in one checkout."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.path = layout.committed("toy", "quick")

    def begin(
        self, program: tuple[str, ...] = ("-m", "bnreport"), held: int | None = None
    ) -> subprocess.Popen[str]:
        """Start a call with one worker, in a process group of its own as a shell does.

        With so many records on disk it is held, and goes on for ever.
        """
        hold = {} if held is None else {"HELD": f"{self.path} {held}"}
        with one_core(), interruptible():
            return subprocess.Popen(
                [sys.executable, *program, "run", "toy", "--profile", "quick"],
                cwd=self.layout.root,
                env=os.environ | {"PYTHONPATH": path_of(self.layout.root)} | hold,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )

    def end(
        self,
        call: subprocess.Popen[str],
        cut: Callable[[int], None] | None = None,
        after: int = 0,
    ) -> End:
        """Wait for the end of a call; or until so many records are there, and cut it short."""
        children: list[psutil.Process] = []
        while cut and call.poll() is None:
            if self.lines() >= after:
                children = psutil.Process(call.pid).children(recursive=True)
                cut(call.pid)
                break
            time.sleep(0.02)
        said, _ = call.communicate(timeout=600)
        _, alive = psutil.wait_procs(children, timeout=600)
        return End(call.returncode, said, self.records(), [process.pid for process in alive])

    def lines(self) -> int:
        """How many records are on disk."""
        return self.path.read_bytes().count(b"\n") if self.path.exists() else 0

    def records(self) -> dict[str, Record]:
        """What is on disk, without a torn last line."""
        return read(self.path, lambda _: None)


@dataclass(frozen=True)
class Story:
    """Five calls on one record file, of which only the last is left in peace."""

    second: End
    interrupted: End
    killed: End
    full: End
    last: End


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """What became of them."""
    layout = Layout(synthetic.checkout(tmp_path_factory.mktemp("faults") / "checkout"))
    (layout.root / "bnreport" / "studies" / "toy.py").write_text(TOY, encoding="utf-8")
    for module, added in (("running/worker", HELD), ("training/backends", UNUSED)):
        with (layout.root / f"bnreport/{module}.py").open("a", encoding="utf-8") as file:
            file.write(added)
    calls = Calls(layout)

    first = calls.begin(held=1)
    # It holds the lock where it has written.
    while calls.lines() < 1 and first.poll() is None:
        time.sleep(0.02)
    second = calls.end(calls.begin())
    interrupted = calls.end(first, lambda pid: os.killpg(pid, signal.SIGINT), after=1)
    before = calls.lines()
    killed = calls.end(
        calls.begin(held=before + 1), lambda pid: os.kill(pid, signal.SIGKILL), after=before + 1
    )
    line = max(len(line) for line in calls.path.read_bytes().splitlines())
    limit = calls.path.stat().st_size + line // 2
    full = calls.end(calls.begin(("-c", FULL_DISK, str(limit))))
    return Story(second, interrupted, killed, full, calls.end(calls.begin()))


@pytest.mark.train
def test_a_second_call_on_the_same_records_is_refused(story: Story) -> None:
    assert story.second.code == 1
    assert "another call holds" in story.second.said
    assert "Training" not in story.second.said


@pytest.mark.train
def test_ctrl_c_ends_a_call_with_one_line_and_its_workers_with_it(story: Story) -> None:
    end = story.interrupted
    assert end.code == 130
    assert "Interrupted. Finished runs are recorded" in end.said
    assert "Traceback" not in end.said
    assert end.orphans == []
    assert 1 <= len(end.records) < RUNS


@pytest.mark.train
def test_a_call_that_is_killed_loses_nothing_and_leaves_no_worker(story: Story) -> None:
    end = story.killed
    assert end.code == -signal.SIGKILL
    assert end.orphans == []
    assert story.interrupted.records.items() <= end.records.items()
    assert len(story.interrupted.records) < len(end.records) < RUNS


@pytest.mark.train
def test_a_full_disk_is_named_and_costs_nothing_that_was_recorded(story: Story) -> None:
    end = story.full
    assert end.code == 1
    assert "a full disk (File too large)" in end.said
    assert "finished runs are kept" in end.said
    assert "Traceback" not in end.said
    assert end.records == story.killed.records


@pytest.mark.train
def test_the_last_call_trains_what_is_missing_and_nothing_else(story: Story) -> None:
    end = story.last
    assert end.code == 0
    kept = story.full.records
    assert f"Training {RUNS - len(kept)} runs of toy" in end.said
    assert len(end.records) == RUNS
    assert kept.items() <= end.records.items()
