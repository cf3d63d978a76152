"""Every random number depends on the seed and its purpose, and on nothing else."""

import math

import numpy as np
import pytest

from bnreport.randomness import generator, kernel
from bnreport.training.batches import batch_order, batches

SHAPE = (784, 300)


def order(seed: int = 1, epoch: int = 1) -> list[int]:
    full, last = batch_order(seed, epoch, 103, 10)
    return [*full.ravel().tolist(), *last.tolist()]


def test_an_epoch_sees_every_image_once_in_full_batches_and_a_rest() -> None:
    full, last = batch_order(1, 1, 103, 10)
    assert (full.shape, last.shape) == ((10, 10), (3,))
    assert full.dtype == last.dtype == np.int32
    assert sorted(order()) == list(range(103))
    assert order() != list(range(103))


@pytest.mark.parametrize(("images", "shapes"), [(100, ((10, 10), (0,))), (7, ((0, 10), (7,)))])
def test_a_rest_may_be_missing_and_may_be_all(images: int, shapes: object) -> None:
    full, last = batch_order(1, 1, images, 10)
    assert (full.shape, last.shape) == shapes


def test_fashion_mnist_ends_an_epoch_with_a_batch_of_24() -> None:
    full, last = batch_order(100, 1, 55_000, 32)
    assert (full.shape, last.shape) == ((1718, 32), (24,))


def test_the_order_is_the_same_bits_for_a_seed_and_epoch_and_no_other() -> None:
    assert order(1, 1) == order(1, 1)
    orders = [order(seed, epoch) for seed in (1, 2) for epoch in (1, 2)]
    assert len({tuple(images) for images in orders}) == 4


def test_orders_of_different_epochs_have_nothing_in_common() -> None:
    # An image keeps its place by chance in one of a hundred cases.
    same = np.mean([np.equal(order(seed, 1), order(seed, 2)).mean() for seed in range(50)])
    assert same < 0.02


def test_the_first_numbers_of_a_generator_are_pinned() -> None:
    # Records were made from these; another draw would be another run under the same name.
    first = generator(100, "weights of hidden1").random(2).tolist()
    assert first == [0.8353342207939027, 0.4463688535756176]
    assert batch_order(100, 1, 8, 4)[0].tolist() == [[3, 6, 0, 7], [4, 1, 2, 5]]


def test_a_generator_does_not_depend_on_what_was_drawn_before() -> None:
    first = generator(3, "a").random(4).tolist()
    generator(3, "b").random(1000)
    np.random.default_rng(3).random(10)
    assert generator(3, "a").random(4).tolist() == first
    assert generator(3, "b").random(4).tolist() != first
    assert generator(4, "a").random(4).tolist() != first


def test_he_normal_weights_are_cut_at_two_standard_deviations_and_have_the_right_spread() -> None:
    drawn = kernel("HeNormal", 1, "hidden1", SHAPE)
    spread = math.sqrt(2 / 784)
    assert drawn.shape == SHAPE
    assert drawn.dtype == np.float32
    assert np.abs(drawn).max() <= 2 * spread / 0.8796 * 1.0001
    assert np.abs(drawn).max() > 1.99 * spread / 0.8796
    assert drawn.std() == pytest.approx(spread, rel=0.005)
    assert abs(drawn.mean()) < 0.01 * spread


def test_glorot_uniform_weights_keep_their_bounds_and_have_the_right_spread() -> None:
    drawn = kernel("GlorotUniform", 1, "hidden1", SHAPE)
    bound = math.sqrt(6 / (784 + 300))
    assert drawn.shape == SHAPE
    assert drawn.dtype == np.float32
    assert np.abs(drawn).max() <= bound
    assert np.abs(drawn).max() > 0.999 * bound
    assert drawn.std() == pytest.approx(bound / math.sqrt(3), rel=0.005)
    assert abs(drawn.mean()) < 0.01 * bound


def test_arms_that_differ_in_the_initializer_share_their_uniform_numbers() -> None:
    he, glorot = (kernel(name, 5, "hidden1", (40, 30)) for name in ("HeNormal", "GlorotUniform"))
    ranks = [np.argsort(np.argsort(drawn.ravel())) for drawn in (he, glorot)]
    assert (ranks[0] == ranks[1]).all()


def test_weights_differ_by_seed_and_by_layer() -> None:
    drawn = [
        kernel("HeNormal", seed, layer, (4, 3)).tobytes()
        for seed, layer in ((1, "hidden1"), (2, "hidden1"), (1, "hidden2"))
    ]
    assert len(set(drawn)) == 3
    assert kernel("HeNormal", 1, "hidden1", (4, 3)).tobytes() == drawn[0]


def test_an_unknown_initializer_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"layer 'output'.*Received: initializer='Zeros'"):
        kernel("Zeros", 1, "output", (4, 3))


@pytest.mark.train
@pytest.mark.usefixtures("keras_ready")
@pytest.mark.parametrize("name", ["HeNormal", "GlorotUniform"])
def test_weights_are_distributed_as_those_of_keras(name: str) -> None:
    import keras

    initializer = getattr(keras.initializers, name)(seed=1)
    theirs = np.asarray(keras.ops.convert_to_numpy(initializer(SHAPE)))
    ours = kernel(name, 1, "hidden1", SHAPE)
    shares = np.linspace(0.01, 0.99, 25)
    found, expected = np.quantile(ours, shares), np.quantile(theirs, shares)
    assert found == pytest.approx(expected, abs=0.02 * float(theirs.std()))
    assert np.abs(ours).max() == pytest.approx(np.abs(theirs).max(), rel=0.01)
    assert ours.std() == pytest.approx(theirs.std(), rel=0.01)


def test_a_convolution_kernel_counts_its_field_in_fan_in_and_fan_out() -> None:
    shape = (3, 3, 4, 5)
    he = kernel("HeNormal", 1, "c", shape)
    assert he.shape == shape
    assert he.std() == pytest.approx(np.sqrt(2 / 36), rel=0.15)
    glorot = kernel("GlorotUniform", 1, "c", shape)
    assert np.abs(glorot).max() <= np.sqrt(6 / (36 + 45))
    assert np.abs(glorot).max() > 0.9 * np.sqrt(6 / (36 + 45))


def test_orders_differ_in_what_an_epoch_repeats() -> None:
    first = batches("fresh", 1, 1, 10, 3)
    for order in ("fresh", "fixed", "fixed batches"):
        full, last = batches(order, 1, 1, 10, 3)
        assert (full == first[0]).all()
        assert (last == first[1]).all()
    assert (batches("fixed", 1, 5, 10, 3)[0] == first[0]).all()
    assert (batches("fresh", 1, 5, 10, 3)[0] != first[0]).any()
    moved = [batches("fixed batches", 1, epoch, 10, 3)[0].tolist() for epoch in range(2, 9)]
    assert all(sorted(full) == sorted(first[0].tolist()) for full in moved)
    assert any(full != first[0].tolist() for full in moved)
