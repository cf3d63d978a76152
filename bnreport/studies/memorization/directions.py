"""Who each claim predicts to be ahead, and in which numbers."""

from collections.abc import Mapping

from bnreport.directions import Direction, Directions, check, history, more, read
from bnreport.studies.memorization.runs import BN, END, EPOCHS, INPUTS

_RUNNING = history("accuracy", EPOCHS)
_LATE = history("val_accuracy", EPOCHS - 2, EPOCHS - 1, EPOCHS)


def _repeated(of: str, order: str = "fixed") -> Direction:
    """Repeated batches are ahead of new ones."""
    return more(f"{of}-{order}", f"{of}-fresh", _RUNNING)


def _lost(of: str, name: str) -> Direction:
    """What repeated batches add is more than they add to what a check finds."""
    found = check(f"{name}_accuracy", *END)
    repeated, fresh = f"{of}-fixed", f"{of}-fresh"
    return Direction(
        read(repeated, _RUNNING) + read(fresh, found), read(fresh, _RUNNING) + read(repeated, found)
    )


DIRECTIONS: Mapping[str, Directions] = {
    "memorization-bn": _repeated("bn"),
    "memorization-std-bn": _repeated("std-bn"),
    "memorization-none": {name: _repeated(of) for name, of in INPUTS.items()},
    "memorization-ln": _repeated("ln"),
    "memorization-mates": {name: _lost(of, "mates") for name, of in BN.items()},
    "memorization-moving": {name: _lost(of, "moving") for name, of in BN.items()},
    "memorization-shuffled": _repeated("bn", "shuffled"),
    "memorization-validation": {
        name: more(f"{of}-fresh", f"{of}-fixed", _LATE) for name, of in BN.items()
    },
}
