"""The images of a run are those that its recipe asks for, by the seed."""

from typing import Any

import numpy as np
import pytest

from bnreport.protocol.changes import Change, Turns
from bnreport.protocol.nets import Net
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.trials import Trial

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]


def recipe(**fields: Any) -> Recipe:
    given = {"name": "r", "net": Net(), "learning_rate": 0.1, "epochs": 1, "images": 1_000}
    return Recipe.model_validate(given | {"batch_size": 32} | fields)


@pytest.fixture(scope="module")
def pool(keras_ready: None) -> Any:  # noqa: ARG001
    """The digits on the device."""
    from bnreport.training.images import digits
    from bnreport.training.placement import place

    return place(digits())


def material(pool: Any, made: Recipe, seed: int = 1) -> Any:
    from bnreport.training.recipes.material import Material

    return Material.of(made, seed, pool)


@pytest.mark.parametrize("split", ["seed", "notebook"])
def test_the_images_are_those_of_a_trial_at_the_same_seed(pool: Any, split: Any) -> None:
    from bnreport.training.placement import parts

    trial = Trial(name="t", net="bn", learning_rate=1, epochs=1, images=500, split=split)
    wanted = parts(trial, 7, pool)
    found = material(pool, recipe(images=500, split=split), 7).parts
    for part, positions in wanted.items():
        assert np.array_equal(found[part], positions), part


def test_a_net_for_some_classes_sees_no_others_and_counts_them_from_zero(pool: Any) -> None:
    labels = np.asarray(pool.data[1])
    made = material(pool, recipe(classes=(7, 2), images=100))
    for part, positions in made.parts.items():
        assert {*labels[positions].tolist()} == {7, 2}, part
        assert np.array_equal(made.labels[positions], (labels[positions] == 2).astype(int)), part
    assert np.array_equal(np.asarray(made.pair[1]), made.labels)
    assert len(made.parts["train"]) == 100
    # Every validation image of the two classes is there.
    whole = material(pool, recipe()).parts["val"]
    assert len(made.parts["val"]) == np.isin(labels[whole], (7, 2)).sum()


def test_batches_of_one_class_hold_one_and_are_as_many_as_the_recipe_says(pool: Any) -> None:
    made = recipe(order="one class", batch_size=16)
    # By hand: 1000 / 16 is 62 whole batches, and each of ten classes may leave one unfilled.
    assert made.steps == made.steps_of_an_epoch == 52
    found = material(pool, made)
    full, last = found.batches(made, 3, 1)
    assert full.shape == (52, 16)
    assert last.size == 0
    labels = found.labels[found.parts["train"][full]]
    assert all(len({*batch}) == 1 for batch in labels.tolist())


def test_images_are_changed_before_they_are_standardized_and_in_their_order(pool: Any) -> None:
    found = material(pool, recipe())
    x, y = found.changed("test", 5, Change(kind="inversion"), 1)
    where = found.parts["test"][:5]
    np.testing.assert_array_equal(np.asarray(x), 1 - pool.pixels[where])
    np.testing.assert_array_equal(np.asarray(y), found.labels[where])


@pytest.mark.parametrize("of", ["batches", "images"])
def test_a_second_kind_of_images_comes_every_second_time(pool: Any, of: Any) -> None:
    turns = Turns(change=Change(kind="inversion"), of=of)
    made = recipe(turns=turns, images=200)
    found = material(pool, made)
    before = found.pixels.copy()
    # Six whole batches, and one of 8 images that are left as they are.
    full, last = found.batches(made, 1, 2)
    x, y = found.seen(made, 1, 2, full)
    train, second = found.parts["train"], np.zeros((6, 32), bool)
    if of == "batches":
        second[[1, 3, 5]] = True
    else:
        second[:, np.arange(32) % 2 == 1] = True
    shown, were = np.asarray(x)[train[full]], before[train[full]]
    np.testing.assert_array_equal(shown[second], 1 - were[second])
    np.testing.assert_array_equal(shown[~second], were[~second])
    rest = np.setdiff1d(np.arange(len(before)), train[full])
    np.testing.assert_array_equal(np.asarray(x)[rest], before[rest])
    assert set(train[last]) <= set(rest)
    np.testing.assert_array_equal(np.asarray(y), found.labels)
    np.testing.assert_array_equal(found.pixels, before)


def test_a_run_trains_on_both_kinds_of_images(pool: Any) -> None:
    from bnreport.training.recipes.run import Follower

    turns = Turns(change=Change(kind="inversion"))
    fields: dict[str, Any] = {"images": 640, "batch_size": 32, "measures": (), "epochs": 2}
    losses: list[Any] = []
    for more in ({}, {"turns": turns}):
        run = Follower(recipe(**fields, **more), 1, pool)
        run.epoch(1)
        losses.append(run.outcome.history["loss"][0])
    alone, both = losses
    assert both > 1.1 * alone
