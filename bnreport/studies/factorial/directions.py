"""Who each claim predicts to be ahead, and in which numbers."""

from collections.abc import Mapping

from bnreport.directions import Direction, Directions, check, history, less, more
from bnreport.studies.factorial.runs import CELLS, END, EPOCHS, INPUTS

_LOSS = check("train_loss", *END.steps)
_VALIDATION = history("val_accuracy", EPOCHS)


def _nets(*levels: str) -> tuple[str, ...]:
    """The names of all nets that have these levels."""
    return tuple("-".join(cell) for cell in CELLS if set(levels) <= set(cell))


def _hidden(inputs: str) -> Direction:
    return less(_nets("hidden", inputs), _nets("plain", inputs), _LOSS)


DIRECTIONS: Mapping[str, Directions] = {
    "factorial-hidden-raw": _hidden("raw"),
    "factorial-hidden-std": _hidden("std"),
    "factorial-hidden-bn": _hidden("bn"),
    "factorial-inputs": less(_nets("plain", "std"), _nets("plain", "raw"), _LOSS),
    "factorial-interaction": less(
        _nets("hidden", "raw") + _nets("plain", "std"),
        _nets("plain", "raw") + _nets("hidden", "std"),
        _LOSS,
    ),
    "factorial-activation": more(_nets("leaky"), _nets("relu"), _LOSS),
    "factorial-initializer": more(_nets("he"), _nets("glorot"), _LOSS),
    "factorial-validation": {
        name: more(_nets("hidden", inputs), _nets("plain", inputs), _VALIDATION)
        for name, inputs in INPUTS.items()
    },
}
