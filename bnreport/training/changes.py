"""Images changed on purpose, and orders in which batches are of one class: pure functions.

Pixels are those of a data set, in 0..1 before anything is standardized; images are
(images, height, width), float32.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from bnreport.protocol.changes import Change
from bnreport.randomness import Floats, Indices, generator


def changed(x: Floats, change: Change, seed: int) -> Floats:
    """The images after a change; `seed` draws its noise, if it has any.

    Noise is not cut at 0 and 1, so that its spread is what the change says.
    """
    amount = np.float32(change.amount)
    match change.kind:
        case "noise":
            drawn = generator(seed, "noise on images").standard_normal(x.shape, np.float32)
            return x + amount * drawn
        case "dim":
            return amount * x
        case "inversion":
            return np.float32(1) - x
        case "blur":
            # Beyond its edge an image goes on as at its edge: a blank one stays as it is.
            return np.asarray(gaussian_filter(x, change.amount, axes=(1, 2), mode="nearest"))


def sorted_by_class(labels: NDArray[np.int32]) -> Indices:
    """Positions of images, (images,), class by class, in each class in their order."""
    return np.argsort(labels, kind="stable").astype(np.int32)


def one_class_batches(labels: NDArray[np.int32], batch_size: int, seed: int, epoch: int) -> Indices:
    """The batches of an epoch, each of one class, (batches, batch_size), in an order by chance.

    The images of a class are shuffled first. What fills no batch at the end of a class is left out.
    """
    draw = generator(seed, f"batches of one class in epoch {epoch}")
    batches = []
    for label in np.unique(labels):
        images = draw.permutation(np.flatnonzero(labels == label))
        whole = len(images) - len(images) % batch_size
        batches.append(images[:whole].reshape(-1, batch_size))
    return draw.permutation(np.concatenate(batches)).astype(np.int32)
