"""The parameters of a dense net, counted from its structure."""

from collections.abc import Iterator
from dataclasses import dataclass

from bnreport.protocol.nets import Net

PIXELS, CLASSES = 28 * 28, 10


@dataclass(frozen=True)
class Count:
    """The parameters of a layer: those that training changes by gradients, and all others."""

    layer: str
    trained: int
    kept: int = 0

    @property
    def all(self) -> int:
        """Both together."""
        return self.trained + self.kept


def counted(net: Net, pixels: int = PIXELS, classes: int = CLASSES) -> tuple[Count, ...]:
    """The parameters of each layer of a dense net that has some, from input to output.

    A dense layer holds a weight for each input and a bias, by unit. BN holds gamma and beta by
    unit, which are trained, and the moving mean and variance, which are not.

    Raises:
        ValueError: for a net with convolutions or another normalizer.
    """
    if net.filters or net.normalizer not in {"none", "batch"}:
        raise ValueError(
            "Expected a dense net, with BN or without. "
            f"Received: filters={net.filters}, normalizer={net.normalizer!r}. Use a dense one."
        )
    return tuple(_counts(net, pixels, classes))


def _counts(net: Net, pixels: int, classes: int) -> Iterator[Count]:
    if net.normalized_inputs:
        yield Count("norm0", 2 * pixels, 2 * pixels)
    inputs = pixels
    for number, units in enumerate(net.hidden, start=1):
        yield Count(f"hidden{number}", (inputs + 1) * units)
        if net.normalizer == "batch":
            yield Count(f"norm{number}", 2 * units, 2 * units)
        inputs = units
    yield Count("output", (inputs + 1) * classes)
