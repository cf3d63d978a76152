"""A reader's arrays: what is read, how it is divided, and what is refused with a sentence."""

import hashlib
import io
import tracemalloc
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
        (
            {"x": X[:499], "y": Y[:499]},
            "at least 500 examples, and at most 5,000,000. Received: 499.",
        ),
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


def npy(header: bytes, content: bytes = X.tobytes(), version: bytes = b"\x01\x00") -> bytes:
    """An array as a file, with a header of one's own."""
    line = header.ljust(117) + b"\n"
    size = len(line).to_bytes(2 if version[0] == 1 else 4, "little")
    return b"\x93NUMPY" + version + size + line + content


def packed(folder: Path, x: bytes, how: int = zipfile.ZIP_STORED) -> Path:
    """A file with such an x and a true y."""
    path, y = folder / "mine.npz", io.BytesIO()
    np.save(y, Y)
    with zipfile.ZipFile(path, "w", how) as archive:
        archive.writestr("x.npy", x)
        archive.writestr("y.npy", y.getvalue())
    return path


def header(descr: str = "'<f8'", shape: str = "(500, 7)") -> bytes:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}".encode("latin1")


@pytest.mark.parametrize(
    "line",
    [
        b"(" * 5000,
        b"-" * 9000 + b"1",
        b"{}",
        b"None",
        b"\x00",
        b"__import__('os').abort()",
        header(shape="(500, 7, True)"),
        header(shape="(500, 10**9)"),
        header(shape="(-500, 7)"),
        header(shape="(-500, -7)"),
        header(shape=f"(0, {10**30})"),
        header(shape=f"(-{10**30},)"),
        header(shape=f"({10**15}, {10**15})"),
        header(shape=f"({'9' * 4000}, {'9' * 4000})"),
        header(shape=f"({'0,' * 3000})"),
        header(shape="()"),
        header(shape="500"),
        header(descr="()"),
        header(descr="('<f8',)"),
        header(descr="('<f8', (-2,))"),
        header(descr=f"('<f8', ({10**12},))", shape="(0, 2)"),
        header(descr="[('a', '<f8', (2,), 3)]"),
        header(descr="{'a': 1}"),
        header(descr="'<U2147483648'"),
        header(descr="'|O'"),
        header(descr="'|S8'"),
        header(descr="[('a', '|O')]"),
        header(descr="'\x1b[2J,f8'"),
    ],
)
def test_a_header_that_is_no_header_is_refused(tmp_path: Path, line: bytes) -> None:
    told = refused(packed(tmp_path, npy(line)))
    assert told.isprintable()
    assert len(told) < 500


@pytest.mark.parametrize("content", [X.tobytes()[:-8], X.tobytes() + b"more", b""])
def test_an_array_holds_what_its_header_says(tmp_path: Path, content: bytes) -> None:
    told = refused(packed(tmp_path, npy(header(), content)))
    assert f"{len(content):,} bytes of x, whose header says 28,000" in told


ZEROS = bytes(60_000_000)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "how", "words"),
    [
        (npy(header(), ZEROS), zipfile.ZIP_BZIP2, "x.npy packed by method 12"),
        (npy(header(), ZEROS), zipfile.ZIP_LZMA, "x.npy packed by method 14"),
        (npy(header(), ZEROS), zipfile.ZIP_DEFLATED, "60,000,000 bytes of x, whose header says"),
        (npy(ZEROS, b"", b"\x02\x00"), zipfile.ZIP_DEFLATED, "version (2, 0)"),
        (ZEROS, zipfile.ZIP_DEFLATED, "the magic string is not correct"),
    ],
)
def test_what_unpacks_to_more_than_it_says_is_not_unpacked(
    tmp_path: Path, content: bytes, how: int, words: str
) -> None:
    path = packed(tmp_path, content, how)
    tracemalloc.start()
    try:
        assert words in refused(path)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_a_directory_of_any_size_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path, x=X, y=Y)
    # It names two arrays in 150 bytes or so.
    monkeypatch.setattr(own_arrays, "PORTION", 100)
    assert "bytes of names of arrays" in refused(path)


def test_an_array_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, x=X, y=Y)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("x.npy", archive.read("x.npy"))
    assert "Expected arrays x and y. Received: 2 x." in refused(path)


def test_what_fills_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, x=X.astype(np.int8), y=Y)
    monkeypatch.setattr(own_arrays, "BYTES", 25_000)
    told = refused(path)
    assert "at most 3,125 numbers in the examples that are used" in told
    assert "Received: 500 examples of 7 numbers each. Leave some examples out" in told
    monkeypatch.setattr(own_arrays, "GIVEN", 499)
    assert "at least 500 examples, and at most 499. Received: 500" in refused(path)
