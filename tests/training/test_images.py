"""Images are parsed and split, or an error names the file and says what to do."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bnreport.errors import DataError
from bnreport.protocol import datasets
from bnreport.training import download, images
from bnreport.training.images import digits, load, parse, standards
from tests.images import ARRAYS, CONTENT, NAMES, alter, filled, idx, lose, put_in_place, truncate


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_place(monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the four files."""
    return filled(tmp_path / "images")


def test_the_digest_of_the_data_depends_on_the_profile() -> None:
    assert datasets.data_digest("full") != datasets.data_digest("quick")
    assert datasets.data_digest("quick") == datasets.DIGITS


def test_an_idx_file_is_parsed_to_its_array() -> None:
    array = np.arange(24, dtype=np.uint8).reshape(4, 2, 3)
    found = parse(gzip.compress(idx(array)), (4, 2, 3), Path("a.gz"))
    assert found.dtype == np.uint8
    assert (found == array).all()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(CONTENT[NAMES[0]][:-9], "gzipped file", id="truncated"),
        pytest.param(b"", "IDX file", id="empty"),
        pytest.param(b"<html>", "gzipped file", id="a page"),
        pytest.param(
            CONTENT[NAMES[0]][:20] + b"\xff" * 8 + CONTENT[NAMES[0]][28:], "gzipped", id="altered"
        ),
        pytest.param(gzip.compress(idx(ARRAYS[NAMES[0]], b"\0\0\x0d")), "0000 ?0d03", id="floats"),
        pytest.param(gzip.compress(idx(ARRAYS[NAMES[0]][:, :1])), "IDX file of shape", id="shape"),
        pytest.param(gzip.compress(idx(ARRAYS[NAMES[1]])), "IDX file of shape", id="labels"),
        pytest.param(gzip.compress(idx(ARRAYS[NAMES[0]]) + b"x"), "and 47 bytes", id="too long"),
        pytest.param(gzip.compress(idx(ARRAYS[NAMES[0]])[:-1]), "and 45 bytes", id="too short"),
    ],
)
def test_a_misshaped_file_is_refused_by_name(content: bytes, reason: str) -> None:
    with pytest.raises(DataError, match=r"some/images\.gz.*Replace the file") as caught:
        parse(content, (5, 2, 3), Path("some/images.gz"))
    assert re.search(reason, str(caught.value)), str(caught.value)


def test_the_first_training_images_validate(folder: Path) -> None:
    found = load("full", folder)
    images, labels, test_images, test_labels = ARRAYS.values()
    assert (found.x_val == np.float32(images[:2] / 255)).all()
    assert (found.x_train == np.float32(images[2:] / 255)).all()
    assert (found.x_test == np.float32(test_images / 255)).all()
    assert found.y_val.tolist() == labels[:2].tolist()
    assert found.y_train.tolist() == labels[2:].tolist()
    assert found.y_test.tolist() == test_labels.tolist()
    assert {found.x_train.dtype, found.x_val.dtype, found.x_test.dtype} == {np.dtype("float32")}
    assert {found.y_train.dtype, found.y_val.dtype, found.y_test.dtype} == {np.dtype("int32")}


def test_the_full_profile_needs_a_folder() -> None:
    with pytest.raises(DataError, match=r"--data-dir or BNREPORT_DATA"):
        load("full", None)


each_fault = pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lose, r"{name} in {folder}\. Received: no such file\. Put the four"),
        (truncate, r"{folder}/{name} with SHA-256 .*Replace the file"),
        (alter, r"{folder}/{name} with SHA-256 .*Replace the file"),
    ],
)


@each_fault
@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_missing_or_altered_is_named_with_what_to_do(
    folder: Path, spoil: Callable[[Path], None], message: str, name: str
) -> None:
    spoil(folder / name)
    expected = message.format(name=re.escape(name), folder=re.escape(str(folder)))
    with pytest.raises(DataError, match=expected):
        load("full", folder)
    with pytest.raises(DataError, match=expected):
        download.find(folder, folder.parent / "cache", print)


def test_the_digits_are_split_in_order() -> None:
    from sklearn.datasets import load_digits

    found, bunch = load("quick", None), load_digits()
    assert found.x_train.shape == (1197, 8, 8)
    assert found.x_val.shape == found.x_test.shape == (300, 8, 8)
    x = np.concatenate([found.x_val, found.x_train, found.x_test])
    y = np.concatenate([found.y_val, found.y_train, found.y_test])
    assert (x * 16 == bunch.images).all()
    assert (y == bunch.target).all()
    assert (x.dtype.name, y.dtype.name) == ("float32", "int32")
    assert (x.min(), x.max()) == (0, 1)


def test_other_digits_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "DIGITS", "0" * 64)
    with pytest.raises(DataError, match="scikit-learn"):
        digits()


def test_standards_centre_and_scale_by_pixel_or_by_all() -> None:
    x = np.array([[[0.0, 1.0]], [[0.2, 1.0]]], np.float32)
    shift, factor = standards(x, "std")
    assert shift.ravel() == pytest.approx([0.1, 1.0])
    assert factor.ravel() == pytest.approx(1 / np.sqrt([0.01 + 1e-3, 1e-3]), rel=1e-5)
    assert standards(x, "centred")[1].tolist() == [[1.0, 1.0]]
    assert standards(x, "scaled")[0].tolist() == [[0.0, 0.0]]
    shift, factor = standards(x, "std-scalar")
    assert shift.tolist() == [[pytest.approx(0.55)] * 2]
    assert factor.tolist() == [[pytest.approx(1 / np.sqrt(x.var() + 1e-3), rel=1e-5)] * 2]
    assert [part.dtype for part in standards(x, "centred-scalar")] == [np.float32] * 2
    for part, unchanged in zip(standards(x, "raw"), (0.0, 1.0), strict=True):
        assert (part == unchanged).all()
