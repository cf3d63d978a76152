"""The second edition of placement: which places each claim compares, and at how many seeds."""

from typing import Any

import pytest

from bnreport.protocol.directions import check
from bnreport.protocol.nets import Net
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.statistics.estimates import Contrast
from bnreport.studies.second.placement import FEW, MANY, NETS, RUNS, SECOND
from tests.directed import Directed

MADE = Directed(SECOND)
STEPS = 640
PLACES = {
    "before-relu": ("relu-before", "relu-after"),
    "after-tanh": ("tanh-after", "tanh-before"),
    "before-std-relu": ("relu-std-before", "relu-std-after"),
    "after-std-tanh": ("tanh-std-after", "tanh-std-before"),
}
SUFFIXES = {"fresh": "", "deployed": "-deployed"}
each_score = pytest.mark.parametrize("by", SUFFIXES)


def ended(by: str = "fresh") -> Any:
    """The accuracy at the end of a run."""
    return check(f"end_{by}_val_accuracy", STEPS)


@each_score
@pytest.mark.parametrize("name", PLACES)
def test_a_claim_on_places_is_one_place_less_the_other(name: str, by: str) -> None:
    one, other = PLACES[name]
    records = MADE.given({(one, ended(by)): 0.875, (other, ended(by)): 0.85})
    contrast = SECOND.estimates[f"placement-2-{name}{SUFFIXES[by]}"](records)
    assert isinstance(contrast, Contrast)
    assert contrast.values == pytest.approx([2.5] * len(contrast.values))


@each_score
@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("control", ["raw", "std"])
def test_a_claim_on_gains_holds_each_place_against_the_net_without_bn(
    activation: str, control: str, by: str
) -> None:
    at = {"before": 0.875, "after": 0.625, control: 0.75}
    records = MADE.given({(f"{activation}-{k}", ended(by)): value for k, value in at.items()})
    found = SECOND.estimates[f"placement-2-{control}-{activation}{SUFFIXES[by]}"](records)
    assert isinstance(found, dict)
    means = {place: contrast.interval.point for place, contrast in found.items()}
    assert means == pytest.approx({"before": 12.5, "after": -12.5})


def test_the_places_with_relu_on_raw_pixels_are_asked_at_more_seeds() -> None:
    more = {runs.trial.name for runs in RUNS if runs.full == MANY}
    assert more == {"relu-before", "relu-after"}
    assert {runs.full for runs in RUNS if runs.full} == {FEW, MANY}
    assert MANY[: len(FEW)] == FEW
    said = {claim.id for claim in SECOND.claims if claim.seeds == "200-247"}
    assert said == {"placement-2-before-relu", "placement-2-before-relu-deployed"}


def test_all_nets_train_alike_but_for_what_their_names_say() -> None:
    given, shared = {}, set()
    for runs in RUNS:
        trial = runs.trial
        assert isinstance(trial, Recipe)
        net = trial.net
        assert isinstance(net, Net)
        if runs.full:
            given[trial.name] = (trial.inputs, net.activation, net.normalizer, net.placement)
        plain = {"activation": "relu", "initializer": "HeNormal", "placement": "before"}
        like = {
            "name": "",
            "net": net.model_copy(update={**plain, "normalizer": "none"}),
            "inputs": "raw",
            "learning_rate": 1.0,
        }
        shared.add(trial.model_copy(update=like))
        assert (net.activation, net.initializer) in (
            ("relu", "HeNormal"),
            ("tanh", "GlorotUniform"),
        )
    (one,) = shared
    assert (one.steps, one.images % one.batch_size, one.schedule) == (STEPS, 0, LINEAR)
    kinds = {
        "raw": ("raw", "none", "before"),
        "std": ("std", "none", "before"),
        "before": ("raw", "batch", "before"),
        "after": ("raw", "batch", "after"),
        "std-before": ("std", "batch", "before"),
        "std-after": ("std", "batch", "after"),
    }
    assert given == {
        f"{activation}-{kind}": (inputs, activation, normalizer, place)
        for activation in ("relu", "tanh")
        for kind, (inputs, normalizer, place) in kinds.items()
    }


def test_every_net_is_tuned_on_one_grid() -> None:
    tuned = [runs for runs in RUNS if runs.tuning]
    assert {runs.tuning for runs in tuned} == {TUNING_SEEDS}
    assert len(tuned) == len(NETS.rates) * len(NETS.grid)


def test_the_page_says_what_bn_gains_on_standardized_inputs() -> None:
    at = {"tanh-std": 0.75, "tanh-std-before": 0.625, "tanh-std-after": 0.875}
    records = MADE.given({(name, ended()): accuracy for name, accuracy in at.items()})
    values = SECOND.analyse(records).values
    assert values["std.tanh.before"].text.startswith("−12.50")
    assert values["std.tanh.after"].text.startswith("+12.50")


def test_the_figure_of_places_draws_after_less_before() -> None:
    at = {"relu-before": 0.875, "relu-after": 0.85}
    plot: Any = SECOND.analyse(
        MADE.given({(name, ended()): accuracy for name, accuracy in at.items()})
    ).plots["places"]
    (row,) = (row for row in plot.rows if row.label == "ReLU, raw pixels")
    assert row.values == pytest.approx([-2.5] * len(row.values))
