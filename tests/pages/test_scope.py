"""For whom the results of a study hold, in few words."""

import pytest

from bnreport.pages.scope import scope
from tests.golden import report

NETS = {
    "blocks": "residual, 22, 62 or 202 layers, 64 units, ReLU",
    "residual": "plain or residual, 20 layers, 8-16-32 filters, ReLU",
    "depth": "dense, 100-100 units, ReLU, tanh or sigmoid; 10, 20 or 30 dense layers of 100, ReLU, "
    "tanh or sigmoid",
    "mistakes": "dense, 300-100 units, leaky ReLU or ReLU",
}
TRAINING = {
    "blocks": "1 epoch of batches of 128: 80 steps; nets as they start",
    "collapse": "nets as they start",
    "finetuning": "3 epochs of batches of 32: 936 steps; 96, 24 or 6 epochs of batches of 32: "
    "192 steps",
    "notebook": "1, 10 or 20 epochs of batches of 32: 1,719, 17,190 or 34,380 steps",
    "lag": "4 epochs of batches of 32, 128 or 512: 2,560, 640 or 160 steps",
}


@pytest.mark.parametrize("name", NETS)
def test_nets_that_differ_in_one_part_are_named_together(name: str) -> None:
    assert scope(report().studies[name])["Net"] == NETS[name]


@pytest.mark.parametrize("name", TRAINING)
def test_runs_that_differ_in_one_number_are_named_together(name: str) -> None:
    assert scope(report().studies[name])["Training"] == TRAINING[name]


def test_of_many_sizes_the_ends_are_named() -> None:
    text = scope(report().studies["batchsize"])["Training"]
    assert text.startswith("2 epochs of batches of 2 to 512: 80 to 20,480 steps")


BN = {
    # A probe looks at a batch in training mode; accuracies are those of moving averages.
    "landscape": "as in training, by the statistics of the batch that is looked at",
    "shift": "as in training, by the statistics of the batch that is looked at and as Keras would "
    "deploy it: by moving averages of momentum 0.9",
    "notebook": "as Keras would deploy it: by moving averages of momentum 0.99",
}


@pytest.mark.parametrize("name", BN)
def test_what_bn_normalizes_by_is_told_of_what_is_measured(name: str) -> None:
    assert scope(report().studies[name])["BN"] == BN[name]


def test_exact_claims_speak_of_both_modes_and_least_squares_of_neither() -> None:
    assert "BN" not in scope(report().studies["identities"])
    found = scope(report().studies["toy"])
    assert "BN" not in found
    assert found["Learning rate"] == "constant, 41 from 0.0001 to 1,000,000"
    assert found["Condition number"] == "10, 100, 1,000 or 10,000"
    assert found["Seeds"] == "20, paired (100 to 119) for each condition number"


def test_nets_that_never_train_have_no_rate_and_seeds_of_no_claim_no_pairs() -> None:
    assert "Learning rate" not in scope(report().studies["collapse"])
    drawn = scope(report().studies["distributions"])
    assert drawn["Seeds"] == "3 (100 to 102)"
    assert "Score" not in drawn
