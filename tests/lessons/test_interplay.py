"""The worked numbers of the page on interplay are right."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from bnreport.lessons.interplay import (
    adam,
    averaged,
    brained,
    dropped_variance,
    example,
    gradient,
    half,
    half_brained,
    sgd,
    tenfold,
    turn,
)
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


def test_bfloat16_rounds_to_eight_digits_and_does_not_overflow() -> None:
    # One and a half steps of 1/128 round up to the even neighbor, half a step down to it.
    assert brained([1 + 1 / 256, 1 + 3 / 256, -1.0, 3e38]).tolist() == [
        1.0,
        1 + 2 / 128,
        -1.0,
        pytest.approx(3e38, rel=1 / 256),
    ]
    values = np.random.default_rng(2).normal(30, 1, 256)
    assert half_brained(values * 300) != pytest.approx(values.var() * 300**2, rel=0.5)
    assert np.isfinite(half_brained(values * 300))
    centered = values - values.mean()
    assert half_brained(centered) == pytest.approx(values.var(), rel=0.02)


@pytest.mark.parametrize("width", [16, 512])
def test_dropout_raises_the_variance_of_a_sum_by_the_same_factor_at_any_width(width: int) -> None:
    random = np.random.default_rng(0)
    x, kernel = random.normal(size=(4000, width)), random.normal(size=(width, 50))
    dropped = x * (random.random(x.shape) < 0.5) * 2
    found = (dropped @ kernel).var(axis=0).mean() / (x @ kernel).var(axis=0).mean()
    assert found == pytest.approx(dropped_variance(0.0, 1.0, 0.5), rel=0.05)


@pytest.mark.parametrize("angle", [1e-6, 0.1, 3.0])
def test_the_angle_of_a_turn_keeps_its_digits_however_small_it_is(angle: float) -> None:
    start = np.array([2.0, 0.0])
    end = 5 * np.array([math.cos(angle), math.sin(angle)])
    assert turn(start, end - start) == pytest.approx(math.degrees(angle), rel=1e-9)


def test_ten_times_the_length_turns_a_hundredth_as_far_under_sgd_and_a_tenth_under_adam() -> None:
    # The angle of a step that is not small against the weights grows a little more slowly.
    assert tenfold(sgd) == pytest.approx(100, rel=0.02)
    assert tenfold(adam) == pytest.approx(10, rel=0.04)
