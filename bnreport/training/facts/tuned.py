"""Tune nets whose BN is to infer, by a word in the call or frozen, beside the same nets as called.

All of them are functional models that Keras fits: from the same weights, on the same batches.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from bnreport.protocol.facts import ANSWERED, INFERRED
from bnreport.randomness import generator
from bnreport.training.facts.courses import CLASSES, cost, flat, images
from bnreport.training.facts.layer import Floats, called, largest

SIDE, UNITS = 6, 12
PIXELS = SIDE * SIDE
IMAGES, SIZE, EPOCHS = 96, 16, 5
RATE, MOMENTUM = 0.05, 0.9
# How far what a net starts with is from its centre; kernels are drawn from a normal distribution.
SPREAD = 0.2


@dataclass(frozen=True)
class FineTuned:
    """The numbers of a net at the start and after its fits, one after another.

    Attributes:
        began: the moving means and variances at the start.
        averages: the same afterwards.
        weights: what gradients train.
        losses: the mean training loss of each epoch.
        answers: to other images, in inference mode.
    """

    began: Floats
    averages: Floats
    weights: Floats
    losses: Floats
    answers: Floats


def _through(inputs: Any, *layers: Any) -> Any:
    for layer in layers:
        inputs = layer(inputs)
    return inputs


def _block(layer: Any) -> tuple[Any, ...]:
    """A layer with its normalizer and activation."""
    import keras

    return layer, keras.layers.BatchNormalization(), keras.layers.Activation("tanh")


def _base(*layers: Any) -> Any:
    """A functional model of these layers, one after another."""
    import keras

    inputs = keras.Input((PIXELS,))
    return keras.Model(inputs, _through(inputs, *layers))


def _dense_base() -> Any:
    import keras

    return _base(*_block(keras.layers.Dense(UNITS)), *_block(keras.layers.Dense(UNITS)))


def _image_base() -> Any:
    import keras

    return _base(
        keras.layers.Reshape((SIDE, SIDE, 1)),
        *_block(keras.layers.Conv2D(UNITS, 3)),
        *_block(keras.layers.Conv2D(UNITS, 3, strides=2)),
        keras.layers.GlobalAveragePooling2D(),
    )


def _nested_base() -> Any:
    import keras

    return _base(_dense_base(), *_block(keras.layers.Dense(UNITS)))


def _headed(base: Callable[[], Any]) -> Callable[[Mapping[str, bool]], Any]:
    """A net with a new head on a base, which is called with what is said."""

    def net(said: Mapping[str, bool]) -> Any:
        import keras

        inputs = keras.Input((PIXELS,))
        return keras.Model(inputs, keras.layers.Dense(CLASSES)(base()(inputs, **said)))

    return net


def _alone(said: Mapping[str, bool]) -> Any:
    """A net without a base, whose layers of BN are each called with what is said."""
    import keras

    inputs = outputs = keras.Input((PIXELS,))
    for _ in range(2):
        layer, norm, activation = _block(keras.layers.Dense(UNITS))
        outputs = activation(norm(layer(outputs), **said))
    return keras.Model(inputs, keras.layers.Dense(CLASSES)(outputs))


NETS: Mapping[str, Callable[[Mapping[str, bool]], Any]] = {
    "dense": _headed(_dense_base),
    "image": _headed(_image_base),
    "nested": _headed(_nested_base),
    "alone": _alone,
    "thawed": _headed(_dense_base),
}


def _draw(model: Any, seed: int) -> None:
    """Give a net the weights and averages that a seed draws, by their places."""
    for place, variable in enumerate(model.weights):
        rng, shape = generator(seed, f"tuned {place}"), variable.shape
        if variable.name == "kernel":
            drawn = rng.normal(0, np.prod(shape[:-1]) ** -0.5, shape)
        else:
            centre = float(variable.name in {"gamma", "moving_variance"})
            drawn = centre + rng.uniform(-SPREAD, SPREAD, shape)
        variable.assign(drawn.astype(np.float32))


def _norms(model: Any) -> Iterator[Any]:
    """Yield the layers of BN, those of models within it, too."""
    import keras

    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            yield layer
        elif isinstance(layer, keras.Model):
            yield from _norms(layer)


def _fit(model: Any, seed: int) -> list[float]:
    """Compile and fit, and return the loss of each epoch."""
    import keras

    x, y = images(seed, "tuned", IMAGES, PIXELS)
    model.compile(keras.optimizers.SGD(RATE, momentum=MOMENTUM), cost())
    history = model.fit(x, y, batch_size=SIZE, epochs=EPOCHS, shuffle=False, verbose=0)
    losses: list[float] = history.history["loss"]
    return losses


def _averages(model: Any) -> Floats:
    return flat(v for norm in _norms(model) for v in (norm.moving_mean, norm.moving_variance))


@cache
def tune(net: str, way: str, seed: int) -> FineTuned:
    """Tune a net: called plainly, "told" to infer, or with its layers of BN "frozen".

    The net "thawed" is fitted twice: first with its base frozen, then, compiled anew, without.
    """
    model, losses = NETS[net]({"training": False} if way == "told" else {}), []
    _draw(model, seed)
    began = _averages(model)
    if net == "thawed":
        model.layers[1].trainable = False
        losses += _fit(model, seed)
        model.layers[1].trainable = True
    for norm in _norms(model):
        norm.trainable = way != "frozen"
    losses += _fit(model, seed)
    answered, _ = images(seed, "answered", ANSWERED, PIXELS)
    return FineTuned(
        began,
        _averages(model),
        flat(v for v in model.weights if not v.name.startswith("moving")),
        np.array(losses, np.float32),
        called(model, answered),
    )


def apart(numbers: Floats, others: Floats) -> float:
    """The share of numbers of which a bit differs."""
    return float(np.mean(numbers.view(np.uint32) != others.view(np.uint32)))


def tuned(net: str, seed: int) -> Iterator[tuple[str, float]]:
    """Yield how a net that is to infer ends, and the same net called plainly: "<net>_<way>_<what>".

    "weights", "averages", "losses", "answers": the share of which a bit differs. "largest": the
    largest difference of a weight or an average. "moved": the share of averages of which a bit is
    not what it was at the start. "<net>_numbers": the weights and averages of the net.
    """
    plain = tune(net, "plain", seed)
    for way in INFERRED:
        was = tune(net, way, seed)
        for what in ("weights", "averages", "losses", "answers"):
            yield f"{net}_{way}_{what}", apart(getattr(was, what), getattr(plain, what))
        yield (
            f"{net}_{way}_largest",
            max(largest(was.weights - plain.weights), largest(was.averages - plain.averages)),
        )
        yield f"{net}_{way}_moved", apart(was.averages, was.began)
    yield f"{net}_numbers", plain.weights.size + plain.averages.size
