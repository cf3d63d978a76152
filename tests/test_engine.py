"""An epoch is what Keras would train on the same batches, and every batch is the one asked for."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bnreport.draws import batch_order
from bnreport.trials import Trial

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]

ROOT = Path(__file__).parents[1]
IMAGES = 1197
EARLY = """
import json
from bnreport import backends
backends.prepare(1)
from bnreport import engine
from bnreport.data import digits
from bnreport.trials import Trial
data = engine.splits(digits())
found = {
    net: engine.train(Trial(name=net, net=net, learning_rate=0.05, epochs=1), 1, data).early_loss
    for net in ("baseline", "bn")
}
print(json.dumps({"backend": backends.name(), **found}))
"""

Batches = list[tuple[NDArray[np.int32], NDArray[np.int32]]]


def trial(net: str = "bn", **changes: Any) -> Trial:
    fields = {"name": "t", "net": net, "learning_rate": 0.05, "epochs": 1}
    return Trial.model_validate(fields | changes)


@pytest.fixture(scope="module")
def data(keras_ready: None) -> Any:  # noqa: ARG001
    """The digits on the device."""
    from bnreport import engine
    from bnreport.data import digits

    return engine.splits(digits())


@pytest.fixture(scope="module")
def run(data: Any) -> Callable[..., Any]:
    """A function that trains one run on the digits."""
    from bnreport import engine

    def train(setting: Trial, seed: int = 1, **more: Any) -> Any:
        return engine.train(setting, seed, data, **more)

    return train


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Batches:
    """The batches that the compiled epoch receives from here on."""
    from bnreport import engine

    batches: Batches = []
    real = engine.program

    def program(net: str, image: tuple[int, int]) -> Any:
        compiled = real(net, image)

        def epoch(*arguments: Any) -> Any:
            full, last = (np.asarray(indices) for indices in arguments[-2:])
            batches.append((full, last))
            return compiled.epoch(*arguments)

        return replace(compiled, epoch=epoch)

    monkeypatch.setattr(engine, "program", program)
    return batches


def same(a: tuple[Any, Any], b: tuple[Any, Any]) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_two_epochs_see_different_batches(run: Callable[..., Any], seen: Batches) -> None:
    run(trial(epochs=3), seed=4)
    assert len(seen) == 3
    for number, batches in enumerate(seen, start=1):
        assert same(batches, batch_order(4, number, IMAGES, 32))
        images = np.concatenate([part.ravel() for part in batches])
        assert sorted(images.tolist()) == list(range(IMAGES))
    assert not any(same(seen[i], seen[j]) for i, j in ((0, 1), (0, 2), (1, 2)))


def test_the_arms_of_a_seed_see_the_same_batches_and_another_seed_others(
    run: Callable[..., Any], seen: Batches
) -> None:
    run(trial("bn"), seed=4)
    run(trial("baseline"), seed=4)
    run(trial("baseline"), seed=5)
    assert same(seen[0], seen[1])
    assert not same(seen[0], seen[2])


def test_replayed_epochs_see_the_batches_of_the_first_call_again(
    run: Callable[..., Any], seen: Batches
) -> None:
    run(trial(epochs=5, replay_after=2))
    assert same(seen[2], seen[0])
    assert same(seen[3], seen[1])
    assert same(seen[4], seen[0])
    assert not same(seen[0], seen[1])


def test_replaying_changes_nothing_before_it_starts(run: Callable[..., Any]) -> None:
    fresh, replayed = (run(trial(epochs=3, replay_after=after)).history for after in (None, 2))
    assert fresh["loss"][:2] == replayed["loss"][:2]
    assert fresh["loss"][2] != replayed["loss"][2]


@pytest.mark.parametrize("net", ["baseline", "bn"])
def test_a_seed_gives_the_same_bits_twice_and_another_seed_gives_others(
    run: Callable[..., Any], net: str
) -> None:
    setting = trial(net, epochs=2, score_epochs=(2,))
    first, again, other = run(setting, 1), run(setting, 1), run(setting, 2)
    assert first.history == again.history
    assert first.early_loss == again.early_loss
    assert (first.scores[0].test_correct == again.scores[0].test_correct).all()
    assert first.history["loss"] != other.history["loss"]
    assert first.early_loss != other.early_loss


def test_a_trial_of_more_epochs_begins_as_one_of_fewer(run: Callable[..., Any]) -> None:
    short, long = run(trial(epochs=1)).history, run(trial(epochs=3)).history
    assert {name: values[:1] for name, values in long.items()} == short


def by_keras(net: str, seed: int, rate: float) -> tuple[Any, list[float], list[int], list[float]]:
    """A Keras model after one epoch of `train_on_batch`, with loss, size and hits by batch."""
    import keras

    from bnreport.data import digits
    from bnreport.models import build, initial_weights

    images = digits()
    model = build(net, (8, 8))
    for variables, values in zip(
        (model.trainable_variables, model.non_trainable_variables),
        initial_weights(model, seed),
        strict=True,
    ):
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
    model.compile(
        optimizer=keras.optimizers.SGD(rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    full, last = batch_order(seed, 1, IMAGES, 32)
    losses, sizes, hits = [], [], []
    for batch in (*full, last):
        model.reset_metrics()
        logs = model.train_on_batch(images.x_train[batch], images.y_train[batch], return_dict=True)
        losses.append(float(logs["loss"]))
        sizes.append(len(batch))
        hits.append(float(logs["accuracy"]) * len(batch))
    return model, losses, sizes, hits


@pytest.mark.parametrize("net", ["baseline", "bn"])
def test_a_compiled_epoch_is_what_keras_trains_on_the_same_batches(
    run: Callable[..., Any], data: Any, net: str
) -> None:
    from bnreport import engine

    model, losses, sizes, hits = by_keras(net, 3, 0.05)
    assert sizes == [32] * 37 + [13]
    found = run(trial(net), 3)
    assert found.early_loss == pytest.approx(losses[19], abs=1e-5)
    # A mean over images, not over batches: the last batch is smaller.
    running = np.dot(losses, sizes) / IMAGES
    assert found.history["loss"][0] == pytest.approx(running, abs=1e-5)
    assert abs(np.mean(losses) - running) > 1e-4
    assert found.history["accuracy"][0] == pytest.approx(sum(hits) / IMAGES, abs=1e-6)
    validation = model.evaluate(np.asarray(data[1].x), np.asarray(data[1].y), verbose=0)
    assert found.history["val_loss"][0] == pytest.approx(validation[0], abs=1e-5)
    assert found.history["val_accuracy"][0] == pytest.approx(validation[1], abs=1e-6)

    compiled = engine.program(net, (8, 8))
    weights, state = engine.start(compiled, 3)
    full, last = batch_order(3, 1, IMAGES, 32)
    rate = engine.on_device(np.float32(0.05))
    x, y = data[0].x, data[0].y
    weights, state, *_ = compiled.epoch(
        weights, state, rate, x, y, engine.on_device(full), engine.on_device(last)
    )
    for ours, theirs in (
        *zip(weights, model.trainable_variables, strict=True),
        *zip(state, model.non_trainable_variables, strict=True),
    ):
        assert np.abs(np.asarray(ours) - np.asarray(theirs.numpy())).max() < 1e-5, theirs.path


def test_scores_mark_every_image_and_agree_with_the_history(run: Callable[..., Any]) -> None:
    found = run(trial(epochs=3, score_epochs=(1, 3)))
    assert [score.epoch for score in found.scores] == [1, 3]
    for score in found.scores:
        assert (score.val_correct.shape, score.test_correct.shape) == ((300,), (300,))
        assert (score.val_correct.dtype, score.test_correct.dtype) == (np.bool_, np.bool_)
        accuracy = found.history["val_accuracy"][score.epoch - 1]
        assert score.val_correct.mean() == pytest.approx(accuracy, abs=1e-6)
    assert found.scores[-1].test_correct.mean() > 0.5


def test_a_history_holds_one_number_an_epoch_for_each_metric(run: Callable[..., Any]) -> None:
    setting = trial("baseline", epochs=2)
    told: list[int] = []
    found = run(setting, after_epoch=told.append)
    assert set(found.history) == setting.metrics
    assert {len(values) for values in found.history.values()} == {2}
    assert told == [1, 2]
    assert (found.diverged, found.scores) == (False, ())
    # Each is the shortest decimal of its float32.
    assert all(v == float(str(np.float32(v))) for row in found.history.values() for v in row)


def test_a_run_that_diverges_ends_there_and_says_so(run: Callable[..., Any]) -> None:
    found = run(trial("baseline", learning_rate=1e6, epochs=4))
    assert found.diverged
    lengths = {len(values) for values in found.history.values()}
    assert lengths == {1}
    assert found.history["loss"] == [None]
    assert found.early_loss is None


def test_a_batch_may_be_all_of_the_images(run: Callable[..., Any]) -> None:
    found = run(trial("baseline", batch_size=IMAGES, learning_rate=0.1))
    assert found.history["train_loss"][0] < found.history["loss"][0]


def test_tensorflow_and_jax_agree_after_twenty_steps(run: Callable[..., Any]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", EARLY],
        env=os.environ | {"PYTHONPATH": str(ROOT), "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    theirs = json.loads(done.stdout)
    assert theirs["backend"] == "jax"
    for net in ("baseline", "bn"):
        assert run(trial(net)).early_loss == pytest.approx(theirs[net], abs=1e-4)
