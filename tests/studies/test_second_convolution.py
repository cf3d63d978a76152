"""The second edition of the convolutional net: what each claim compares, and what arms share."""

from typing import Any

import numpy as np
import pytest

from bnreport.protocol.directions import check
from bnreport.protocol.nets import Net
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.statistics.estimates import Contrast
from bnreport.studies.second.convolution import BATCH, EPOCHS, IMAGES, NETS, SECOND
from tests.directed import Directed

MADE = Directed(SECOND)
STEPS = 234
ARMS = {
    "bn-raw": ("bn", "raw"),
    "bn-std": ("bn", "std"),
    "std-bn": ("std-bn", "std"),
    "ln": ("ln", "bn"),
    "gn": ("gn", "bn"),
}


def ended(by: str = "fresh") -> Any:
    """The accuracy at the end of a run."""
    return check(f"end_{by}_val_accuracy", STEPS)


@pytest.mark.parametrize("name", ARMS)
@pytest.mark.parametrize(("by", "suffix"), [("fresh", ""), ("deployed", "-deployed")])
def test_a_claim_is_the_first_arm_less_the_second_by_its_score(
    name: str, by: str, suffix: str
) -> None:
    one, other = ARMS[name]
    records = MADE.given({(one, ended(by)): 0.875, (other, ended(by)): 0.85})
    contrast = SECOND.estimates[f"convolution-2-{name}{suffix}"](records)
    assert isinstance(contrast, Contrast)
    assert contrast.values == pytest.approx([2.5] * len(contrast.values))


def test_all_arms_train_alike_but_for_what_their_names_say() -> None:
    given, shared = {}, set()
    for runs in SECOND.runs:
        trial = runs.trial
        assert isinstance(trial, Recipe)
        assert isinstance(trial.net, Net)
        if runs.full:
            given[trial.name] = (trial.inputs, trial.net.normalizer, trial.net.groups)
        net = trial.net.model_copy(update={"normalizer": "none", "groups": 1})
        like = {"name": "", "net": net, "inputs": "raw", "learning_rate": 1.0}
        shared.add(trial.model_copy(update=like))
    (one,) = shared
    assert (one.steps, one.images % one.batch_size, one.schedule) == (STEPS, 0, LINEAR)
    assert (one.data, one.net.filters) == ("fashion-mnist-14", (16, 32))
    assert STEPS == EPOCHS * IMAGES // BATCH
    assert given == {
        "raw": ("raw", "none", 10),
        "std": ("std", "none", 10),
        "bn": ("raw", "batch", 10),
        "std-bn": ("std", "batch", 10),
        "ln": ("raw", "layer", 10),
        "gn": ("raw", "group", 4),
        "gn-1": ("raw", "group", 1),
    }


def test_every_arm_is_tuned_on_one_grid_and_judged_at_seeds_that_nobody_looked_at() -> None:
    tuned = [runs for runs in SECOND.runs if runs.tuning]
    assert {runs.tuning for runs in tuned} == {TUNING_SEEDS}
    assert len(tuned) == len(NETS.rates) * len(NETS.grid)
    assert {runs.full for runs in SECOND.runs if runs.full} == {tuple(range(200, 248))}
    assert {claim.seeds for claim in SECOND.claims} == {"200-247"}


def test_the_page_says_what_was_found_beside_the_claims() -> None:
    scatter = np.array([[[0.001 * (-1) ** place]] for place in range(12)])
    at = {"bn": 0.8, "ln": 0.76, "gn-1": 0.77, "std": 0.82 + scatter}
    given = {(name, ended()): accuracy for name, accuracy in at.items()}
    values = SECOND.analyse(MADE.given(given | {("bn", ended("deployed")): 0.75})).values
    assert values["lag"].text.startswith("5.00")
    assert values["whole"].text.startswith("−3.00")
    assert values["whole.pixel"].text.startswith("+1.00")
    assert values["bn-std.leaning"].text == "standardized inputs did better than BN"
