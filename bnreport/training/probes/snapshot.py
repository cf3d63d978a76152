"""Give probes what they see of a run, and share the small functions that they need."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from keras import ops

from bnreport.protocol.nets import Net
from bnreport.training import backends

Tensors: TypeAlias = list[Any]
Found: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Glance:
    """The part of a run that a probe sees.

    Attributes:
        net: the structure of the net.
        names: of the weights and of the state, as "<layer>/<variable>".
        layers: names of the layers with a kernel, from the input to the output.
        kernels: where their kernels are in `weights`.
        norms: names of the normalizers of the blocks.
        weights, state: the variables after the check's step.
        before: weights and state at the check's step before, the same ones at its first.
        x, y: images (images, height, width) and labels (images,).
        numbers: the run's numbers, `learning_rate` among them.
        walk: (weights, state, x, mode, nudges) -> `models.Walk`.
        loss: (weights, state, x, y, nudges) -> mean loss in training mode, a scalar.
        settings: the probe's settings.
    """

    net: Net
    names: tuple[tuple[str, ...], tuple[str, ...]]
    layers: tuple[str, ...]
    kernels: tuple[int, ...]
    norms: tuple[str, ...]
    weights: Tensors
    state: Tensors
    before: tuple[Tensors, Tensors]
    x: Any
    y: Any
    numbers: Mapping[str, Any]
    walk: Callable[..., Any]
    loss: Callable[..., Any]
    settings: Mapping[str, Any]

    @property
    def values(self) -> dict[str, Any]:
        """The weights and the state by name."""
        weights, state = self.names
        return dict(zip(weights + state, [*self.weights, *self.state], strict=True))

    def slopes(self) -> dict[str, Any]:
        """The gradient by the weights, by name."""
        return dict(zip(self.names[0], self.gradient(self.weights), strict=True))

    def logits(self, weights: Tensors, x: Any, mode: str) -> Any:
        """The net's outputs for these images, (images, classes)."""
        return self.walk(weights, self.state, x, mode, None).logits

    def gradient(self, weights: Tensors) -> Tensors:
        """The gradient of the loss by the weights, on this batch, in training mode."""

        def loss(weights: Tensors) -> tuple[Any, Any]:
            return self.loss(weights, self.state, self.x, self.y, None), ()

        return backends.value_and_gradient(loss)(weights)[1]


def norm(tensor: Any) -> Any:
    """The square root of the sum of squares."""
    return ops.sqrt(ops.sum(ops.square(tensor)))


def flat(tensor: Any) -> Any:
    """(images, all else)."""
    return ops.reshape(tensor, (tensor.shape[0], -1))


def _largest(tensor: Any) -> Any:
    return ops.max(ops.abs(tensor))


def _by_unit(kernel: Any) -> Any:
    """(units, inputs), of a dense layer or a convolution."""
    if len(kernel.shape) == 2:
        return kernel
    return ops.transpose(ops.reshape(kernel, (-1, kernel.shape[-1])))


def _cosines(left: Any, right: Any) -> Any:
    """The cosine of each row with the same row, (rows,)."""
    lengths = [ops.sqrt(ops.sum(ops.square(rows), axis=1)) for rows in (left, right)]
    return ops.sum(left * right, axis=1) / ops.maximum(lengths[0] * lengths[1], 1e-30)


def _length(tensors: Tensors) -> Any:
    return ops.sqrt(sum(ops.sum(ops.square(tensor)) for tensor in tensors))
