"""The arms that every training study carries: what each name trains."""

import pytest

from bnreport.analysis.arms import PARTS, USUAL, usual
from bnreport.errors import BnreportError
from bnreport.protocol.nets import Net

MEANT = {
    "raw": ("raw", "none"),
    "std": ("std", "none"),
    "bn": ("raw", "batch"),
    "std-bn": ("std", "batch"),
    "ln": ("raw", "layer"),
    "gn": ("raw", "group"),
}


@pytest.mark.parametrize("of", USUAL)
def test_an_arm_has_the_inputs_and_the_normalizer_of_its_name(of: str) -> None:
    trial = USUAL[of].trial(learning_rate=0.1, epochs=1)
    assert isinstance(trial.net, Net)
    assert (trial.inputs, trial.net.normalizer) == MEANT[of]
    assert trial.name == of


@pytest.mark.parametrize("of", USUAL)
def test_the_words_of_an_arm_are_those_of_what_it_trains(of: str) -> None:
    inputs, normalizer = MEANT[of]
    assert ("standardized" in USUAL[of].label) == (inputs == "std")
    assert ("BN" in USUAL[of].label) == (normalizer == "batch")
    assert ("raw" in USUAL[of].label) == ((inputs, normalizer) == ("raw", "none"))
    assert ("layer" in USUAL[of].label, "group" in USUAL[of].label) == (of == "ln", of == "gn")


def test_fields_of_the_net_and_of_the_trial_take_the_place_of_an_arms_own() -> None:
    std, bn = usual("std", "bn")
    trial = bn.trial("deep", {"hidden": (10, 10)}, learning_rate=0.1, epochs=1, inputs="std")
    assert isinstance(trial.net, Net)
    assert (trial.name, trial.inputs, trial.net.hidden) == ("deep", "std", (10, 10))
    assert trial.net.normalizer == "batch"
    assert std.trial(learning_rate=0.1, epochs=1, inputs="raw").inputs == "raw"


def test_a_variant_differs_in_what_is_given_and_in_nothing_else() -> None:
    (bn,) = usual("std-bn")
    last = bn.variant("last", net={"dropout": 0.5}, fields={"epochs": 3}, dashed=True)
    assert (last.name, last.label, last.colour, last.dashed) == ("last", bn.label, "std-bn", True)
    assert (last.net, last.fields) == (
        {"normalizer": "batch", "dropout": 0.5},
        {"inputs": "std", "epochs": 3},
    )
    assert bn.variant("x", "a label", {"normalizer": "none"}).net == {"normalizer": "none"}
    assert bn.variant("x", "a label").label == "a label"


def test_a_study_compares_four_arms() -> None:
    assert [MEANT[arm.name] for arm in usual()] == [
        ("raw", "none"),
        ("std", "none"),
        ("raw", "batch"),
        ("std", "batch"),
    ]


def test_there_is_no_other_arm() -> None:
    with pytest.raises(BnreportError, match="Received: dropout"):
        usual("dropout")


def test_arms_that_do_a_part_of_what_bn_does_differ_in_that_part_alone() -> None:
    trials = {arm.name: arm.trial(learning_rate=0.1, epochs=1) for arm in PARTS}
    nets = {name: Net.model_validate(trial.net) for name, trial in trials.items()}
    assert {name: trial.inputs for name, trial in trials.items()} == {
        "centred": "centred",
        "scaled": "scaled",
        "input-bn": "raw",
        "ws": "raw",
    }
    assert [nets[name].normalized_inputs for name in trials] == [False, False, True, False]
    assert [nets[name].normalizer for name in trials] == ["none", "none", "none", "weight"]
