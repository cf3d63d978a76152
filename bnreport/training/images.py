"""The images: verified by SHA-256, parsed, and split as in the notebook."""

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bnreport.errors import DataError
from bnreport.protocol.datasets import DIGITS, FILES, VALIDATION_IMAGES, Profile

DIGITS_HELD_OUT = 300


@dataclass(frozen=True)
class Dataset:
    """Images in [0, 1], (images, height, width) float32, and labels, (images,) int32."""

    x_train: NDArray[np.float32]
    y_train: NDArray[np.int32]
    x_val: NDArray[np.float32]
    y_val: NDArray[np.int32]
    x_test: NDArray[np.float32]
    y_test: NDArray[np.int32]


def load(profile: Profile, folder: Path | None) -> Dataset:
    """The profile's images: Fashion-MNIST from that folder, or the digits of scikit-learn.

    Raises:
        DataError: when a file is missing, altered or mis-shaped.
    """
    if profile == "quick":
        return digits()
    if folder is None:
        raise DataError(
            "Expected a folder with the Fashion-MNIST files for the full profile. Received: none. "
            "Name one with --data-dir or BNREPORT_DATA."
        )
    return fashion_mnist(folder)


def digits() -> Dataset:
    """The 1,797 images of 8 by 8 pixels that scikit-learn ships.

    The first 300 are held out for validation and the last 300 for the test.

    Raises:
        DataError: when the installed scikit-learn ships other images.
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images, labels = bunch.images.astype(np.uint8), bunch.target.astype(np.uint8)
    found = hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()
    if found != DIGITS:
        raise DataError(
            f"Expected scikit-learn's digits with SHA-256 {DIGITS}. Received: {found}. "
            "Install the scikit-learn of the lock file."
        )
    x, y = (images / 16.0).astype(np.float32), labels.astype(np.int32)
    val, test = slice(0, DIGITS_HELD_OUT), slice(len(x) - DIGITS_HELD_OUT, None)
    train = slice(DIGITS_HELD_OUT, len(x) - DIGITS_HELD_OUT)
    return Dataset(x[train], y[train], x[val], y[val], x[test], y[test])


def fashion_mnist(folder: Path) -> Dataset:
    """Fashion-MNIST, split as in the notebook: the first 5,000 training images validate.

    Raises:
        DataError: when one of the four files is missing, altered or mis-shaped.
    """
    arrays = [_read(folder / name, sha, shape) for name, (sha, shape) in FILES.items()]
    # Divided in float64 and then rounded, as the notebook's pixels were.
    x, test = ((arrays[i] / 255.0).astype(np.float32) for i in (0, 2))
    y, y_test = (arrays[i].astype(np.int32) for i in (1, 3))
    cut = VALIDATION_IMAGES
    return Dataset(x[cut:], y[cut:], x[:cut], y[:cut], test, y_test)


def verified(path: Path, sha: str) -> bytes:
    """The content of a file, once its SHA-256 is the expected one.

    Raises:
        DataError: when the file is missing or altered.
    """
    if not path.is_file():
        raise DataError(
            f"Expected the Fashion-MNIST file {path.name} in {path.parent}. Received: no such "
            "file. Put the four *-ubyte.gz files there, or leave out --data-dir and "
            "BNREPORT_DATA to download them."
        )
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha:
        raise DataError(
            f"Expected {path} with SHA-256 {sha}. Received: {len(content)} bytes with SHA-256 "
            f"{found}. Replace the file: it is truncated or altered."
        )
    return content


def _read(path: Path, sha: str, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    return parse(verified(path, sha), shape, path)


def parse(content: bytes, shape: tuple[int, ...], path: Path) -> NDArray[np.uint8]:
    """The array in a gzipped IDX file of unsigned bytes.

    Args:
        content: the file's bytes.
        shape: the shape that the file must hold.
        path: the file's name, for the message.

    Raises:
        DataError: when the bytes are not such a file or hold another shape.
    """
    try:
        raw = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"Expected a gzipped file in {path}. Received: {error}. Replace the file."
        ) from error
    header = 4 + 4 * len(shape)
    expected = bytes([0, 0, 8, len(shape)]) + np.array(shape, ">u4").tobytes()
    size = header + int(np.prod(shape))
    if raw[:header] != expected or len(raw) != size:
        raise DataError(
            f"Expected an IDX file of shape {shape} and {size} bytes in {path}. Received: header "
            f"{raw[:header].hex()} and {len(raw)} bytes. Replace the file."
        )
    return np.frombuffer(raw, np.uint8, offset=header).reshape(shape)


def standards(x: NDArray[np.float32], inputs: str) -> tuple[NDArray[np.float32], ...]:
    """The numbers to subtract from the pixels, and those to multiply them by then.

    Args:
        x: training images, (images, height, width).
        inputs: "std" centres and scales each pixel, "centred" and "scaled" do one of the two, and
            "std-scalar" and "centred-scalar" treat all pixels as one. "raw" changes nothing.

    Returns:
        The shift and the factor, each (height, width).

    Source: the epsilon of 1e-3 is that of Keras' BatchNormalization, so that "std" is what a fixed
    batch normalization of the inputs over all images would do.
    """
    over = None if inputs.endswith("scalar") else 0
    mean, variance = x.mean(over, np.float64), x.var(over, np.float64)
    factor = 1.0 / np.sqrt(variance + 1e-3)
    zero, one = np.zeros(x.shape[1:]), np.ones(x.shape[1:])
    shift = mean if inputs.startswith(("std", "centred")) else 0.0
    scale = factor if inputs.startswith(("std", "scaled")) else 1.0
    return (zero + shift).astype(np.float32), (one * scale).astype(np.float32)
