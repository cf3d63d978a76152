"""A few calls are killed at random moments; no record is lost, and the next call ends well."""

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from bnreport.records.record import Record
from bnreport.records.writing import write
from tests.injection.__main__ import KILLED, counted
from tests.injection.hardships import TRIALS
from tests.injection.kills import (
    PATIENCE,
    TRIES,
    VOID,
    Campaign,
    Kill,
    Toll,
    _again,
    kinds,
    lines,
    partials,
)
from tests.processes import one_core, path_of
from tests.synthetic import ROOT

KILL = Kill("run", "parent", signal.SIGKILL)


@pytest.mark.slow
def test_no_kill_costs_a_record_and_the_next_call_ends_well() -> None:
    # A process of one thread: a call is a fork of it.
    with one_core():
        done = subprocess.run(
            [sys.executable, "-m", "tests.injection", "kills", "--few"],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": path_of(ROOT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=4 * PATIENCE,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^ +6 kills, +\d+ s, 0 faults$", done.stdout, re.MULTILINE), done.stdout
    assert "\n6 of 6 kills counted; " in done.stdout, done.stdout
    for name in TRIALS:
        assert re.search(rf"^{name} +1", done.stdout, re.MULTILINE), done.stdout


def test_every_kind_of_kill_has_its_turn() -> None:
    assert {str(kill) for kill in kinds("run", 9)} == {
        f"run, {name} to {victim}"
        for name in ("SIGKILL", "SIGTERM", "SIGINT")
        for victim in ("parent", "worker", "both")
    }
    assert len({*kinds("build", 12)}) == 6


class Struck(Campaign):
    """Calls that are not begun: what happens to the record file is what the test says."""

    def __init__(self, folder: Path, before: bytes, after: bytes, code: int = 0) -> None:
        super().__init__(folder, np.random.default_rng(0))
        self.records.parent.mkdir(parents=True)
        self.records.write_bytes(before)
        self.after, self.ended_with = after, code

    def told(self, kill: Kill = KILL, said: tuple[str, ...] = ("",)) -> list[str]:
        """What is told of a kill."""
        campaign = self
        words = iter(said)

        class Ended:
            code = campaign.ended_with

            def workers(self) -> list[object]:
                return []

            def strike(self, *_: object) -> bool:
                campaign.records.write_bytes(campaign.after)
                return True

            def end(self, _: object) -> list[str]:
                return []

            def said(self) -> str:
                return next(words, said[-1])

        return [*self._struck(Ended(), kill)]  # type: ignore[arg-type]


@pytest.fixture
def whole(tmp_path: Path, make_record: object) -> bytes:
    """A file of three records."""
    path = tmp_path / "whole.jsonl"
    made: list[Record] = [make_record(seed=seed) for seed in (1, 2, 3)]  # type: ignore[operator]
    write(path, made)
    return path.read_bytes()


def test_a_lost_changed_or_unreadable_record_is_told(tmp_path: Path, whole: bytes) -> None:
    first, *_, last = whole.splitlines(keepends=True)
    changed = last.replace(b'"seed":3', b'"seed":4')
    for number, (after, expected) in enumerate(
        {
            whole: [],
            whole + first[:40]: [],
            whole.removeprefix(first): ["1 records lost or changed"],
            whole.replace(last, changed): ["1 records lost or changed", "a file that cannot be"],
            whole.replace(first, b"?\n"): ["1 records lost or changed", "a file that cannot be"],
        }.items()
    ):
        told = Struck(tmp_path / str(number), whole, after, -9).told()
        assert len(told) == len(expected), told
        assert all(fault.startswith(start) for fault, start in zip(told, expected, strict=True))


def test_a_signal_that_nobody_hears_is_told_and_one_that_came_late_is_none(
    tmp_path: Path, whole: bytes
) -> None:
    kill = Kill("run", "both", signal.SIGTERM)
    assert Struck(tmp_path / "a", whole, whole, 143).told(kill) == []
    assert Struck(tmp_path / "b", whole, whole, 0).told(kill, ("done", "done")) == [VOID]
    (told,) = Struck(tmp_path / "c", whole, whole, 0).told(kill, ("begun", "begun, done"))
    assert told.startswith("nobody heard it")


def test_a_kill_that_found_nobody_is_made_again_until_it_counts() -> None:
    toll, fates = Toll(), iter([([VOID], 0), ([VOID, "a fault"], 0), (["a loss"], -9)])
    _again(toll, KILL, lambda: next(fates))
    assert dict(toll.kills) == {KILL: 1}
    assert dict(toll.codes) == {(KILL, -9): 1}
    assert toll.late.total() == 2
    assert toll.faults == [f"{KILL}: a fault", f"{KILL}: a loss"]
    both = Toll()
    both.add(toll)
    both.add(toll)
    assert dict(both.kills) == {KILL: 2}
    assert both.late.total() == 4
    assert len(both.faults) == 4


def test_a_kill_that_never_finds_anybody_is_a_fault() -> None:
    toll = Toll()
    _again(toll, KILL, lambda: ([VOID], 0))
    assert not toll.kills
    assert toll.faults == [f"{KILL}: it found nobody in {TRIES} calls"]


def test_kills_are_counted_by_call_signal_and_target() -> None:
    other = Kill("build", "both", signal.SIGTERM)
    toll = Toll(Counter({KILL: 3, other: 2}), Counter({(KILL, -9): 3, (other, 143): 2}))
    toll.late["run"] = 7
    *_, by_call, by_signal, by_target, last = counted(toll, 6)
    assert by_call == "Kills by call: build 2, run 3"
    assert by_signal == "Kills by signal: SIGKILL 3, SIGTERM 2"
    assert by_target == "Kills by target: both 2, parent 3"
    assert last.startswith("5 of 6 kills counted; 7 signals came when nobody was left")


def test_the_whole_campaign_makes_two_hundred_kills_of_every_kind() -> None:
    runs, verifications, builds = KILLED[False]
    asked = [*kinds("run", runs), *kinds("verify", verifications), *kinds("build", builds)]
    assert len(asked) >= 200
    assert len({*asked}) == 24


def test_half_lines_and_half_files_are_seen(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"1\n2\n3")
    (tmp_path / "a.jsonl.partial").touch()
    assert lines(tmp_path / "a.jsonl") == {b"1", b"2"}
    assert lines(tmp_path / "b.jsonl") == set()
    assert partials(tmp_path) == ["a.jsonl.partial"]
