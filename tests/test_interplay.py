"""The worked numbers of the page on interplay are right."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bnreport.lessons.interplay import averaged, example, gradient, half
from bnreport.reference import forward


def test_the_gradient_of_the_example_is_that_of_finite_differences() -> None:
    x, target, weights = example()

    def loss(at: NDArray[np.float64]) -> float:
        made = forward((x @ at)[:, None], [1.0], [0.0], epsilon=0.0)
        return float(np.mean((made.output[:, 0] - target) ** 2))

    tried = np.eye(10) * 1e-6
    found = [(loss(weights + e) - loss(weights - e)) / 2e-6 for e in tried]
    np.testing.assert_allclose(gradient(x, target, weights), found, atol=1e-7)
    assert gradient(x, target, weights) @ weights == pytest.approx(0, abs=1e-12)


def test_16_bits_lose_a_variance_that_32_bits_keep() -> None:
    values = np.random.default_rng(2).normal(10, 0.1, 256).astype(np.float16)
    right = values.astype(np.float32).var()
    assert abs(half(values) - right) > right / 2
    assert not np.isfinite(half(values * np.float16(30)))


def test_averaged_statistics_are_not_those_of_averaged_weights() -> None:
    x = np.random.default_rng(0).normal(size=(100_000, 2))
    assert averaged()["held"] == pytest.approx(x.var(axis=0).mean(), rel=0.02)
    assert averaged()["true"] == pytest.approx(x.mean(axis=1).var(), rel=0.02)
