"""Find what the layer starts with, keeps, counts and refuses."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from bnreport.protocol.facts import IMAGES, SIZES
from bnreport.training.facts.layer import BATCH, called, kept, largest, layer, refused


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
    """The distance of two places for epsilon from what the layer answers, for a small variance."""
    x = np.array([[-0.01], [0.01]], np.float32)
    y, variance, epsilon = called(layer(), x, True), 1e-4, 1e-3
    yield "inside", largest(y - x / np.sqrt(variance + epsilon))
    yield "outside", largest(y - x / (np.sqrt(variance) + epsilon))


def _axis() -> Iterator[tuple[str, float]]:
    """The number of features a layer finds in images of 3 channels by 5 by 7, channels first."""
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


GROUPS: Mapping[str, Callable[[], Iterator[tuple[str, float]]]] = {
    "defaults": _defaults,
    "order": _order,
    "counts": _counts,
    "averages": _averages,
    "left": _left,
    "few": _few,
    "epsilon": _epsilon,
    "axis": _axis,
    "mask": _mask,
    "renorm": _renorm,
    "half": _half,
    "other": _other,
}


def numbers(group: str, _: int) -> Iterator[tuple[str, float]]:
    """Yield what the layer starts with, keeps, counts or refuses: "<group>_<what>"."""
    for name, value in GROUPS[group]():
        yield f"{group}_{name}", value
