"""Residual nets: what each arm is, which runs each claim reads, and what the figures reckon."""

from typing import Any

import numpy as np
import pytest

from bnreport.protocol.directions import Quantity, check
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.residual import Residual
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.statistics.estimates import Contrast
from bnreport.statistics.power import pairs_needed
from bnreport.studies.residual import STUDY
from bnreport.studies.residual.claims import MARGIN
from bnreport.studies.residual.drawn import blocks
from bnreport.studies.residual.runs import BN, NETS, NONE, RATES, SEEDS
from bnreport.studies.residual.shown import good_width, trained, values
from tests.directed import Directed

MADE = Directed(STUDY)
BY = {"": "fresh", "-deployed": "deployed"}
TRIALS = {runs.trial.name: runs.trial for runs in STUDY.runs}


def end(by: str) -> Quantity:
    """The accuracy at the end by those statistics."""
    return check(f"end_{by}_val_accuracy", 320)


@pytest.mark.parametrize(("suffix", "by"), BY.items())
@pytest.mark.parametrize(
    ("claim", "better", "worse"),
    [
        ("none", "bn", "none"),
        ("skipinit", "bn", "skipinit"),
        ("fixup", "bn", "fixup"),
        ("group", "bn", "gn-4"),
        ("plain", "plain-bn", "plain-none"),
        ("shortcut", "bn", "plain-bn"),
        ("zero", "zero-gamma", "bn"),
        ("inputs", "raw-bn", "bn"),
    ],
)
def test_two_arms_are_compared_by_one_score(
    claim: str, better: str, worse: str, suffix: str, by: str
) -> None:
    records = MADE.given({(better, end(by)): 0.8, (worse, end(by)): 0.775})
    found = STUDY.estimates[f"residual-{claim}{suffix}"](records)
    assert isinstance(found, Contrast)
    assert found.values == pytest.approx([2.5] * len(found.values))


@pytest.mark.parametrize(
    ("arm", "normalizer", "shortcut", "start", "inputs"),
    [
        ("plain-none", "none", "none", "drawn", "std"),
        ("plain-bn", "batch", "none", "drawn", "std"),
        ("none", "none", "identity", "drawn", "std"),
        ("bn", "batch", "identity", "drawn", "std"),
        ("zero-gamma", "batch", "identity", "zero gamma", "std"),
        ("gn-4", "group", "identity", "drawn", "std"),
        ("gn-1", "group", "identity", "drawn", "std"),
        ("skipinit", "none", "identity", "skipinit", "std"),
        ("fixup", "none", "identity", "fixup", "std"),
        ("raw-bn", "batch", "identity", "drawn", "raw"),
    ],
)
def test_an_arm_is_what_its_name_says(
    arm: str, normalizer: str, shortcut: str, start: str, inputs: str
) -> None:
    trial = TRIALS[arm]
    assert isinstance(trial, Recipe)
    net = trial.net
    assert isinstance(net, Residual)
    assert (net.normalizer, net.shortcut, net.start) == (normalizer, shortcut, start)
    assert trial.inputs == inputs
    assert net.depth == 20
    if normalizer == "group":
        assert net.groups == int(arm[-1])


def test_arms_differ_in_nothing_but_net_inputs_and_rate() -> None:
    bared = [_bared(TRIALS[arm.name]) for arm in RATES]
    assert bared == bared[:1] * 10
    assert (bared[0]["shifts"], bared[0]["data"]) == (True, "fashion-mnist-14")
    assert (bared[0]["optimizer"]["rule"], bared[0]["schedule"]["name"]) == ("momentum", "linear")
    assert bared[0]["images"] == 80 * bared[0]["batch_size"]


def _bared(trial: Any) -> dict[str, Any]:
    assert isinstance(trial, Recipe)
    assert trial.steps == 320
    return trial.model_dump(exclude={"name", "net", "inputs", "learning_rate"})


def test_every_arm_is_tuned_over_half_decades_around_its_rate() -> None:
    tuned = [runs for runs in STUDY.runs if runs.tuning]
    assert len(tuned) == 10 * len(NETS.grid)
    assert {runs.tuning for runs in tuned} == {TUNING_SEEDS}
    assert all(2.9 < high / low < 3.4 for low, high in zip(NETS.grid, NETS.grid[1:], strict=False))
    assert {*RATES.values()} <= {*NETS.grid[1:-1]}


def test_the_margin_is_what_the_seeds_tell_from_nothing() -> None:
    # The upper limit of the paired deviation that the pilot found, in points.
    assert pairs_needed(1.365, MARGIN, claims=8) == len(SEEDS) == 12
    assert {claim.margin for claim in STUDY.claims} == {1.75}


def test_a_block_has_the_gradients_of_its_two_kernels() -> None:
    kernels = np.arange(20.0)
    records = MADE.given({("bn", check("slopes_weights", 100)): kernels})
    found = blocks(BN, 100)(records)[0]
    assert found.shape == (9,)
    assert found[0] == pytest.approx(np.hypot(1, 2))
    assert found[-1] == pytest.approx(np.hypot(17, 18))


def test_prose_tells_how_much_larger_gradients_are_without_bn() -> None:
    slopes = check("slopes_weights", 0)
    given = {("none", slopes): np.full(20, 6.0), ("bn", slopes): np.full(20, 2.0)}
    assert values(MADE.given(given))["times.none"].text == "3.00"


def test_a_run_trains_above_half_of_its_images() -> None:
    assert trained(np.array([10.0, 49.9, 50.1, 80.0])) == "2 of 4"


def test_good_rates_lie_within_two_points_of_the_best_of_the_same_arm() -> None:
    given: dict[tuple[str, Quantity], Any] = {}
    for rate in NETS.grid:
        reached = 0.8 if rate == 0.03 else 0.79 if rate == 0.1 else 0.77
        given[NETS.tried(NONE, rate), end("fresh")] = reached
    assert good_width(MADE.given(given), NONE) == pytest.approx([1.0] * 3, abs=0.03)


def test_prose_counts_the_pairs_in_which_bn_is_ahead() -> None:
    reached = np.where(np.arange(12) < 2, 0.9, 0.7)[:, None, None]
    told = values(MADE.given({("bn", end("fresh")): 0.8, ("none", end("fresh")): reached}))
    assert told["ahead.none"].text == "10 of 12"
    assert told["median.none"].text == "10.0"


def test_prose_tells_what_the_rule_for_ties_gives_up() -> None:
    given: dict[tuple[str, Quantity], Any] = {}
    for rate in NETS.grid:
        reached = 0.75 if rate == RATES[NONE] else 0.754 if rate == 0.1 else 0.2
        given[NETS.tried(NONE, rate), end("fresh")] = reached
    assert values(MADE.given(given))["tie.none"].text == "0.4"


def test_the_tuning_check_refuses_a_rate_that_is_not_chosen() -> None:
    with pytest.raises(Exception, match=r"Expected .* to train at the setting"):
        STUDY.check_tuning(MADE.records())
