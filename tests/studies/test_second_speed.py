"""The second edition of speed: who is compared, by which score, and when a run arrives."""

from typing import Any

import numpy as np
import pytest

from bnreport.protocol.directions import Quantity, check
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.scorings import Scoring
from bnreport.statistics.estimates import Contrast
from bnreport.studies.second import speed
from bnreport.studies.second.speed import MARKS, SECOND, THRESHOLD
from tests.directed import Directed

MADE = Directed(SECOND)
# A hundredth a mark: at the mark of that number it is as high as the threshold.
RISE = 0.01


def rising(mark: float) -> np.ndarray[Any, Any]:
    """Accuracies that pass the threshold at a mark, or between two."""
    return (THRESHOLD + RISE * (np.arange(len(MARKS)) - mark))[:, None]


def curve(by: str) -> Quantity:
    """The accuracies along a run by a score."""
    return check(f"path_{by}_val_accuracy")


def ratio(claim: str, given: dict[tuple[str, Quantity], Any]) -> Contrast:
    """What judges a claim where these accuracies are given."""
    found = SECOND.estimates[claim](MADE.given(given))
    assert isinstance(found, Contrast)
    return found


@pytest.mark.parametrize("by", ["fresh", "deployed"])
@pytest.mark.parametrize("which", ["same", "best"])
@pytest.mark.parametrize("control", ["raw", "std"])
def test_a_claim_compares_two_arms_at_one_choice_of_rates_by_one_score(
    control: str, which: str, by: str
) -> None:
    name = f"speed-2-{which}-{control}" + ("" if by == "fresh" else "-deployed")
    (claim,) = (each for each in SECOND.claims if each.id == name)
    assert (claim.score, claim.margin) == (by, {"same": 1.25, "best": 1.5}[which])
    given = {
        (f"bn-{which}", curve(by)): rising(8),
        (f"{control}-{which}", curve(by)): rising(14),
    }
    assert np.exp(ratio(name, given).values) == pytest.approx(MARKS[14] / MARKS[8])


def test_a_run_arrives_between_marks_and_a_lone_mark_is_no_arrival() -> None:
    lone = rising(14)
    lone[5] = 0.99
    given = {("bn-same", curve("fresh")): rising(8.5), ("std-same", curve("fresh")): lone}
    between = np.sqrt(MARKS[8] * MARKS[9])
    assert np.exp(ratio("speed-2-same-std", given).values) == pytest.approx(MARKS[14] / between)


def test_a_run_that_never_arrives_is_censored_and_one_that_starts_above_arrives_first() -> None:
    given = {("bn-best", curve("fresh")): rising(-3), ("raw-best", curve("fresh")): rising(40)}
    found = ratio("speed-2-best-raw", given)
    assert found.censored == len(found.values)
    assert set(found.values) == {np.inf}
    again = {("bn-best", curve("fresh")): rising(-3), ("raw-best", curve("fresh")): rising(4)}
    assert np.exp(ratio("speed-2-best-raw", again).values) == pytest.approx(MARKS[4] / MARKS[0])


def test_all_arms_differ_from_each_other_in_net_inputs_and_rate_alone() -> None:
    judged = [runs for runs in SECOND.runs if runs.full]
    same = {runs.trial.name: runs.trial for runs in judged if runs.trial.name.endswith("-same")}
    assert {*same} == {"raw-same", "std-same", "bn-same", "std-bn-same"}
    alike = set()
    for trial in [runs.trial for runs in judged]:
        assert isinstance(trial, Recipe)
        alike.add(
            trial.model_copy(update={"name": "", "net": None, "inputs": "", "learning_rate": 0})
        )
    assert len(alike) == 1
    assert {getattr(trial, "learning_rate", 0) for trial in same.values()} == {speed.SAME_RATE}
    (common,) = alike
    assert common.schedule.name == "constant"
    (path,) = common.measures
    assert isinstance(path, Scoring)
    assert path.by == ("deployed", "fresh")


def test_rates_are_tuned_at_the_judged_horizon_by_fresh_scores_at_the_end() -> None:
    tuning = [runs.trial for runs in SECOND.runs if runs.tuning]
    assert len(tuning) == 4 * len(speed.BEST.grid)
    for trial in tuning:
        assert isinstance(trial, Recipe)
        assert trial.steps == speed.STEPS
        assert [measure.name for measure in trial.measures] == ["end", "path"]


def test_each_score_has_a_family_of_its_own() -> None:
    fresh, deployed = SECOND.families
    assert len(fresh) == len(deployed) == 4
    assert [f"{name}-deployed" for name in fresh] == [*deployed]
