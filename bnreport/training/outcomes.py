"""Hold what a run leaves behind, as numbers of Python."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Number: TypeAlias = float | None
Found: TypeAlias = Number | tuple[Number, ...]


@dataclass(frozen=True)
class Marks:
    """The images that a net gets right after an epoch, in inference mode."""

    epoch: int
    val_correct: NDArray[np.bool_]
    test_correct: NDArray[np.bool_]


@dataclass
class Outcome:
    """The result of a run; each list of `history` holds one number an epoch.

    `loss` and `accuracy` are Keras' running means over the epoch's batches, in training mode;
    `train_*` and `val_*` are evaluated after the epoch, in inference mode. `checks` holds, by
    "<check>_<what>", one number or one tuple for each step of the check. A run that diverged ends
    with the first epoch that has a number which is not finite; such numbers are None.
    """

    history: dict[str, list[Number]] = field(default_factory=dict)
    scores: list[Marks] = field(default_factory=list)
    checks: dict[str, list[Found]] = field(default_factory=dict)
    early_loss: Number = None
    diverged: bool = False


def _numbers(values: Any) -> Found:
    if np.ndim(values):
        return tuple(_finite(value) for value in np.ravel(values))
    return _finite(values)


def _finite(value: Any) -> Number:
    # The shortest decimal that is this float32: records stay small and lose nothing.
    return float(str(np.float32(value))) if np.isfinite(value) else None
