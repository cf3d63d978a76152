"""The net of a recipe, of either kind, and how it begins."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

import keras
import numpy as np
from numpy.typing import NDArray

from bnreport.protocol.nets import Net
from bnreport.protocol.residual import Residual
from bnreport.training.graphs import Graph
from bnreport.training.models import Arrays, build, initial_weights
from bnreport.training.residual import build_residual, residual_weights

# Variables by "<layer>/<name>".
Named: TypeAlias = Mapping[str, NDArray[Any]]
HEAD = "output/"


def graph_of(net: Net | Residual, image: tuple[int, int], classes: int) -> Graph:
    """Build the net for images of that height and width; its outputs are logits of the classes."""
    if isinstance(net, Residual):
        return build_residual(net, image, classes)
    return Graph.chain(build(net, image, classes))


def weights_of(net: Net | Residual, graph: Graph, seed: int, scale: float) -> tuple[Arrays, Arrays]:
    """Draw the initial trainable and other variables of a net, in Keras' order.

    Args:
        net: its structure.
        graph: what `graph_of` makes of it.
        seed: the run's seed.
        scale: what the kernels are multiplied by.
    """
    if isinstance(net, Residual):
        return residual_weights(net, graph, seed, scale)
    return initial_weights(graph.model, seed, scale)


def xla_is_faster(net: Net | Residual) -> bool:
    """Say whether a program runs faster under XLA; see `backends.compiled`.

    It does not with convolutions and with dropout's draws, nor in residual nets: of 50 dense blocks
    it is slower and takes five times as long to compile.
    """
    return isinstance(net, Net) and not (net.filters or net.dropout)


def names(graph: Graph, trainable: bool = True) -> list[str]:
    """Name the trainable or the other variables in their order, as "<layer>/<name>"."""
    return [
        f"{node.layer.name}/{variable.name}"
        for node in graph.nodes
        for variable in (
            node.layer.trainable_variables if trainable else node.layer.non_trainable_variables
        )
    ]


def matching(graph: Graph, patterns: Iterable[str]) -> frozenset[str]:
    """Return the layers whose names match a pattern.

    Raises:
        ValueError: when no layer matches one.
    """
    layers = [node.layer.name for node in graph.nodes]
    matched = {pattern: {x for x in layers if fnmatchcase(x, pattern)} for pattern in patterns}
    if idle := [pattern for pattern, names in matched.items() if not names]:
        raise ValueError(
            f"Expected patterns that layers match. Received: {', '.join(idle)}. "
            f"Use names such as {', '.join(layers[:4])}."
        )
    return frozenset[str]().union(*matched.values())


def normalizers(graph: Graph) -> frozenset[str]:
    """Return the names of the layers of BN."""
    kind = keras.layers.BatchNormalization
    return frozenset(node.layer.name for node in graph.nodes if isinstance(node.layer, kind))


def taken_over(
    variables: Arrays, names_of: list[str], started: Named, head: str
) -> list[NDArray[Any]]:
    """Put the variables of another run in the place of those of the same name.

    Args:
        variables: as they are drawn.
        names_of: their names.
        started: those of the other run.
        head: "drawn" leaves the output layer as it is drawn.

    Raises:
        ValueError: when a variable is not there, or of another shape.
    """
    values = []
    for name, value in zip(names_of, variables, strict=True):
        if head == "drawn" and name.startswith(HEAD):
            values.append(value)
            continue
        other = started.get(name)
        if other is None or np.shape(other) != np.shape(value):
            raise ValueError(
                f"Expected {name} of shape {np.shape(value)} in the run to start from. Received: "
                f"{'none' if other is None else np.shape(other)}. Give both runs the same net, or "
                "let the head be drawn."
            )
        values.append(np.asarray(other))
    return values
