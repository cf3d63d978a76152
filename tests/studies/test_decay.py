"""Weight decay: what each claim reads, and the turn that rate and decay predict."""

from typing import Any

import numpy as np
import pytest

from bnreport.protocol.directions import check
from bnreport.protocol.optimization import CONSTANT
from bnreport.protocol.recipes import Recipe
from bnreport.statistics.estimates import Contrast
from bnreport.studies import decay
from bnreport.studies.decay import runs
from bnreport.studies.decay.runs import Descent
from tests.directed import Directed

MADE = Directed(decay.STUDY)
# Of both hidden layers, in the last of eight epochs.
TURN = check("late_turn", 1_120, layers=(0, 1))


def difference(claim: str, given: dict[tuple[str, Any], Any], setting: str = "") -> float:
    """What the first seed says where the runs hold these numbers."""
    estimate = decay.STUDY.estimates[f"decay-{claim}"](MADE.given(given))
    contrast = estimate[setting] if isinstance(estimate, dict) else estimate
    assert isinstance(contrast, Contrast)
    return contrast.values[0]


@pytest.mark.parametrize(
    ("setting", "descent", "predicted"),
    [
        # The square root of twice the product: .004 at three rates, and four times of it.
        ("slow rate", runs.SLOW, 0.0894),
        ("middle rate", runs.MIDDLE, 0.0894),
        ("fast rate", runs.FAST, 0.0894),
        ("strong decay", runs.STRONG, 0.1789),
        ("long start", runs.FAR, 0.0894),
    ],
)
def test_a_turn_is_held_against_what_rate_and_decay_predict(
    setting: str, descent: Descent, predicted: float
) -> None:
    # The mean of both hidden layers.
    turns = np.array([1.5, 2.5]) * predicted
    found = difference("turn", {(descent.name, TURN): turns}, setting)
    assert np.exp(found) == pytest.approx(2.0, rel=0.02)


def test_without_bn_the_turn_at_the_larger_rate_is_over_that_at_the_smaller() -> None:
    given = {(runs.PLAIN_MIDDLE.name, TURN): 0.06, (runs.PLAIN_SLOW.name, TURN): 0.02}
    assert np.exp(difference("plain-turn", given)) == pytest.approx(3.0)


PAIRS: dict[tuple[str, str], tuple[Descent, Descent]] = {
    ("product", "slow to middle"): (runs.MIDDLE, runs.SLOW),
    ("product", "middle to fast"): (runs.FAST, runs.MIDDLE),
    ("gain", ""): (runs.FALLEN, runs.FALLEN_FREE),
    ("larger", ""): (runs.FALLEN_LARGER, runs.FALLEN),
}


def compared(claim: str, by: str, pair: tuple[Descent, Descent], setting: str = "") -> float:
    """What a claim says where the first of two ways to train ends 2.5 points ahead."""
    end = check(f"end_{by}_val_accuracy")
    given = {(each.name, end): value for each, value in zip(pair, (0.875, 0.85), strict=True)}
    return difference(claim, given, setting)


@pytest.mark.parametrize(("claim", "setting"), PAIRS)
def test_nets_with_bn_are_compared_by_either_score(claim: str, setting: str) -> None:
    pair = PAIRS[claim, setting]
    assert compared(claim, "fresh", pair, setting) == pytest.approx(2.5)
    assert compared(f"{claim}-deployed", "deployed", pair, setting) == pytest.approx(2.5)


def test_without_bn_no_decay_is_held_against_decay() -> None:
    pair = runs.PLAIN_FALLEN_FREE, runs.PLAIN_FALLEN
    assert compared("plain-cost", "fresh", pair) == pytest.approx(2.5)


def test_ways_to_train_differ_in_what_their_names_say() -> None:
    for each in (*runs.AT_CONSTANT_RATE, *runs.UNDER_A_FALL):
        made = each.runs.trial
        assert isinstance(made, Recipe)
        optimizer = made.optimizer
        assert (optimizer.rule, optimizer.weight_decay) == ("sgd", each.decay)
        assert (made.learning_rate, made.kernel_scale) == (each.rate, each.scale)
        assert (made.schedule == CONSTANT) == (each in runs.AT_CONSTANT_RATE)
        assert (made.net.normalizer == "batch") == each.label.startswith("BN")
        assert made.inputs == "std"
    for free in (runs.FREE, runs.PLAIN_FREE, runs.FALLEN_FREE, runs.FALLEN_LARGER):
        assert free.decay == 0


def test_the_turn_is_that_of_every_step_of_the_last_epoch() -> None:
    trial = runs.MIDDLE.runs.trial
    assert isinstance(trial, Recipe)
    (late,) = (each for each in trial.measures if each.name == "late")
    assert late.stops == tuple(range(trial.steps - trial.steps_of_an_epoch, trial.steps + 1))
