"""Micro-batches: what each claim reads, and in what its nets differ."""

from typing import Any

import pytest

from bnreport.protocol.directions import Quantity, check
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.scorings import Scoring
from bnreport.statistics.estimates import Contrast
from bnreport.studies.accumulation import STUDY
from bnreport.studies.accumulation.runs import BATCH, RUNS, SIZES, STEPS, matched
from tests.directed import Directed

MADE = Directed(STUDY)
TRIALS: dict[str, Any] = {runs.trial.name: runs.trial for runs in RUNS}
SEEDS = {runs.trial.name: runs.full for runs in RUNS}
SCORES = [("", "fresh"), ("-deployed", "deployed")]


def accuracy(by: str) -> Quantity:
    """The validation accuracy after the last step, by some statistics."""
    return check(f"end_{by}_val_accuracy", 320)


def difference(claim: str, setting: str, given: dict[tuple[str, Quantity], Any]) -> float:
    """What the first seed says where the runs hold these numbers."""
    estimate = STUDY.estimates[f"accumulation-{claim}"](MADE.given(given))
    contrast = estimate[setting] if isinstance(estimate, dict) else estimate
    assert isinstance(contrast, Contrast)
    return contrast.values[0]


@pytest.mark.parametrize(("end", "by"), SCORES)
@pytest.mark.parametrize("size", SIZES)
def test_one_batch_is_held_against_parts_by_one_score(end: str, by: str, size: int) -> None:
    given = {("bn", accuracy(by)): 0.875, (f"bn-{size}", accuracy(by)): 0.75}
    assert difference(f"{size}{end}", "", given) == pytest.approx(12.5)


@pytest.mark.parametrize(("end", "by"), SCORES)
@pytest.mark.parametrize("size", [32, 8])
def test_ghost_batches_are_held_against_parts_of_their_size(end: str, by: str, size: int) -> None:
    given = {(f"ghost-{size}", accuracy(by)): 0.875, (f"bn-{size}", accuracy(by)): 0.75}
    assert difference(f"ghosts{end}", str(size), given) == pytest.approx(12.5)


@pytest.mark.parametrize(("end", "by"), SCORES)
def test_standardized_inputs_in_parts_are_held_against_bn_in_parts(end: str, by: str) -> None:
    given = {("std-8", accuracy(by)): 0.875, ("bn-8", accuracy(by)): 0.75}
    assert difference(f"std{end}", "", given) == pytest.approx(12.5)


@pytest.mark.parametrize(
    ("setting", "arm"), [("raw", "raw"), ("standardized", "std"), ("LN", "ln")]
)
def test_without_bn_a_net_is_held_against_itself_in_parts(setting: str, arm: str) -> None:
    given = {(arm, accuracy("fresh")): 0.875, (f"{arm}-8", accuracy("fresh")): 0.75}
    assert difference("none", setting, given) == pytest.approx(12.5)


@pytest.mark.parametrize(
    ("claim", "setting", "trial", "average"),
    [
        ("momentum", "32", "bn-32", "m0.997491"),
        ("momentum", "8", "bn-8", "m0.999372"),
        ("constant", "", "bn-32-constant", "m0.997491"),
    ],
)
def test_averages_of_two_momenta_are_compared_in_one_net(
    claim: str, setting: str, trial: str, average: str
) -> None:
    given = {(trial, accuracy("deployed")): 0.875, (trial, accuracy(average)): 0.75}
    assert difference(claim, setting, given) == pytest.approx(12.5)


@pytest.mark.parametrize("size", SIZES)
def test_a_matched_average_forgets_in_a_step_what_that_of_keras_does(size: int) -> None:
    assert matched(size).momentum ** (BATCH / size) == pytest.approx(0.99)
    (scoring,) = TRIALS[f"bn-{size}"].measures
    assert isinstance(scoring, Scoring)
    assert set(scoring.by) == {"deployed", "fresh", matched(size).name}


def differences(one: Recipe, other: Recipe) -> set[str]:
    """The fields in which two recipes differ, but for names, scores and averages."""
    fields = set(Recipe.model_fields) - {"name", "measures", "averages"}
    return {field for field in fields if getattr(one, field) != getattr(other, field)}


def test_nets_of_a_claim_differ_in_what_it_asks_for_alone() -> None:
    for size in SIZES:
        assert differences(TRIALS["bn"], TRIALS[f"bn-{size}"]) == {"micro_batch"}
        assert differences(TRIALS["bn"], TRIALS[f"ghost-{size}"]) == {"net"}
        assert TRIALS[f"ghost-{size}"].net.groups == TRIALS[f"bn-{size}"].micro_batch == size
    for arm in ("raw", "std", "ln"):
        assert differences(TRIALS[arm], TRIALS[f"{arm}-8"]) == {"micro_batch"}
    assert differences(TRIALS["std-8"], TRIALS["bn-8"]) == {"net", "inputs"}
    assert differences(TRIALS["bn-32"], TRIALS["bn-32-constant"]) == {"schedule"}
    assert differences(TRIALS["bn-8"], TRIALS["bn-8-at-0.1"]) == {"learning_rate"}


def test_steps_are_the_same_in_all_runs_and_seeds_are_the_first_ones() -> None:
    assert {trial.steps for trial in TRIALS.values()} == {STEPS} == {320}
    for seeds in SEEDS.values():
        assert list(seeds) == list(range(200, 200 + len(seeds)))
