"""Parameters are those that Keras counts."""

from typing import Any

import numpy as np
import pytest

from bnreport.protocol.nets import NETS, Net
from bnreport.protocol.parameters import Count, counted


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
@pytest.mark.parametrize("name", NETS)
def test_keras_counts_the_same_parameters_in_the_notebooks_nets(name: str) -> None:
    from bnreport.training.models import build

    def size(variables: list[Any]) -> int:
        return sum(int(np.prod(variable.shape)) for variable in variables)

    assert counted(NETS[name]) == tuple(
        Count(layer.name, size(layer.trainable_variables), size(layer.non_trainable_variables))
        for layer in build(name, (28, 28)).layers
        if layer.variables
    )
