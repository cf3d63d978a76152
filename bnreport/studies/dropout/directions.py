"""Who each claim predicts to be ahead, and in which numbers."""

from collections.abc import Callable, Mapping

from bnreport.directions import Direction, Directions, check, less, more, read, score
from bnreport.studies.dropout.claims import BY_SHARE
from bnreport.studies.dropout.runs import END, EPOCHS, SECOND, SHARES, between, last

_TEST = score("test", EPOCHS)
# The variance that the second BN meets, over the one that it assumes.
_MET = check("shift_ratio", END, layers=(SECOND,))


def _by_share(direction: Callable[[float], Direction]) -> dict[str, Direction]:
    return {name: direction(share) for name, share in zip(BY_SHARE, SHARES, strict=True)}


def _anew(share: float) -> Direction:
    net = between(share)
    return Direction(
        read(net, check("anew_accuracy", END)), read(net, check("moving_accuracy", END))
    )


def _costs_more(than: str) -> Direction:
    """BN falls further from its net without dropout than the other does from its own."""
    return more(("bn", f"{than}-dropout-0.5"), (between(0.5), than), _TEST)


DIRECTIONS: Mapping[str, Directions] = {
    "dropout-shift-between": _by_share(lambda share: less(between(share), (), _MET, level=1.0)),
    "dropout-shift-last": _by_share(lambda share: less(last(share), (), _MET, level=1.0)),
    "dropout-anew": _by_share(_anew),
    "dropout-place": _by_share(lambda share: more(last(share), between(share), _TEST)),
    "dropout-cost": _by_share(lambda share: more("bn", between(share), _TEST)),
    "dropout-last": _by_share(lambda share: more(last(share), "bn", _TEST)),
    "dropout-more-raw": _costs_more("raw"),
    "dropout-more-std": _costs_more("std"),
}
