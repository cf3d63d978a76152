"""What a data set is called, and what a run's identity says of it."""

import pytest

from bnreport.protocol.data import DATA, data_named
from bnreport.protocol.datasets import data_digest


def test_a_data_set_is_found_by_its_name() -> None:
    assert all(data_named(name).name == name for name in DATA)
    assert {"fashion-mnist", "fashion-mnist-14", "fashion-mnist-5k", "mnist-5k", "mnist-1d"} <= {
        *DATA
    }


def test_another_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ValueError, match=r"Received: 'cifar'. Use one of: fashion-mnist, .*1d"):
        data_named("cifar")


def test_fashion_mnist_and_the_digits_keep_the_digests_of_the_first_edition() -> None:
    assert data_named("fashion-mnist").digest == data_digest("full")
    assert data_named("mnist-1d", "quick").digest == data_digest("quick")
    assert data_named("digits").digest == data_digest("quick")


def test_every_data_set_has_a_digest_and_a_title_of_its_own() -> None:
    assert len({data.digest for data in DATA.values()}) == len(DATA)
    assert len({data.title for data in DATA.values()}) == len(DATA)
    assert all(len(data.digest) == 64 for data in DATA.values())


def test_small_data_sets_train_on_as_many_images() -> None:
    names = ("fashion-mnist-5k", "mnist-5k", "mnist-1d")
    assert {DATA[name].train for name in names} == {4_000}
    assert {DATA[name].validation for name in names} == {1_000}
    assert DATA["fashion-mnist"].train == 55_000


def test_half_the_size_is_a_quarter_of_the_pixels_of_the_same_images() -> None:
    for name in ("fashion-mnist", "fashion-mnist-5k", "mnist-5k"):
        whole, half = DATA[name], DATA[f"{name}-14"]
        assert half.image == (14, 14)
        assert (half.origin, half.train, half.test) == (whole.origin, whole.train, whole.test)
        assert half.digest != whole.digest
