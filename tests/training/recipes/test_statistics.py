"""Fresh statistics are those of one pass over everything, and averages those that Keras keeps."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bnreport.protocol.nets import Net
from bnreport.protocol.scorings import Average
from bnreport.randomness import generator

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]

DENSE = Net(hidden=(12, 8), normalizer="batch", normalized_inputs=True)
CONVOLUTIONAL = Net(filters=(3, 5), hidden=(6,), normalizer="batch", placement="after")
# Batches of 2 and of 32, and one that does not divide 101 images.
SIZES = (2, 32, 7)


def images(number: int) -> NDArray[np.float32]:
    # Far from zero, so that a variance by squares alone would be wrong.
    return (generator(1, "images").random((number, 8, 8)) * 3 + 20).astype(np.float32)


def started(net: Net) -> tuple[Any, list[Any], list[Any]]:
    """A net with its weights and its state; scale and offset of BN are drawn, too."""
    from bnreport.training.graphs import Graph
    from bnreport.training.models import build, initial_weights

    graph = Graph.chain(build(net, (8, 8)))
    weights, state = initial_weights(graph.model, seed=1)
    rng = generator(2, "gamma and beta")
    drawn = [
        rng.uniform(0.5, 2.0, w.shape).astype("float32") if w.ndim == 1 else w for w in weights
    ]
    return graph, drawn, state


def by_numpy(net: Net, x: NDArray[Any], weights: list[Any]) -> list[NDArray[Any]]:
    """One pass over all images in double precision, layer by layer, by Keras' definitions."""
    left, found = [np.asarray(w, float) for w in weights], list[NDArray[Any]]()
    x = x.astype(float)
    x = x[..., None] if net.filters else x.reshape(len(x), -1)

    def normalized(x: NDArray[Any]) -> NDArray[Any]:
        gamma, beta = left.pop(0), left.pop(0)
        axes = tuple(range(x.ndim - 1))
        mean, variance = x.mean(axes), x.var(axes)
        found.extend((mean, variance))
        return np.asarray(gamma * (x - mean) / np.sqrt(variance + net.epsilon) + beta)

    if net.normalized_inputs:
        x = normalized(x)
    for number in range(len(net.filters) + len(net.hidden)):
        kernel, bias = left.pop(0), left.pop(0)
        if number < len(net.filters):
            padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
            windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))
            x = np.einsum("nhwcij,ijco->nhwo", windows, kernel) + bias
        else:
            x = x.reshape(len(x), -1) @ kernel.T + bias
        x = normalized(x) if net.placement == "before" else x
        x = np.maximum(x, 0)
        x = normalized(x) if net.placement == "after" else x
        if number < len(net.filters):
            high, wide = x.shape[1] // 2, x.shape[2] // 2
            x = x.reshape(len(x), high, 2, wide, 2, -1).max((2, 4))
    return found


@pytest.mark.parametrize("net", [DENSE, CONVOLUTIONAL])
@pytest.mark.parametrize("size", SIZES)
def test_fresh_statistics_are_those_of_one_pass_over_everything(net: Net, size: int) -> None:
    from bnreport.training.recipes.statistics import fresh

    graph, weights, state = started(net)
    x = images(101)
    found = [np.asarray(value) for value in fresh(graph, weights, state, x, size)]
    wanted = by_numpy(net, x, weights)
    assert len(found) == 2 * (len(net.filters) + len(net.hidden) + net.normalized_inputs)
    for place, (one, other) in enumerate(zip(found, wanted, strict=True)):
        np.testing.assert_allclose(one, other, rtol=2e-4, atol=2e-5, err_msg=str(place))


@pytest.mark.parametrize("net", [DENSE, CONVOLUTIONAL])
def test_a_net_by_fresh_statistics_gives_what_it_gives_by_the_batch_of_all(net: Net) -> None:
    from bnreport.training.graphs import walk
    from bnreport.training.recipes.statistics import fresh, having, places

    graph, weights, state = started(net)
    x, numbers = images(64), {"momentum": np.float32(0)}
    anew = having(state, places(graph), fresh(graph, weights, state, x, 10))
    found = walk(graph, weights, anew, x, "inference", numbers).logits
    wanted = walk(graph, weights, state, x, "batch", numbers).logits
    np.testing.assert_allclose(np.asarray(found), np.asarray(wanted), rtol=1e-3, atol=1e-3)


