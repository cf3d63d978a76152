"""Four small files in place of Fashion-MNIST."""

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bnreport.protocol import datasets
from bnreport.training import download, images

NAMES = tuple(datasets.FILES)
rng = np.random.default_rng(0)
ARRAYS = dict(
    zip(
        NAMES,
        (
            rng.integers(0, 256, (5, 2, 3), np.uint8),
            rng.integers(0, 10, 5, np.uint8),
            rng.integers(0, 256, (4, 2, 3), np.uint8),
            rng.integers(0, 10, 4, np.uint8),
        ),
        strict=True,
    )
)


def idx(array: NDArray[np.uint8], magic: bytes = b"\0\0\x08") -> bytes:
    sizes = np.array(array.shape, ">u4").tobytes()
    return magic + bytes([array.ndim]) + sizes + array.tobytes()


CONTENT = {name: gzip.compress(idx(array), mtime=0) for name, array in ARRAYS.items()}


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def put_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the small files the expected ones; name no folder and no proxy."""
    files = {name: (sha(CONTENT[name]), ARRAYS[name].shape) for name in NAMES}
    # Whoever imported a name keeps what it stood for.
    for module in (datasets, download, images):
        monkeypatch.setattr(module, "FILES", files)
    monkeypatch.setattr(images, "VALIDATION_IMAGES", 2)
    monkeypatch.setattr(download, "ADDRESS", "http://127.0.0.1:9/nowhere/")
    monkeypatch.delenv("BNREPORT_DATA", raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def filled(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name, content in CONTENT.items():
        (folder / name).write_bytes(content)
    return folder


def lose(path: Path) -> None:
    path.unlink()


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def alter(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
