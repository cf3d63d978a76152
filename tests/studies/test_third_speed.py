"""The third edition of speed: who is compared at which rates, and what chooses them."""

from typing import Any

import numpy as np
import pytest

from bnreport.protocol.directions import Quantity, check
from bnreport.protocol.recipes import Recipe
from bnreport.statistics.estimates import Contrast
from bnreport.studies.second import speed as second
from bnreport.studies.second.speed import BN, MARKS, RAW, STD, STEPS, THRESHOLD
from bnreport.studies.third.speed import FASTEST, SEEDS, THIRD
from tests.directed import Directed

MADE = Directed(THIRD)


def rising(mark: float) -> np.ndarray[Any, Any]:
    """Accuracies that pass the threshold at a mark, a hundredth a mark."""
    return (THRESHOLD + 0.01 * (np.arange(len(MARKS)) - mark))[:, None]


def curve(by: str) -> Quantity:
    """The accuracies along a run by a score."""
    return check(f"path_{by}_val_accuracy")


@pytest.mark.parametrize("by", ["fresh", "deployed"])
@pytest.mark.parametrize("control", ["raw", "std"])
def test_a_claim_compares_a_control_with_bn_by_one_score(control: str, by: str) -> None:
    name = f"speed-3-{control}" + ("" if by == "fresh" else "-deployed")
    (claim,) = (each for each in THIRD.claims if each.id == name)
    assert (claim.score, claim.margin, claim.seeds) == (by, 1.5, f"{SEEDS[0]}-{SEEDS[-1]}")
    given = {("bn", curve(by)): rising(8), (control, curve(by)): rising(14)}
    found = THIRD.estimates[name](MADE.given(given))
    assert isinstance(found, Contrast)
    assert np.exp(found.values) == pytest.approx(MARKS[14] / MARKS[8])


def test_nets_train_as_in_the_second_edition_but_for_their_rates_and_seeds() -> None:
    def alike(runs: Any) -> Any:
        return runs.trial.model_copy(update={"name": "", "learning_rate": 0})

    judged = {runs.trial.name: runs for runs in THIRD.runs if runs.full}
    assert {*judged} == {"raw", "std", "bn"}
    assert {runs.full for runs in judged.values()} == {SEEDS}
    for runs in second.SECOND.runs:
        if (name := runs.trial.name.removesuffix("-best")) in judged and runs.full:
            assert alike(runs) == alike(judged[name])
            assert not {*runs.full} & {*SEEDS}


def test_every_arm_tries_the_same_rates_for_as_long_as_it_is_judged() -> None:
    tuning = [runs.trial for runs in THIRD.runs if runs.tuning]
    assert FASTEST.grid == second.BEST.grid
    assert len(tuning) == 3 * len(FASTEST.grid)
    for trial in tuning:
        assert isinstance(trial, Recipe)
        assert trial.steps == STEPS
        assert [measure.name for measure in trial.measures] == ["path"]


def test_arrival_chooses_the_rate_and_not_the_accuracy_at_the_end() -> None:
    late, soon, never = rising(9), rising(6), rising(40)
    # Late, and by far the most accurate in the end.
    late[-1] = 0.99
    arrives = {
        f"{arm.name}-tuning-{rate:g}": never for arm in FASTEST.rates for rate in FASTEST.grid
    }
    for arm in FASTEST.rates:
        arrives |= {f"{arm.name}-tuning-1": late, f"{arm.name}-tuning-0.03": soon}
    records = MADE.given({(name, curve("fresh")): given for name, given in arrives.items()})
    assert {FASTEST.chosen(records, arm) for arm in (RAW, STD, BN)} == {0.03}
    scores = FASTEST.accuracies(records, BN)
    # What never arrives took every step.
    assert scores.min() == pytest.approx(-np.log(STEPS))
    assert scores.max() == pytest.approx(-np.log(MARKS[6]))


def test_each_score_has_a_family_of_its_own() -> None:
    fresh, deployed = THIRD.families
    assert len(fresh) == len(deployed) == 2
    assert [f"{name}-deployed" for name in fresh] == [*deployed]


def test_the_table_beside_the_rates_shows_ratios_of_steps() -> None:
    names = {
        f"{arm.name}-tuning-{rate:g}": rising(14 if arm is STD else 8)
        for arm in FASTEST.rates
        for rate in FASTEST.grid
    }
    records = MADE.given({(name, curve("fresh")): given for name, given in names.items()})
    rows = {row[0]: row[1:] for row in THIRD.analyse(records).tables["beside"].rows}
    assert rows["standardized over BN"] == (f"{MARKS[14] / MARKS[8]:.2f}",) * 3
    assert rows["raw over BN"] == ("1.00",) * 3
