"""Training images that move by a pixel: pure functions of seed, epoch and place."""

import numpy as np

from bnreport.randomness import Floats, Indices, generator


def shifts(seed: int, epoch: int, images: int) -> Indices:
    """The pixels by which each image of an epoch is moved down and to the right, (images, 2).

    Each is -1, 0 or 1, by (seed, epoch, place of the image), whatever batch the image is in.
    """
    drawn = generator(seed, f"shifts of epoch {epoch}").integers(-1, 2, (images, 2))
    return drawn.astype(np.int32)


def shifted(x: Floats, by: Indices) -> Floats:
    """Images moved by one pixel at most; what comes in at an edge is 0, the background.

    Args:
        x: (images, height, width).
        by: how far down and to the right, (images, 2), each -1, 0 or 1.
    """
    images, height, width = x.shape
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    rows = np.arange(height) + 1 - by[:, :1]
    columns = np.arange(width) + 1 - by[:, 1:]
    where = (np.arange(images)[:, None, None], rows[:, :, None], columns[:, None, :])
    return np.asarray(padded[where], np.float32)
