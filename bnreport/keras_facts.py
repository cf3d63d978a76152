"""What Keras' batch normalization does, found by running it: a fact is 1, 0 or a number."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnreport import backends, reference
from bnreport.draws import generator
from bnreport.errors import TrainingError
from bnreport.trials import FactsTrial

ROOT = Path(__file__).resolve().parent.parent
Facts = dict[str, float]
Floats = NDArray[np.float32]

# Far from what the layer starts with, a mean of 0 and a variance of 1, and easy to tell by its sum.
BATCH = np.array([[3.0, 9.0], [5.0, 5.0], [7.0, 7.0], [5.0, 3.0]], np.float32)
STATES = ("trainable", "frozen", "parent", "thawed")
MODES = ("none", "false", "true", "fit", "evaluate")
# The inputs that the reference is tried on: their shape, and the axis of the features.
INPUTS = {"dense": ((32, 10), -1), "image": ((8, 6, 5, 4), -1), "first": ((8, 4, 6, 5), 1)}
CASES, MOMENTUM = 20, 0.9
# Fashion-MNIST's training images, and sizes of batches.
IMAGES, SIZES = 55_000, (32, 64, 128, 256, 512, 1024, 2048, 4096)


def found(trial: FactsTrial, seed: int, threads: int | None) -> Facts:
    """The facts that a trial asks for, found on its backend in a process of their own.

    Raises:
        TrainingError: with the reason, when the process fails: the backend is not installed, say.
    """
    order = {"part": trial.part, "seed": seed, "threads": threads}
    done = subprocess.run(
        [sys.executable, "-m", "bnreport.keras_facts", json.dumps(order)],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": trial.backend},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise TrainingError(
            f"Expected Keras to run on {trial.backend}. Received: "
            f"{' '.join(done.stderr.split())[-500:]}. Do install both backends, with "
            "`scripts/setup test`."
        )
    facts: Facts = json.loads(done.stdout)
    return facts


def find(part: str, seed: int) -> Facts:
    """All facts of a part by name, on the backend of this process."""
    parts: Mapping[str, Callable[[int], Iterator[tuple[str, float]]]] = {
        "switches": lambda _: switches(),
        "numbers": lambda _: numbers(),
        "reference": differences,
    }
    return {name: round(float(value), 9) for name, value in parts[part](seed)}


def layer(**settings: Any) -> Any:
    """A layer of Keras."""
    import keras

    return keras.layers.BatchNormalization(**settings)


def called(norm: Any, inputs: Any, training: bool | None = None, **more: Any) -> Floats:
    """What a layer or a model answers."""
    import keras

    answer: Floats = keras.ops.convert_to_numpy(norm(inputs, training=training, **more))
    return answer


def kept(norm: Any) -> tuple[Floats, Floats]:
    """The moving mean and variance, (features,) each."""
    return np.array(norm.moving_mean), np.array(norm.moving_variance)


def refused(call: Callable[[], Any]) -> float:
    """1 where a call raises an error."""
    try:
        call()
    except (IndexError, TypeError, ValueError):
        return 1.0
    return 0.0


def largest(difference: Any) -> float:
    """The largest number without its sign."""
    return float(np.abs(difference).max())


def switches() -> Iterator[tuple[str, float]]:
    """`training` by `trainable` by a frozen parent: "<state>_<mode>_<what>".

    "batch": it normalizes by the batch. "moved": the moving averages change. "learned": gamma or
    beta change. "variables": how many variables of the layer are trainable.
    """
    for state, mode in product(STATES, MODES):
        norm, model = _in_state(state)
        for what, value in _used(norm, model, mode).items():
            yield f"{state}_{mode}_{what}", value
        yield f"{state}_{mode}_variables", len(norm.trainable_variables)
    yield from _compiled()
    yield from _told()


def _in_state(state: str) -> tuple[Any, Any]:
    """A layer within a model, its parent."""
    import keras

    norm = layer(momentum=0.5)
    model = keras.Sequential([keras.Input((BATCH.shape[1],)), norm])
    norm.trainable = state != "frozen"
    if state in {"parent", "thawed"}:
        model.trainable = False
    if state == "thawed":
        norm.trainable = True
    return norm, model


def _used(norm: Any, model: Any, mode: str) -> Facts:
    """What one use changes; the loss of a fit is the mean square of what the layer answers."""
    before = norm.get_weights()
    match mode:
        case "fit":
            _compile(model)
            square = _fit(model)
        case "evaluate":
            _compile(model)
            square = float(model.evaluate(BATCH, np.zeros_like(BATCH), verbose=0))
        case _:
            training = {"none": None, "false": False, "true": True}[mode]
            square = float(np.mean(called(model, BATCH, training) ** 2))
    return {"batch": _by_batch(square), **_changed(norm, before)}


def _by_batch(square: float) -> float:
    # By its own statistics the batch has a mean square of 1 at most, by the initial ones over 30.
    return float(square < 2)


def _changed(norm: Any, before: list[Any]) -> Facts:
    same = [np.array_equal(*pair) for pair in zip(before, norm.get_weights(), strict=True)]
    return {"moved": float(not all(same[2:])), "learned": float(not all(same[:2]))}


def _compile(model: Any) -> None:
    import keras

    model.compile(keras.optimizers.SGD(0.1), keras.losses.MeanSquaredError())


def _fit(model: Any) -> float:
    zeros = np.zeros_like(BATCH)
    history = model.fit(BATCH, zeros, batch_size=len(BATCH), epochs=1, shuffle=False, verbose=0)
    return float(history.history["loss"][0])


def _compiled() -> Iterator[tuple[str, float]]:
    """A layer that is frozen once its model is fitted: the next fit, and one compiled anew.

    "refused": the fit raises an error. On JAX the weights are lost then.
    """
    for when in ("uncompiled", "recompiled"):
        norm, model = _in_state("trainable")
        _compile(model)
        _fit(model)
        norm.trainable = False
        if when == "recompiled":
            _compile(model)
        before = norm.get_weights()
        no = refused(lambda: _fit(model))  # noqa: B023 - called at once
        yield f"{when}_fit_refused", no
        changes = {"moved": 0.0, "learned": 0.0} if no else _changed(norm, before)
        for what, value in changes.items():
            yield f"{when}_fit_{what}", value


def _told() -> Iterator[tuple[str, float]]:
    """A trainable layer that is called with `training=False` within a model, which is fitted.

    "model": in a model of its own, as the guide of Keras has it. "layer": by itself. "method": in
    the `call` of a class.
    """
    import keras

    class Told(keras.Model):  # type: ignore[misc]
        def __init__(self, norm: Any) -> None:
            super().__init__()
            self.norm = norm

        def call(self, inputs: Any) -> Any:
            return self.norm(inputs, training=False)

    for how in ("model", "layer", "method"):
        norm, base = _in_state("trainable")
        inputs = keras.Input((BATCH.shape[1],))
        if how == "method":
            model = Told(norm)
        else:
            model = keras.Model(inputs, (base if how == "model" else norm)(inputs, training=False))
        before = norm.get_weights()
        _compile(model)
        square = _fit(model)
        for what, value in {"batch": _by_batch(square), **_changed(norm, before)}.items():
            yield f"told-{how}_fit_{what}", value


def numbers() -> Iterator[tuple[str, float]]:
    """What the layer starts with, keeps, counts and refuses: "<group>_<what>"."""
    for group in (
        _defaults,
        _order,
        _counts,
        _averages,
        _left,
        _few,
        _epsilon,
        _axis,
        _mask,
        _renorm,
        _half,
        _other,
    ):
        for name, value in group():
            yield f"{group.__name__.removeprefix('_')}_{name}", value


def _defaults() -> Iterator[tuple[str, float]]:
    norm = layer()
    norm.build((None, 3))
    yield "axis", norm.axis
    yield "momentum", norm.momentum
    yield "epsilon", norm.epsilon
    for name in ("gamma", "beta", "moving_mean", "moving_variance"):
        yield name.replace("_", "-"), float(np.array(getattr(norm, name))[0])


def _order() -> Iterator[tuple[str, float]]:
    norm = layer()
    norm.build((None, 1))
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    for mark, name in enumerate(names, start=10):
        getattr(norm, name).assign([float(mark)])
    places = [float(weight[0]) for weight in norm.get_weights()]
    for mark, name in enumerate(names, start=10):
        yield name.replace("_", "-"), places.index(mark)


def _counts() -> Iterator[tuple[str, float]]:
    kinds: dict[str, dict[str, Any]] = {
        "all": {},
        "no-scale": {"scale": False},
        "no-center": {"center": False},
        "renorm": {"renorm": True},
    }
    for name, settings in kinds.items():
        norm = layer(**settings)
        norm.build((None, 5))
        for what in ("trainable", "non_trainable"):
            variables = getattr(norm, f"{what}_variables")
            yield f"{name}-{what.replace('_', '-')}", sum(math.prod(v.shape) for v in variables)


def _averages() -> Iterator[tuple[str, float]]:
    """The variance that is kept of 1, 2, 3, 4, and the weight that a new batch has."""
    four = np.arange(1, 5, dtype=np.float32)
    for name, shape in {"dense": (4, 1), "image": (2, 1, 2, 1)}.items():
        norm = layer(momentum=0.0)
        called(norm, four.reshape(shape), True)
        yield f"variance-{name}", float(kept(norm)[1][0])
    norm = layer(momentum=0.9)
    called(norm, np.full((4, 1), 10.0, np.float32), True)
    yield "new-weight", float(kept(norm)[0][0]) / 10


def _left() -> Iterator[tuple[str, float]]:
    """The weight of the initial value after an epoch: a feature that never varies shows it."""
    norm, ones = layer(), np.ones((2, 1), np.float32)
    sizes = {-(-IMAGES // size): size for size in SIZES}
    for step in range(1, max(sizes) + 1):
        called(norm, ones, True)
        if step in sizes:
            yield f"after-{sizes[step]}", float(kept(norm)[1][0])


def _few() -> Iterator[tuple[str, float]]:
    """Batches of one and of two examples, and a feature that does not vary."""
    beta = 0.5
    settings = {"beta_initializer": _constant(beta), "momentum": 0.0}
    one = np.array([[7.0, -3.0]], np.float32)
    yield "one-refused", refused(lambda: called(layer(), one, True))
    norm = layer(**settings)
    yield "one-beta", largest(called(norm, one, True) - beta)
    yield "one-variance", largest(kept(norm)[1])
    yield "constant-beta", largest(called(layer(**settings), np.repeat(one, 8, 0), True) - beta)
    for name, apart in {"far": 10.0, "near": 0.01}.items():
        two = np.array([[0.0], [apart]], np.float32)
        yield f"two-{name}", largest(called(layer(), two, True))
    yield "untrained", float(called(layer(), np.ones((1, 1), np.float32))[0, 0])


def _constant(value: float) -> Any:
    import keras

    return keras.initializers.Constant(value)


def _epsilon() -> Iterator[tuple[str, float]]:
    """How far two places for epsilon are from what the layer answers, for a small variance."""
    x = np.array([[-0.01], [0.01]], np.float32)
    y, variance, epsilon = called(layer(), x, True), 1e-4, 1e-3
    yield "inside", largest(y - x / np.sqrt(variance + epsilon))
    yield "outside", largest(y - x / (np.sqrt(variance) + epsilon))


def _axis() -> Iterator[tuple[str, float]]:
    """How many features a layer finds in images of 3 channels by 5 by 7, channels first."""
    shape = (2, 3, 5, 7)
    for name, axis in {"last": -1, "first": 1, "negative": -3}.items():
        norm = layer(axis=axis)
        norm.build(shape)
        yield f"{name}-features", int(norm.gamma.shape[0])
    yield "list-refused", refused(lambda: layer(axis=[1, 2]))
    yield "list-of-one-refused", refused(lambda: layer(axis=[1]))
    yield "outside-refused", refused(lambda: called(layer(axis=4), np.zeros(shape, np.float32)))


def _mask() -> Iterator[tuple[str, float]]:
    """Two series of three steps with two features; the last step of the second is padding."""
    import keras

    x = np.array([[[1, 9], [2, 7], [3, 8]], [[4, 9], [6, 5], [5, 5]]], np.float32)
    mask = np.array([[True, True, True], [True, True, False]])
    real = x[mask]
    norm = layer(momentum=0.0)
    y = called(norm, x, True, mask=mask)
    expected = (x - real.mean(0)) / np.sqrt(real.var(0) + norm.epsilon)
    yield "statistics", largest(np.subtract(kept(norm), [real.mean(0), real.var(0)]))
    yield "padding", largest(y[~mask] - expected[~mask])
    yield "same-rank-refused", refused(lambda: called(layer(), x, True, mask=mask[..., None]))
    one = x[..., :1]
    yield "one-feature-refused", refused(lambda: called(layer(), one, True, mask=mask))
    inner = layer(momentum=0.0)
    flows = keras.Sequential([keras.Input((3, 2)), keras.layers.Masking(5.0), inner])
    called(flows, x, True)
    yield "flows", largest(kept(inner)[0] - real.mean(0))


def _renorm() -> Iterator[tuple[str, float]]:
    yield "refused", refused(lambda: layer(renorm=True))
    # The very first batch is corrected by the initial averages, all the way back to what it was.
    yield "first", largest(called(layer(renorm=True), BATCH, True) - BATCH)


def _half() -> Iterator[tuple[str, float]]:
    """Half precision, whose largest number is 65,504: the square of 300 is beyond it."""
    norm = layer(dtype="mixed_float16")
    y = called(norm, np.array([[-300.0], [300.0]], np.float16), True)
    yield "finite", float(np.isfinite(y).all())
    yield "single-variables", float(all(v.dtype == "float32" for v in norm.variables))
    yield "half-output", float(y.dtype == np.float16)


def _other() -> Iterator[tuple[str, float]]:
    import keras

    yield "synchronized-refused", refused(lambda: layer(synchronized=True))
    norm = layer(beta_initializer="ones")
    norm.build((None, 1))
    optimizer = keras.optimizers.AdamW(0.1, weight_decay=0.1)
    variables = [norm.gamma, norm.beta]
    optimizer.apply([keras.ops.zeros(1), keras.ops.zeros(1)], variables)
    for variable in variables:
        yield f"decayed-{variable.name}", float(np.array(variable)[0] < 1)


def differences(seed: int) -> Iterator[tuple[str, float]]:
    """The largest differences between Keras and the reference in NumPy: "<what>_<inputs>".

    "output", "mean" and "variance": of the forward pass in training. "x", "gamma" and "beta": the
    gradients by them. "inference". "previous" and "next": Keras against Keras, once the reference
    has folded the layer into the linear one before it, or after it.
    """
    for name, (shape, axis) in INPUTS.items():
        rng = generator(seed, f"reference {name}")
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
            yield f"{what}_{name}", off


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
    """What the reference and Keras find in training, by name."""
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


def main(order: str) -> None:
    """Print the facts of a part as JSON."""
    said = json.loads(order)
    with redirect_stdout(sys.stderr):
        backends.prepare(said["threads"])
        facts = find(said["part"], said["seed"])
    print(json.dumps(facts))  # noqa: T201 - the calling process reads it


if __name__ == "__main__":
    main(sys.argv[1])
