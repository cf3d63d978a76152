"""A net whose layers may take the outputs of any earlier ones, and a walk through it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import keras

from bnreport.training.forward import Mode, Tensors, Walk, _call

# What is done at a layer: (layer, weights, state, inputs) -> (outputs, new state).
Call: TypeAlias = Callable[[keras.Layer, Tensors, Tensors, Any], tuple[Any, Tensors]]
# The name of what enters a net.
PIXELS = ""


@dataclass(frozen=True)
class Node:
    """A layer, and the names of the layers whose outputs it takes."""

    layer: keras.Layer
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """The layers of a net, each after those that it needs, and the same net as a Keras model."""

    model: keras.Model
    nodes: tuple[Node, ...]

    @classmethod
    def chain(cls, model: keras.Sequential) -> "Graph":
        """A net in which each layer takes the outputs of the one before."""
        names = [PIXELS, *(layer.name for layer in model.layers)]
        nodes = (Node(layer, (name,)) for layer, name in zip(model.layers, names, strict=False))
        return cls(model, tuple(nodes))

    @classmethod
    def of(cls, image: tuple[int, int], nodes: Iterable[Node], name: str = "net") -> "Graph":
        """A net of these layers, for images of that height and width; its variables are made."""
        nodes = tuple(nodes)
        tensors: dict[str, Any] = {PIXELS: keras.Input(image)}
        for node in nodes:
            tensors[node.layer.name] = node.layer(_taken(node, tensors))
        model = keras.Model(tensors[PIXELS], tensors[nodes[-1].layer.name], name=name)
        return cls(model, nodes)


def _taken(node: Node, outputs: Mapping[str, Any]) -> Any:
    taken = [outputs[name] for name in node.inputs]
    return taken if len(taken) > 1 else taken[0]


def run(graph: Graph, weights: Tensors, state: Tensors, x: Any, call: Call) -> Walk:
    """Take a batch through the net, layer by layer, without changing the model.

    Args:
        graph: the net.
        weights: its trainable variables, in the order of the model's.
        state: its other variables, in the order of the model's.
        x: images, (images, height, width).
        call: what is done at each layer.
    """
    left, rest, new = iter(weights), iter(state), []
    outputs: dict[str, Any] = {PIXELS: x}
    for node in graph.nodes:
        layer = node.layer
        mine = [next(left) for _ in layer.trainable_variables]
        own = [next(rest) for _ in layer.non_trainable_variables]
        outputs[layer.name], own = call(layer, mine, own, _taken(node, outputs))
        new += own
    del outputs[PIXELS]
    return Walk(outputs[graph.nodes[-1].layer.name], new, outputs)


def walk(
    graph: Graph,
    weights: Tensors,
    state: Tensors,
    x: Any,
    mode: Mode,
    numbers: Mapping[str, Any],
) -> Walk:
    """The same by the statistics asked for, as `forward.walk` does it for a chain of layers.

    Args:
        graph: the net.
        weights: its trainable variables.
        state: its other variables.
        x: images, (images, height, width).
        mode: how to normalize, and whether to train.
        numbers: `momentum` and `noise` of the run.
    """

    def call(layer: keras.Layer, mine: Tensors, own: Tensors, x: Any) -> tuple[Any, Tensors]:
        return _call(layer, mine, own, x, mode, numbers)

    return run(graph, weights, state, x, call)
