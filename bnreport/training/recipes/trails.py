"""Follow weights on their way: how long they are, how far they turn, and their average."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]


def rows(kernel: Array) -> Array:
    """A kernel as what each unit or channel multiplies its inputs by, (units, inputs).

    Ours of a dense layer is stored so; that of a convolution has its channels last.
    """
    flat = kernel if kernel.ndim == 2 else kernel.reshape(-1, kernel.shape[-1]).T
    return flat.astype(np.float64)


def angles(before: Array, after: Array) -> Array:
    """The angles between rows, in radians.

    The angle of unit vectors at a distance d is 2 arcsin(d / 2), which is exact for small ones as
    well, where a cosine is rounded to 1.
    """
    one, other = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (before, after))
    half = np.minimum(np.linalg.norm(other - one, axis=1) / 2, 1.0)
    return np.asarray(2 * np.arcsin(half))


@dataclass(frozen=True)
class Turning:
    """Kernels that turn step by step, as rows.

    Attributes:
        first: where they began.
        last: where they are, if they have moved.
        squares: of each step the mean square of the angles of each kernel's rows.
    """

    first: tuple[Array, ...]
    last: tuple[Array, ...] = ()
    squares: tuple[tuple[float, ...], ...] = ()

    def onto(self, kernels: Iterable[Array]) -> "Turning":
        """Follow a step that led to these rows."""
        here = tuple(kernels)
        moved = zip(self.last or self.first, here, strict=True)
        squares = tuple(float(np.square(angles(*pair)).mean()) for pair in moved)
        return Turning(self.first, here, (*self.squares, squares))

    @property
    def length(self) -> Array:
        """The root mean square of the lengths of each kernel's rows at the start."""
        return np.array([np.sqrt(np.square(x).sum(axis=1).mean()) for x in self.first])

    @property
    def turn(self) -> Array:
        """The root mean square of the angles of each kernel's rows, over all steps."""
        return np.asarray(np.sqrt(np.mean(self.squares, axis=0)))


@dataclass(frozen=True)
class Trail:
    """The weighted sum of tensors on their way, and the sum of what they count."""

    total: tuple[Array, ...] = ()
    counted: float = 0.0

    def and_then(self, values: Iterable[Array], momentum: float) -> "Trail":
        """Follow one step more, which counts 1; all before it count less, by the momentum."""
        new = [value.astype(np.float64) for value in values]
        old = self.total or tuple(np.zeros_like(value) for value in new)
        total = tuple(momentum * sum_ + value for sum_, value in zip(old, new, strict=True))
        return Trail(total, momentum * self.counted + 1.0)

    @property
    def mean(self) -> list[Array]:
        """The weighted mean, in single precision as the tensors were."""
        return [(value / self.counted).astype(np.float32) for value in self.total]


EMPTY = Trail()
