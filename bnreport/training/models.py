"""The nets, as Keras models, their paired initial weights, and a walk through their layers."""

from collections.abc import Iterator
from typing import Any, TypeAlias

import keras
import numpy as np
from numpy.typing import NDArray

from bnreport.protocol.nets import Net, structure
from bnreport.randomness import generator, kernel
from bnreport.training import layers

Arrays: TypeAlias = list[NDArray[Any]]
# How far batch renormalization may scale and shift a batch. In Ioffe 2017 (arXiv 1702.03275) limits
# widen to these over the first steps; here they always hold.
LIMITS = {"rmin": 1 / 3, "rmax": 3.0, "dmax": 5.0}


def build(net: str | Net, image: tuple[int, int], classes: int = 10) -> keras.Sequential:
    """The net as a Keras model; its outputs are logits, the softmax is part of the loss.

    Args:
        net: a structure, or "baseline" or "bn" for the two nets of the notebook.
        image: height and width of an image.
        classes: how many classes there are.

    Returns:
        A model from (images, height, width) to (images, classes) logits.
    """
    name = net if isinstance(net, str) else "net"
    made = structure(net)
    return keras.Sequential([keras.Input(image), *_layers(made, image, classes)], name=name)


def _layers(net: Net, image: tuple[int, int], classes: int) -> Iterator[keras.Layer]:
    blocks = [*net.filters, *net.hidden]
    if net.filters:
        yield keras.layers.Reshape((*image, 1), name="pixels")
    else:
        yield keras.layers.Flatten(name="pixels")
    if net.normalized_inputs:
        yield keras.layers.BatchNormalization(name="norm0", epsilon=net.epsilon)
    for number, width in enumerate(blocks, start=1):
        if number <= len(net.filters):
            yield keras.layers.Conv2D(
                width,
                3,
                padding="same",
                kernel_initializer=net.initializer,
                name=f"hidden{number}",
            )
        else:
            yield _dense(net, width, f"hidden{number}")
        parts = [*_normalizer(net, f"norm{number}"), _activation(net, f"activation{number}")]
        yield from parts if net.placement == "before" else reversed(parts)
        if number <= len(net.filters):
            yield keras.layers.MaxPooling2D(name=f"pool{number}")
        if net.dropout and (net.dropout_after == "every" or number == len(blocks)):
            yield keras.layers.Dropout(net.dropout, name=f"dropout{number}")
        if number == len(net.filters):
            yield keras.layers.Flatten(name="features")
    yield layers.Dense(classes, name="output")


def _dense(net: Net, width: int, name: str) -> keras.Layer:
    kind = layers.StandardizedDense if net.normalizer == "weight" else layers.Dense
    return kind(width, kernel_initializer=net.initializer, name=name)


def _activation(net: Net, name: str) -> keras.Layer:
    if net.activation == "leaky_relu":
        return keras.layers.LeakyReLU(negative_slope=0.3, name=name)
    return keras.layers.Activation(net.activation, name=name)


def _normalizer(net: Net, name: str) -> Iterator[keras.Layer]:
    given = {"name": name, "epsilon": net.epsilon}
    match net.normalizer:
        case "batch":
            yield keras.layers.BatchNormalization(**given)
        case "ghost":
            yield layers.GhostBatchNormalization(net.groups, **given)
        case "noisy":
            yield layers.NoisyBatchNormalization(**given)
        case "renorm":
            yield keras.layers.BatchNormalization(renorm=True, renorm_clipping=LIMITS, **given)
        case "rms":
            yield keras.layers.RMSNormalization(**given)
        case "layer":
            yield keras.layers.LayerNormalization(**given)
        case "group":
            yield keras.layers.GroupNormalization(net.groups, **given)


def names_of(model: keras.Sequential) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the trainable and of the other variables, as "<layer>/<variable>"."""

    def names(kind: str) -> tuple[str, ...]:
        return tuple(
            f"{layer.name}/{v.name}" for layer in model.layers for v in getattr(layer, kind)
        )

    return names("trainable_variables"), names("non_trainable_variables")


def initial_weights(
    model: keras.Sequential, seed: int, scale: float = 1.0, scaled: str = "all"
) -> tuple[Arrays, Arrays]:
    """The model's initial trainable and non-trainable variables, in Keras' order.

    Kernels come from `draws.kernel` by (seed, layer name), the state of dropout and noise from
    (seed, layer name), all else is Keras' constant.

    Args:
        model: a net of `build`.
        seed: the run's seed.
        scale: what the kernels are multiplied by.
        scaled: "all" for all kernels, "hidden" for all but the output's.
    """
    drawn: dict[str, NDArray[Any]] = {}
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            dense = isinstance(layer, layers.Dense)
            shape = tuple(layer.kernel.shape)
            value = kernel(
                type(layer.kernel_initializer).__name__,
                seed,
                layer.name,
                shape[::-1] if dense else shape,
            )
            factor = scale if scaled == "all" or layer.name != "output" else 1.0
            drawn[layer.kernel.path] = (value.T if dense else value) * np.float32(factor)
        if hasattr(layer, "seed_generator"):
            state = layer.seed_generator.state
            words = generator(seed, f"noise of {layer.name}").integers(0, 2**32, state.shape)
            drawn[state.path] = words.astype(str(state.dtype))

    def values(variables: list[keras.Variable]) -> Arrays:
        return [drawn.get(v.path, np.asarray(v.numpy())) for v in variables]

    return values(model.trainable_variables), values(model.non_trainable_variables)
