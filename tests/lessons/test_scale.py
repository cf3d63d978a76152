"""The worked unit of "Scale and weight decay" is what the page says it is."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from bnreport.lessons.scale import Unit, example
from bnreport.reference import forward
from tests.processes import found_on

Floats = NDArray[np.float64]


def loss(unit: Unit, w: Floats) -> float:
    return float(unit.weigh @ unit.outputs(w))


def test_the_gradient_of_the_lesson_is_that_of_its_loss() -> None:
    unit, w = example(epsilon=0.1)
    step = 1e-6
    found = [
        (loss(unit, w + step * axis) - loss(unit, w - step * axis)) / (2 * step)
        for axis in np.eye(len(w))
    ]
    np.testing.assert_allclose(unit.gradient(w), found, rtol=1e-5, atol=1e-8)


def test_a_common_factor_of_gamma_and_beta_cancels_in_the_next_layer() -> None:
    rng = np.random.default_rng(5)
    x, gamma, beta, kernel = (rng.normal(size=shape) for shape in ((30, 4), 4, 4, (4, 3)))

    def net(factor: float) -> Floats:
        hidden = np.maximum(forward(x, factor * gamma, factor * beta).output, 0)
        return forward(hidden @ kernel, np.ones(3), np.zeros(3), epsilon=0.0).output

    np.testing.assert_allclose(net(7.0), net(1.0), atol=1e-10)


# Which variables of two layers decay leaves alone, told the name of a layer or its variables.
SPARED = """
import json, keras, numpy as np
def spared(by):
    layers = [keras.layers.Dense(2), keras.layers.BatchNormalization(name="norm")]
    net = keras.Sequential([keras.Input((3,)), *layers])
    for w in net.trainable_weights: w.assign(np.ones(w.shape))
    optimizer = keras.optimizers.SGD(0.1, weight_decay=0.01)
    named = {"var_names": ["norm"]} if by == "name" else {"var_list": layers[1].trainable_weights}
    optimizer.exclude_from_weight_decay(**named)
    zeros = [keras.ops.zeros(w.shape) for w in net.trainable_weights]
    optimizer.apply(zeros, net.trainable_weights)
    return sorted(w.name for w in net.trainable_weights if float(np.min(w)) == 1)
print(json.dumps([spared("name"), spared("list")]))
"""


# On TensorFlow the name spares the layer, on JAX nothing.
@pytest.mark.train
@pytest.mark.usefixtures("keras_ready")
def test_the_name_of_a_layer_spares_it_from_decay_on_tensorflow(
    capsys: pytest.CaptureFixture[str],
) -> None:
    exec(SPARED, {})
    assert json.loads(capsys.readouterr().out) == [["beta", "gamma"], ["beta", "gamma"]]


@pytest.mark.train
def test_the_name_of_a_layer_spares_nothing_from_decay_on_jax() -> None:
    assert found_on("jax", SPARED) == [[], ["beta", "gamma"]]
