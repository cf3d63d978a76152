"""Common mistakes: what differs from a fresh run, what each claim reads, and what passes."""

from typing import Any

import pytest

from bnreport.protocol.directions import Quantity, check, history
from bnreport.protocol.nets import NETS
from bnreport.protocol.recipes import Recipe
from bnreport.statistics.estimates import Contrast
from bnreport.studies.mistakes import STUDY
from bnreport.studies.mistakes.runs import AGAIN, FRESH, PAIRED
from bnreport.studies.notebook.protocol import RUNS as NOTEBOOKS
from tests.directed import Directed

MADE = Directed(STUDY)
TRIALS = {runs.trial.name: runs for runs in STUDY.runs}
DIFFER = {
    "undivided": {"inputs": "undivided"},
    "softmax": {"softmax": "twice"},
    "sorted": {"order": "sorted"},
}


def end(by: str) -> Quantity:
    """The accuracy after the last step."""
    return check(f"end_{by}_val_accuracy")


def difference(claim: str, given: dict[tuple[str, Quantity], Any], setting: str = "") -> float:
    """What the first seed says where the runs hold these numbers."""
    estimate = STUDY.estimates[claim](MADE.given(given))
    contrast = estimate[setting] if isinstance(estimate, dict) else estimate
    assert isinstance(contrast, Contrast)
    return contrast.values[0]


def recipe(name: str) -> Recipe:
    trial = TRIALS[name].trial
    assert isinstance(trial, Recipe)
    return trial


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("mistake", DIFFER)
def test_a_mistake_is_all_that_differs_from_a_fresh_run_of_its_seeds(
    net: str, mistake: str
) -> None:
    fresh, wrong = recipe(f"{net}-fresh"), recipe(f"{net}-{mistake}")
    changed = {**DIFFER[mistake], "name": wrong.name, "bars": False}
    assert wrong == fresh.model_copy(update=changed)
    assert TRIALS[f"{net}-fresh"].full[: len(PAIRED)] == TRIALS[f"{net}-{mistake}"].full == PAIRED


@pytest.mark.parametrize("net", NETS)
def test_fresh_runs_are_those_of_the_notebook(net: str) -> None:
    (theirs,) = (runs.trial for runs in NOTEBOOKS if runs.trial.name == f"{net}-0.01")
    ours = recipe(f"{net}-fresh")
    assert (theirs.net, ours.net) == (net, NETS[net])  # type: ignore[union-attr]
    for field in ("learning_rate", "batch_size", "inputs", "split"):
        assert getattr(ours, field) == getattr(theirs, field), field
    assert (ours.optimizer.rule, ours.schedule.name, ours.epochs) == ("sgd", "constant", 10)


@pytest.mark.parametrize("net", NETS)
def test_runs_that_go_on_have_the_same_start_and_new_batches_or_the_same(net: str) -> None:
    fresh, on, again = (recipe(f"{net}-{s}") for s in ("fresh", "continued", "replayed"))
    assert on == fresh.model_copy(update={"name": on.name, "bars": False, "epochs": 20})
    same = {"name": again.name, "bars": False, "start": fresh, "head": "kept"}
    assert again == fresh.model_copy(update=same)
    assert TRIALS[on.name].full == TRIALS[again.name].full == AGAIN
    assert not set(AGAIN) & set(FRESH)
    assert len(AGAIN) + len(FRESH) == 100


@pytest.mark.parametrize(("suffix", "by"), [("", "fresh"), ("-deployed", "deployed")])
@pytest.mark.parametrize("mistake", DIFFER)
def test_bn_is_compared_with_itself_by_both_scores(mistake: str, suffix: str, by: str) -> None:
    given = {("bn-fresh", end(by)): 0.9, (f"bn-{mistake}", end(by)): 0.87}
    claim = f"mistakes-{mistake}-bn{suffix}"
    assert difference(claim, given) == pytest.approx(3.0)
    (judged,) = (each for each in STUDY.claims if each.id == claim)
    assert judged.score == by


@pytest.mark.parametrize("mistake", DIFFER)
def test_the_baseline_is_compared_with_itself(mistake: str) -> None:
    given = {("baseline-fresh", end("fresh")): 0.9, (f"baseline-{mistake}", end("fresh")): 0.87}
    assert difference(f"mistakes-{mistake}-baseline", given) == pytest.approx(3.0)


def test_what_sorting_prints_is_read_in_the_last_epoch() -> None:
    given = {
        ("baseline-sorted", history("accuracy", 10)): 0.98,
        ("baseline-fresh", history("accuracy", 10)): 0.88,
    }
    assert difference("mistakes-sorted-prints", given) == pytest.approx(10.0)


@pytest.mark.parametrize("net", NETS)
def test_a_bar_is_compared_with_the_history_of_its_own_run(net: str) -> None:
    given = {
        (f"{net}-fresh", history("accuracy", 1)): 0.8,
        (f"{net}-fresh", history("bar_accuracy", 1)): 0.74,
    }
    assert difference("mistakes-bar", given, net) == pytest.approx(6.0)


def test_both_families_ask_the_same_of_the_net_with_bn() -> None:
    first, second = STUDY.families
    assert len(first) == 8
    assert {f"{name}-deployed" for name in first if name.endswith("-bn")} == set(second)
