"""The numbers that share a mean: pools of five layers of Keras, for any axis, groups and layout.

An array of images with channels, rows and columns is small enough to see every number of it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bnreport.errors import BnreportError
from bnreport.lessons.by_hand import short
from bnreport.lessons.chase import uniforms
from bnreport.presentation.formats import number
from bnreport.reference import EPSILON, Floats

Places = NDArray[np.int64]

# The array: its sizes by what they count, in the order in which a picture shows them.
IMAGES, CHANNELS, ROWS, COLUMNS = 2, 6, 3, 2
SIZES = {"images": IMAGES, "channels": CHANNELS, "height": ROWS, "width": COLUMNS}
# Where the axes lie in each of the two layouts.
LAYOUTS = {
    "channels_last": ("images", "height", "width", "channels"),
    "channels_first": ("images", "channels", "height", "width"),
}
# The layers by short names, and what each does with the numbers of its argument `axis`. Keras has
# InstanceNorm as GroupNormalization with as many groups as channels.
LAYERS = {
    "BatchNorm": "kept",
    "LayerNorm": "averaged",
    "InstanceNorm": "kept",
    "GroupNorm": "cut",
    "RMSNorm": "averaged",
}
# What code calls the axes of an array, whatever they count; the last has two numbers.
NUMBERS = ("axis 0", "1", "2", "3 = -1")
AXES = {"-1": "-1", "1": "1", "2": "2", "all": "(1, 2, 3)"}
GROUPS = (1, 2, 3, 6)
# Added to the variance, or to the mean square: Keras' defaults.
EPSILONS = {**dict.fromkeys(LAYERS, EPSILON), "RMSNorm": 1e-7}


@dataclass(frozen=True)
class Chosen:
    """A layer with its arguments, the layout of what it is given, and one number of that.

    Attributes:
        layer: a name of `LAYERS`.
        layout: a name of `LAYOUTS`, as Keras calls it.
        axis: a name of `AXES`; only layers that average over their axis take several.
        groups: into how many GroupNorm cuts its axis.
        at: image, channel, row and column of the number, from 0.
    """

    layer: str = "BatchNorm"
    layout: str = "channels_last"
    axis: str = "-1"
    groups: int = 3
    at: tuple[int, int, int, int] = (0, 0, 0, 0)


@dataclass(frozen=True)
class Sharing:
    """The numbers that share a statistic with one of them, and what becomes of that.

    Attributes:
        lit: which numbers are in the pool, (images, channels, rows, columns).
        pools: how many pools there are.
        mean: what is subtracted; zero where nothing is.
        scale: what divides: the root of the variance or of the mean square, with epsilon in it.
        result: the number after that.
    """

    lit: NDArray[np.bool_]
    pools: int
    mean: float
    scale: float
    result: float

    @property
    def size(self) -> int:
        """The count of numbers that share."""
        return int(self.lit.sum())


@cache
def numbers() -> Floats:
    """The array, whole numbers of two digits at most: channels and images have their own levels."""
    draws = uniforms(5, IMAGES * CHANNELS * ROWS * COLUMNS + CHANNELS + IMAGES)
    channel, image, noise = np.split(draws, [CHANNELS, CHANNELS + IMAGES])
    levels = 30 * channel[None, :, None, None] + 20 * image[:, None, None, None]
    shape = (IMAGES, CHANNELS, ROWS, COLUMNS)
    whole: Floats = np.floor(levels + 20 * noise.reshape(shape))
    return whole


def roles(chosen: Chosen) -> tuple[str, ...]:
    """The part that each axis of the layout has: "kept", "averaged" or "cut"."""
    named = range(1, 4) if chosen.axis == "all" else [int(chosen.axis) % len(SIZES)]
    act = LAYERS[chosen.layer]
    aside = "kept" if act == "averaged" else "averaged"
    parts = [act if place in named else aside for place in range(len(SIZES))]
    # Only BatchNorm lets images share.
    return tuple(parts) if chosen.layer == "BatchNorm" else ("kept", *parts[1:])


def refused(chosen: Chosen) -> bool:
    """Say whether Keras has no such layer for the array.

    An axis must be a multiple of its groups. RMSNormalization multiplies its scale along the last
    axes, whichever it averages over, and stops where they do not match.
    """
    if LAYERS[chosen.layer] == "averaged":
        return chosen.layer == "RMSNorm" and chosen.axis in ("1", "2")
    if chosen.axis == "all":
        return True
    size = SIZES[LAYOUTS[chosen.layout][int(chosen.axis)]]
    return LAYERS[chosen.layer] == "cut" and size % chosen.groups > 0


def pools(chosen: Chosen) -> Places:
    """The pool of each number, counted from 0, (images, channels, rows, columns)."""
    places = dict(zip(SIZES, np.indices(tuple(SIZES.values())), strict=True))
    which = np.zeros(tuple(SIZES.values()), int)
    for name, role in zip(LAYOUTS[chosen.layout], roles(chosen), strict=True):
        if role == "kept":
            which = which * SIZES[name] + places[name]
        elif role == "cut":
            which = which * chosen.groups + places[name] // (SIZES[name] // chosen.groups)
    return which


def pool(chosen: Chosen) -> Sharing:
    """The pool of the number that is looked at, and that number after it.

    Raises:
        BnreportError: for a layer that Keras refuses.
    """
    if refused(chosen):
        raise BnreportError(
            f"Expected axes that the layer takes, and groups that divide them. Received: {chosen}. "
            "Ask `refused` first."
        )
    which, x = pools(chosen), numbers()
    lit = which == which[chosen.at]
    mean = 0.0 if chosen.layer == "RMSNorm" else float(x[lit].mean())
    scale = math.sqrt(((x[lit] - mean) ** 2).mean() + EPSILONS[chosen.layer])
    return Sharing(lit, int(which.max()) + 1, mean, scale, float((x[chosen.at] - mean) / scale))


def checked(chosen: Chosen) -> list[float]:
    """All numbers of a choice that the script must find again; none where Keras refuses."""
    if refused(chosen):
        return []
    share = pool(chosen)
    results = (share.pools, share.size, share.mean, share.scale, share.result)
    return [*map(float, results), *np.flatnonzero(share.lit).astype(float)]


# ---- The picture: its places are those of docs/assets/pieces/share.js ----

_TONES = dict(zip(LAYERS, ("bn", "ln", "std", "gn", "raw"), strict=True))
_LEFT, _TOP, _WIDE, _TALL, _GAP = 34, 106, 24, 21, 6


def drawing(chosen: Chosen = Chosen()) -> dict[str, object]:
    """Work the picture of a choice: its parts in the picture's units, and its numbers in words."""
    share, x = pool(chosen), numbers()
    names, parts = LAYOUTS[chosen.layout], roles(chosen)
    return {
        "tone": _TONES[chosen.layer],
        "number": f"{x[chosen.at]:g}",
        "size": share.size,
        "pools": share.pools,
        "axes": [
            (1 + 82 * at, called, f"{name}, {SIZES[name]}", part if part != "cut" else "in groups")
            for at, (called, name, part) in enumerate(zip(NUMBERS, names, parts, strict=True))
        ],
        "cells": [
            (*_corner(place), f"{x[place]:g}", bool(share.lit[place]))
            for place in np.ndindex(x.shape)
        ],
        "ringed": _corner(chosen.at),
        "sum": f"({x[chosen.at]:g} − {short(share.mean)}) / {number(share.scale, 2)} = "
        f"{number(share.result, 2)}",
    }


def _corner(at: Sequence[int]) -> tuple[int, int]:
    """The upper left corner of the square of a number."""
    image, channel, row, column = at
    across = _LEFT + _WIDE * (COLUMNS * channel + column)
    return across, _TOP + _TALL * (ROWS * image + row) + _GAP * image
