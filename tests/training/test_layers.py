"""Our own layers do what their papers say, by hand-computable cases and beside Keras' layers."""

from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]


def values(tensor: Any) -> Any:
    import keras

    return np.asarray(keras.ops.convert_to_numpy(tensor))


def images(*shape: int) -> Any:
    return np.random.default_rng(1).normal(size=shape).astype(np.float32)


def test_the_dense_layer_is_that_of_keras_with_its_kernel_transposed() -> None:
    import keras

    from bnreport.training import layers

    ours, theirs = layers.Dense(3), keras.layers.Dense(3)
    x = images(5, 4)
    ours.build((None, 4))
    theirs.build((None, 4))
    theirs.kernel.assign(ours.kernel.numpy().T)
    bias = np.array([1.0, 2.0, 3.0])
    ours.bias.assign(bias)
    theirs.bias.assign(bias)
    assert values(ours(x)) == pytest.approx(values(theirs(x)), abs=1e-6)


def test_a_standardized_kernel_has_mean_zero_and_the_variance_of_he() -> None:
    from bnreport.training import layers

    layer = layers.StandardizedDense(3)
    layer.build((None, 50))
    layer.kernel.assign(images(3, 50) * 7 + 4)
    kernel = values(layer.weight())
    assert kernel.mean(axis=1) == pytest.approx(np.zeros(3), abs=1e-6)
    assert kernel.var(axis=1) == pytest.approx(np.full(3, 2 / 50), rel=1e-4)


@pytest.mark.parametrize("size", [8, 10, 3])
def test_a_ghost_batch_is_normalized_by_itself(size: int) -> None:
    from bnreport.training import layers

    layer = layers.GhostBatchNormalization(4, epsilon=0.0, momentum=0.0)
    layer.build((None, 2))
    x = images(size, 2)
    found = values(layer(x, training=True))
    parts = [x[i : i + 4] for i in range(0, size, 4)]
    expected = [(part - part.mean(0)) / part.std(0) for part in parts]
    assert found == pytest.approx(np.concatenate(expected), abs=1e-4)
    share = [len(part) / size for part in parts]
    mean = sum(w * part.mean(0) for w, part in zip(share, parts, strict=True))
    variance = sum(w * part.var(0) for w, part in zip(share, parts, strict=True))
    assert values(layer.moving_mean) == pytest.approx(mean, abs=1e-5)
    assert values(layer.moving_variance) == pytest.approx(variance, abs=1e-5)


def test_ghost_batches_of_pictures_share_a_mean_over_their_pixels() -> None:
    from bnreport.training import layers

    layer = layers.GhostBatchNormalization(2, epsilon=0.0)
    layer.build((None, 3, 3, 2))
    x = images(4, 3, 3, 2)
    found = values(layer(x, training=True))
    first = x[:2]
    expected = (first - first.mean((0, 1, 2))) / first.std((0, 1, 2))
    assert found[:2] == pytest.approx(expected, abs=1e-4)


def test_noise_moves_every_unit_in_training_and_none_in_inference() -> None:
    from bnreport.training import layers

    layer = layers.NoisyBatchNormalization()
    layer.build((None, 200))
    x = images(500, 200)
    still = values(layer(x, training=False))
    assert still == pytest.approx(x / np.sqrt(1.001), abs=1e-5)
    first, again = (values(layer(x, training=True)) for _ in range(2))
    assert np.abs(first - again).max() > 0.1
    centre, spread = first.mean(0), first.std(0)
    assert 0.4 < np.abs(centre).max() <= 0.55
    assert 1.0 <= spread.min() < 1.05
    assert 1.2 < spread.max() < 1.3
    layer.noise = 0.0
    quiet = values(layer(x, training=True))
    assert quiet.mean(0) == pytest.approx(np.zeros(200), abs=1e-5)
