"""The second edition of the notebook's changes: which nets a claim averages, at which rates."""

from math import log
from typing import Any

import numpy as np
import pytest

from bnreport.protocol.directions import Quantity, check
from bnreport.protocol.nets import Net
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.statistics.estimates import Contrast
from bnreport.studies.second.factorial import SECOND
from bnreport.studies.second.factorial.changes import finely_tuned
from bnreport.studies.second.factorial.runs import (
    CELLS,
    NETS,
    NORMALIZED,
    OWN,
    SEEDS,
    SHARED,
    finer,
    named,
)
from tests.directed import Directed, lose

MADE = Directed(SECOND)
BOTH = [("fresh", ""), ("deployed", "-deployed")]
Given = dict[tuple[str, Quantity], Any]
# At own rates, by inputs, activation and hidden BN; no two differences are alike.
OWNED = {
    ("raw", "leaky", "plain"): 0.80,
    ("raw", "leaky", "hidden"): 0.83,
    ("raw", "relu", "plain"): 0.81,
    ("raw", "relu", "hidden"): 0.86,
    ("std", "leaky", "plain"): 0.84,
    ("std", "leaky", "hidden"): 0.85,
    ("std", "relu", "plain"): 0.85,
    ("std", "relu", "hidden"): 0.87,
    ("bn", "leaky", "plain"): 0.82,
    ("bn", "leaky", "hidden"): 0.825,
    ("bn", "relu", "plain"): 0.83,
    ("bn", "relu", "hidden"): 0.845,
}


def given(numbers: dict[tuple[str, str, str], float], which: str, what: str) -> Given:
    """What is measured after the last of 480 steps, at a choice of rates."""
    return {
        (named(arm, which), check(f"end_{what}", 480)): numbers[cell]
        for cell, arm in CELLS.items()
        if cell in numbers
    }


def found(claim: str, numbers: Given, lost: tuple[str, ...] = ()) -> Contrast:
    """What judges a claim where these numbers are given."""
    contrast = SECOND.estimates[f"factorial-2-{claim}"](lose(MADE.given(numbers), lost))
    assert isinstance(contrast, Contrast)
    return contrast


@pytest.mark.parametrize(("by", "ending"), BOTH)
@pytest.mark.parametrize(
    ("claim", "points"),
    [
        ("hidden-raw", 4.0),
        ("hidden-std", 1.5),
        ("hidden-bn", 1.0),
        ("overlap", 2.5),
        ("activation", 100 * (5.065 - 4.965) / 6),
    ],
)
def test_a_change_is_a_mean_over_the_nets_that_differ_in_the_rest(
    claim: str, points: float, by: str, ending: str
) -> None:
    contrast = found(claim + ending, given(OWNED, OWN, f"{by}_val_accuracy"))
    assert contrast.values == pytest.approx([points] * len(contrast.values))


def test_inputs_are_compared_in_nets_without_hidden_bn() -> None:
    contrast = found("inputs", given(OWNED, OWN, "fresh_val_accuracy"))
    assert contrast.values == pytest.approx([4.0] * len(contrast.values))


@pytest.mark.parametrize(("by", "ending"), BOTH)
def test_at_one_rate_the_same_nets_train_at_that_rate(by: str, ending: str) -> None:
    shared = {cell: level for cell, level in OWNED.items() if cell[0] == "std"}
    contrast = found(f"hidden-std-shared{ending}", given(shared, SHARED, f"{by}_val_accuracy"))
    assert contrast.values == pytest.approx([1.5] * len(contrast.values))


@pytest.mark.parametrize(("by", "ending"), BOTH)
def test_a_lower_loss_on_training_images_counts_as_positive(by: str, ending: str) -> None:
    losses = {cell: 1.0 - level for cell, level in OWNED.items() if cell[0] == "std"}
    contrast = found(f"loss-std{ending}", given(losses, OWN, f"{by}_train_loss"))
    assert contrast.values == pytest.approx([0.015] * len(contrast.values))


def test_a_lost_net_has_the_loss_of_guessing() -> None:
    alike = {cell: 0.2 for cell in OWNED if cell[0] == "std"}
    lost = next(named(arm, OWN) for cell, arm in CELLS.items() if cell == ("std", "relu", "plain"))
    contrast = found("loss-std", given(alike, OWN, "fresh_train_loss"), (lost,))
    assert contrast.values[0] == pytest.approx((log(10) - 0.2) / 2)
    assert contrast.values[1:] == pytest.approx([0.0] * (len(contrast.values) - 1))


def test_the_same_is_asked_as_deployed_where_a_net_has_bn() -> None:
    fresh, deployed = (list(family) for family in SECOND.families)
    assert len(fresh) == 8
    assert deployed == [f"{n}-deployed" for n in fresh if n != "factorial-2-inputs"]


def test_nets_train_alike_but_for_what_their_names_say() -> None:
    seen = set()
    for runs in SECOND.runs:
        trial = runs.trial
        assert isinstance(trial, Recipe)
        assert isinstance(trial.net, Net)
        inputs, activation, hidden = trial.name.split("-")[:3]
        assert (trial.steps, trial.batch_size, trial.schedule) == (480, 128, LINEAR)
        assert (trial.net.placement, trial.net.initializer) == ("after", "HeNormal")
        assert trial.inputs == ("std" if inputs == "std" else "raw")
        assert trial.net.normalized_inputs == (inputs == "bn")
        assert trial.net.activation == {"relu": "relu", "leaky": "leaky_relu"}[activation]
        assert trial.net.normalizer == {"plain": "none", "hidden": "batch"}[hidden]
        assert trial.name.endswith(f"-{trial.learning_rate:g}")
        seen.add((inputs, activation, hidden))
        if "tuning" in trial.name or "between" in trial.name:
            assert (runs.full, runs.tuning) == ((), TUNING_SEEDS)
        else:
            assert runs.full == SEEDS
    assert seen == set(OWNED)


def test_every_net_trains_at_one_rate_and_at_its_own() -> None:
    rates = {runs.trial.name: runs.trial.learning_rate for runs in SECOND.runs if runs.full}  # type: ignore[union-attr]
    assert {rates[named(arm, SHARED)] for arm in CELLS.values()} == {0.3}
    assert all(rates[named(arm, OWN)] == NETS.rates[arm] for arm in CELLS.values())


def test_no_net_chooses_its_finer_rate_by_the_luck_of_a_seed() -> None:
    end = check("end_fresh_val_accuracy", 480)
    given: Given = {
        (trial, end): level
        for arm in NORMALIZED
        for trial, level in zip(finer(arm).values(), (0.85, 0.87, 0.1), strict=True)
    }
    hidden = next(arm for cell, arm in CELLS.items() if tuple(cell) == ("std", "relu", "hidden"))
    own, _, last = finer(hidden).values()
    given |= {(own, end): 0.89}
    lucky = np.full((len(SEEDS), 1, 1), 0.5)
    lucky[0] = 0.99
    given |= {(last, end): lucky}
    gains = finely_tuned("std")(MADE.given(given))
    assert gains == pytest.approx([1.0] * len(SEEDS))
    assert finely_tuned("bn")(MADE.given(given)) == pytest.approx([0.0] * len(SEEDS))


def test_the_page_tells_the_overlap_at_one_rate() -> None:
    numbers = given(OWNED, SHARED, "fresh_val_accuracy")
    values = SECOND.analyse(MADE.given(numbers)).values
    assert values["overlap.shared"].text.startswith("+2.50")
