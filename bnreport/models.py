"""The nets, as Keras models, and their paired initial weights."""

from collections.abc import Callable
from typing import TypeAlias

import keras
import numpy as np

from bnreport.draws import Floats, kernel

Layers: TypeAlias = list[keras.Layer]


def _baseline(classes: int) -> Layers:
    dense, leaky = keras.layers.Dense, keras.layers.LeakyReLU
    return [
        keras.layers.Flatten(name="pixels"),
        dense(300, kernel_initializer="he_normal", name="hidden1"),
        # The slope of Keras 2, which the notebook ran on; Keras 3 has the same default.
        leaky(negative_slope=0.3, name="leaky1"),
        dense(100, kernel_initializer="he_normal", name="hidden2"),
        leaky(negative_slope=0.3, name="leaky2"),
        dense(classes, name="output"),
    ]


def _bn(classes: int) -> Layers:
    dense, normalize = keras.layers.Dense, keras.layers.BatchNormalization
    return [
        keras.layers.Flatten(name="pixels"),
        normalize(name="bn0"),
        dense(300, activation="relu", name="hidden1"),
        normalize(name="bn1"),
        dense(100, activation="relu", name="hidden2"),
        normalize(name="bn2"),
        dense(classes, name="output"),
    ]


NETS: dict[str, Callable[[int], Layers]] = {"baseline": _baseline, "bn": _bn}


def build(net: str, image: tuple[int, int], classes: int = 10) -> keras.Sequential:
    """The net of that name, built; its output are logits, the softmax is part of the loss.

    Args:
        net: "baseline" or "bn", the two nets of the notebook.
        image: height and width of an image.
        classes: how many classes there are.

    Returns:
        A model from (images, height, width) in [0, 1] to (images, classes) logits.
    """
    return keras.Sequential([keras.Input(image), *NETS[net](classes)], name=net)


def initial_weights(model: keras.Sequential, seed: int) -> tuple[list[Floats], list[Floats]]:
    """The model's initial trainable and non-trainable variables, in Keras' order.

    Dense kernels come from `draws.kernel` by (seed, layer name), all else is Keras' constant.
    """
    kernels = {
        layer.kernel.path: kernel(
            type(layer.kernel_initializer).__name__,
            seed,
            layer.name,
            tuple(layer.kernel.shape),
        )
        for layer in model.layers
        if isinstance(layer, keras.layers.Dense)
    }

    def values(variables: list[keras.Variable]) -> list[Floats]:
        return [kernels.get(v.path, np.asarray(v.numpy(), np.float32)) for v in variables]

    return values(model.trainable_variables), values(model.non_trainable_variables)
