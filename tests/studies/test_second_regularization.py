"""The second edition of regularization: who is compared where, by which score, on what runs."""

from typing import Any

import numpy as np
import pytest

from bnreport.protocol.directions import Quantity, check
from bnreport.protocol.nets import Net
from bnreport.protocol.optimization import CONSTANT, LINEAR
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.statistics.estimates import Contrast
from bnreport.studies.second.regularization import SECOND
from bnreport.studies.second.regularization.runs import END_SEEDS, LEVELS, MARKS, NETS, SEEDS
from tests.directed import Directed

MADE = Directed(SECOND)
SAME = {
    "same-std": ("bn-1024-shared", "std-1024-shared"),
    "same-raw": ("bn-1024-shared", "raw-1024-shared"),
    "same-std-bn": ("std-bn-1024-shared", "std-1024-shared"),
    "same-ghost": ("ghost-8-1024-shared", "bn-1024-shared"),
    "same-std-many": ("bn-5120-shared", "std-5120-shared"),
    "same-ghost-many": ("ghost-8-5120-shared", "bn-5120-shared"),
}
ENDS = {"end-std": ("bn-1024", "std-1024"), "end-ghost": ("ghost-8-1024", "bn-1024")}
BOTH = [("fresh", ""), ("deployed", "-deployed")]
Given = dict[tuple[str, Quantity], Any]


def found(claim: str, given: Given) -> Contrast:
    """What judges a claim where these numbers are given."""
    contrast = SECOND.estimates[f"regularization-2-{claim}"](MADE.given(given))
    assert isinstance(contrast, Contrast)
    return contrast


def path(name: str, by: str, accuracy: float, first: float = 1.0) -> Given:
    """A run whose loss falls by a fifth a mark, at this accuracy but for the first mark."""
    losses = first * 0.8 ** np.arange(10)
    accuracies = np.array([0.1, *[accuracy] * 9])
    return {
        (name, check(f"path_{by}_train_loss")): losses[None, :, None],
        (name, check(f"path_{by}_val_accuracy")): accuracies[None, :, None],
    }


@pytest.mark.parametrize(("by", "ending"), BOTH)
@pytest.mark.parametrize("name", SAME)
def test_two_nets_are_compared_at_the_same_losses_by_one_score(
    name: str, by: str, ending: str
) -> None:
    one, other = SAME[name]
    contrast = found(name + ending, path(one, by, 0.875) | path(other, by, 0.85))
    assert contrast.values == pytest.approx([2.5] * len(contrast.values))
    assert contrast.censored == 0


def test_all_levels_count_and_only_the_losses_of_training_images() -> None:
    # Marks at the levels themselves.
    losses = np.array([0.5, *LEVELS[1024], *np.geomspace(0.1, 0.05, 6)])
    given = path("std-1024-shared", "fresh", 0.5)
    given |= {
        ("bn-1024-shared", check("path_fresh_train_loss")): losses[None, :, None],
        ("bn-1024-shared", check("path_fresh_val_accuracy")): np.array(
            [0.1, 0.6, 0.5, 0.55, *[0.9] * 6]
        )[None, :, None],
    }
    values = found("same-std", given).values
    assert values == pytest.approx([5.0] * len(values))


@pytest.mark.parametrize(("by", "ending"), BOTH)
@pytest.mark.parametrize("name", ENDS)
def test_a_claim_on_the_end_is_one_net_less_another_at_own_rates(
    name: str, by: str, ending: str
) -> None:
    one, other = ENDS[name]
    end = check(f"end_{by}_val_accuracy", 960)
    contrast = found(name + ending, {(one, end): 0.875, (other, end): 0.85})
    assert contrast.values == pytest.approx([2.5] * len(contrast.values))


def test_the_same_is_asked_as_deployed() -> None:
    assert [f"{name}-deployed" for name in SECOND.families[0]] == [*SECOND.families[1]]
    assert len(SECOND.families[0]) == len(SAME) + len(ENDS) == 8


def test_nets_train_alike_but_for_what_their_names_say() -> None:
    for runs in SECOND.runs:
        trial = runs.trial
        assert isinstance(trial, Recipe)
        assert isinstance(trial.net, Net)
        arm, images = trial.name.split("-tuning")[0].removesuffix("-shared").rsplit("-", 1)
        assert (trial.images, trial.steps, trial.batch_size) == (int(images), 960, 64)
        assert trial.inputs == ("std" if arm.startswith("std") else "raw")
        kind = {"raw": "none", "std": "none", "bn": "batch", "std-bn": "batch"}.get(arm, "ghost")
        assert trial.net.normalizer == kind
        if kind == "ghost":
            assert arm == f"ghost-{trial.net.groups}"
        if trial.name.endswith("-shared"):
            assert (trial.learning_rate, trial.schedule) == (0.1, CONSTANT)
            assert trial.checks[0].steps == MARKS[trial.images]
            assert runs.full == SEEDS[trial.images]
        else:
            assert trial.schedule == LINEAR
            assert (runs.full, runs.tuning) in {(END_SEEDS, ()), ((), TUNING_SEEDS)}
    assert len([runs for runs in SECOND.runs if runs.tuning]) == len(NETS.rates) * len(NETS.grid)


def test_the_page_tells_what_no_claim_judges() -> None:
    given = path("bn-1024-shared", "fresh", 0.8)
    given |= path("ghost-32-1024-shared", "fresh", 0.81)
    given |= path("std-bn-5120-shared", "fresh", 0.9)
    given |= path("std-5120-shared", "fresh", 0.88)
    end = check("end_fresh_val_accuracy", 960)
    given |= {("bn-1024-tuning-0.3", end): 0.8, ("std-1024-tuning-0.3", end): 0.83}
    analysis = SECOND.analyse(MADE.given(given))
    assert analysis.values["ghost-32"].text.startswith("+1.00")
    assert analysis.values["std-bn-many"].text.startswith("+2.00")
    assert analysis.values["alike"].text.startswith("\N{MINUS SIGN}3.00")
