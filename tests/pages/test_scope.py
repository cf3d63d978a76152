"""For whom the results of a study hold, in few words."""

import pytest

from bnreport.pages.scope import scope
from tests.golden import report

NETS = {
    "blocks": "residual, 22, 62 or 202 layers, 64 units, ReLU",
    "residual": "plain or residual, 20 layers, 8-16-32 filters, ReLU",
    "mistakes": "dense, 300-100 units, leaky ReLU or ReLU",
}
TRAINING = {
    "blocks": "1 epoch of batches of 128: 80 steps; nets as they start",
    "collapse": "nets as they start",
    "finetuning": "3 epochs of batches of 32: 936 steps; 96, 24 or 6 epochs of batches of 32: "
    "192 steps",
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
