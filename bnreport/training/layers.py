"""Keras layers of our own: those that Keras lacks, and a dense layer that XLA runs faster."""

from typing import Any

import keras
from keras import ops


class Dense(keras.layers.Layer):  # type: ignore[misc]
    """A dense layer like Keras', with its kernel stored as (units, inputs).

    The product is taken as `T(kernel @ T(x) + bias)`. XLA's matrix products on a CPU run a fifth
    faster in this layout; `scripts/bench` measures it.
    """

    def __init__(self, units: int, kernel_initializer: str = "GlorotUniform", **more: Any) -> None:
        super().__init__(**more)
        self.units = units
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the variables."""
        self.kernel = self.add_weight(
            name="kernel", shape=(self.units, input_shape[-1]), initializer=self.kernel_initializer
        )
        self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")

    def call(self, inputs: Any) -> Any:
        """The layer's outputs, (images, units)."""
        # The bias is added before the transposition, or XLA folds the two products back into one.
        outputs = ops.matmul(self.weight(), ops.transpose(inputs)) + self.bias[:, None]
        return ops.transpose(outputs)

    def weight(self) -> Any:
        """The kernel that multiplies, (units, inputs)."""
        return ops.convert_to_tensor(self.kernel)


class StandardizedDense(Dense):
    """A dense layer whose kernel has mean 0 and variance 2 / inputs for each unit.

    Source: Qiao et al. 2019 (arXiv 1903.10520), the standardization; the factor that keeps the
    variance of ReLU nets is ours, after He et al. 2015 (arXiv 1502.01852), equation 10.
    """

    def weight(self) -> Any:
        """The standardized kernel, (units, inputs)."""
        kernel = super().weight()
        mean, variance = ops.moments(kernel, axes=[1], keepdims=True)
        return (kernel - mean) * ops.rsqrt(variance + 1e-10) * (2.0 / kernel.shape[1]) ** 0.5


class GhostBatchNormalization(keras.layers.BatchNormalization):  # type: ignore[misc]
    """Batch normalization over parts of a batch of `images` images each.

    What is left over at the end of a batch is a part of its own. The moving averages take the mean
    of the parts' statistics, weighted by their images.

    Source: Hoffer et al. 2017 (arXiv 1705.08741), ghost batch normalization.
    """

    def __init__(self, images: int, **more: Any) -> None:
        super().__init__(**more)
        self.images = images

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """The normalized inputs, of the same shape."""
        size = inputs.shape[0]
        if not training or size <= self.images:
            return super().call(inputs, training=training, mask=mask)
        whole = size - size % self.images
        parts = [ops.reshape(inputs[:whole], (-1, self.images, *inputs.shape[1:]))]
        if whole < size:
            parts.append(inputs[None, whole:])
        outputs, mean, variance = [], 0.0, 0.0
        for part in parts:
            axes = tuple(range(1, len(part.shape) - 1))
            centre, spread = ops.moments(part, axes=axes, keepdims=True)
            scaled = (part - centre) * ops.rsqrt(spread + self.epsilon) * self.gamma + self.beta
            outputs.append(ops.reshape(scaled, (-1, *inputs.shape[1:])))
            share = part.shape[0] * part.shape[1] / size
            mean += share * ops.reshape(ops.mean(centre, axis=0), (-1,))
            variance += share * ops.reshape(ops.mean(spread, axis=0), (-1,))
        keep = self.momentum
        self.moving_mean.assign(self.moving_mean * keep + mean * (1.0 - keep))
        self.moving_variance.assign(self.moving_variance * keep + variance * (1.0 - keep))
        return ops.concatenate(outputs, axis=0)


class NoisyBatchNormalization(keras.layers.BatchNormalization):  # type: ignore[misc]
    """Batch normalization followed, in training, by noise that undoes its zero mean and unit scale.

    At noise 1 every step scales each unit by a number from U(1, 1.25), shifts it by one from
    U(-.5, .5), and adds noise from N(0, .1²) to every value.

    Source: Santurkar et al. 2018 (arXiv 1805.11604), noisy nets; the sizes are ours.
    """

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.noise: Any = 1.0
        self.seed_generator = keras.random.SeedGenerator(0)

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """The normalized inputs, with noise in training."""
        outputs = super().call(inputs, training=training, mask=mask)
        if not training:
            return outputs
        units = (outputs.shape[-1],)
        scale = 1.0 + self.noise * keras.random.uniform(units, 0.0, 0.25, seed=self.seed_generator)
        shift = self.noise * keras.random.uniform(units, -0.5, 0.5, seed=self.seed_generator)
        each = keras.random.normal(outputs.shape, stddev=0.1, seed=self.seed_generator)
        return outputs * scale + shift + self.noise * each
