"""The worked unit of "Scale and weight decay" is what the page says it is."""

import numpy as np
from numpy.typing import NDArray

from bnreport.lessons.scale import Unit, example
from bnreport.reference import forward

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
