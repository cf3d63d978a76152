"""The numbers for which a formula is computed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, TypeAlias

import numpy as np

# What a name stands for: a number, an array, a mapping by index, a function, or a tuple of indices.
Value: TypeAlias = Any

# What has one meaning in all formulas.
FUNCTIONS: Mapping[str, Value] = {
    r"\max": np.maximum,
    r"\min": np.minimum,
    r"\tanh": np.tanh,
    r"\arccos": np.arccos,
    r"\pi": np.pi,
    r"\operatorname{diag}": np.diag,
    r"\operatorname{ReLU}": lambda z: np.maximum(0.0, z),
    r"\operatorname{E}": np.mean,
    r"\operatorname{sd}": np.std,
}


class UnreadableError(ValueError):
    """The text is no formula that this reader knows, or names what has no value."""


@dataclass(frozen=True)
class Setting:
    """The numbers for which a formula is computed.

    Attributes:
        values: what each name stands for; indexed ones end with an underscore (`x_`).
        each: the indices for which the formula holds one by one.
        over: the indices that a sum without bounds, a maximum or a count runs through.
        after: what has another value behind an arrow to the left.
        whole: what every side of the formula comes to, where that is known.
        tolerance: relative, and absolute.
        about: how near `≈` means, relative.
    """

    values: Mapping[str, Value]
    each: Mapping[str, Sequence[int]] = field(default_factory=dict)
    over: Mapping[str, Sequence[int]] = field(default_factory=dict)
    after: Mapping[str, Value] = field(default_factory=dict)
    whole: Value = None
    tolerance: float = 1e-9
    about: float = 0.01

    def cases(self) -> Iterator["Setting"]:
        """The setting once for each choice of the indices of `each`."""
        for chosen in product(*self.each.values()):
            yield replace(self, values={**self.values, **dict(zip(self.each, chosen, strict=True))})

    def called(self, name: str, index: str) -> Value:
        """The value of a name, which may have an index that is part of it."""
        whole = f"{name}_{index}" if index else name
        for known in (self.values, FUNCTIONS):
            if whole in known:
                return known[whole]
        raise UnreadableError(f"Expected a name with a value. Received: {whole}.")
