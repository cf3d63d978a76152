"""Perform the runs of each kind of trial."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bnreport.protocol.measurements import BenchTrial, FactsTrial, TimingTrial, ToyTrial
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.trials import Trial
from bnreport.records.record import ScoreRecord, packed
from bnreport.running.desk import Desk, Group
from bnreport.training import backends, least_squares
from bnreport.training.facts import ask


@dataclass(frozen=True)
class Performance:
    """The result of the runs of a group.

    Attributes:
        outcomes: the fields of each run's record, in the order of the group.
        backends: what the runs used, the one that they are recorded under first.
    """

    outcomes: list[dict[str, Any]]
    backends: tuple[str, ...]


def _train(_: Trial, group: Group, desk: Desk) -> Performance:
    """Train by the engine; a group that is too large for the memory is trained in parts."""
    from bnreport.training import engine, placement

    desk.pool = desk.pool or placement.place(desk.data)
    runs: list[Any] = [(identity.trial, identity.seed) for identity in group]
    size = engine.capacity(runs[0][0], desk.pool) or len(runs)
    outcomes: list[Any] = []
    for first in range(0, len(runs), size):
        part = group[first : first + size]
        outcomes += engine.train(
            runs[first : first + size],
            desk.pool,
            lambda run, _, part=part: desk.tell(part[run].run_id),  # type: ignore[misc]
        )
    return Performance([_fields(outcome) for outcome in outcomes], (backends.name(),))


def _follow(recipe: Recipe, group: Group, desk: Desk) -> Performance:
    from bnreport.training.recipes import run

    (identity,) = group
    outcome = run.follow_on(
        identity.profile,
        recipe,
        identity.seed,
        desk.data,
        desk.pools,
        lambda _: desk.tell(identity.run_id),
    )
    return Performance([_fields(outcome)], (backends.name(),))


def _fields(outcome: Any) -> dict[str, Any]:
    return {
        "history": outcome.history,
        "early_loss": outcome.early_loss,
        "diverged": outcome.diverged,
        "checks": outcome.checks,
        "scores": tuple(
            ScoreRecord(
                epoch=score.epoch,
                val_images=len(score.val_correct),
                test_images=len(score.test_correct),
                val_correct=packed(score.val_correct),
                test_correct=packed(score.test_correct),
            )
            for score in outcome.scores
        ),
    }


def _time(trial: TimingTrial, group: Group, desk: Desk) -> Performance:
    from bnreport.training import timing

    (run,) = group
    seconds = timing.time_epochs(trial, run.seed, desk.data, lambda _: desk.tell(run.run_id))
    return Performance([{"history": seconds}], (backends.name(),))


def _descend(trial: ToyTrial, group: Group, _: Desk) -> Performance:
    (run,) = group
    return Performance([{"history": least_squares.solve(trial, run.seed)}], (backends.name(),))


def _benchmark(trial: BenchTrial, group: Group, desk: Desk) -> Performance:
    """Measure, on a second backend, too, where one is installed."""
    from bnreport.benchmark import parts

    (run,) = group
    part = parts.Bench(trial, run.seed, run.profile, desk.folder, lambda _: desk.tell(run.run_id))
    history = parts.measure(part)
    used = (backends.name(), part.other) if part.other else (backends.name(),)
    return Performance([{"history": history}], used)


def _ask(trial: FactsTrial, group: Group, desk: Desk) -> Performance:
    """Ask a process of its own, on the backend of the trial."""
    (run,) = group
    facts = ask.found(trial, run.seed, desk.threads)
    history = {name: (value,) for name, value in facts.items()}
    return Performance([{"history": history}], (trial.backend,))


# By the name of the kind. Where a kind has no entry in `records.code.executed.ENTRIES`, what is
# named here is also where the code that its runs execute begins.
PERFORMERS: Mapping[str, Callable[[Any, Group, Desk], Performance]] = {
    "train": _train,
    "recipe": _follow,
    "timing": _time,
    "toy": _descend,
    "bench": _benchmark,
    "facts": _ask,
}
