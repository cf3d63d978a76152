"""Train small nets on good batches and a spoiled one, in the ways that Keras and users have."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from bnreport.protocol.facts import ANSWERED, AVERAGED
from bnreport.randomness import generator
from bnreport.training import backends
from bnreport.training.facts.layer import Floats, called

FEATURES, UNITS, CLASSES, SIZE = 4, 8, 3, 8
# Batches before and after the spoiled one, and those of the later epoch.
AROUND, LATER = 10, 20
RATE = 0.1

Epochs: TypeAlias = tuple[tuple[Floats, Floats], ...]


@dataclass(frozen=True)
class Aftermath:
    """The net and its numbers after two epochs, the first of which held the spoiled batch or not.

    Attributes:
        model: the net.
        weights: what gradients train, one number after another.
        averages: the moving means and variances, none without BN.
        losses: the mean training loss of each epoch.
        answers: to good images, in inference mode, (images, classes).
    """

    model: Any
    weights: Floats
    averages: Floats
    losses: tuple[float, ...]
    answers: Floats


def images(seed: int, part: str, count: int, features: int = FEATURES) -> tuple[Floats, Floats]:
    """Images of three classes around a mean each, (count, features), and their labels."""
    rng = generator(seed, f"spoiled {part}")
    labels = rng.integers(CLASSES, size=count)
    means = generator(seed, "spoiled means").normal(0, 2, (CLASSES, features))
    x = means[labels] + rng.normal(size=(count, features))
    return x.astype(np.float32), labels.astype(np.float32)


def net(name: str, seed: int) -> Any:
    """A net with one hidden layer.

    Its activation is tanh: without XLA, on a CPU, TensorFlow fuses a dense layer with its ReLU, and
    what it computes then is 0 where the sum is NaN.
    """
    import keras

    layers = keras.layers
    normalizers = {
        "none": [],
        "layer": [layers.LayerNormalization()],
        "batch": [layers.BatchNormalization()],
        "frozen": [layers.BatchNormalization(trainable=False)],
    }[name]
    ends = [layers.Activation("tanh"), layers.Dense(CLASSES)]
    model = keras.Sequential([keras.Input((FEATURES,)), layers.Dense(UNITS), *normalizers, *ends])
    for dense in (model.layers[0], model.layers[-1]):
        rng = generator(seed, f"spoiled kernel {dense.units}")
        kernel = rng.normal(0, 0.5, dense.kernel.shape).astype(np.float32)
        dense.set_weights([kernel, np.zeros(dense.units, np.float32)])
    return model


@cache
def course(name: str, way: str, value: float | None, seed: int) -> Aftermath:
    """Train a net in a way for two epochs; a pixel of one batch has the value, if there is one."""
    x, y = images(seed, "first", (2 * AROUND + 1) * SIZE)
    spoiled = slice(AROUND * SIZE, (AROUND + 1) * SIZE)
    if value is None:
        x, y = np.delete(x, np.r_[spoiled], axis=0), np.delete(y, np.r_[spoiled])
    else:
        x[spoiled.start + 3, 2] = value
    model, epochs = net(name, seed), ((x, y), images(seed, "later", LATER * SIZE))
    losses = tuple(TRAINERS[way](model, epochs))
    answered, _ = images(seed, "answered", ANSWERED)
    return Aftermath(
        model,
        flat(model.trainable_variables),
        flat(model.non_trainable_variables) if name in AVERAGED else np.zeros(0, np.float32),
        losses,
        called(model, answered),
    )


def _fitted(optimizer: Callable[[], Any]) -> Callable[[Any, Epochs], Iterator[float]]:
    """Train by Keras' fit, and yield the loss that it keeps of each epoch."""

    def losses(model: Any, epochs: Epochs) -> Iterator[float]:
        model.compile(optimizer(), cost())
        for x, y in epochs:
            history = model.fit(x, y, batch_size=SIZE, epochs=1, shuffle=False, verbose=0)
            yield float(history.history["loss"][0])

    return losses


def _looped(drops: bool) -> Callable[[Any, Epochs], Iterator[float]]:
    """Train by a loop that skips the step where a gradient is not finite; it may drop all."""

    def losses(model: Any, epochs: Epochs) -> Iterator[float]:
        import keras

        optimizer = keras.optimizers.SGD(RATE)
        for x, y in epochs:
            batches = [slice(start, start + SIZE) for start in range(0, len(x), SIZE)]
            each = [_step(model, optimizer, x[batch], y[batch], drops) for batch in batches]
            yield float(np.mean(each))

    return losses


def _step(model: Any, optimizer: Any, x: Floats, y: Floats, drops: bool) -> float:
    """Take a step over a batch, or skip it, and return its loss."""
    left = [variable.value for variable in model.non_trainable_variables]

    def loss(weights: list[Any]) -> tuple[Any, Any]:
        answers, moved = model.stateless_call(weights, left, x, training=True)
        return cost()(y, answers), moved

    weights = [variable.value for variable in model.trainable_variables]
    (value, moved), gradients = backends.value_and_gradient(loss)(weights)
    finite = bool(np.isfinite(flat(gradients)).all())
    if finite or not drops:
        for variable, new in zip(model.non_trainable_variables, moved, strict=True):
            variable.assign(new)
    if finite:
        optimizer.apply(gradients, model.trainable_variables)
    return float(value)


def cost() -> Any:
    """The cross-entropy of answers that are not yet probabilities."""
    import keras

    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def _sgd(**settings: Any) -> Any:
    import keras

    return keras.optimizers.SGD(RATE, **settings)


def scaled(**settings: Any) -> Any:
    """SGD that scales the loss, and skips the step where a gradient is not finite."""
    import keras

    return keras.optimizers.LossScaleOptimizer(_sgd(), **settings)


TRAINERS: Mapping[str, Callable[[Any, Epochs], Iterator[float]]] = {
    "plain": _fitted(_sgd),
    "clipped": _fitted(lambda: _sgd(global_clipnorm=1.0)),
    "scaled": _fitted(scaled),
    "skipped": _looped(drops=False),
    "dropped": _looped(drops=True),
}


def flat(arrays: Any) -> Floats:
    """All numbers of some arrays or variables, one after another."""
    import keras

    parts = [np.ravel(keras.ops.convert_to_numpy(array)) for array in arrays]
    return np.concatenate([np.zeros(0, np.float32), *parts])
