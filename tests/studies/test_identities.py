"""Parameters are those that Keras counts, and small errors can be read."""

from typing import Any

import numpy as np
import pytest

from bnreport.presentation.formats import scientific
from bnreport.protocol.nets import Net
from bnreport.records.collection import Records, by_trial
from bnreport.studies.identities import FLOOR, NOTEBOOK, STUDY, Count, counted, errors
from tests import fabricated


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (0.0, "0"),
        (4.96e-6, "5.0 × 10⁻⁶"),
        (0.0016, "0.0016"),
        (7.97, "8.0"),
        (9.96, "10"),
        (5312.0, "5,312"),
    ],
)
def test_an_error_of_any_size_can_be_read(error: float, text: str) -> None:
    assert scientific(error) == text


def test_the_parameters_of_a_small_net_are_those_counted_by_hand() -> None:
    net = Net(hidden=(3,), normalizer="batch", normalized_inputs=True)
    assert counted(net, pixels=4, classes=2) == (
        Count("norm0", 8, 8),
        Count("hidden1", 15),
        Count("norm1", 6, 6),
        Count("output", 8),
    )


@pytest.mark.parametrize("net", [Net(filters=(8,)), Net(normalizer="layer")])
def test_a_net_that_is_not_counted_is_refused(net: Net) -> None:
    with pytest.raises(ValueError, match="Expected a dense net"):
        counted(net)


@pytest.mark.train
@pytest.mark.usefixtures("keras_ready")
@pytest.mark.parametrize("name", NOTEBOOK)
def test_keras_counts_the_same_parameters_in_the_notebooks_nets(name: str) -> None:
    from bnreport.training.models import NETS, build

    def size(variables: list[Any]) -> int:
        return sum(int(np.prod(variable.shape)) for variable in variables)

    assert NETS[name] == NOTEBOOK[name]
    assert counted(NOTEBOOK[name]) == tuple(
        Count(layer.name, size(layer.trainable_variables), size(layer.non_trainable_variables))
        for layer in build(name, (28, 28)).layers
        if layer.variables
    )


def test_an_error_of_zero_is_drawn_at_the_floor_and_said_to_be_zero() -> None:
    found = fabricated.records(STUDY)
    perfect = {
        name: record.model_copy(
            update={"checks": record.checks | {"mates_inference": (0.0, 0.0)}}
            if "mates_inference" in record.checks
            else {}
        )
        for name, record in found.items()
    }
    plot = errors(Records("full", by_trial(perfect)))
    (row,) = (row for row in plot.rows if row.label == "batch-mates, inference")
    assert row.point == 0.0
    assert set(row.values) == {FLOOR}
    assert "10⁻⁹" in plot.x_label
