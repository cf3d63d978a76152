"""Who each claim predicts to be ahead, and in which numbers."""

from collections.abc import Mapping

from bnreport.directions import Direction, Directions, history, more
from bnreport.studies.depth.runs import name

_END = history("val_accuracy", 1)


def _over(activation: str, other: str, *depths: int) -> dict[str, Direction]:
    """BN is ahead of nets as deep without it."""
    return {
        f"depth {depth}": more(name(activation, depth, "bn"), name(activation, depth, other), _END)
        for depth in depths
    }


def _shallow(of: str) -> Direction:
    """The net of 2 layers is ahead of that of 30."""
    return more(name("relu", 2, of), name("relu", 30, of), _END)


DIRECTIONS: Mapping[str, Directions] = {
    "depth-sigmoid-raw": _over("sigmoid", "raw", 10, 20, 30),
    "depth-sigmoid-std": _over("sigmoid", "std", 10, 20, 30),
    "depth-tanh-raw": _over("tanh", "raw", 20, 30),
    "depth-tanh-std": _over("tanh", "std", 20, 30),
    "depth-relu-raw": _over("relu", "raw", 20, 30),
    "depth-relu-std": _over("relu", "std", 20, 30),
    "depth-decay": _shallow("bn"),
    "depth-decay-std": _shallow("std"),
}
