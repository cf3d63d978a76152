"""Read a reader's own arrays: images or features, and their labels, from an .npz file.

The file is a stranger's. It is read without pickles, and the sizes of both arrays are looked at
before either is unpacked, so that reading it takes about a gigabyte of memory at most.
"""

import hashlib
import io
import math
import warnings
import zipfile
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
# Examples that are given, of which a share is drawn; numbers of one; and bytes of an array that
# is unpacked, or of the examples that are used as float64.
GIVEN, FEATURES, BYTES = 5_000_000, 10_000, 450_000_000
# A header may name any number of axes of any length, and no text holds their product.
AXES, LENGTH = 4, 10**15
# Up to here float32 holds the sum of squares of all numbers of so many examples.
LARGEST = 1e14
# What a feature differs by, as a share of its size, is rounding up to here.
ROUNDING = 1e-12
# How np.savez and np.savez_compressed pack. What is packed otherwise is unpacked a whole block at
# once, which may be any size.
PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
# Bytes of a file that are read at once.
PORTION = 2**20
# Characters of what a library says of a damaged file, which may hold all of a header.
LETTERS = 200
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
    x, y, digest = _unpacked(path)
    notes, shape = [], _example(x.shape)
    classes, labels = _labels(path, y)
    order = generator(0, "order of a reader's examples").permutation(len(x))
    if len(order) > MOST:
        notes.append(f"{MOST:,} of the {len(order):,} examples are used, drawn by a seed.")
    given, values = x.dtype, _drawn(x, order[:MOST])
    # There is memory for two of the three: what was given, numbers to check, and images.
    del x
    if not np.isfinite(values).all():
        _refuse(path, "finite numbers in x", "NaN or infinity")
    _refuse_unheld(path, values)
    if given == np.uint8:
        values /= 255.0
        notes.append("x holds bytes, which are divided by 255.")
    if (values == values[0]).all():
        _refuse(path, "examples that differ", f"{len(values):,} times the same one")
    images = values.astype(np.float32).reshape(len(values), *((1,) * (len(shape) == 1)), *shape)
    held = min(VALIDATION, len(values) // SHARE)
    order = order[:MOST]
    own = labels[order].astype(np.int32)
    data = Dataset(images[held:], own[held:], images[:held], own[:held], images[:0], own[:0])
    return Own(data, digest, shape, tuple(map(str, classes.tolist())), tuple(notes))


def _example(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of one example: a last axis of one is none."""
    return shape[1:-1] if len(shape) == 4 and shape[-1] == 1 else shape[1:]


def _drawn(x: NDArray[Any], order: NDArray[np.int64]) -> NDArray[np.float64]:
    """The examples in that order, (examples, ...), without a second copy of them all."""
    values = np.empty((len(order), *x.shape[1:]))
    with np.errstate(over="ignore"):
        for part in np.array_split(np.arange(len(order)), 64):
            values[part] = x[order[part]]
    return values.reshape(len(order), *_example(x.shape))


def _labels(path: Path, y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The classes in their order, and the place of each example's label among them."""
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


class _Portions(io.BufferedReader):
    """A file of which no more is read at once than a portion: its directory may say any size."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as a file does, or refuse to."""
        if size is not None and size > PORTION:
            raise ValueError(f"{size:,} bytes of names of arrays")
        return super().read(size)


def _unpacked(path: Path) -> tuple[NDArray[Any], NDArray[Any], str]:
    """The arrays of the file, whose headers fit one another, and the SHA-256 of the file."""
    try:
        with (
            # What a library has to say of a header is no word of ours.
            warnings.catch_warnings(action="ignore"),
            _Portions(io.FileIO(str(path))) as file,
            zipfile.ZipFile(file) as archive,
        ):
            x, y = (_size(path, archive, name) for name in ("x", "y"))
            _refuse_sizes(path, x, y)
            arrays = [_array(archive, name) for name in ("x", "y")]
            file.seek(0)
            return arrays[0], arrays[1], hashlib.file_digest(file, "sha256").hexdigest()
    except DataError:
        raise
    except Exception as error:
        # Whatever a stranger's file makes its reader stumble over is damage of the file.
        raise _refusal(
            path, "a file that np.savez(FILE, x=x, y=y) wrote", _reason(error)
        ) from error


def _size(path: Path, archive: zipfile.ZipFile, name: str) -> tuple[int, ...]:
    """The shape of an array of numbers, of which the archive holds as many as it says."""
    member = f"{name}.npy"
    if (times := archive.namelist().count(member)) != 1:
        _refuse(path, "arrays x and y", f"{times or 'no'} {name}")
    info = archive.getinfo(member)
    if info.compress_type not in PACKED:
        raise ValueError(f"{member} packed by method {info.compress_type}")
    with archive.open(info) as file:
        if (version := np.lib.format.read_magic(file)) != (1, 0):
            raise ValueError(f"version {version} of NumPy's format")
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        held = info.file_size - file.tell()
    if len(shape) > AXES or not all(0 <= length <= LENGTH for length in shape):
        _refuse(path, f"{name} of at most {AXES} axes, each of 0 to {LENGTH:,}",
                f"the shape {_short(shape)}")  # fmt: skip
    size = math.prod(shape) * dtype.itemsize
    if dtype.kind not in "buif" or size > BYTES:
        _refuse(path, f"{name} of numbers, and at most {BYTES:,} bytes",
                f"{size:,} bytes of {_short(dtype)}")  # fmt: skip
    if size != held:
        raise ValueError(f"{held:,} bytes of {name}, whose header says {size:,}")
    return shape


def _refuse_sizes(path: Path, x: tuple[int, ...], y: tuple[int, ...]) -> None:
    """Refuse arrays of which no net could be trained, or none within the memory."""
    shape, numbers = _example(x), math.prod(_example(x))
    if len(shape) not in {1, 2} or not 1 <= numbers <= FEATURES:
        _refuse(path, f"x of (examples, features) or (examples, height, width), and at most "
                f"{FEATURES:,} numbers an example", f"the shape {x}")  # fmt: skip
    if not LEAST <= x[0] <= GIVEN:
        _refuse(path, f"at least {LEAST} examples, and at most {GIVEN:,}", f"{x[0]:,}")
    used, most = min(x[0], MOST), BYTES // np.dtype(np.float64).itemsize
    if used * numbers > most:
        _refuse(path, f"at most {most:,} numbers in the examples that are used",
                f"{used:,} examples of {numbers:,} numbers each. Leave some examples out, or make "
                "them smaller")  # fmt: skip
    if y != x[:1]:
        _refuse(path, f"y of one label an example, {x[:1]}", f"the shape {y}")


def _array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    with archive.open(f"{name}.npy") as file:
        array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    return array


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= LETTERS else f"{text[:LETTERS]}…"


def _reason(error: Exception) -> str:
    """The reason that an error gives, in few letters and with nothing that a terminal obeys."""
    text = _short(error).rstrip(".") or type(error).__name__
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _refuse(path: Path, expected: str, received: str) -> NoReturn:
    raise _refusal(path, expected, received)


def _refusal(path: Path, expected: str, received: str) -> DataError:
    return DataError(
        f"{path}: Expected {expected}. Received: {received}. Save the arrays again with "
        "np.savez(FILE, x=x, y=y)."
    )
