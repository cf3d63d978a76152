"""Who each claim predicts to be ahead, and in which numbers."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bnreport.protocol.directions import Direction, Directions, exactly, history, more, read
from bnreport.studies.initialization.runs import (
    EPOCHS,
    LOSS,
    SCALES,
    SETS,
    SETTING_NAMES,
    Scaled,
    named,
    unit,
)

_END = history("val_accuracy", EPOCHS)
_SMALL, _LARGE = 1 / 64, 64.0


def _by_set(direction: Callable[[Scaled], Direction]) -> dict[str, Direction]:
    return {name: direction(scaled) for name, scaled in zip(SETTING_NAMES, SETS, strict=True)}


def _wider(wide: str, narrow: str) -> dict[str, Direction]:
    """What counts as good is measured from raw pixels at scale 1."""

    def direction(scaled: Scaled) -> Direction:
        mine, other = ([named(of, scaled, scale) for scale in SCALES] for of in (wide, narrow))
        return more(mine, other, _END, "width", LOSS, beside=read(named("raw", "all", 1.0), _END))

    return _by_set(direction)


def _scales(over: float, under: float) -> dict[str, Direction]:
    return _by_set(lambda scaled: more(named("bn", scaled, over), named("bn", scaled, under), _END))


DIRECTIONS: Mapping[str, Directions] = {
    "initialization-width-raw": _wider("bn", "raw"),
    "initialization-width-std": _wider("bn", "std"),
    "initialization-width-std-bn": _wider("std-bn", "std"),
    "initialization-small": _scales(_SMALL, 1.0),
    "initialization-large": _scales(1.0, _LARGE),
    "initialization-start-raw": more("bn-1", unit("raw", 1.0), _END),
    "initialization-start-std": more("bn-1", unit("std", 1.0), _END),
    # Right is what the start at scale 1 reaches.
    "initialization-unit": replace(
        exactly([unit("raw", scale) for scale in (_SMALL, _LARGE)], _END, 0.5),
        other=read(unit("raw", 1.0), _END),
    ),
}
