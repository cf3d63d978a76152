"""Long work says how much is left: in a bar, or now and then in a line of a log."""

import io

import pytest
from rich.console import Console

from bnreport import progress
from bnreport.progress import Progress


def log() -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    return Console(file=text, width=200, force_terminal=False), text


def test_a_log_gets_a_line_with_what_runs_and_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LOG_SECONDS", 0.0)
    console, text = log()
    with Progress(console, runs=2, epochs=20) as shown:
        shown.start("r1", "bn seed 7", 10)
        shown.epoch("r1")
        shown.finish("r1")
    lines = text.getvalue().splitlines()
    assert lines[0].startswith("  0 of 20 epochs; 2 of 2 runs left; running bn seed 7")
    assert lines[1].startswith("  1 of 20 epochs; 2 of 2 runs left; running bn seed 7, about ")
    assert lines[2].startswith("  10 of 20 epochs; 1 of 2 runs left")
    assert "bn seed 7" not in lines[2]
    assert len(lines) == 3


def test_a_lost_run_is_counted_from_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    console, text = log()
    with Progress(console, runs=1, epochs=2) as shown:
        shown.start("r1", "bn seed 7", 2)
        shown.epoch("r1")
        shown.repeat("r1")
        # Word of an epoch may come late, or twice.
        shown.epoch("r1")
        shown.start("r1", "bn seed 7", 2)
        for _ in range(5):
            shown.epoch("r1")
        monkeypatch.setattr(progress, "LOG_SECONDS", 0.0)
        shown.finish("r1")
    assert text.getvalue().startswith("  2 of 2 epochs; 0 of 1 runs left")


def test_of_many_runs_some_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    console, text = log()
    with Progress(console, runs=20, epochs=20) as shown:
        for seed in range(19):
            shown.start(f"r{seed}", f"bn seed {seed}", 1)
        monkeypatch.setattr(progress, "LOG_SECONDS", 0.0)
        shown.start("r19", "bn seed 19", 1)
    assert "bn seed 7 and 12 more" in text.getvalue()
    assert "bn seed 8" not in text.getvalue()


def test_a_log_stays_silent_between_its_lines() -> None:
    console, text = log()
    with Progress(console, runs=1, epochs=10) as shown:
        shown.start("r1", "bn seed 7", 10)
        for _ in range(10):
            shown.epoch("r1")
    assert text.getvalue() == ""


def test_a_terminal_gets_a_bar() -> None:
    text = io.StringIO()
    console = Console(file=text, width=120, force_terminal=True)
    with Progress(console, runs=3, epochs=30) as shown:
        shown.start("r1", "bn seed 7", 12)
        shown.finish("r1")
        shown.start("r2", "bn seed 8", 12)
    assert "2 of 3 runs left; running bn seed 8" in text.getvalue()
    assert "12/30" in text.getvalue()


def test_the_bar_ends_when_the_work_fails() -> None:
    console = Console(file=io.StringIO(), force_terminal=True)
    with pytest.raises(ValueError, match="broken"), Progress(console, 1, 1):
        raise ValueError("broken")
    # A console shows one bar at a time.
    with Progress(console, 1, 1) as shown:
        shown.start("r1", "bn seed 7", 1)
