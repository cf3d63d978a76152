"""A run with a common mistake in it is what Keras trains when somebody makes that mistake."""

from typing import Any

import numpy as np
import pytest

from bnreport.protocol.nets import Net
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.trials import Trial

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]

NET = Net(hidden=(12, 8), normalizer="batch", placement="after")
# Images in batches of 32, and a smaller one at the end.
IMAGES = 100


def recipe(**fields: Any) -> Recipe:
    given = {
        "name": "r",
        "net": NET,
        "learning_rate": 0.1,
        "epochs": 1,
        "batch_size": 32,
        "images": IMAGES,
        "measures": (),
        "bars": True,
    }
    return Recipe.model_validate(given | fields)


@pytest.fixture(scope="module")
def pool(keras_ready: None) -> Any:  # noqa: ARG001
    """The digits on the device."""
    from bnreport.training.images import digits
    from bnreport.training.placement import place

    return place(digits())


def followed(made: Recipe, pool: Any) -> Any:
    from bnreport.training.recipes.run import Follower, ended

    run = Follower(made, 1, pool, ended(made.start, 1, lambda _: pool) if made.start else None)
    for epoch in range(1, made.epochs + 1):
        run.epoch(epoch)
    return run


def fitted(made: Recipe, pool: Any, hidden: bool = True) -> tuple[dict[str, float], list[Any]]:
    """The history and the weights after Keras' own `fit`, with the same mistake.

    A first softmax may be hidden from the loss, behind a layer that changes nothing. With the
    numbers of a progress bar that averages what it is told after each step, as the bar of Keras 3.8
    to 3.10 did.
    """
    import keras

    from bnreport.training.batches import batch_order
    from bnreport.training.models import build, initial_weights
    from bnreport.training.placement import parts

    model = build(NET, (8, 8))
    for variable, value in zip(
        model.trainable_variables, initial_weights(model, 1)[0], strict=True
    ):
        variable.assign(value)
    if made.softmax == "twice":
        behind = [keras.layers.Rescaling(1.0)] if hidden else []
        model = keras.Sequential([model, keras.layers.Softmax(), *behind])
    where = parts(made, 1, pool)  # type: ignore[arg-type]
    train, val = where["train"], where["val"]
    labels = np.asarray(pool.data[1])
    if made.order == "sorted":
        order = train[np.argsort(labels[train], kind="stable")]
    else:
        full, last = batch_order(1, 1, len(train), made.batch_size)
        order = train[np.concatenate([full.ravel(), last])]
    pixels = pool.pixels * np.float32(255 if made.inputs == "undivided" else 1)
    bar = keras.utils.Progbar(-(-IMAGES // 32), verbose=0, stateful_metrics=[])

    class Shown(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            bar.update(batch + 1, [*logs.items()], finalize=False)

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
            # Told that it ends, the bar of today forgets the mean that former ones printed.
            bar.update(bar.target, [*logs.items()], finalize=False)

    model.compile(
        keras.optimizers.SGD(made.learning_rate),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    history = model.fit(
        pixels[order],
        labels[order],
        batch_size=made.batch_size,
        shuffle=False,
        verbose=0,
        validation_data=(pixels[val], labels[val]),
        callbacks=[Shown()],
    ).history
    shown = {f"bar_{name}": bar._values[name] for name in ("loss", "accuracy")}
    found = {name: values[0] for name, values in history.items()} | {
        name: total / times for name, (total, times) in shown.items()
    }
    return found, [np.asarray(variable) for variable in model.trainable_variables]


@pytest.mark.parametrize(
    "mistake",
    [{}, {"inputs": "undivided", "learning_rate": 1e-3}, {"softmax": "twice"}, {"order": "sorted"}],
    ids=lambda mistake: "-".join(mistake) or "none",
)
def test_a_mistake_is_the_one_that_people_make_in_keras(mistake: Any, pool: Any) -> None:
    made = recipe(**mistake)
    run = followed(made, pool)
    history, weights = fitted(made, pool)
    assert set(run.outcome.history) == made.metrics == set(history)
    for name, (value,) in run.outcome.history.items():
        assert value == pytest.approx(history[name], rel=1e-4, abs=1e-6), name
    for one, other in zip(run.snapshot.weights, weights, strict=True):
        np.testing.assert_allclose(np.asarray(one), other, rtol=1e-3, atol=1e-5)


def test_keras_on_tensorflow_undoes_a_first_softmax_that_it_sees(pool: Any) -> None:
    with pytest.warns(UserWarning, match="does not represent logits"):
        history, _ = fitted(recipe(softmax="twice"), pool, hidden=False)
    assert history["loss"] == pytest.approx(fitted(recipe(), pool)[0]["loss"], rel=1e-5)


def test_mistakes_differ_from_each_other_and_from_none(pool: Any) -> None:
    losses = {
        followed(recipe(**mistake), pool).outcome.history["loss"][0]
        for mistake in ({}, {"inputs": "undivided"}, {"softmax": "twice"}, {"order": "sorted"})
    }
    assert len(losses) == 4


def test_bars_change_nothing_but_the_history(pool: Any) -> None:
    shown, bare = followed(recipe(), pool), followed(recipe(bars=False), pool)
    assert not {"bar_loss", "bar_accuracy"} & set(bare.outcome.history)
    for name, values in bare.outcome.history.items():
        assert shown.outcome.history[name] == pytest.approx(values, abs=1e-6), name


def test_a_run_from_the_end_of_its_own_setting_sees_the_same_batches_again(pool: Any) -> None:
    from bnreport.training import engine

    first = recipe(epochs=2, name="first", bars=False)
    again = followed(
        first.model_copy(update={"name": "again", "start": first, "head": "kept"}), pool
    )
    shared = {"net": NET, "learning_rate": 0.1, "batch_size": 32, "images": IMAGES}
    replayed = Trial(name="t", epochs=4, replay_after=2, split="seed", evaluated=("val",), **shared)
    course = engine.Course([(replayed, 1)], pool)
    for epoch in range(1, 5):
        course.epoch(epoch)
    for name, values in course.outcomes[0].history.items():
        assert again.outcome.history[name] == pytest.approx(values[2:], abs=1e-5), name
