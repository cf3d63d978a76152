"""Who each claim predicts to be ahead, and in which numbers."""

from collections.abc import Mapping

from bnreport.protocol.directions import Direction, Directions, check, history, more, read
from bnreport.studies.batchsize.runs import EPOCHS, IMAGES, LARGE, SMALL, lagging, named

_END = history("val_accuracy", EPOCHS)


def _precise(size: int) -> Direction:
    """By statistics taken anew after the last step, over the moving averages of the same net."""
    anew = read(named("bn", size), check("precise_accuracy", EPOCHS * IMAGES // size))
    return Direction(anew, read(named("bn", size), _END))


def _lag(step: int) -> Direction:
    """By statistics taken anew after a step, over the moving averages of the same net."""
    anew, moving = (
        read(lagging(0.99), check(f"{which}_accuracy", step)) for which in ("precise", "moving")
    )
    return Direction(anew, moving)


DIRECTIONS: Mapping[str, Directions] = {
    "batchsize-small": {
        f"{of}, {size}": more(named(of, size), named("bn", size), _END)
        for of in ("raw", "std")
        for size in SMALL
    },
    "batchsize-large-raw": {
        str(size): more(named("bn", size), named("raw", size), _END) for size in LARGE
    },
    "batchsize-large-std": {
        str(size): more(named("bn", size), named("std", size), _END) for size in LARGE
    },
    "batchsize-others": {of: more(named(of, 2), named("bn", 2), _END) for of in ("ln", "gn")},
    "batchsize-precise-512": _precise(512),
    "batchsize-precise-2": {
        of: Direction(read(named(of, 2), _END), _precise(2).favoured) for of in ("raw", "std")
    },
    "batchsize-lag": _lag(100),
    "batchsize-caught-up": _lag(640),
}
