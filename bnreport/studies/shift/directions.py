"""Who each claim predicts to be ahead, and in which numbers."""

from collections.abc import Callable, Mapping

from bnreport.protocol.directions import (
    Direction,
    Directions,
    Reading,
    check,
    history,
    read,
    turned,
)
from bnreport.studies.shift.runs import CELLS, EPOCHS, name

# The marks after the start.
_MARKS = tuple(range(40, 281, 40))
_ONE_STEP_LATER = tuple(step + 1 for step in _MARKS)
_NORMALIZED = ("bn", "std-bn", "noisy")


def _ahead(of: str, depth: int, rate: float) -> tuple[Reading, ...]:
    """Gradients of the layers that have others before them; the output's is the last."""
    quantity = check("ahead_distance", *_MARKS, layers=range(1, depth + 1))
    return read(name(depth, of, rate), quantity, more=False)


def _outputs(of: str, depth: int, rate: float) -> tuple[Reading, ...]:
    """What comes out of the dense layers."""
    return read(name(depth, of, rate), check("drift_hidden", *_ONE_STEP_LATER), more=False)


def _received(of: str, depth: int, rate: float) -> tuple[Reading, ...]:
    """What the activation functions receive: what BN makes of the outputs, where there is BN."""
    found = "norm" if of in _NORMALIZED else "hidden"
    return read(name(depth, of, rate), check(f"drift_{found}", *_ONE_STEP_LATER), more=False)


def _less(
    measured: Callable[[str, int, float], tuple[Reading, ...]], favoured: str, other: str
) -> dict[str, Direction]:
    return {
        where: Direction(measured(favoured, *cell), measured(other, *cell))
        for where, cell in CELLS.items()
    }


def _kept(depth: int, rate: float) -> Direction:
    """Noisy BN, over the three quarters of the way from raw pixels to BN."""
    raw, bn, noisy = (
        read(name(depth, of, rate), history("val_accuracy", EPOCHS))
        for of in ("raw", "bn", "noisy")
    )
    return Direction(noisy, raw + bn)


DIRECTIONS: Mapping[str, Directions] = {
    "shift-ahead-raw": _less(_ahead, "bn", "raw"),
    "shift-ahead-std": _less(_ahead, "bn", "std"),
    "shift-received-raw": _less(_received, "bn", "raw"),
    "shift-received-std": _less(_received, "bn", "std"),
    "shift-outputs-raw": _less(_outputs, "bn", "raw"),
    "shift-outputs-std": _less(_outputs, "bn", "std"),
    "shift-noisy-drift": {
        where: turned(direction) for where, direction in _less(_received, "noisy", "raw").items()
    },
    "shift-noisy-gain": {where: _kept(*cell) for where, cell in CELLS.items()},
}
