"""Who each claim predicts to be ahead, and in which numbers."""

from collections.abc import Mapping

from bnreport.protocol.directions import Direction, Directions, Quantity, check, more, read
from bnreport.studies.convolution.runs import (
    IMAGES,
    LARGE,
    LOSS,
    RATES,
    SAME_RATE,
    SIZE,
    SMALL,
    THRESHOLD,
    sized,
    swept,
)


def _end(size: int) -> Quantity:
    """The validation accuracy after the last step."""
    return check("val_accuracy", -(-IMAGES // size))


def _sweep(of: str) -> list[str]:
    return [swept(of, rate) for rate in RATES]


def _faster(than: str) -> Direction:
    bn, other = swept("bn", SAME_RATE), swept(than, SAME_RATE)
    return more(bn, other, check("val_accuracy"), "arrival", THRESHOLD)


def _wider(than: str) -> Direction:
    end = _end(SIZE)
    return more(_sweep("bn"), _sweep(than), end, "width", LOSS, beside=read(_sweep("raw"), end))


def _better(of: str, than: str, size: int) -> Direction:
    return more(sized(of, size), sized(than, size), _end(size))


DIRECTIONS: Mapping[str, Directions] = {
    "convolution-speed-raw": _faster("raw"),
    "convolution-speed-std": _faster("std"),
    "convolution-width-raw": _wider("raw"),
    "convolution-width-std": _wider("std"),
    "convolution-small": {of: _better(of, "bn", SMALL) for of in ("raw", "std")},
    "convolution-large-raw": {str(size): _better("bn", "raw", size) for size in LARGE},
    "convolution-large-std": {str(size): _better("bn", "std", size) for size in LARGE},
}
