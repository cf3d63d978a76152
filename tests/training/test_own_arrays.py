"""A reader's arrays: what is read, how it is divided, and what is refused with a sentence."""

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bnreport.errors import DataError
from bnreport.randomness import generator
from bnreport.training import own_arrays
from bnreport.training.own_arrays import LEAST, read

RNG = generator(1, "a reader's arrays")
X = RNG.normal(size=(LEAST, 7)).round(3)
Y = RNG.integers(0, 3, LEAST)


def saved(folder: Path, **arrays: Any) -> Path:
    path = folder / "mine.npz"
    np.savez(path, **arrays)
    return path


def refused(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read(path)
    told = str(caught.value)
    assert told.startswith(f"{path}: Expected ")
    assert ". Received: " in told
    assert told.endswith("Save the arrays again with np.savez(FILE, x=x, y=y).")
    return told


def test_features_become_images_of_one_row_and_none_is_lost(tmp_path: Path) -> None:
    path = saved(tmp_path, x=X, y=Y)
    own = read(path)
    assert own.data.x_train.shape == (400, 1, 7)
    assert own.data.x_val.shape == (100, 1, 7)
    assert own.data.x_test.shape == (0, 1, 7)
    assert (own.shape, own.classes, own.notes) == ((7,), ("0", "1", "2"), ())
    assert own.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert own.data.x_train.dtype == np.float32
    assert own.data.y_train.dtype == np.int32
    # Each with its label, in another order.
    rows = np.concatenate([own.data.x_val, own.data.x_train])[:, 0]
    labels = np.concatenate([own.data.y_val, own.data.y_train])
    assert not np.array_equal(rows, X.astype(np.float32))
    found = {(tuple(row), int(label)) for row, label in zip(rows.tolist(), labels, strict=True)}
    given = zip(X.astype(np.float32).tolist(), Y.tolist(), strict=True)
    assert found == {(tuple(row), label) for row, label in given}


def test_bytes_are_divided_and_a_last_axis_of_one_is_none(tmp_path: Path) -> None:
    x = RNG.integers(0, 256, (LEAST, 4, 5, 1)).astype(np.uint8)
    own = read(saved(tmp_path, x=x, y=Y))
    assert own.data.x_val.shape == (100, 4, 5)
    assert own.shape == (4, 5)
    assert 0.99 < own.data.x_train.max() <= 1
    assert own.notes == ("x holds bytes, which are divided by 255.",)


def test_labels_are_counted_from_zero_in_their_order(tmp_path: Path) -> None:
    own = read(saved(tmp_path, x=X, y=np.array([-1.0, 7.5, 40.0])[Y]))
    assert own.classes == ("-1.0", "7.5", "40.0")
    assert {*own.data.y_train.tolist()} == {0, 1, 2}


def test_more_than_fit_are_drawn_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_arrays, "MOST", 450)
    monkeypatch.setattr(own_arrays, "VALIDATION", 50)
    own = read(saved(tmp_path, x=X, y=Y))
    assert (len(own.data.y_val), len(own.data.y_train)) == (50, 400)
    assert own.notes == ("450 of the 500 examples are used, drawn by a seed.",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"x": X[:, 0]}, "the shape (500,)"),
        ({"x": np.zeros((500, 2, 2, 3))}, "the shape (500, 2, 2, 3)"),
        ({"x": np.zeros((500, 10_001), np.uint8)}, "the shape (500, 10001)"),
        ({"x": X[:499], "y": Y[:499]}, "Expected at least 500 examples. Received: 499."),
        ({"y": Y[:, None]}, "the shape (500, 1)"),
        ({"y": Y[:400]}, "the shape (400,)"),
        ({"y": np.zeros(500)}, "Expected 2 to 10 classes in y. Received: 1."),
        ({"y": np.arange(500) % 11}, "Received: 11."),
        ({"x": np.full((500, 3), 2.5)}, "500 times the same one"),
        ({"x": np.repeat(X[:1], 500, axis=0)}, "500 times the same one"),
        ({"y": np.where(Y == 2, np.nan, Y)}, "finite labels in y. Received: NaN or infinity"),
        ({"y": np.where(Y == 2, -np.inf, Y)}, "NaN or infinity, which would be a class"),
        ({"x": np.where(X > 1, np.nan, X)}, "NaN or infinity"),
        ({"x": np.full((500, 3), np.inf)}, "NaN or infinity"),
        ({"x": X.astype(complex)}, "complex128"),
        ({"x": X.astype(object)}, "object"),
        ({"y": Y.astype(str)}, "<U21"),
        ({"y": np.array([{}] * 500)}, "object"),
    ],
)
def test_what_is_no_such_array_is_refused(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    assert words in refused(saved(tmp_path, **{"x": X, "y": Y, **change}))


def scaled(feature: int, scale: float, around: float = 0.0) -> np.ndarray[Any, Any]:
    """The examples, of which one feature lies elsewhere or has another size."""
    x = X.copy()
    x[:, feature] = around + scale * x[:, feature]
    return x


@pytest.mark.parametrize("x", [X, scaled(2, 1e14 / 9), scaled(2, 1e-15), scaled(2, 1e-14, 0.1)])
def test_features_whose_variance_float32_holds_are_read(
    tmp_path: Path, x: np.ndarray[Any, Any]
) -> None:
    # The last one differs by rounding alone, as a constant does that was computed.
    read(saved(tmp_path, x=x, y=Y))


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (X * 1e25, " such features of 7. Subtract from each its mean"),
        (X * 1e300, "one of 7 such features of 7"),
        ((X * 1e25).astype(np.float32), "one of 7 such features"),
        (np.where(np.arange(7) == 4, X * 1e300, X), "Received: x[:, 4] from -"),
        (scaled(3, 1e25), "e+25, one of 1 such features of 7"),
        (scaled(3, 1e15), "e+15, one of 1 such features of 7"),
        # Moments, and lengths of atoms: constants of float32, or of its squares.
        (scaled(5, 10.0, 1.7e9), "x[:, 5] from 1.7e+09 to 1.7e+09"),
        (scaled(5, 1e-30), "e-30"),
        (np.where(np.arange(49) == 9, 1e30, np.tile(X, 7)).reshape(-1, 7, 7), "x[:, 1, 2] from 1e"),
        (np.full((LEAST, 3), np.iinfo(np.int64).max), "x[:, 0] from 9.22337e+18"),
    ],
)
def test_features_whose_variance_float32_does_not_hold_are_refused(
    tmp_path: Path, x: np.ndarray[Any, Any], words: str
) -> None:
    told = refused(saved(tmp_path, x=x, y=Y))
    assert "Expected features of at most 1e+14 whose variance float32 holds" in told
    assert words in told


