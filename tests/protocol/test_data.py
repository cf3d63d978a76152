"""What a data set is called, and what a run's identity says of it."""

import pytest

from bnreport.protocol.data import DATA, data_named
from bnreport.protocol.datasets import data_digest
from bnreport.protocol.nets import Net
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.trials import Trial, data_of


def test_a_data_set_is_found_by_its_name() -> None:
    assert all(data_named(name).name == name for name in DATA)
    assert {"fashion-mnist", "fashion-mnist-14", "mnist-5k", "mnist-1d"} <= {*DATA}


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
    for name in ("mnist-5k", "mnist-5k-14", "mnist-1d"):
        assert (DATA[name].train, DATA[name].validation) == (4_000, 1_000)
    assert DATA["fashion-mnist"].train == 55_000


def test_half_the_size_is_a_quarter_of_the_pixels_of_the_same_images() -> None:
    for name in ("fashion-mnist", "mnist-5k"):
        whole, half = DATA[name], DATA[f"{name}-14"]
        assert half.image == (14, 14)
        assert (half.origin, half.train, half.test) == (whole.origin, whole.train, whole.test)
        assert half.digest != whole.digest


def test_the_data_of_a_run_are_those_that_its_recipe_names() -> None:
    shared = {"name": "r", "net": Net(), "learning_rate": 0.1, "epochs": 1}
    trial = Trial.model_validate(shared)
    recipe = Recipe.model_validate({**shared, "images": 400})
    signals = recipe.model_copy(update={"data": "mnist-1d"})
    assert data_of(trial, "full") == data_of(recipe, "full") == data_digest("full")
    assert data_of(signals, "full") == DATA["mnist-1d"].digest
    assert {data_of(each, "quick") for each in (trial, recipe, signals)} == {data_digest("quick")}
