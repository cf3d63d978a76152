"""Batch normalization written down in NumPy: forward, backward, inference and folding.

Every layer is brought to a matrix of N rows and C features first. A dense layer of N examples has
N rows; a convolution of n images of H x W pixels has N = n H W. From there on both are the same.
All is computed in float64.

The papers: Ioffe and Szegedy 2015 (arXiv 1502.03167), algorithm 1 (forward), the gradients below
it, and algorithm 2 (inference), section 3.2 (convolutions); the nodes of the graph are those of
Kratzert 2016, "Understanding the backward pass through Batch Normalization Layer".
"""

from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]

# Keras' defaults.
EPSILON, MOMENTUM = 1e-3, 0.99


@dataclass(frozen=True)
class Nodes:
    """The values of the nine nodes of the graph, in order; or the gradients that reach them.

    Matrices have shape (N, C) and vectors (C,).
    """

    mean: Floats
    centered: Floats
    squared: Floats
    variance: Floats
    deviation: Floats
    inverse: Floats
    normalized: Floats
    scaled: Floats
    shifted: Floats


@dataclass(frozen=True)
class Forward:
    """A forward pass: its output, of the shape of x, and what the backward pass needs of it."""

    output: Floats
    nodes: Nodes
    gamma: Floats
    axis: int


@dataclass(frozen=True)
class Gradients:
    """The gradients of a loss by x, of its shape, and by gamma and beta, both (C,)."""

    x: Floats
    gamma: Floats
    beta: Floats


@dataclass(frozen=True)
class Trained:
    """The vectors of a trained layer, (C,), in the order of Keras' weights, and epsilon."""

    gamma: Floats
    beta: Floats
    mean: Floats
    variance: Floats
    epsilon: float = EPSILON


def rows(x: ArrayLike, axis: int = -1) -> Floats:
    """The numbers that share a mean, one below the other, (N, C).

    Args:
        x: at least two axes; `axis` holds the C features.
        axis: -1 for (N, C) and (N, H, W, C), 1 for (N, C, H, W).

    Raises:
        ValueError: for fewer axes, an axis that x lacks, or no number at all.

    Source: Ioffe and Szegedy 2015, section 3.2: the effective batch of a convolution is n H W.
    """
    values = np.asarray(x, np.float64)
    if values.ndim < 2 or not -values.ndim <= axis < values.ndim or not values.size:
        raise ValueError(
            "Expected numbers with an axis of examples and one of features. "
            f"Received: shape {values.shape}, axis {axis}. Pass x of shape (N, C)."
        )
    last = np.moveaxis(values, axis, -1)
    return last.reshape(-1, last.shape[-1])


def restored(matrix: Floats, shape: tuple[int, ...], axis: int = -1) -> Floats:
    """The rows (N, C) as an array of that shape again: `rows` undone."""
    features = shape[axis]
    others = [size for place, size in enumerate(shape) if place != axis % len(shape)]
    return np.moveaxis(matrix.reshape(*others, features), -1, axis)


def forward(
    x: ArrayLike, gamma: ArrayLike, beta: ArrayLike, epsilon: float = EPSILON, axis: int = -1
) -> Forward:
    """The forward pass in training: each feature by the mean and the variance of its batch.

    mean = sum(x) / N;  variance = sum((x - mean)^2) / N
    xhat = (x - mean) / sqrt(variance + epsilon);  y = gamma xhat + beta

    The variance divides by N, not by N - 1. A feature that is constant in the batch gives beta; so
    does a batch of one. With epsilon 0 these divide zero by zero, and NumPy warns.

    Args:
        x: the inputs; `axis` holds the C features, and all other axes share a mean.
        gamma: the scale, (C,).
        beta: the shift, (C,).
        epsilon: added to the variance, in the square of the unit of x.
        axis: -1 for (N, C) and (N, H, W, C).

    Raises:
        ValueError: for shapes that do not fit.

    Source: Ioffe and Szegedy 2015 (arXiv 1502.03167), algorithm 1.
    """
    inputs = rows(x, axis)
    gamma, beta = _vectors(inputs.shape[1], gamma=gamma, beta=beta)
    made = nodes(inputs, gamma, beta, epsilon)
    return Forward(restored(made.shifted, np.shape(x), axis), made, gamma, axis)


def nodes(x: Floats, gamma: Floats, beta: Floats, epsilon: float = EPSILON) -> Nodes:
    """The nine steps of the forward pass on rows (N, C); `forward` has the equations.

    Source: the steps of Kratzert 2016.
    """
    mean = x.mean(axis=0)
    centered = x - mean
    squared = centered**2
    variance = squared.mean(axis=0)
    deviation = np.sqrt(variance + epsilon)
    inverse = 1 / deviation
    normalized = centered * inverse
    scaled = gamma * normalized
    shifted = scaled + beta
    return Nodes(mean, centered, squared, variance, deviation, inverse, normalized, scaled, shifted)


