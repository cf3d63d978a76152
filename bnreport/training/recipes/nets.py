"""The net of a recipe, of either kind, and how it begins."""

from bnreport.protocol.nets import Net
from bnreport.protocol.residual import Residual
from bnreport.training.graphs import Graph
from bnreport.training.models import Arrays, build, initial_weights
from bnreport.training.residual import build_residual, residual_weights


def graph_of(net: Net | Residual, image: tuple[int, int]) -> Graph:
    """Build the net for images of that height and width."""
    if isinstance(net, Residual):
        return build_residual(net, image)
    return Graph.chain(build(net, image))


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
