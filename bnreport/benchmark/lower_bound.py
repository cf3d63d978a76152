"""The matrix products of a training step and little else: what no engine can fall below."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from keras import ops

from bnreport.randomness import generator
from bnreport.training import backends

Tensors: TypeAlias = list[Any]
Products: TypeAlias = Callable[[Any, Tensors, bool], Tensors]
Rung: TypeAlias = Literal["products", "best-products", "gather", "update"]
RUNGS: tuple[Rung, ...] = ("products", "best-products", "gather", "update")

WIDTHS = (300, 100, 10)
# Small enough to leave the kernels as they are, and not zero, or the product would be dropped.
RATE = 1e-12


def batch_major(x: Any, kernels: Tensors, inputs: bool) -> Tensors:
    """The products of one step as textbooks write them.

    Args:
        x: a batch, (images, features).
        kernels: three of shape (inputs, units).
        inputs: whether the gradient by the batch is formed, too; batch normalization needs it.

    Returns:
        The three gradients by the kernels, then that by the batch.
    """
    first, second, third = kernels
    h = ops.matmul(x, first)
    a = ops.matmul(h, second)
    o = ops.matmul(a, third)
    da = ops.matmul(o, ops.transpose(third))
    dh = ops.matmul(da, ops.transpose(second))
    slopes = [
        ops.matmul(ops.transpose(x), dh),
        ops.matmul(ops.transpose(h), da),
        ops.matmul(ops.transpose(a), o),
    ]
    return [*slopes, ops.matmul(dh, ops.transpose(first))] if inputs else slopes


def feature_major(x: Any, kernels: Tensors, inputs: bool) -> Tensors:
    """The same products with kernels of shape (units, inputs) and activations (units, images)."""
    first, second, third = kernels
    h = ops.matmul(first, ops.transpose(x))
    a = ops.matmul(second, h)
    o = ops.matmul(third, a)
    da = ops.matmul(ops.transpose(third), o)
    dh = ops.matmul(ops.transpose(second), da)
    slopes = [
        ops.matmul(dh, x),
        ops.matmul(da, ops.transpose(h)),
        ops.matmul(o, ops.transpose(a)),
    ]
    return [*slopes, ops.matmul(ops.transpose(dh), first)] if inputs else slopes


def sweep(
    products: Products, rung: Rung, inputs: bool, rate: float = RATE
) -> Callable[[Any, Any, Tensors], Tensors]:
    """One epoch of steps, to be compiled: (images, order, kernels) to the last step's results.

    Every step reads its own batch, so that no product can be moved out of the loop, and hands its
    results on, so that none can be dropped. "gather" and "update" take the images of a batch by
    their indices; "update" also subtracts the gradients from the kernels.
    """

    def epoch(images: Any, order: Any, kernels: Tensors) -> Tensors:
        steps, size = order.shape
        features = images.shape[1]

        def body(i: Any, carry: Tensors) -> Tensors:
            if rung in {"products", "best-products"}:
                x = ops.slice(images, (i * size, 0), (size, features))
            else:
                x = ops.take(images, order[i], axis=0)
            if rung != "update":
                return products(x, kernels, inputs)
            weights = carry[: len(kernels)]
            slopes = products(x, weights, inputs)
            # The gradient by the batch, if there is one, is handed on as it is.
            return [w - rate * g for w, g in zip(weights, slopes, strict=False)] + slopes[3:]

        rest = [ops.zeros((size, features), "float32")] if inputs else []
        # The first carry is never read unless it is updated, but must have the right shapes.
        carried: Tensors = ops.fori_loop(0, steps, body, [*kernels, *rest])
        return carried

    return epoch


def kernels_of(features: int, widths: Sequence[int], transposed: bool) -> list[Any]:
    """Small random kernels for these widths, as NumPy arrays."""
    kernels, inputs = [], features
    for number, units in enumerate(widths):
        drawn = generator(number, "kernels of the floor").random((inputs, units)) * 0.1
        kernels.append(np.ascontiguousarray(drawn.T if transposed else drawn, np.float32))
        inputs = units
    return kernels


def program(rung: Rung, net: str, images: Any, order: Any) -> Callable[[], None]:
    """A function that runs one compiled epoch of a rung and waits for it.

    Args:
        rung: which rung of the ladder.
        net: "bn" needs the gradient by the batch, "baseline" does not.
        images: training images on the device, (images, features).
        order: indices of the images by batch on the device, (steps, batch).
    """
    layout = feature_major if rung == "best-products" else batch_major
    epoch = backends.compiled(sweep(layout, rung, net == "bn"))
    start = kernels_of(int(images.shape[1]), WIDTHS, rung == "best-products")
    kernels = [ops.convert_to_tensor(kernel) for kernel in start]

    def run() -> None:
        for result in epoch(images, order, kernels):
            # Reading a number waits for the device.
            ops.convert_to_numpy(result)

    return run
