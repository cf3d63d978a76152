"""The batches of an epoch, by (seed, epoch): the same for every net and backend."""

import numpy as np

from bnreport.randomness import Indices, generator


def batch_order(seed: int, epoch: int, images: int, batch_size: int) -> tuple[Indices, Indices]:
    """The batches of one epoch as image indices, the same for every net of a seed.

    Args:
        seed: the run's seed.
        epoch: 1 for the first epoch.
        images: how many training images there are.
        batch_size: images in a full batch.

    Returns:
        The full batches, shape (images // batch_size, batch_size), and the images of the last,
        partial batch, shape (images % batch_size,). Keras trains that last batch too.
    """
    order = generator(seed, f"batch order of epoch {epoch}").permutation(images).astype(np.int32)
    full = images - images % batch_size
    return order[:full].reshape(-1, batch_size), order[full:]


def batches(
    order: str, seed: int, epoch: int, images: int, batch_size: int
) -> tuple[Indices, Indices]:
    """The batches of one epoch, as `batch_order` gives them, in a trial's order.

    Args:
        order: "fresh" for new batches in each epoch, "fixed" for those of epoch 1 again, "fixed
            batches" for those of epoch 1 in a new order; the partial batch stays last.
        seed: the run's seed.
        epoch: 1 for the first epoch.
        images: how many training images there are.
        batch_size: images in a full batch.
    """
    full, last = batch_order(seed, epoch if order == "fresh" else 1, images, batch_size)
    if order == "fixed batches" and epoch > 1:
        full = full[
            generator(seed, f"order of the batches of epoch {epoch}").permutation(len(full))
        ]
    return full, last