def backward(dy: ArrayLike, made: Forward) -> Gradients:
    """The backward pass in its collapsed form; exact with any epsilon.

    dx = gamma / sqrt(variance + epsilon) (dy - mean(dy) - xhat mean(dy xhat))
    dgamma = sum(dy xhat);  dbeta = sum(dy)

    Args:
        dy: the gradient of the loss by the output, of its shape.
        made: the forward pass.

    Raises:
        ValueError: for another shape.

    Source: the gradients below algorithm 1 of Ioffe and Szegedy 2015 (arXiv 1502.03167), put into
    one another; the tests take `backward_by_nodes`, finite differences and Keras as witnesses.
    """
    grad = _gradient(dy, made)
    xhat = made.nodes.normalized
    along = (grad * xhat).mean(axis=0)
    dx = made.gamma / made.nodes.deviation * (grad - grad.mean(axis=0) - xhat * along)
    return Gradients(
        x=restored(dx, np.shape(dy), made.axis),
        gamma=(grad * xhat).sum(axis=0),
        beta=grad.sum(axis=0),
    )


def backward_by_nodes(dy: ArrayLike, made: Forward) -> tuple[Gradients, Nodes]:
    """The backward pass node by node, from the last to the first, and the gradient at each node.

    Where a node feeds two others the gradients add: `centered` feeds `squared` and `normalized`,
    and x feeds `mean` and `centered`. A mean hands its gradient to N rows, 1 / N each.

    Args:
        dy: the gradient of the loss by the output, of its shape.
        made: the forward pass.

    Raises:
        ValueError: for another shape.

    Source: Kratzert 2016, steps 9 to 0; the chain rule below algorithm 1 of Ioffe and Szegedy 2015.
    """
    shifted = _gradient(dy, made)
    at = made.nodes
    scaled = shifted
    normalized = scaled * made.gamma
    inverse = (normalized * at.centered).sum(axis=0)
    deviation = -inverse * at.inverse**2
    variance = deviation / (2 * at.deviation)
    squared = np.ones_like(at.squared) * variance / len(shifted)
    centered = normalized * at.inverse + squared * 2 * at.centered
    mean = -centered.sum(axis=0)
    dx = centered + mean / len(shifted)
    gradients = Gradients(
        x=restored(dx, np.shape(dy), made.axis),
        gamma=(scaled * at.normalized).sum(axis=0),
        beta=shifted.sum(axis=0),
    )
    reached = Nodes(
        mean, centered, squared, variance, deviation, inverse, normalized, scaled, shifted
    )
    return gradients, reached


def jacobian(made: Forward, feature: int = 0) -> Floats:
    """The derivative of the outputs of one feature by its inputs, dy_i / dx_j, (N, N).

    J = gamma / sqrt(variance + epsilon) (I - 1 1^T / N - xhat xhat^T / N)

    The equation holds with any epsilon, and J 1 = 0 exactly. The bracket is a projection, which
    removes all along xhat, only for epsilon 0: the length of xhat squared is
    N variance / (variance + epsilon), so that a share epsilon / (variance + epsilon) is left.

    Source: `backward` as a matrix, which is symmetric. Santurkar et al. 2018 (arXiv 1805.11604),
    theorem 4.1, has the length of what is left, without epsilon.
    """
    at = made.nodes
    xhat = at.normalized[:, feature]
    n = len(xhat)
    bracket = np.eye(n) - np.ones((n, n)) / n - np.outer(xhat, xhat) / n
    whole: Floats = made.gamma[feature] / at.deviation[feature] * bracket
    return whole


def moved(moving: ArrayLike, of_batch: ArrayLike, momentum: float = MOMENTUM) -> Floats:
    """A moving average after one more batch: momentum moving + (1 - momentum) of_batch, (C,).

    Keras moves the variance that divides by N. Ioffe and Szegedy average `unbiased` variances.

    Args:
        moving: the average so far, (C,); Keras starts the mean at 0 and the variance at 1.
        of_batch: the mean or the variance of the batch, (C,).
        momentum: the weight of what was.
    """
    return momentum * np.asarray(moving, np.float64) + (1 - momentum) * np.asarray(of_batch)


def unbiased(variance: ArrayLike, n: int) -> Floats:
    """The variance that divides by n - 1, from the one that divides by n.

    Raises:
        ValueError: for fewer than two numbers.

    Source: Ioffe and Szegedy 2015 (arXiv 1502.03167), algorithm 2, step 10: m / (m - 1).
    """
    if n < 2:
        raise ValueError(f"Expected at least two numbers a feature. Received: {n}.")
    return np.asarray(variance, np.float64) * n / (n - 1)


