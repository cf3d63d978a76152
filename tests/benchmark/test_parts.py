"""The benchmark on small images, in real processes: every part, once."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest

from bnreport.benchmark import parts
from bnreport.benchmark.parts import Bench, measure, rounds
from bnreport.benchmark.processes import Crew, serve
from bnreport.benchmark.tasks import Place, Task
from bnreport.machine import cores
from bnreport.protocol.measurements import BenchTrial
from tests.compiled import PLAIN, environment

TASK = Task("train", "baseline", 1, 2, 0.01, 32)


def bench(part: Any, told: list[int] | None = None, **changes: Any) -> Bench:
    """A part on the digits with one net."""
    trial = BenchTrial(name=part, part=part, nets=("baseline",), **{"rounds": 1, **changes})
    return Bench(trial, 1, "quick", None, (told if told is not None else []).append)


def test_rounds_begin_with_another_contender_each_and_do_not_count_the_first() -> None:
    calls: list[str] = []
    told: list[int] = []

    def contender(name: str, seconds: float) -> Any:
        def run() -> float:
            calls.append(name)
            return seconds

        return run

    found = rounds(
        bench("loops", told, rounds=2), {n: contender(n, i) for i, n in enumerate("abc")}
    )
    assert "".join(calls) == "abc" + "bca" + "cab"
    assert found == {"a": [0, 0], "b": [1, 1], "c": [2, 2]}
    assert told == [1, 2]


def test_there_is_a_process_for_each_core_or_one_for_a_gpu() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    """A process on JAX, which starts faster."""
    with Crew(Place("jax", 1, "quick", None)) as found:
        yield found


@pytest.mark.train
def test_a_crew_is_ready_after_its_libraries_and_its_images(crew: Crew) -> None:
    imported, placed = crew.phases
    assert crew.began < imported <= placed


@pytest.mark.train
def test_each_epoch_of_a_task_has_its_time(crew: Crew) -> None:
    for _ in range(2):
        whole, stamps = crew.perform(TASK, 1)
        assert len(stamps) == TASK.epochs
        assert 0 < stamps[0] < stamps[1] <= whole


@pytest.mark.train
@pytest.mark.usefixtures("keras_ready")
def test_a_task_is_made_ready_once_and_goes_on_from_call_to_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from bnreport.benchmark import implementations
    from bnreport.training import engine
    from bnreport.training.images import digits

    made: list[object] = []
    epochs: list[int] = []

    class Course:
        """Notes what it is asked for, and trains nothing."""

        def __init__(self, runs: object, _: object) -> None:
            made.append(runs)

        def epoch(self, number: int) -> None:
            """Note the number."""
            epochs.append(number)

    monkeypatch.setattr(engine, "Course", Course)
    found = implementations.Implementations(digits())
    for _ in range(2):
        assert len(found.perform(TASK)) == TASK.epochs
    assert len(made) == 1
    assert epochs == [1, 2, 3, 4]


@pytest.mark.train
def test_runs_of_one_program_train_together_in_one_process(crew: Crew) -> None:
    _, stamps = crew.perform(Task("engine", "baseline", 1, 1, 0.01, 32, lanes=3), 1)
    assert len(stamps) == 1


@pytest.mark.train
@pytest.mark.usefixtures("keras_ready")
def test_a_task_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    place = Place("tensorflow", None, "quick", None)
    ours, theirs = multiprocessing.Pipe()

    def work() -> None:
        with theirs:
            serve(theirs, place, 0)

    # A member ends as its task fails: this one is a thread, which need not import what is here.
    member = threading.Thread(target=work, daemon=True)
    member.start()
    with ours, pytest.raises(RuntimeError, match=r"KeyError|ValueError"):
        Crew(place, _members=[(member, ours)]).perform(Task("engine", "no net", 1, 1, 0.01, 32))
    member.join()


@pytest.mark.train
def test_a_process_that_dies_ends_the_part_and_no_process_stays() -> None:
    before = set(multiprocessing.active_children())
    with Crew(Place("jax", 1, "quick", None)) as found:
        (member,) = set(multiprocessing.active_children()) - before
        assert member.pid
        os.kill(member.pid, signal.SIGKILL)
        with pytest.raises(RuntimeError, match="died"):
            found.perform(TASK)
    assert set(multiprocessing.active_children()) <= before


@pytest.mark.train
@pytest.mark.parametrize(
    ("part", "more", "crews"),
    [
        (
            bench("lanes", apart=False, sizes=(2,)),
            {"jax-lanes-2_baseline"},
            [(Place("jax", 1, "quick", None), cores()), (Place("jax", None, "quick", None), 1)],
        ),
        (bench("start-up", apart=False), set(), [(Place("jax", 1, "quick", None), 1)]),
    ],
    ids=["lanes", "start-up"],
)
def test_a_part_measures_what_its_record_must_hold(
    part: Bench,
    more: set[str],
    crews: list[tuple[Place, int]],
    crew: Crew,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[Place, int]] = []

    def ready(place: Place, size: int) -> AbstractContextManager[Crew]:
        """A crew of its own where several work at once, or else the one that is ready."""
        asked.append((place, size))
        return Crew(place, size) if size > 1 else nullcontext(crew)

    monkeypatch.setattr(parts, "Crew", ready)
    # The loops are measured whenever the quick profile is built. Several processes work at once
    # where lanes are measured.
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    for name, value in environment(PLAIN).items():
        monkeypatch.setenv(name, value)
    found = measure(part)
    assert asked == crews
    assert set(found) == part.trial.metrics | more
    assert all(len(values) == part.trial.length for values in found.values())
    assert all(value >= 0 for values in found.values() for value in values)
