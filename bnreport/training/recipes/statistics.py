"""Statistics that BN normalizes by: moving averages beside a run, and fresh ones."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from bnreport.protocol.scorings import Average
from bnreport.training.graphs import Graph, run, walk

Tensors: TypeAlias = list[Any]
Numbers: TypeAlias = Mapping[str, Any]


def places(graph: Graph) -> list[int]:
    """Return the places of BN's statistics in the state: mean and variance, layer by layer."""
    names = [v.name for v in graph.model.non_trainable_variables]
    return [i for i, name in enumerate(names) if name in ("moving_mean", "moving_variance")]


def averaged(graph: Graph) -> list[int]:
    """Return the places of what moving averages are taken of, in the same order.

    Batch renormalization averages standard deviations, as Keras and Ioffe 2017 (arXiv 1702.03275),
    algorithm 1, have it; `used` makes statistics of them.
    """
    names = [v.name for v in graph.model.non_trainable_variables]
    wanted = {"moving_mean", "moving_stddev" if renormalizes(graph) else "moving_variance"}
    return [i for i, name in enumerate(names) if name in wanted]


def renormalizes(graph: Graph) -> bool:
    """Say whether the net averages standard deviations in place of variances."""
    return any(v.name == "moving_stddev" for v in graph.model.non_trainable_variables)


def used(averages: Sequence[NDArray[Any]], deviations: bool, epsilon: float) -> list[NDArray[Any]]:
    """Turn averages into means and variances to normalize by.

    Args:
        averages: of means and variances in turn, or of means and standard deviations.
        deviations: whether it is the latter; epsilon is in them.
        epsilon: what BN adds to a variance.
    """
    if not deviations:
        return [*averages]
    return [
        np.maximum(np.square(value) - np.float32(epsilon), 0.0) if i % 2 else value
        for i, value in enumerate(averages)
    ]


def having(state: Tensors, where: Sequence[int], statistics: Tensors) -> Tensors:
    """The state with these statistics of BN in their places."""
    new = list(state)
    for place, value in zip(where, statistics, strict=True):
        new[place] = value
    return new


def started(statistics: Tensors, averages: int) -> Tensors:
    """Start averages at the start value of Keras, (averages, units) for each statistic."""
    return [ops.stack([value] * averages) for value in statistics]


def moved(averages: Tensors, statistics: Tensors, keep: Any, take: Any) -> Tensors:
    """Move all averages by a step.

    Args:
        averages: for each statistic (averages, units).
        statistics: of this step's batch, (units,).
        keep: the momentum of each average, (averages,).
        take: 1 - momentum, (averages,).
    """
    return [
        average * keep[:, None] + value[None] * take[:, None]
        for average, value in zip(averages, statistics, strict=True)
    ]


def corrected(
    average: Average,
    values: Sequence[NDArray[Any]],
    start: Sequence[NDArray[Any]],
    steps: int,
) -> list[NDArray[Any]]:
    """Take what is left of its start out of an average that asks for it.

    Args:
        average: which.
        values: means and variances in turn, (units,).
        start: the same where it started.
        steps: how many steps it has taken; before the first it stays as it is.
    """
    if not average.corrected or not steps:
        return [np.asarray(value) for value in values]
    left = float(np.float32(average.momentum)) ** steps
    return [
        ((value.astype(np.float64) - left * first) / (1.0 - left)).astype(np.float32)
        for value, first in zip(values, start, strict=True)
    ]


def pooled(x: Any, size: int) -> tuple[Any, Any]:
    """Mean and biased variance of each unit over everything, from batches.

    The variance is the mean of those within batches and the variance of the batch means, both
    weighted by images: exactly that of all values at once.

    Args:
        x: (images, ..., units).
        size: images in a batch; the last one may hold fewer.
    """
    images = x.shape[0]
    whole = images - images % size
    parts = []
    if whole:
        batches = ops.reshape(x[:whole], (whole // size, size, *x.shape[1:]))
        axes = tuple(range(1, len(batches.shape) - 1))
        parts.append((size / images, *ops.moments(batches, axes=axes)))
    if whole < images:
        rest = x[None, whole:]
        axes = tuple(range(1, len(rest.shape) - 1))
        parts.append(((images - whole) / images, *ops.moments(rest, axes=axes)))
    mean = sum(share * ops.sum(centre, axis=0) for share, centre, _ in parts)
    variance = sum(
        share * ops.sum(spread + ops.square(centre - mean), axis=0)
        for share, centre, spread in parts
    )
    return mean, variance


def fresh(graph: Graph, weights: Tensors, state: Tensors, x: Any, size: int) -> Tensors:
    """Take fresh statistics in the order of the net, the layers below already by fresh ones.

    Args:
        graph: the net.
        weights: its trainable variables.
        state: its other variables.
        x: images as the net gets them, (images, height, width).
        size: images in a batch of `pooled`.

    Returns:
        Mean and biased variance of each BN layer in turn.
    """
    taken: Tensors = []

    def call(layer: keras.Layer, mine: Tensors, own: Tensors, x: Any) -> tuple[Any, Tensors]:
        more: dict[str, Any] = {}
        if isinstance(layer, keras.layers.BatchNormalization):
            statistics = pooled(x, size)
            own = [*statistics, *own[2:]]
            taken.extend(statistics)
            more["training"] = False
        if isinstance(layer, keras.layers.Dropout):
            more["training"] = False
        outputs, own = layer.stateless_call(mine, own, x, **more)
        return outputs, own

    run(graph, weights, state, x, call)
    return taken


def means(
    graph: Graph,
    weights: Tensors,
    state: Tensors,
    batches: Any,
    numbers: Numbers,
) -> Tensors:
    """Take plain means of the statistics of batches that see their own, as `update_bn` does.

    The means of variances are of biased ones, as Keras keeps them. Nothing is dropped.

    Args:
        graph: the net.
        weights: its trainable variables.
        state: its other variables.
        batches: images as the net gets them, (batches, images, height, width).
        numbers: with a momentum of 0, so that the state holds the statistics of a batch.
    """
    where = places(graph)

    def body(i: Any, sums: Tensors) -> Tensors:
        after = walk(graph, weights, state, batches[i], "batch", numbers).state
        return [total + after[place] for total, place in zip(sums, where, strict=True)]

    zeros = [ops.zeros_like(state[place]) for place in where]
    many = batches.shape[0]
    return [total / many for total in ops.fori_loop(0, many, body, zeros)]


def moves(
    before: Sequence[NDArray[Any]], after: Sequence[NDArray[Any]], epsilon: float
) -> dict[str, NDArray[np.float64]]:
    """Measure how far statistics moved, in the mean over the units of each layer, (layers,).

    Args:
        before: means and variances of each layer in turn, (units,).
        after: the same, later.
        epsilon: what BN adds to a variance; standard deviations hold it, too.

    Returns:
        "mean": |change of the mean| in standard deviations of before; "spread": |change of the
        standard deviation's natural logarithm|; "growth": the same with its sign.
    """
    rows = []
    for i in range(0, len(before), 2):
        width = np.sqrt(before[i + 1] + epsilon)
        growth = 0.5 * np.log((after[i + 1] + epsilon) / (before[i + 1] + epsilon))
        shift = np.abs(after[i] - before[i]) / width
        rows.append((shift.mean(), np.abs(growth).mean(), growth.mean()))
    return dict(zip(("mean", "spread", "growth"), np.array(rows).T, strict=True))
