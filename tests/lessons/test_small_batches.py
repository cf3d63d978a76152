"""The noise of small batches, and what cutting a batch changes, against draws and differences."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import chi2

from bnreport.lessons.small_batches import (
    DEVICES,
    INPUTS,
    SHOWN,
    SIZES,
    UNITS,
    accumulated,
    analyse,
    difference,
    gradient,
    numbers_for,
    variance_error,
)
from bnreport.presentation.plots import Dots

RANDOM = np.random.default_rng(5)
KERNEL = RANDOM.normal(size=(INPUTS, UNITS))
X, TARGET = RANDOM.normal(size=(12, INPUTS)), RANDOM.normal(size=12)


def loss(kernel: np.ndarray, layer: str) -> float:
    values = X @ kernel
    if layer != "none":
        axis = 0 if layer == "batch" else 1
        centred = values - values.mean(axis=axis, keepdims=True)
        values = centred / np.sqrt(values.var(axis=axis, keepdims=True) + 1e-3)
    return float(((np.tanh(values).sum(axis=1) - TARGET) ** 2).mean())


@pytest.mark.parametrize("layer", ["batch", "layer", "none"])
def test_the_gradient_is_that_of_finite_differences(layer: str) -> None:
    found, step = gradient(KERNEL, X, TARGET, layer), 1e-6
    for place in np.ndindex(KERNEL.shape):
        nudge = np.zeros_like(KERNEL)
        nudge[place] = step
        slope = (loss(KERNEL + nudge, layer) - loss(KERNEL - nudge, layer)) / (2 * step)
        assert found[place] == pytest.approx(slope, abs=1e-6)


def test_accumulating_changes_the_gradient_of_batch_normalization_alone() -> None:
    assert difference("layer", 4)[0] < 1e-12
    assert difference("none", 4)[0] < 1e-12
    shares = [difference("batch", size)[0] for size in (16, 8, 4, 2)]
    assert shares == sorted(shares)
    assert shares[0] > 0.05


def test_a_micro_batch_of_everything_is_the_batch() -> None:
    whole = gradient(KERNEL, X, TARGET, "batch")
    np.testing.assert_array_equal(accumulated(KERNEL, X, TARGET, "batch", len(X)), whole)


def test_the_medians_of_the_figure_are_those_of_the_chi_squared_distribution() -> None:
    plot = analyse().plots["spread"]
    assert isinstance(plot, Dots)
    medians = [row.point for row in plot.rows]
    assert medians == sorted(medians)
    true = [chi2.ppf(0.5, n - 1) / n for n in SIZES]
    np.testing.assert_allclose(medians, true, atol=0.02)
    for row in plot.rows:
        assert len(row.values) == SHOWN
        assert np.median(row.values) == pytest.approx(row.point, abs=0.01)


# Keras on two devices, in a process of its own: devices are set up before the first import.
TENSORFLOW = """
import json, sys, numpy as np, tensorflow as tf, keras
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2)
x = np.array(json.loads(sys.argv[1]), np.float32).reshape(4, 1)
# Collective operations of processor devices may meet in another order and stop.
reduction = tf.distribute.ReductionToOneDevice()
for together in (False, True):
    with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"], reduction).scope():
        layer = keras.layers.BatchNormalization(momentum=0.0, synchronized=together)
        model = keras.Sequential([keras.Input((1,)), layer])
        model.compile(keras.optimizers.SGD(0.0), "mse", jit_compile=False)
    model.fit(tf.data.Dataset.from_tensor_slices((x, x)).batch(4), verbose=0)
    print(json.dumps([float(v.numpy()[0]) for v in layer.non_trainable_variables]))
"""
JAX = """
import json, sys, numpy as np, keras
x = np.array(json.loads(sys.argv[1]), np.float32).reshape(4, 1)
try:
    keras.layers.BatchNormalization(synchronized=True)
except ValueError:
    print(json.dumps("refused"))
keras.distribution.set_distribution(keras.distribution.DataParallel())
layer = keras.layers.BatchNormalization(momentum=0.0)
model = keras.Sequential([keras.Input((1,)), layer])
model.compile(keras.optimizers.SGD(0.0), "mse")
model.fit(x, x, batch_size=4, shuffle=False, verbose=0)
print(json.dumps([float(v.numpy()[0]) for v in layer.non_trainable_variables]))
"""


def on_two_devices(backend: str, script: str) -> list[object]:
    made = subprocess.run(
        [sys.executable, "-c", script, json.dumps(DEVICES.tolist())],
        env=os.environ
        | {"KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu"}
        | ({"XLA_FLAGS": "--xla_force_host_platform_device_count=2"} if backend == "jax" else {}),
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    return [json.loads(line) for line in made.stdout.splitlines()]


@pytest.mark.train
def test_replicas_on_tensorflow_share_statistics_only_when_told_to() -> None:
    first = [DEVICES[0].mean(), DEVICES[0].var()]
    assert on_two_devices("tensorflow", TENSORFLOW) == [first, [DEVICES.mean(), DEVICES.var()]]


@pytest.mark.train
def test_jax_normalizes_by_the_whole_batch_and_refuses_to_be_told() -> None:
    assert on_two_devices("jax", JAX) == ["refused", [DEVICES.mean(), DEVICES.var()]]


def test_the_least_count_is_the_first_that_scatters_by_so_little() -> None:
    for error in (1.0, 0.1, 0.03):
        least = numbers_for(error)
        assert variance_error(least) <= error < variance_error(least - 1)
