"""The images: found or downloaded, verified by SHA-256, parsed, and split as in the notebook."""

import gzip
import hashlib
import os
import tempfile
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pooch
from numpy.typing import NDArray

from bnreport.errors import DataError
from bnreport.trials import Profile

ADDRESS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
STALL_SECONDS = 9.0
FILES = {
    "train-images-idx3-ubyte.gz": (
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        (60_000, 28, 28),
    ),
    "train-labels-idx1-ubyte.gz": (
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        (60_000,),
    ),
    "t10k-images-idx3-ubyte.gz": (
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        (10_000, 28, 28),
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        (10_000,),
    ),
}
VALIDATION_IMAGES = 5_000

# What identifies the data of a run, known without opening a file: records are looked up by it.
FASHION_MNIST = hashlib.sha256("".join(sha for sha, _ in FILES.values()).encode()).hexdigest()
DIGITS = "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"
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


def data_digest(profile: Profile) -> str:
    """The digest of the data that the profile's runs train on."""
    return FASHION_MNIST if profile == "full" else DIGITS


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
            "Do name one with --data-dir or BNREPORT_DATA."
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
            "Do install the scikit-learn of the lock file."
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


def find(named: Path | None, cache: Path, say: Callable[[str], None]) -> Path:
    """The folder that holds verified Fashion-MNIST files, downloaded if need be.

    In this order: the named folder, the folder in BNREPORT_DATA, the cache, a download to it.

    Raises:
        DataError: when a named folder lacks a file or holds an altered one, or when the files are
            nowhere and the download fails.
    """
    if named is None and os.environ.get("BNREPORT_DATA"):
        named = Path(os.environ["BNREPORT_DATA"])
    if named is not None:
        for name, (sha, _) in FILES.items():
            _verified(named / name, sha)
        return named
    for name, (sha, _) in FILES.items():
        _cached(cache / name, sha, say)
    return cache


def _cached(path: Path, sha: str, say: Callable[[str], None]) -> None:
    if path.exists():
        try:
            _verified(path, sha)
        except DataError as error:
            say(f"{error} Downloading it again.")
        else:
            return
    download(ADDRESS + path.name, path, sha, say)


def download(address: str, path: Path, sha: str, say: Callable[[str], None]) -> None:
    """Download one verified file; give up when nothing arrives for nine seconds.

    A thread downloads and this one watches: no library's time limit covers a name server or a
    proxy that never answers. The file appears under its name only when it is whole and right.

    Raises:
        DataError: when the server cannot be reached, stops answering, or sends another file.
    """
    watch = _Watch()
    failure: list[Exception] = []
    say(f"Downloading {path.name}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, ignore_cleanup_errors=True) as folder:

        def fetch() -> None:
            try:
                pooch.retrieve(
                    address,
                    f"sha256:{sha}",
                    path.name,
                    folder,
                    downloader=pooch.HTTPDownloader(timeout=STALL_SECONDS, progressbar=watch),
                )
            except Exception as error:  # noqa: BLE001 - handed to the watching thread, whole
                failure.append(error)

        pooch.get_logger().setLevel("ERROR")
        thread = threading.Thread(target=fetch, daemon=True)
        thread.start()
        while thread.is_alive() and watch.idle() < STALL_SECONDS:
            thread.join(0.05)
        if thread.is_alive() or failure:
            reason = failure[0] if failure else f"no answer for {STALL_SECONDS:.0f} seconds"
            raise DataError(
                f"Expected {path.name} from {address}. Received: {reason}. Do put the four "
                "Fashion-MNIST files into a folder and name it with --data-dir or BNREPORT_DATA."
            )
        os.replace(Path(folder) / path.name, path)


class _Watch:
    """The progress bar that pooch writes to; it only remembers when it was last written to."""

    def __init__(self) -> None:
        self.total = 0
        self.last = time.monotonic()

    def idle(self) -> float:
        return time.monotonic() - self.last

    def update(self, _: int) -> None:
        self.last = time.monotonic()

    def reset(self) -> None:
        self.last = time.monotonic()

    def close(self) -> None:
        self.last = time.monotonic()


def _verified(path: Path, sha: str) -> bytes:
    if not path.is_file():
        raise DataError(
            f"Expected the Fashion-MNIST file {path.name} in {path.parent}. Received: no such "
            "file. Do put the four *-ubyte.gz files there, or leave out --data-dir and "
            "BNREPORT_DATA to download them."
        )
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha:
        raise DataError(
            f"Expected {path} with SHA-256 {sha}. Received: {len(content)} bytes with SHA-256 "
            f"{found}. Do replace the file: it is truncated or altered."
        )
    return content


def _read(path: Path, sha: str, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    return parse(_verified(path, sha), shape, path)


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
            f"Expected a gzipped file in {path}. Received: {error}. Do replace the file."
        ) from error
    header = 4 + 4 * len(shape)
    expected = bytes([0, 0, 8, len(shape)]) + np.array(shape, ">u4").tobytes()
    size = header + int(np.prod(shape))
    if raw[:header] != expected or len(raw) != size:
        raise DataError(
            f"Expected an IDX file of shape {shape} and {size} bytes in {path}. Received: header "
            f"{raw[:header].hex()} and {len(raw)} bytes. Do replace the file."
        )
    return np.frombuffer(raw, np.uint8, offset=header).reshape(shape)