def test_ghost_and_noisy_nets_have_the_fresh_statistics_of_plain_ones() -> None:
    from bnreport.training.recipes.statistics import fresh

    x, found = images(101), []
    for normalizer in ("batch", "ghost", "noisy"):
        net = Net(hidden=(12, 8), normalizer=normalizer, groups=16, dropout=0.5)
        graph, weights, state = started(net)
        found.append([np.asarray(v) for v in fresh(graph, weights, state, x, 32)])
    for other in found[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(found[0], other, strict=True))


def test_fresh_statistics_of_a_net_without_bn_are_none() -> None:
    from bnreport.training.recipes.statistics import fresh, places

    graph, weights, state = started(Net(hidden=(8,), normalizer="group", groups=2))
    assert fresh(graph, weights, state, images(10), 4) == places(graph) == []


def test_means_are_plain_means_over_batches_that_see_their_own_statistics() -> None:
    from bnreport.training.recipes.statistics import means

    graph, weights, state = started(DENSE)
    x = images(96)
    found = means(graph, weights, state, x.reshape(3, 32, 8, 8), {"momentum": np.float32(0)})
    each = [by_numpy(DENSE, batch, weights) for batch in x.reshape(3, 32, 8, 8)]
    for one, *others in zip(found, *each, strict=True):
        np.testing.assert_allclose(np.asarray(one), np.mean(others, 0), rtol=2e-4, atol=2e-5)


def test_averages_move_as_those_of_keras_do() -> None:
    import keras

    from bnreport.training.recipes.statistics import moved, started

    momenta = (0.99, 0.9, 0.0)
    layers = [keras.layers.BatchNormalization(momentum=m) for m in momenta]
    batches = images(60).reshape(20, 3, 64)
    keep = np.array(momenta, np.float32)
    take = np.array([1 - m for m in momenta], np.float32)
    averages = started([np.zeros(64, np.float32), np.ones(64, np.float32)], len(momenta))
    for batch in batches:
        for layer in layers:
            layer(batch, training=True)
        statistics = [batch.mean(0, dtype=np.float32), batch.var(0, dtype=np.float32)]
        averages = moved(averages, statistics, keep, take)
    for place, name in enumerate(("moving_mean", "moving_variance")):
        kept = [np.asarray(getattr(layer, name)) for layer in layers]
        np.testing.assert_allclose(np.asarray(averages[place]), kept, rtol=2e-6)


def test_a_corrected_average_of_equal_statistics_is_that_statistic() -> None:
    from bnreport.training.recipes.statistics import corrected

    def found(average: Average, mean: float, variance: float, steps: int) -> list[float]:
        values = [np.array([value], np.float32) for value in (mean, variance)]
        start = [np.zeros(1, np.float32), np.ones(1, np.float32)]
        return [float(value[0]) for value in corrected(average, values, start, steps)]

    average = Average(momentum=0.75, corrected=True)
    mean, variance = 0.0, 1.0
    for steps in range(1, 4):
        mean, variance = 0.75 * mean + 0.25 * 8, 0.75 * variance + 0.25 * 5
        assert found(average, mean, variance, steps) == pytest.approx([8, 5])
    # By hand: 1/4 of 8 after one step is 2, and 2 / (1 - 3/4) is 8.
    assert found(average, 2, 2, 1) == pytest.approx([8, 5])
    assert found(Average(momentum=0.75), 2, 2, 1) == [2, 2]
    assert found(average, 0, 1, 0) == [0, 1]


def test_moves_count_in_standard_deviations_and_logarithms() -> None:
    from bnreport.training.recipes.statistics import moves

    before = [np.array([0.0, 1.0]), np.array([3.0, 0.0]), np.zeros(1), np.ones(1)]
    after = [np.array([4.0, 1.5]), np.array([15.0, 0.0]), np.zeros(1), np.ones(1)]
    found = moves(before, after, epsilon=1.0)
    # By hand: 4 / 2 and 0.5 / 1; the standard deviation goes from 2 to 4 and stays at 1.
    assert found["mean"].tolist() == [1.25, 0.0]
    assert found["spread"] == pytest.approx([np.log(2) / 2, 0])
    shrunk = moves(after, before, epsilon=1.0)
    assert shrunk["growth"] == pytest.approx([-np.log(2) / 2, 0])
    assert shrunk["spread"] == pytest.approx([np.log(2) / 2, 0])
