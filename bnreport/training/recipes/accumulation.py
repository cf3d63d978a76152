"""Take a batch in micro-batches, and the mean of their gradients."""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from keras import ops

Tensors: TypeAlias = list[Any]
Batch: TypeAlias = tuple[Any, Any]
# Where a run stands, as nested tensors.
Standing = TypeVar("Standing")
# What a batch shows: the standing after it, the gradients, its mean loss, and its hits.
Seen: TypeAlias = tuple[Standing, Tensors, Any, Any]


def accumulated(
    gradient: Callable[[Standing, Batch], Seen[Standing]],
    standing: Standing,
    batch: Batch,
    size: int,
) -> Seen[Standing]:
    """See a batch part by part, at the same weights: the mean of gradients and losses, all hits.

    What a part changes of the standing, such as the statistics of BN, the next one finds.

    Args:
        gradient: what is seen of a part.
        standing: before the batch.
        batch: images and labels, (images, ...) and (images,).
        size: images in a part; they divide the batch.
    """
    parts = tuple(ops.reshape(each, (-1, size, *each.shape[1:])) for each in batch)
    many = parts[0].shape[0]

    def body(i: Any, before: Seen[Standing]) -> Seen[Standing]:
        images, labels = parts
        standing, slopes, loss, hits = gradient(before[0], (images[i], labels[i]))
        sums = [total + slope for total, slope in zip(before[1], slopes, strict=True)]
        return standing, sums, before[2] + loss, before[3] + hits

    # The first part gives the sums their shapes.
    first = gradient(standing, (parts[0][0], parts[1][0]))
    standing, slopes, loss, hits = ops.fori_loop(1, many, body, first)
    return standing, [total / many for total in slopes], loss / many, hits
