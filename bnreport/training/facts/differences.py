"""Compare Keras with the reference in NumPy."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bnreport import reference
from bnreport.randomness import generator
from bnreport.training import backends
from bnreport.training.facts.layer import Facts, Floats, called, kept, layer

# The inputs that the reference is tried on: their shape, and the axis of the features.
INPUTS = {"dense": ((32, 10), -1), "image": ((8, 6, 5, 4), -1), "first": ((8, 4, 6, 5), 1)}
CASES, MOMENTUM = 20, 0.9


def differences(inputs: str, seed: int) -> Iterator[tuple[str, float]]:
    """The largest differences between Keras and the reference in NumPy: "<what>_<inputs>".

    "output", "mean" and "variance": of the forward pass in training. "x", "gamma" and "beta": the
    gradients by them. "inference". "previous" and "next": Keras against Keras, once the reference
    has folded the layer into the linear one before it, or after it.
    """
    shape, axis = INPUTS[inputs]
    rng = generator(seed, f"reference {inputs}")
    worst: Facts = {}
    for _ in range(CASES):
        case = _drawn(rng, shape, axis)
        inferred = reference.inference(case.x, case.trained, axis)
        pairs = [*_trained(case, rng), ("inference", inferred, called(case.norm, case.x))]
        if axis == -1:
            pairs += _folded(case, rng)
        for what, ours, theirs in pairs:
            off = reference.largest_difference(ours, np.asarray(theirs))
            worst[what] = max(worst.get(what, 0.0), off)
    for what, off in worst.items():
        yield f"{what}_{inputs}", off


@dataclass(frozen=True)
class Case:
    """Inputs and weights in float32: four vectors by Keras' names, and those of the layer."""

    x: Floats
    axis: int
    weights: tuple[Floats, ...]

    @property
    def trained(self) -> reference.Trained:
        """The layer, as the reference knows it."""
        gamma, beta, mean, variance = (weight.astype(np.float64) for weight in self.weights)
        return reference.Trained(gamma, beta, mean, variance)

    @property
    def norm(self) -> Any:
        """The layer of Keras."""
        norm = layer(axis=self.axis, momentum=MOMENTUM)
        norm.build(self.x.shape)
        norm.set_weights(list(self.weights))
        return norm


def _drawn(rng: np.random.Generator, shape: tuple[int, ...], axis: int) -> Case:
    features = shape[axis]
    x = rng.normal(rng.uniform(-2, 2), rng.uniform(0.5, 2), shape)
    drawn = np.vstack([rng.normal(size=(3, features)), rng.uniform(0.1, 4, (1, features))])
    return Case(x.astype(np.float32), axis, tuple(drawn.astype(np.float32)))


def _trained(case: Case, rng: np.random.Generator) -> Iterator[tuple[str, Any, Any]]:
    """The differences of the reference and Keras in training, by name."""
    import keras

    gamma, beta, mean, variance = case.weights
    norm, dy = case.norm, rng.normal(size=case.x.shape).astype(np.float32)

    def loss(given: list[Any]) -> tuple[Any, Any]:
        inputs, *trainable = given
        left = [weight.value for weight in norm.non_trainable_variables]
        y, _ = norm.stateless_call(trainable, left, inputs, training=True)
        return keras.ops.sum(y * dy), y

    given = [keras.ops.convert_to_tensor(array) for array in (case.x, gamma, beta)]
    (_, y), gradients = backends.value_and_gradient(loss)(given)
    made = reference.forward(case.x, gamma, beta, axis=case.axis)
    yield "output", made.output, y
    ours = reference.backward(dy, made)
    for name, theirs in zip(("x", "gamma", "beta"), gradients, strict=True):
        yield name, getattr(ours, name), theirs
    called(norm, case.x, True)
    for name, was, now in zip(("mean", "variance"), (mean, variance), kept(norm), strict=True):
        yield name, reference.moved(was, getattr(made.nodes, name), MOMENTUM), now


def _folded(case: Case, rng: np.random.Generator) -> Iterator[tuple[str, Any, Any]]:
    """Two layers of Keras, and the one that the reference makes of them."""
    features = case.x.shape[-1]
    window = (3, 3) if case.x.ndim == 4 else ()
    kernel = rng.normal(0, 0.3, (*window, features, features)).astype(np.float32)
    bias = rng.normal(size=(features,)).astype(np.float32)
    plain = _linear(case.x, kernel, bias)
    folded = reference.fold_into_previous(kernel, bias, case.trained)
    yield "previous", called(case.norm, called(plain, case.x)), _once(case.x, folded)
    folded = reference.fold_into_next(kernel, bias, case.trained)
    yield "next", called(plain, called(case.norm, case.x)), _once(case.x, folded)


def _once(x: Floats, folded: tuple[Any, ...]) -> Floats:
    kernel, bias = (np.asarray(array, np.float32) for array in folded)
    return called(_linear(x, kernel, bias), x)


def _linear(x: Floats, kernel: Floats, bias: Floats) -> Any:
    """A dense layer or a convolution without padding, by the rank of its inputs."""
    import keras

    units = kernel.shape[-1]
    made = keras.layers.Dense(units) if x.ndim == 2 else keras.layers.Conv2D(units, 3)
    made.build(x.shape)
    made.set_weights([kernel, bias])
    return made