def scale_and_shift(layer: Trained) -> tuple[Floats, Floats]:
    """The two vectors (C,) that a trained layer comes down to: y = scale x + shift.

    scale = gamma / sqrt(variance + epsilon);  shift = beta - scale mean

    Raises:
        ValueError: for vectors that differ in length.

    Source: Ioffe and Szegedy 2015 (arXiv 1502.03167), algorithm 2, step 11.
    """
    gamma, beta, mean, variance = _vectors(
        np.size(layer.gamma),
        gamma=layer.gamma,
        beta=layer.beta,
        mean=layer.mean,
        variance=layer.variance,
    )
    scale = gamma / np.sqrt(variance + layer.epsilon)
    return scale, beta - scale * mean


def inference(x: ArrayLike, layer: Trained, axis: int = -1) -> Floats:
    """The forward pass in inference, of the shape of x: no example depends on another.

    Raises:
        ValueError: for shapes that do not fit.

    Source: Ioffe and Szegedy 2015 (arXiv 1502.03167), section 3.1.
    """
    inputs = rows(x, axis)
    _vectors(inputs.shape[1], gamma=layer.gamma)
    scale, shift = scale_and_shift(layer)
    return restored(scale * inputs + shift, np.shape(x), axis)


def fold_into_previous(kernel: ArrayLike, bias: ArrayLike, layer: Trained) -> tuple[Floats, Floats]:
    """The kernel and the bias of a linear layer that does the work of the BN after it, too.

    kernel' = kernel scale;  bias' = (bias - mean) scale + beta

    Args:
        kernel: of a dense layer, (inputs, C), or of a convolution, (height, width, inputs, C).
        bias: (C,); zeros where the layer has none.
        layer: the BN that follows at once, with no activation between.

    Raises:
        ValueError: for shapes that do not fit.

    Source: Jacob et al. 2018 (arXiv 1712.05877), equation 14; Krishnamoorthi 2018 (arXiv
    1806.08342), equations 20 and 21, which leave out the layer's own bias.
    """
    weights = np.asarray(kernel, np.float64)
    (offset, _) = _vectors(weights.shape[-1], bias=bias, gamma=layer.gamma)
    scale, shift = scale_and_shift(layer)
    return weights * scale, offset * scale + shift


def fold_into_next(kernel: ArrayLike, bias: ArrayLike, layer: Trained) -> tuple[Floats, Floats]:
    """The kernel and the bias of a linear layer that does the work of the BN before it, too.

    kernel' = scale kernel, by input;  bias' = bias + sum(shift kernel)

    A convolution that pads with zeros is not the same at its borders: there the padding is no
    longer normalized. Without padding it is the same everywhere.

    Args:
        kernel: of a dense layer, (C, outputs), or of a convolution, (height, width, C, outputs).
        bias: (outputs,); zeros where the layer has none.
        layer: the BN that comes just before.

    Raises:
        ValueError: for shapes that do not fit.

    Source: the same algebra as `fold_into_previous` from the other side; our own derivation.
    """
    weights = np.asarray(kernel, np.float64)
    _vectors(weights.shape[-2], gamma=layer.gamma)
    (offset,) = _vectors(weights.shape[-1], bias=bias)
    scale, shift = scale_and_shift(layer)
    added = (shift[:, None] * weights).reshape(-1, weights.shape[-1]).sum(axis=0)
    return scale[:, None] * weights, offset + added


def largest_difference(ours: ArrayLike, theirs: ArrayLike) -> float:
    """The largest absolute difference of two arrays of one shape, in their unit.

    Raises:
        ValueError: for two shapes, which NumPy would stretch to one.
    """
    one, other = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    if one.shape != other.shape:
        raise ValueError(f"Expected one shape. Received: {one.shape} and {other.shape}.")
    return float(np.abs(one - other).max())


def node_names() -> tuple[str, ...]:
    """The nine nodes of the graph, in the order of the forward pass."""
    return tuple(field.name for field in fields(Nodes))


def _gradient(dy: ArrayLike, made: Forward) -> Floats:
    if np.shape(dy) != made.output.shape:
        raise ValueError(
            f"Expected a gradient of the output's shape {made.output.shape}. "
            f"Received: {np.shape(dy)}."
        )
    return rows(dy, made.axis)


def _vectors(features: int, **given: ArrayLike) -> tuple[Floats, ...]:
    """The vectors in float64, each of one number a feature."""
    vectors = {name: np.asarray(vector, np.float64) for name, vector in given.items()}
    for name, vector in vectors.items():
        if vector.shape != (features,):
            raise ValueError(
                f"Expected {name} of shape ({features},), a number for each feature. "
                f"Received: {vector.shape}."
            )
    return tuple(vectors.values())
