"""Residual nets as graphs of Keras layers, and their paired initial weights."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import ops

from bnreport.protocol.residual import Residual
from bnreport.training import layers
from bnreport.training.graphs import PIXELS, Graph, Node
from bnreport.training.models import Arrays, initial_weights

# Layers in a branch.
LAYERS = 2


class Bias(keras.layers.Layer):  # type: ignore[misc]
    """One number that is added to all values; it begins at 0."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.bias = self.add_weight(name="bias", shape=(), initializer="zeros")

    def call(self, inputs: Any) -> Any:
        """The inputs plus the number."""
        return inputs + self.bias


class Factor(keras.layers.Layer):  # type: ignore[misc]
    """One number that multiplies all values, and what it begins at."""

    def __init__(self, start: float, **more: Any) -> None:
        super().__init__(**more)
        initializer = keras.initializers.Constant(start)
        self.factor = self.add_weight(name="factor", shape=(), initializer=initializer)

    def call(self, inputs: Any) -> Any:
        """The inputs times the number."""
        return inputs * self.factor


class Shortcut(keras.layers.Layer):  # type: ignore[misc]
    """The identity between two widths: every `stride`-th pixel, and zeros for new channels.

    Source: He et al. 2016 (arXiv 1512.03385), section 3.3, option A.
    """

    def __init__(self, width: int, stride: int, **more: Any) -> None:
        super().__init__(**more)
        self.width, self.stride = width, stride

    def call(self, inputs: Any) -> Any:
        """The inputs with fewer pixels and more channels."""
        kept = inputs[:, :: self.stride, :: self.stride] if self.stride > 1 else inputs
        new = self.width - inputs.shape[-1]
        return ops.pad(kept, [*[(0, 0)] * (len(kept.shape) - 1), (0, new)])


def build_residual(net: Residual, image: tuple[int, int], classes: int = 10) -> Graph:
    """The net as a graph; its outputs are logits, the softmax is part of the loss.

    Args:
        net: the structure.
        image: height and width of an image.
        classes: how many classes there are.

    Returns:
        A net from (images, height, width) to (images, classes) logits.
    """
    return Graph.of(image, _Writer(net).nodes(image, classes))


def residual_weights(
    net: Residual, graph: Graph, seed: int, scale: float = 1.0
) -> tuple[Arrays, Arrays]:
    """The initial trainable and other variables of a net, in Keras' order.

    Kernels are drawn by (seed, layer name) as in every net: "hidden0" before the blocks,
    "block1_hidden1" and "block1_hidden2" in the first of them, "output" at the end. Fixup scales
    the first layer of each branch by L to the power of -1 / (2m - 2), for L branches of m layers,
    and begins with zeros in the last layer of each branch and in that of the net.

    Args:
        net: the structure.
        graph: what `build_residual` makes of it.
        seed: the run's seed.
        scale: what the kernels are multiplied by.

    Source: Zhang et al. 2019 (arXiv 1901.09321), rules 1 and 2 of Fixup; rule 3, the biases and
    factors, as the authors' code has it (github.com/hongyi-zhang/Fixup), beside the biases of the
    layers, which all nets keep.
    """
    weights, state = initial_weights(graph.model, seed, scale)
    if net.start == "fixup":
        first = net.branches ** (-1.0 / (2 * LAYERS - 2))
        factors = {"hidden1": first, f"hidden{LAYERS}": 0.0, "output": 0.0}
        owners = {
            node.layer.kernel.path: factors.get(node.layer.name.rpartition("_")[2], 1.0)
            for node in graph.nodes
            if hasattr(node.layer, "kernel")
        }
        variables = graph.model.trainable_variables
        weights = [
            value * np.float32(owners.get(variable.path, 1.0))
            for value, variable in zip(weights, variables, strict=True)
        ]
    return weights, state


