"""The benchmark on small images, in real processes: every part, once."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from bnreport.benchmark.parts import Bench, measure, rounds
from bnreport.benchmark.processes import Crew
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
def test_a_task_that_fails_says_why(crew: Crew) -> None:
    with Crew(crew.place) as other, pytest.raises(RuntimeError, match=r"KeyError|ValueError"):
        other.perform(Task("engine", "no net", 1, 1, 0.01, 32))


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
    ("part", "more"),
    [
        (bench("lanes", apart=False, sizes=(2,)), {"jax-lanes-2_baseline"}),
        (bench("start-up", apart=False), set()),
    ],
    ids=["lanes", "start-up"],
)
def test_a_part_measures_what_its_record_must_hold(
    part: Bench, more: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The loops are measured whenever the quick profile is built. Several processes work at once
    # where lanes are measured.
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    for name, value in environment(PLAIN).items():
        monkeypatch.setenv(name, value)
    found = measure(part)
    assert set(found) == part.trial.metrics | more
    assert all(len(values) == part.trial.length for values in found.values())
    assert all(value >= 0 for values in found.values() for value in values)
