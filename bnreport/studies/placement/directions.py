"""Who each claim predicts to be ahead, and in which numbers."""

from collections.abc import Mapping

from bnreport.directions import Direction, Directions, more, score
from bnreport.studies.placement.runs import EPOCHS, PLACES

_TEST = score("test", EPOCHS)


def _over(activation: str, control: str) -> dict[str, Direction]:
    """BN at each place is ahead of the net without it."""
    return {
        place: more(f"{activation}-{place}", f"{activation}-{control}", _TEST) for place in PLACES
    }


DIRECTIONS: Mapping[str, Directions] = {
    "placement-same-relu": more("relu-after", "relu-before", _TEST),
    "placement-same-tanh": more("tanh-after", "tanh-before", _TEST),
    "placement-before-relu": more("relu-before", "relu-after", _TEST),
    "placement-after-tanh": more("tanh-after", "tanh-before", _TEST),
    "placement-raw-relu": _over("relu", "raw"),
    "placement-std-relu": _over("relu", "std"),
    "placement-raw-tanh": _over("tanh", "raw"),
    "placement-std-tanh": _over("tanh", "std"),
}
