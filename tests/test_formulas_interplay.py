"""Every formula of the page on interplay, computed; the names say which."""

import numpy as np
import pytest

from bnreport.lessons.interplay import (
    adam,
    branch_share,
    dropped_variance,
    example,
    gradient,
    half,
    sgd,
    turn,
)
from bnreport.reference import forward


@pytest.mark.parametrize(("mean", "kept"), [(0.0, 0.5), (1.5, 0.8), (-2.0, 0.9)])
def test_interplay_dropout(mean: float, kept: float) -> None:
    random = np.random.default_rng(0)
    x = random.normal(mean, 2.0, 400_000)
    dropped = x * (random.random(x.size) < kept) / kept
    assert dropped.mean() == pytest.approx(mean, abs=0.03)
    assert dropped.var() == pytest.approx(dropped_variance(mean, 4.0, kept), rel=0.02)


def test_interplay_clip() -> None:
    gradient = np.array([3.0, 4.0])
    for limit, norm in ((1.0, 1.0), (10.0, 5.0)):
        clipped = gradient * min(1, limit / np.linalg.norm(gradient))
        assert np.linalg.norm(clipped) == pytest.approx(norm)
        assert clipped[0] * gradient[1] == pytest.approx(clipped[1] * gradient[0])


def test_interplay_adaptive_clip() -> None:
    # Doubled weights may move twice as far, and each unit has a limit of its own.
    weights, gradients = np.array([[3.0, 4.0], [0.3, 0.4]]), np.ones((2, 2))
    for factor in (1.0, 2.0):
        norms = np.linalg.norm(factor * weights, axis=1)
        limits = np.minimum(1, 0.1 * norms / np.linalg.norm(gradients, axis=1))
        clipped = gradients * limits[:, None]
        np.testing.assert_allclose(np.linalg.norm(clipped, axis=1), 0.1 * norms)


def test_interplay_turn() -> None:
    x, target, unit = example()
    for rule, power in ((sgd, 2), (adam, 1)):
        far, near = (
            turn(norm * unit, rule(gradient(x, target, norm * unit))) for norm in (8.0, 16.0)
        )
        assert far / near == pytest.approx(2**power, rel=0.01)


def test_interplay_share() -> None:
    random = np.random.default_rng(0)
    stream = random.normal(size=(512, 64))
    for block in range(1, 30):
        branch = forward(random.normal(size=(512, 64)), np.ones(64), np.zeros(64), 0.0).output
        stream += branch
        share = branch.var() / stream.var()
        assert share == pytest.approx(branch_share(block), rel=0.1)


def test_the_gradient_of_the_example_is_that_of_finite_differences() -> None:
    x, target, weights = example()

    def loss(at: np.ndarray) -> float:
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
