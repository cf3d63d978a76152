"""The images on the device, once per process."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from bnreport.protocol.checks import Part
from bnreport.protocol.trials import Trial
from bnreport.randomness import generator
from bnreport.training.images import Dataset


@dataclass(frozen=True)
class Pool:
    """All images on the device, once per process: validation, training, then test images.

    `data` are images and labels, (images, height, width) and (images,); `pixels` are the same
    images as an array; `sizes` says how many images validate, train and test in the notebook.
    """

    data: tuple[Any, Any]
    pixels: NDArray[np.float32]
    sizes: tuple[int, int, int]


def place(data: Dataset) -> Pool:
    """The images on the device."""
    pixels = np.concatenate([data.x_val, data.x_train, data.x_test])
    labels = np.concatenate([data.y_val, data.y_train, data.y_test])
    sizes = (len(data.y_val), len(data.y_train), len(data.y_test))
    return Pool((on_device(pixels), on_device(labels)), pixels, sizes)


def on_device(array: Any) -> Any:
    """The array as a tensor of the backend."""
    return ops.convert_to_tensor(array)


def parts(trial: Trial, seed: int, pool: Pool) -> dict[Part, NDArray[np.int32]]:
    """The positions in the pool of a run's training, validation and test images."""
    held, rest, tested = pool.sizes
    order = np.arange(held + rest, dtype=np.int32)
    if trial.split == "seed":
        order = generator(seed, "split").permutation(order)
    train = order[held:]
    if trial.images is not None:
        train = generator(seed, "subset").permutation(train)[: trial.images]
    return {
        "train": train,
        "val": order[:held],
        "test": np.arange(held + rest, held + rest + tested, dtype=np.int32),
    }


def image_of(pool: Pool) -> tuple[int, int]:
    """Height and width of an image."""
    return int(pool.pixels.shape[1]), int(pool.pixels.shape[2])
