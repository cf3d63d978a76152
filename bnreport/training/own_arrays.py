"""Read a reader's own arrays: images or features, and their labels, from an .npz file.

The file is a stranger's. It is read without pickles, and the size of an array is looked at before
the array is.
"""

import hashlib
import math
import tokenize
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from bnreport.errors import DataError
from bnreport.randomness import generator
from bnreport.training.images import Dataset

# The nets of the headlines have ten outputs, and Fashion-MNIST has 60,000 examples.
CLASSES, LEAST, MOST = (2, 10), 500, 60_000
# Numbers of one example, and bytes of an array once it is unpacked.
FEATURES, BYTES = 10_000, 2_000_000_000
# Up to here float32 holds the sum of squares of all numbers of so many examples.
LARGEST = 1e14
# What a feature differs by, as a share of its size, is rounding up to here.
ROUNDING = 1e-12
# What a damaged file, or a header that was written to do harm, may end in.
DAMAGE = (
    OSError, ValueError, TypeError, SyntaxError, EOFError, RuntimeError, MemoryError,
    tokenize.TokenError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
# A fifth validates, and at most so many.
VALIDATION, SHARE = 5_000, 5


@dataclass(frozen=True)
class Own:
    """Arrays of a reader's, ready to train on.

    Attributes:
        data: examples as images of one row or more, and classes from 0; none test.
        digest: the SHA-256 of the file.
        shape: of an example, as it was given.
        classes: the labels as they were given, in the order in which they are counted.
        notes: what was done to them.
    """

    data: Dataset
    digest: str
    shape: tuple[int, ...]
    classes: tuple[str, ...]
    notes: tuple[str, ...]


def read(path: Path) -> Own:
    """Read `x`, (examples, features) or (examples, height, width), and `y`, (examples,).

    Images of bytes are divided by 255. Examples are put into an order drawn by a seed, of which the
    first fifth validates.

    Raises:
        DataError: when the file, an array, or a value is not of that kind.
    """
    x, y = (_array(path, name) for name in ("x", "y"))
    notes = []
    if x.ndim == 4 and x.shape[-1] == 1:
        x = x[..., 0]
    if x.ndim not in {2, 3} or not 1 <= math.prod(x.shape[1:]) <= FEATURES:
        _refuse(path, f"x of (examples, features) or (examples, height, width), and at most "
                f"{FEATURES:,} numbers an example", f"the shape {x.shape}")  # fmt: skip
    if len(x) < LEAST:
        _refuse(path, f"at least {LEAST} examples", f"{len(x)}")
    classes, labels = _labels(path, y, len(x))
    order = generator(0, "order of a reader's examples").permutation(len(x))
    if len(order) > MOST:
        notes.append(f"{MOST:,} of the {len(order):,} examples are used, drawn by a seed.")
    order = order[:MOST]
    with np.errstate(over="ignore"):
        values = x[order].astype(np.float64)
    if not np.isfinite(values).all():
        _refuse(path, "finite numbers in x", "NaN or infinity")
    _refuse_unheld(path, values)
    if x.dtype == np.uint8:
        values /= 255.0
        notes.append("x holds bytes, which are divided by 255.")
    if (values == values[0]).all():
        _refuse(path, "examples that differ", f"{len(values):,} times the same one")
    images = values.astype(np.float32).reshape(len(order), *((1,) * (x.ndim == 2)), *x.shape[1:])
    held = min(VALIDATION, len(order) // SHARE)
    own = labels[order].astype(np.int32)
    data = Dataset(images[held:], own[held:], images[:held], own[:held], images[:0], own[:0])
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Own(data, digest, x.shape[1:], tuple(map(str, classes.tolist())), tuple(notes))


def _labels(path: Path, y: NDArray[Any], examples: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """The classes in their order, and the place of each example's label among them."""
    if y.shape != (examples,):
        _refuse(path, f"y of one label an example, ({examples},)", f"the shape {y.shape}")
    if not np.isfinite(y).all():
        _refuse(path, "finite labels in y", "NaN or infinity, which would be a class")
    classes, labels = np.unique(y, return_inverse=True)
    if not CLASSES[0] <= len(classes) <= CLASSES[1]:
        _refuse(path, f"{CLASSES[0]} to {CLASSES[1]} classes in y", f"{len(classes)}")
    return classes, labels


def _refuse_unheld(path: Path, values: NDArray[np.float64]) -> None:
    """Refuse a feature that float32, in which nets compute, cannot hold, nor its variance.

    It would train nets that all diverge, or that see nothing, and these are all alike.
    """
    low, high = values.min(axis=0), values.max(axis=0)
    size = np.maximum(-low, high)
    differs = high - low > ROUNDING * size
    with np.errstate(over="ignore", under="ignore"):
        spread = high.astype(np.float32) - low.astype(np.float32)
        unheld = (size > LARGEST) | (differs & (spread**2 == 0))
    if unheld.any():
        place = np.unravel_index(np.where(unheld, size, -1).argmax(), unheld.shape)
        _refuse(
            path,
            f"features of at most {LARGEST:g} whose variance float32 holds",
            f"x[:, {', '.join(map(str, place))}] from {low[place]:g} to {high[place]:g}, one of "
            f"{unheld.sum():,} such features of {unheld.size:,}. Subtract from each its mean and "
            "divide it by its standard deviation",
        )


def _array(path: Path, name: str) -> NDArray[Any]:
    """An array of the file, whose size is known before it is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as member:
            shape, _, dtype = _header(member)
            size = math.prod(shape) * dtype.itemsize
            if dtype.kind not in "buif" or size > BYTES:
                _refuse(path, f"{name} of numbers, and at most {BYTES:,} bytes",
                        f"{size:,} bytes of {dtype}")  # fmt: skip
        with np.load(path, allow_pickle=False) as arrays:
            return np.asarray(arrays[name])
    except KeyError:
        _refuse(path, "arrays x and y", f"no {name}")
    except DAMAGE as error:
        _refuse(path, "a file that np.savez(FILE, x=x, y=y) wrote", str(error))


def _header(member: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, order and type of an array, from the beginning of its file."""
    version = np.lib.format.read_magic(member)
    if version not in {(1, 0), (2, 0)}:
        raise ValueError(f"version {version} of NumPy's format")
    reader = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }[version]
    shape, order, dtype = reader(member)
    return shape, order, dtype


def _refuse(path: Path, expected: str, received: str) -> NoReturn:
    raise DataError(
        f"{path}: Expected {expected}. Received: {received}. Save the arrays again with "
        "np.savez(FILE, x=x, y=y)."
    )
