"""Long work says how much is left: in a bar, or now and then in a line of a log."""

import io

import pytest
from rich.console import Console

from bnreport.presentation.formats import duration
from bnreport.running import progress
from bnreport.running.progress import Progress


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def monotonic(self) -> float:
        """The time that was set."""
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that stands still, so that no line comes because the machine is slow."""
    made = Clock()
    monkeypatch.setattr(progress, "time", made)
    return made


def log() -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    return Console(file=text, width=200, force_terminal=False), text


def test_a_log_gets_a_line_with_what_runs_and_what_is_left(clock: Clock) -> None:
    console, text = log()
    with Progress(console, runs=2, epochs=20) as shown:
        clock.now = 20
        shown.start("r1", "bn seed 7", 10)
        clock.now = 40
        shown.epoch("r1")
        # Too early for a line.
        clock.now = 59
        shown.epoch("r1")
        clock.now = 60
        shown.finish("r1")
    lines = text.getvalue().splitlines()
    assert lines[0].startswith("  0 of 20 epochs; 2 of 2 runs left; running bn seed 7")
    assert lines[1].startswith("  1 of 20 epochs; 2 of 2 runs left; running bn seed 7, about ")
    # An epoch took 40 seconds.
    assert lines[1].endswith(f", about {duration(19 * 40)} left")
    assert lines[2].startswith("  10 of 20 epochs; 1 of 2 runs left")
    assert "bn seed 7" not in lines[2]
    assert len(lines) == 3


def test_a_lost_run_is_counted_from_its_beginning(clock: Clock) -> None:
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
        clock.now = 20
        shown.finish("r1")
    assert text.getvalue().startswith("  2 of 2 epochs; 0 of 1 run left")


def test_of_many_runs_some_are_named(clock: Clock) -> None:
    console, text = log()
    with Progress(console, runs=20, epochs=20) as shown:
        for seed in range(19):
            shown.start(f"r{seed}", f"bn seed {seed}", 1)
        clock.now = 20
        shown.start("r19", "bn seed 19", 1)
    assert "bn seed 7 and 12 more" in text.getvalue()
    assert "bn seed 8" not in text.getvalue()


def test_a_log_stays_silent_between_its_lines(clock: Clock) -> None:
    console, text = log()
    with Progress(console, runs=1, epochs=10) as shown:
        shown.start("r1", "bn seed 7", 10)
        for clock.now in range(10, 20):
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
