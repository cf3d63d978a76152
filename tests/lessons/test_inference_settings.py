"""The numbers of the pages on inference and on settings are those that the layer itself gives."""

import numpy as np
import pytest

from bnreport.lessons import inference, settings
from bnreport.reference import EPSILON, moved


@pytest.mark.parametrize("size", inference.SIZES)
def test_the_weight_of_the_start_is_what_an_epoch_of_moving_averages_leaves(size: int) -> None:
    variance = np.ones(1)
    for _ in range(inference.batches(size)):
        variance = moved(variance, 0.0)
    assert variance[0] == pytest.approx(inference.left(inference.batches(size)))


def test_half_of_an_average_is_new_when_half_of_the_start_is_left() -> None:
    assert inference.left(inference.halved(0.99)) == pytest.approx(0.5)
    assert inference.share(inference.left(54)) == "58.1%"
    assert inference.share(1e-8) == "under 0.01%"


def test_a_positive_gamma_passes_through_what_bends_at_zero_alone_and_a_negative_through_none() -> (
    None
):
    same = {
        (name, gamma)
        for name, activation in settings.ACTIVATIONS.items()
        for gamma in (2.0, -2.0)
        if settings.absorbed(activation, gamma) < 1e-9
    }
    bends = {"none (linear)", "ReLU", "leaky ReLU"}
    assert same == {(name, 2.0) for name in bends} | {("none (linear)", -2.0)}


def test_the_largest_momentum_forgets_its_start_just_in_time() -> None:
    for size in inference.SIZES:
        left = inference.left(inference.batches(size), settings.most_at(size))
        assert left == pytest.approx(settings.REST)


@pytest.mark.parametrize("new", [0.1, 0.9])
def test_an_average_trembles_by_the_share_of_the_last_batch(new: float) -> None:
    average, kept = np.zeros(2000), np.random.default_rng(0)
    for _ in range(100):
        average = moved(average, kept.normal(size=2000), 1 - new)
    assert average.std() == pytest.approx(settings.trembling(new), rel=0.05)


@pytest.mark.parametrize("epsilon", [EPSILON, settings.TORCH_EPSILON])
def test_half_comes_out_of_a_spread_whose_square_is_a_third_of_epsilon(epsilon: float) -> None:
    assert settings.spread(settings.halved_at(epsilon), epsilon) == pytest.approx(0.5)
