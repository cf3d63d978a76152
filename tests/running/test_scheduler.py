"""Runs are grouped, handed out, and handed out again, so that only what fails by itself fails."""

import io
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Future
from dataclasses import dataclass, field

import pytest
from rich.console import Console

from bnreport.errors import TrainingError
from bnreport.protocol.trials import Identity
from bnreport.records.record import Record
from bnreport.running.desk import Group, UnfitError
from bnreport.running.progress import Progress
from bnreport.running.scheduler import check, grouped, label, train_all

Make = Callable[..., Record]


@dataclass
class Script:
    """A crew that trains nothing: what becomes of a group is said beforehand, by its seeds."""

    make: Make
    wrong: dict[tuple[int, ...], list[BaseException]]
    places_: int = 1
    got: list[tuple[int, ...]] = field(default_factory=list)

    def places(self) -> int:
        """As many as were said."""
        return self.places_

    def submit(self, group: Group) -> Future[list[str]]:
        """What was said beforehand, at once."""
        seeds = tuple(identity.seed for identity in group)
        self.got.append(seeds)
        future: Future[list[str]] = Future()
        if errors := self.wrong.get(seeds):
            future.set_exception(errors.pop(0))
        else:
            future.set_result([self.make(seed).line() for seed in seeds])
        return future

    def epochs(self) -> list[str]:
        """None."""
        return []

    def close(self) -> None:
        """There is nothing to close."""


@pytest.fixture
def runs(make_record: Make) -> list[Identity]:
    return [make_record(seed).identity for seed in range(1, 9)]


def trained(crew: Script, groups: Sequence[Group]) -> tuple[list[int], dict[str, list[str]]]:
    """The seeds that were recorded, and the failures."""
    failures: dict[str, list[str]] = {}
    number = sum(map(len, groups))
    with Progress(Console(file=io.StringIO()), number, 2 * number) as progress:
        found = [r.identity.seed for r in train_all(groups, crew, progress, failures)]
    return found, failures


def single(runs: Sequence[Identity]) -> list[Group]:
    return [(run,) for run in runs]


def with_net(run: Identity, net: str) -> Identity:
    return run.model_copy(update={"trial": run.trial.model_copy(update={"net": net})})


def test_groups_share_a_program_and_keep_the_order(runs: list[Identity]) -> None:
    mixed = [with_net(run, "ab"[i % 2]) for i, run in enumerate(runs)]
    found = [tuple(run.seed for run in group) for group in grouped(mixed, 3)]
    assert found == [(1, 3, 5), (7,), (2, 4, 6), (8,)]
    assert [group[0].seed for group in grouped(mixed, 1)] == [1, 3, 5, 7, 2, 4, 6, 8]
    assert all(len(group) == 1 for group in grouped(mixed, 1))


def test_a_run_that_raises_is_named_and_the_others_are_recorded(
    make_record: Make, runs: list[Identity]
) -> None:
    crew = Script(make_record, {(2,): [KeyError("nope")], (3,): [KeyError("nope")]})
    found, failures = trained(crew, single(runs[:4]))
    assert found == [1, 4]
    assert failures == {"KeyError: 'nope'": [label(runs[1]), label(runs[2])]}
    with pytest.raises(TrainingError, match=r"slow seed 2, slow seed 3: KeyError: 'nope'\."):
        check(failures)
    check({})


def test_a_worker_without_memory_says_so(make_record: Make, runs: list[Identity]) -> None:
    crew = Script(make_record, {(2,): [MemoryError()]})
    found, failures = trained(crew, single(runs[:3]))
    assert found == [1, 3]
    with pytest.raises(TrainingError, match="slow seed 2: no memory left on its worker; free some"):
        check(failures)


@pytest.mark.parametrize("lost", [BrokenExecutor(), CancelledError()])
def test_a_run_whose_worker_dies_is_handed_out_once_more_and_last(
    make_record: Make, runs: list[Identity], lost: BaseException
) -> None:
    crew = Script(make_record, {(1,): [lost]})
    assert trained(crew, single(runs[:3])) == ([2, 3, 1], {})
    crew = Script(make_record, {(1,): [lost, lost, lost]})
    found, failures = trained(crew, single(runs[:3]))
    assert found == [2, 3]
    assert crew.got == [(1,), (2,), (3,), (1,)]
    ((reason, names),) = failures.items()
    assert names == [label(runs[0])]
    assert "a worker process died while training it, twice" in reason


@pytest.mark.parametrize("error", [MemoryError("too much"), BrokenExecutor()])
def test_of_a_group_only_the_run_that_fails_by_itself_fails(
    make_record: Make, runs: list[Identity], error: BaseException
) -> None:
    bad = 3
    groups = [tuple(runs)]
    seeds = [tuple(range(1, 9)), (1, 2, 3, 4), (3, 4), (3,)]
    crew = Script(make_record, {group: [error, error] for group in seeds})
    found, failures = trained(crew, groups)
    assert sorted(found) == [1, 2, 4, 5, 6, 7, 8]
    assert list(failures.values()) == [[label(runs[bad - 1])]]


@pytest.mark.parametrize("error", [UnfitError("no data"), ModuleNotFoundError("no keras")])
def test_a_worker_that_can_train_nothing_ends_the_call_with_its_reason(
    make_record: Make, runs: list[Identity], error: Exception
) -> None:
    crew = Script(make_record, {(2,): [error]})
    with pytest.raises(UnfitError, match=r"no data|no keras"):
        trained(crew, single(runs))
    assert crew.got == [(1,), (2,)]