def test_what_is_no_such_file_is_refused(tmp_path: Path) -> None:
    assert "No such file" in refused(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("x,y\n1,2\n")
    assert "not a zip file" in refused(tmp_path / "text.npz")
    assert "Received: no y." in refused(saved(tmp_path, x=X))
    whole = saved(tmp_path, x=X, y=Y).read_bytes()
    broken = tmp_path / "broken.npz"
    broken.write_bytes(whole[:300] + b"\xff" * 50 + whole[350:])
    refused(broken)
    broken.write_bytes(whole[: len(whole) // 2])
    refused(broken)
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("x.npy", b"no array")
        archive.writestr("y.npy", b"no array")
    refused(broken)


def test_an_array_that_says_it_is_huge_is_not_unpacked(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": (10**9, 10**3)}
    )
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", header.getvalue())
        archive.writestr("y.npy", header.getvalue())
    assert "8,000,000,000,000 bytes of float64" in refused(path)


@pytest.mark.parametrize(
    "header",
    [
        b"(" * 5000,
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (500, 7, True)}",
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (500, 10**9)}",
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (-500, 7)}",
        b"__import__('os').abort()",
    ],
)
def test_a_header_that_is_no_header_is_refused(tmp_path: Path, header: bytes) -> None:
    path = saved(tmp_path, x=X, y=Y)
    with zipfile.ZipFile(path) as archive:
        y = archive.read("y.npy")
    with zipfile.ZipFile(path, "w") as archive:
        line = header.ljust(117) + b"\n"
        begin = b"\x93NUMPY\x01\x00" + len(line).to_bytes(2, "little")
        archive.writestr("x.npy", begin + line + X.tobytes())
        archive.writestr("y.npy", y)
    refused(path)
