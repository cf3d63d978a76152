"""Optimizers and schedules: which runs each claim reads, and at which rates the arms train."""

from dataclasses import replace
from typing import Any

import pytest

from bnreport.protocol.directions import Quantity, check
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.protocol.trials import AnyTrial
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Contrast
from bnreport.studies import optimizers
from bnreport.studies.optimizers import shown, ways
from bnreport.studies.optimizers.ways import BN, LN, RAW, STD, WAYS, good, lead, named
from tests.directed import Directed

MADE = Directed(optimizers.STUDY)
BY = {"": "fresh", "-deployed": "deployed"}


def end(by: str) -> Quantity:
    """The accuracy at the end by those statistics."""
    return check(f"end_{by}_val_accuracy", 640)


def contrast(claim: str, given: dict[tuple[str, Quantity], Any]) -> Contrast:
    """What judges a claim where the runs hold these numbers."""
    found = optimizers.STUDY.estimates[claim](MADE.given(given))
    assert isinstance(found, Contrast)
    return found


@pytest.mark.parametrize(("suffix", "by"), BY.items())
@pytest.mark.parametrize(
    ("claim", "better", "worse"),
    [
        ("std-sgd", "bn-sgd", "std-sgd"),
        ("std-momentum", "bn-momentum", "std-momentum"),
        ("std-adam", "bn-adam", "std-adam"),
        ("std-adam-constant", "bn-adam-constant", "std-adam-constant"),
        ("ln-momentum", "ln-momentum", "bn-momentum"),
        ("ln-adam", "ln-adam", "bn-adam"),
        ("raw-adam", "bn-adam", "raw-adam"),
    ],
)
def test_two_arms_are_compared_by_one_score(
    claim: str, better: str, worse: str, suffix: str, by: str
) -> None:
    given = {(better, end(by)): 0.9, (worse, end(by)): 0.875}
    found = contrast(f"optimizers-{claim}{suffix}", given)
    assert found.values == pytest.approx([2.5] * len(found.values))


@pytest.mark.parametrize(("suffix", "by"), BY.items())
def test_a_rate_is_good_within_two_points_of_raw_pixels_at_their_own_rate(
    suffix: str, by: str
) -> None:
    given: dict[tuple[str, Quantity], Any] = {(named("adam", RAW), end(by)): 0.87}
    for rate in WAYS["adam"].grid:
        given[named("adam", BN, rate), end(by)] = 0.851 if rate > 0.0001 else 0.849
        given[named("adam", STD, rate), end(by)] = 0.851 if 0.0003 <= rate <= 0.01 else 0.849
    found = contrast(f"optimizers-width-adam{suffix}", given)
    # The last rate stands for a quarter of a decade, those between for a half.
    assert found.values == pytest.approx([1.75] * len(found.values), abs=0.03)


def test_widths_take_the_judged_runs_where_the_rate_is_the_chosen_one() -> None:
    assert named("adam", BN, WAYS["adam"].rates[BN]) == named("adam", BN) == "bn-adam"
    trials = good(BN).sweep.trials
    assert len(trials) == 9
    assert "bn-adam" in trials


def test_arms_differ_in_nothing_but_net_inputs_and_rate() -> None:
    courses = {}
    for way in WAYS:
        alike = [_bared(runs.trial) for runs in ways.RUNS if runs.trial.name in _names(way)]
        assert alike == alike[:1] * 4
        courses[way] = alike[0]["optimizer"]["rule"], alike[0]["schedule"]["name"]
    assert courses == {
        "sgd": ("sgd", "linear"),
        "momentum": ("momentum", "linear"),
        "adam": ("adam", "linear"),
        "adam-constant": ("adam", "constant"),
    }


def _names(way: str) -> set[str]:
    return {named(way, name) for name in (RAW, STD, BN, LN)}


def _bared(trial: AnyTrial) -> dict[str, Any]:
    assert isinstance(trial, Recipe)
    assert trial.steps == 640
    return trial.model_dump(exclude={"name", "net", "inputs", "learning_rate"})


def test_every_arm_is_tuned_over_half_decades_around_its_rate() -> None:
    tuned = [runs for runs in ways.RUNS if runs.tuning]
    assert len(tuned) == 4 * (7 + 7 + 9 + 7)
    assert {runs.tuning for runs in tuned} == {TUNING_SEEDS}
    for way in WAYS.values():
        assert all(
            2.9 < high / low < 3.4 for low, high in zip(way.grid, way.grid[1:], strict=False)
        )
        assert set(way.rates.values()) <= set(way.grid[1:-1])


def test_arms_with_fewer_seeds_are_paired_with_the_first_of_the_others() -> None:
    assert (len(ways.seeds_of("sgd", BN)), len(ways.seeds_of("sgd", LN))) == (24, 12)
    records = _with_seeds(MADE.records(), named("sgd", BN), 24)
    assert lead("sgd", BN, LN)(records).shape == (12,)


def _with_seeds(records: Records, name: str, seeds: int) -> Records:
    """The same, where a trial has so many judged runs: those that there are, over again."""
    runs = list(records.by_trial[name].values())
    more = {200 + place: runs[place % len(runs)] for place in range(seeds)}
    return replace(records, by_trial={**records.by_trial, name: more})


def test_the_tuning_check_refuses_a_rate_of_any_way() -> None:
    with pytest.raises(Exception, match=r"Expected .* to train at the setting"):
        optimizers.STUDY.check_tuning(MADE.records())


@pytest.mark.parametrize("way", WAYS)
def test_the_prose_says_what_averages_cost_under_each_way(way: str) -> None:
    given = {(f"bn-{way}", end("fresh")): 0.88, (f"bn-{way}", end("deployed")): 0.86}
    assert shown.values(MADE.given(given))[f"cost.{way}"].text == "2.00\u2009pp"
