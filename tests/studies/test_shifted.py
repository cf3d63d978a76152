"""Unlike batches and images: what each claim reads, and in what its nets differ."""

from typing import Any

import pytest

from bnreport.protocol.changes import Change, Turns
from bnreport.protocol.directions import Quantity, check, history
from bnreport.protocol.recipes import Recipe
from bnreport.statistics.estimates import Contrast
from bnreport.studies import shifted
from bnreport.studies.shifted.runs import BEST, RUNS
from tests.directed import Directed

MADE = Directed(shifted.STUDY)
TRIALS: dict[str, Any] = {runs.trial.name: runs.trial for runs in RUNS}
# By hand: 20,480 images are 160 batches of 128, of which each of ten classes may leave one short.
SORTED, MIXED = 4 * 150, 4 * 160


def accuracy(what: str, steps: int = MIXED) -> Quantity:
    """An accuracy at the end of a run, by some statistics."""
    return check(f"{what}_val_accuracy", steps)


def difference(claim: str, setting: str, given: dict[tuple[str, Quantity], Any]) -> float:
    """What the first seed says where the runs hold these numbers."""
    estimate = shifted.STUDY.estimates[f"shifted-{claim}"](MADE.given(given))
    contrast = estimate[setting] if isinstance(estimate, dict) else estimate
    assert isinstance(contrast, Contrast)
    return contrast.values[0]


@pytest.mark.parametrize(("end", "by"), [("", "fresh"), ("-deployed", "deployed")])
def test_what_training_prints_last_is_held_against_new_images(end: str, by: str) -> None:
    given = {
        ("bn-sorted", history("accuracy", 4)): 0.9,
        ("bn-sorted", history("accuracy", 3)): 0.7,
        ("bn-sorted", accuracy(f"end_{by}", SORTED)): 0.2,
    }
    assert difference(f"printed{end}", "", given) == pytest.approx(70)


@pytest.mark.parametrize(("end", "by"), [("", "fresh"), ("-deployed", "deployed")])
@pytest.mark.parametrize(("setting", "other"), [("LN", "ln"), ("standardized", "std")])
def test_other_nets_are_ahead_of_bn_by_one_score(
    end: str, by: str, setting: str, other: str
) -> None:
    given = {
        (f"{other}-sorted", accuracy(f"end_{by}", SORTED)): 0.8,
        ("bn-sorted", accuracy(f"end_{by}", SORTED)): 0.2,
    }
    assert difference(f"others{end}", setting, given) == pytest.approx(60)


@pytest.mark.parametrize(
    ("setting", "kind"), [("noisy", "noise"), ("dim", "dim"), ("blurred", "blur")]
)
def test_one_net_is_scored_by_other_statistics_of_changed_images(setting: str, kind: str) -> None:
    given = {
        ("bn", accuracy(f"{kind}_own")): 0.875,
        ("bn", accuracy(f"{kind}_fresh")): 0.75,
        ("bn", accuracy(f"{kind}_deployed")): 0.625,
        ("bn", accuracy(f"{kind}_batch-8")): 0.5,
        ("bn", accuracy(f"{kind}_class-8")): 0.125,
    }
    assert difference("own", setting, given) == pytest.approx(12.5)
    assert difference("own-deployed", setting, given) == pytest.approx(25)
    assert difference("class", setting, given) == pytest.approx(37.5)


def test_statistics_of_inverted_images_are_expected_to_cost_accuracy() -> None:
    given = {
        ("bn", accuracy("inversion_own")): 0.125,
        ("bn", accuracy("inversion_fresh")): 0.25,
        ("bn", accuracy("inversion_deployed")): 0.375,
    }
    assert difference("inverted", "", given) == pytest.approx(12.5)
    assert difference("inverted-deployed", "", given) == pytest.approx(25)


def test_recalibration_is_held_against_the_averages_of_the_same_net() -> None:
    given = {
        ("bn-sorted", accuracy("end_fresh", SORTED)): 0.25,
        ("bn-sorted", accuracy("end_deployed", SORTED)): 0.125,
    }
    assert difference("repaired", "", given) == pytest.approx(12.5)


@pytest.mark.parametrize(("setting", "kind"), [("as they are", "first"), ("inverted", "second")])
def test_each_kind_of_images_is_scored_by_its_own_and_by_shared_statistics(
    setting: str, kind: str
) -> None:
    given = {
        ("bn-batches", accuracy(f"{kind}_own")): 0.75,
        ("bn-batches", accuracy(f"{kind}_deployed")): 0.5,
        ("bn-images", accuracy(f"{kind}_own")): 0.25,
        ("bn-images", accuracy(f"{kind}_deployed")): 0.875,
    }
    assert difference("domains", setting, given) == pytest.approx(25)
    assert difference("mixed", setting, given) == pytest.approx(12.5)


def differences(one: Recipe, other: Recipe) -> set[str]:
    """The fields in which two recipes differ, but for their names and what is scored."""
    fields = set(Recipe.model_fields) - {"name", "measures"}
    return {field for field in fields if getattr(one, field) != getattr(other, field)}


def test_nets_of_a_claim_differ_in_what_it_asks_for_alone() -> None:
    assert differences(TRIALS["bn-batches"], TRIALS["bn-images"]) == {"turns"}
    assert TRIALS["bn-images"].turns == Turns(change=Change(kind="inversion"), of="images")
    assert TRIALS["bn-batches"].turns == Turns(change=Change(kind="inversion"))
    for other, more in (("ln", {"net"}), ("std", {"net", "inputs"})):
        found = differences(TRIALS["bn-sorted"], TRIALS[f"{other}-sorted"])
        assert found - {"learning_rate"} == more
    assert differences(TRIALS["bn-sorted"], TRIALS["bn"]) - {"learning_rate"} == {"order"}


def test_the_second_kind_is_scored_inverted_and_the_first_as_it_is() -> None:
    first, second = TRIALS["bn-batches"].measures
    assert (first.name, first.change) == ("first", None)
    assert (second.name, second.change) == ("second", Change(kind="inversion"))


def test_tuning_runs_are_as_long_as_those_that_judge() -> None:
    for arm in BEST.rates:
        tried = TRIALS[BEST.tried(arm, 0.1)]
        assert differences(TRIALS[arm.name], tried) <= {"learning_rate"}
        assert tried.order == "one class"