class _Writer:
    """Writes down the layers of a net, each after those that it needs."""

    def __init__(self, net: Residual) -> None:
        self.net = net
        self.last = PIXELS

    def nodes(self, image: tuple[int, int], classes: int) -> Iterator[Node]:
        """All layers of the net."""
        net = self.net
        pixels: Any = keras.layers.Flatten(name="pixels")
        if net.filters:
            pixels = keras.layers.Reshape((*image, 1), name="pixels")
        yield self.then(pixels)
        yield from self.layer("", 0, net.widths[0])
        before = net.widths[0]
        for number in range(net.branches):
            stage, place = divmod(number, net.blocks)
            stride = 2 if net.filters and stage and not place else 1
            yield from self.block(f"block{number + 1}_", before, net.widths[stage], stride)
            before = net.widths[stage]
        if net.filters:
            yield self.then(keras.layers.GlobalAveragePooling2D(name="features"))
        yield from self.bias("bias_output")
        yield self.then(layers.Dense(classes, name="output"))

    def block(self, name: str, before: int, width: int, stride: int) -> Iterator[Node]:
        """Two layers with a shortcut around them, and an activation after it."""
        net, entry = self.net, self.last
        yield from self.bias(f"{name}bias_hidden1")
        yield from self.layer(name, 1, width, stride)
        yield from self.bias(f"{name}bias_hidden2")
        yield from self.weighted(name, 2, width)
        if net.start in ("skipinit", "fixup"):
            yield self.then(Factor(float(net.start == "fixup"), name=f"{name}factor"))
        yield from self.bias(f"{name}bias_activation2")
        if net.shortcut == "identity":
            branch = self.last
            if (before, stride) != (width, 1):
                yield Node(Shortcut(width, stride, name=f"{name}shortcut"), (entry,))
                entry = f"{name}shortcut"
            self.last = branch
            yield self.then(keras.layers.Add(name=f"{name}sum"), entry)
        yield self.then(keras.layers.ReLU(name=f"{name}activation2"))

    def layer(self, name: str, number: int, width: int, stride: int = 1) -> Iterator[Node]:
        """A layer with kernel, its normalizer, and an activation."""
        yield from self.weighted(name, number, width, stride)
        yield from self.bias(f"{name}bias_activation{number}")
        yield self.then(keras.layers.ReLU(name=f"{name}activation{number}"))

    def weighted(self, name: str, number: int, width: int, stride: int = 1) -> Iterator[Node]:
        """A layer with kernel, and its normalizer."""
        given = {"kernel_initializer": "HeNormal", "name": f"{name}hidden{number}"}
        if not self.net.filters:
            yield self.then(layers.Dense(width, **given))
        elif stride == 1:
            yield self.then(keras.layers.Conv2D(width, 3, padding="same", **given))
        else:
            # Keras' own padding would put each window half a pixel away from what a shortcut takes.
            yield self.then(keras.layers.ZeroPadding2D(1, name=f"{name}edge"))
            yield self.then(keras.layers.Conv2D(width, 3, strides=stride, **given))
        if self.net.normalizer != "none":
            yield self.then(self.normalizer(f"{name}norm{number}", number == LAYERS))

    def normalizer(self, name: str, last: bool) -> keras.Layer:
        """The normalizer after a layer, which may be the last of its branch."""
        zero = last and self.net.start == "zero gamma"
        given: dict[str, Any] = {
            "name": name,
            "epsilon": self.net.epsilon,
            "gamma_initializer": "zeros" if zero else "ones",
        }
        match self.net.normalizer:
            case "batch":
                return keras.layers.BatchNormalization(**given)
            case "layer":
                return keras.layers.LayerNormalization(**given)
            case _:
                return keras.layers.GroupNormalization(self.net.groups, **given)

    def bias(self, name: str) -> Iterator[Node]:
        """The bias of one number that Fixup puts before every layer and activation."""
        if self.net.start == "fixup":
            yield self.then(Bias(name=name))

    def then(self, layer: keras.Layer, *more: str) -> Node:
        """A layer after the last one, which may also take the outputs of others."""
        node = Node(layer, (self.last, *more))
        self.last = layer.name
        return node
