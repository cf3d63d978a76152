"""The second edition of cost: which seconds and which steps a claim compares, by which score."""

from typing import Any

import numpy as np
import pytest

from bnreport.protocol.directions import Quantity, check, history
from bnreport.protocol.measurements import TimingTrial
from bnreport.protocol.optimization import CONSTANT
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.statistics.estimates import Contrast
from bnreport.studies.second.cost import SECOND
from bnreport.studies.second.cost.runs import FASTEST, MARKS, SEEDS, THRESHOLD
from tests.directed import Directed
from tests.golden import report

MADE = Directed(SECOND)
BOTH = [("fresh", ""), ("deployed", "-deployed")]
LOOPS = ("fit", "compiled")
Given = dict[tuple[str, Quantity], Any]


def found(claim: str, numbers: Given, setting: str = "") -> Contrast:
    """What judges a claim where these numbers are given."""
    contrast = SECOND.estimates[f"cost-2-{claim}"](MADE.given(numbers))
    if setting:
        assert isinstance(contrast, dict)
        contrast = contrast[setting]
    assert isinstance(contrast, Contrast)
    return contrast


@pytest.mark.parametrize(
    ("claim", "slow", "fast"),
    [
        ("bn-fit", "fit_bn", "fit_raw"),
        ("bn-compiled", "compiled_bn", "compiled_raw"),
        ("ln", "compiled_ln", "compiled_bn"),
        ("gn", "compiled_gn", "compiled_bn"),
    ],
)
def test_a_time_is_divided_by_another_of_the_same_round_in_batches_of_128(
    claim: str, slow: str, fast: str
) -> None:
    quick = np.linspace(1.0, 2.0, 24)[None, :, None]
    given = {
        ("timing", history(f"{slow}_128")): 1.5 * quick,
        ("timing", history(f"{fast}_128")): quick,
    }
    contrast = found(claim, given)
    assert np.exp(contrast.values) == pytest.approx([1.5] * 24)


def arriving(arm: str, by: str, mark: int) -> Given:
    """An arm that is at the threshold at a mark, and below it before."""
    rise = THRESHOLD + 0.001 * (np.arange(len(MARKS)) - mark)
    return {(arm, check(f"path_{by}_val_accuracy")): rise[None, :, None]}


def seconds(loop: str, net: str, of_an_epoch: float) -> Given:
    """A net whose epochs take so long in a loop; a stalled round does not count."""
    rounds = np.full(24, of_an_epoch)
    rounds[3] = 99.0
    return {("timing", history(f"{loop}_{net}_128")): rounds[None, :, None]}


@pytest.mark.parametrize(("by", "ending"), BOTH)
@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize(
    ("claim", "with_bn", "without"),
    [("wall-raw", "bn", "raw"), ("wall-std", "bn", "std"), ("wall-std-bn", "std-bn", "std")],
)
def test_an_arrival_is_steps_by_one_score_times_the_median_seconds_of_a_step(
    claim: str, with_bn: str, without: str, loop: str, by: str, ending: str
) -> None:
    given = arriving(with_bn, by, 10) | arriving(without, by, 14)
    given |= seconds(loop, "bn", 1.2) | seconds(loop, "raw", 1.0)
    contrast = found(claim + ending, given, loop)
    expected = MARKS[14] / (1.2 * MARKS[10])
    assert np.exp(contrast.values) == pytest.approx([expected] * len(contrast.values))


def test_a_step_takes_its_share_of_a_timed_epoch() -> None:
    given = arriving("std-bn", "fresh", 10) | seconds("compiled", "bn", 1.6)
    table = SECOND.analyse(MADE.given(given)).tables["arrivals"]
    row = next(row for row in table.rows if row[:2] == ("standardized inputs and BN", "fresh"))
    # An epoch of 10,240 images has 80 steps.
    assert row[2] == str(MARKS[10])
    assert row[4] == f"{MARKS[10] * 1.6 / 80:.2f}"


def test_the_fastest_rate_is_chosen_where_all_runs_count() -> None:
    def tried(rate: float, mark: int) -> Given:
        return arriving(f"bn-tuning-{rate:g}", "fresh", mark)

    given: Given = tried(0.03, 20) | tried(0.1, 12) | tried(0.3, 12) | tried(1.0, 15)
    # Never at the threshold: as slow as a run can be.
    given |= tried(3.0, len(MARKS) + 5)
    (bn,) = (arm for arm in FASTEST.rates if arm.name == "bn")
    assert FASTEST.chosen(MADE.given(given), bn) == 0.1


def test_times_are_judged_by_their_median_and_arrivals_in_both_loops() -> None:
    timed, arrived = SECOND.claims[:4], SECOND.claims[4:]
    assert {(claim.centre, claim.settings, claim.score) for claim in timed} == {("median", (), "")}
    assert {claim.settings for claim in arrived} == {LOOPS}
    assert [claim.score for claim in arrived] == ["fresh"] * 3 + ["deployed"] * 3
    fresh, deployed = (list(family) for family in SECOND.families)
    assert [f"{name}-deployed" for name in fresh[4:]] == deployed


def test_arms_train_alike_at_constant_rates() -> None:
    for runs in SECOND.runs:
        trial = runs.trial
        if isinstance(trial, TimingTrial):
            assert (trial.rounds, trial.batch_sizes, trial.images) == (24, (32, 128), 10_240)
            assert runs.full == SEEDS[:1]
            continue
        assert isinstance(trial, Recipe)
        assert (trial.steps, trial.batch_size, trial.schedule) == (1280, 128, CONSTANT)
        assert trial.inputs == ("std" if trial.name.startswith("std") else "raw")
        assert (runs.full, runs.tuning) in {(SEEDS, ()), ((), TUNING_SEEDS)}


def test_what_the_rule_for_near_ties_costs_is_told_by_the_fastest_rate() -> None:
    study = report().studies["cost"].editions[-1]
    told = {name: value.text for name, value in study.analysis.values.items()}
    for arm in ("raw", "std"):
        assert int(told[f"fastest.{arm}"]) <= int(told[f"tried.{arm}"])
    share = int(told["fastest.std"]) / int(told["tried.std"])
    for loop in LOOPS:
        lead = np.exp(study.verdicts["cost-2-wall-std"].findings[loop].interval.point)
        assert float(told[f"lead.{loop}"]) == pytest.approx(lead * share, abs=0.01)
