"""An epoch is what Keras would train on the same batches, and every batch is the one asked for."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bnreport.protocol.checks import Probe, Score
from bnreport.protocol.nets import Net
from bnreport.protocol.trials import Trial
from bnreport.training.batches import batch_order
from tests.compiled import PLAIN, environment
from tests.processes import found_on

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]

ROOT = Path(__file__).parents[2]
IMAGES = 1197
# The validation images come first.
HELD_OUT = 300
ON_JAX = """
import json
from bnreport.training import backends
backends.prepare(1)
from bnreport.training import engine
from bnreport.training.images import digits
from bnreport.training.placement import place
from bnreport.training.programs import Shape, program
from bnreport.protocol.nets import Net
from bnreport.protocol.checks import Probe, Score
from bnreport.protocol.trials import Trial

pool = place(digits())
twenty = {"learning_rate": 0.05, "epochs": 1, "images": 640, "evaluated": ()}

def plain(outcome):
    return [outcome.history, outcome.checks, outcome.early_loss, outcome.diverged] + [
        [marks.epoch, marks.val_correct.tolist(), marks.test_correct.tolist()]
        for marks in outcome.scores
    ]

found = {
    net: engine.train([(Trial(name=net, net=net, **twenty), 1)], pool)[0].early_loss
    for net in ("baseline", "bn")
}
rich = {
    "net": Net(hidden=(20, 20), normalizer="noisy", dropout=0.1),
    "epochs": 2, "images": 500, "split": "seed", "inputs": "std", "start": "unit variance",
    "score_epochs": (2,), "weight_decay": 1e-3, "evaluated": ("val",),
    "checks": (
        Score(name="here", steps=(0, 10, 32), mode="batch"),
        Score(name="anew", steps=(32,), part="test", mode="precise", precise_images=100),
        Probe(name="ahead", steps=(0, 16), probe="lookahead"),
        Probe(name="moved", steps=(5, 20), probe="drift", images=50),
    ),
}
runs = [
    (Trial(name=f"t{rate}", learning_rate=rate, momentum=momentum, noise=noise, **rich), seed)
    for rate, momentum, noise, seed in ((0.05, 0.9, 1.0, 1), (0.02, 0.99, 0.5, 2))
] + [(Trial(name="wild", learning_rate=1e30, **rich), 3)]
together = engine.train(runs, pool)
apart = [engine.train([run], pool)[0] for run in runs]
shape = Shape.of(runs[0][0], (8, 8), True)
print(json.dumps({
    "backend": backends.name(),
    "early": found,
    "together": [plain(outcome) for outcome in together],
    "apart": [plain(outcome) for outcome in apart],
    "compiled": program(shape).steps._cache_size(),
}))
"""

Batches = list[tuple[NDArray[np.int32], NDArray[np.int32]]]


def trial(net: str = "bn", **changes: Any) -> Trial:
    fields = {"name": "t", "net": net, "learning_rate": 0.05, "epochs": 1}
    return Trial.model_validate(fields | changes)


@pytest.fixture(scope="module")
def pool(keras_ready: None) -> Any:  # noqa: ARG001
    """The digits on the device."""
    from bnreport.training import placement
    from bnreport.training.images import digits

    return placement.place(digits())


@pytest.fixture(scope="module")
def run(pool: Any) -> Callable[..., Any]:
    """A function that trains one run on the digits."""
    from bnreport.training import engine

    def train(setting: Trial, seed: int = 1, **more: Any) -> Any:
        (outcome,) = engine.train([(setting, seed)], pool, **more)
        return outcome

    return train


@pytest.fixture(scope="module")
def on_jax() -> Any:
    """What a process finds that trains with JAX, several runs as one program and one by one."""
    return found_on("jax", ON_JAX, **environment(PLAIN))


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Batches:
    """The batches that the compiled steps receive from here on, as positions among the images."""
    from bnreport.training import engine
    from bnreport.training.programs import program

    batches: Batches = []

    def watched(shape: Any) -> Any:
        compiled = program(shape)

        def steps(*arguments: Any) -> Any:
            batches.append((np.asarray(arguments[4]) - HELD_OUT, np.empty(0, np.int32)))
            return compiled.steps(*arguments)

        def last(*arguments: Any) -> Any:
            batches[-1] = (batches[-1][0], np.asarray(arguments[4]) - HELD_OUT)
            return compiled.last(*arguments)

        return replace(compiled, steps=steps, last=last)

    monkeypatch.setattr(engine, "program", watched)
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

    from bnreport.training.images import digits
    from bnreport.training.models import build, initial_weights

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
    run: Callable[..., Any], pool: Any, net: str
) -> None:
    from bnreport.training import engine
    from bnreport.training.images import digits

    model, losses, sizes, hits = by_keras(net, 3, 0.05)
    assert sizes == [32] * 37 + [13]
    found = run(trial(net), 3)
    assert found.early_loss == pytest.approx(losses[19], abs=1e-5)
    # A mean over images, not over batches: the last batch is smaller.
    running = np.dot(losses, sizes) / IMAGES
    assert found.history["loss"][0] == pytest.approx(running, abs=1e-5)
    assert abs(np.mean(losses) - running) > 1e-4
    assert found.history["accuracy"][0] == pytest.approx(sum(hits) / IMAGES, abs=1e-6)
    images = digits()
    validation = model.evaluate(images.x_val, images.y_val, verbose=0)
    assert found.history["val_loss"][0] == pytest.approx(validation[0], abs=1e-5)
    assert found.history["val_accuracy"][0] == pytest.approx(validation[1], abs=1e-6)

    course = engine.Course([(trial(net), 3)], pool)
    course.epoch(1)
    for ours, theirs in (
        *zip(course.weights, model.trainable_variables, strict=True),
        *zip(course.state, model.non_trainable_variables, strict=True),
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
    found = run(setting, tell=lambda _, epoch: told.append(epoch))
    assert set(found.history) == setting.metrics
    assert {len(values) for values in found.history.values()} == {2}
    assert told == [1, 2]
    assert (found.diverged, found.scores) == (False, [])
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


def test_tensorflow_and_jax_agree_after_twenty_steps(run: Callable[..., Any], on_jax: Any) -> None:
    assert on_jax["backend"] == "jax"
    for net in ("baseline", "bn"):
        twenty = trial(net, images=640, evaluated=())
        assert run(twenty).early_loss == pytest.approx(on_jax["early"][net], abs=1e-4)


def numbers(found: Any) -> list[float]:
    """All numbers in nested lists and mappings, None as infinity, in one order."""
    if isinstance(found, dict):
        return [number for name in sorted(found) for number in numbers(found[name])]
    if isinstance(found, list):
        return [number for part in found for number in numbers(part)]
    return [float("inf") if found is None else float(found)]


def test_runs_that_train_together_are_the_runs_that_train_alone(on_jax: Any) -> None:
    # Noise, dropout, rates, momenta, subsets, scores and probes: two epochs of 16 steps.
    for together, alone in zip(on_jax["together"], on_jax["apart"], strict=True):
        assert together[0].keys() == alone[0].keys()
        assert together[1].keys() == alone[1].keys()
        assert numbers(together) == pytest.approx(numbers(alone), rel=1e-4, abs=1e-5)
    first, second, wild = on_jax["together"]
    assert first[0]["loss"] != second[0]["loss"]
    assert [part[3] for part in (first, second, wild)] == [False, False, True]
    assert {len(values) for values in wild[0].values()} == {1}
    assert on_jax["compiled"] == 1


def test_tensorflow_refuses_to_train_runs_together(pool: Any) -> None:
    from bnreport.training import engine

    with pytest.raises(ValueError, match="JAX backend"):
        engine.train([(trial(), 1), (trial(), 2)], pool)


def test_runs_without_a_common_program_are_refused(pool: Any) -> None:
    from bnreport.training import engine

    with pytest.raises(ValueError, match="share one program"):
        engine.train([(trial("bn"), 1), (trial("baseline"), 1)], pool)


def test_a_program_compiles_once_for_all_its_runs(run: Callable[..., Any]) -> None:
    from bnreport.training.programs import Shape, program

    net = Net(hidden=(9,), normalizer="batch")
    for rate, seed, momentum, scale in (
        (0.1, 1, 0.9, 1.0),
        (0.2, 2, 0.99, 3.0),
        (0.3, 3, 0.5, 0.1),
    ):
        setting = trial(learning_rate=rate, momentum=momentum, kernel_scale=scale, epochs=2)
        run(setting.model_copy(update={"net": net}), seed)
    compiled: Any = program(Shape.of(trial().model_copy(update={"net": net}), (8, 8), False))
    assert compiled.steps.experimental_get_tracing_count() == 1
    # Training, validation and test images differ in number, so their parts have several sizes.
    assert compiled.evaluate.experimental_get_tracing_count() == 2


def test_stopping_to_measure_changes_nothing(run: Callable[..., Any]) -> None:
    checks = (
        Score(name="s", steps=(0, 1, 20, 37, 38, 40, 76), mode="batch", images=100),
        Probe(name="p", steps=(0, 5, 37, 75), probe="gradients"),
    )
    plain, measured = run(trial(epochs=2)), run(trial(epochs=2, checks=checks))
    assert measured.history == plain.history
    assert measured.early_loss == plain.early_loss
    assert {name: len(values) for name, values in measured.checks.items()} == {
        "s_loss": 7,
        "s_accuracy": 7,
        "p_weights": 4,
        "p_outputs": 4,
    }


def test_a_score_at_the_end_of_an_epoch_is_the_epochs_own(run: Callable[..., Any]) -> None:
    checks = (
        Score(name="val", steps=(38, 76)),
        Score(name="test", steps=(76,), part="test"),
        Score(name="few", steps=(76,), images=10),
    )
    found = run(trial(epochs=2, checks=checks, score_epochs=(2,)))
    assert found.checks["val_loss"] == found.history["val_loss"]
    assert found.checks["val_accuracy"] == found.history["val_accuracy"]
    marks = found.scores[0]
    assert found.checks["test_accuracy"] == [pytest.approx(marks.test_correct.mean(), abs=1e-7)]
    assert found.checks["few_accuracy"] == [pytest.approx(marks.val_correct[:10].mean(), abs=1e-7)]


def test_precise_statistics_heal_a_moving_average_that_lags(run: Callable[..., Any]) -> None:
    checks = tuple(Score(name=mode, steps=(10,), mode=mode) for mode in ("inference", "precise"))
    slow = run(trial(checks=checks, momentum=0.999)).checks
    quick = run(trial(checks=checks, momentum=0.5)).checks
    # The averages are no part of training, so what is taken anew does not depend on momentum.
    assert slow["precise_loss"] == quick["precise_loss"]
    assert slow["precise_loss"][0] < slow["inference_loss"][0]
    assert quick["inference_loss"][0] < slow["inference_loss"][0]


def test_precise_statistics_are_those_of_the_first_training_images(
    run: Callable[..., Any],
) -> None:
    import keras

    from bnreport.training.forward import walk
    from bnreport.training.images import digits
    from bnreport.training.models import build, initial_weights

    net = Net(hidden=(5,), normalizer="batch")
    check = Score(name="anew", steps=(0,), mode="precise", precise_images=40)
    found = run(trial().model_copy(update={"net": net, "epochs": 0, "checks": (check,)})).checks
    data, model = digits(), build(net, (8, 8))
    weights, state = initial_weights(model, 1)
    numbers = {"momentum": np.float32(0)}
    state = walk(model, weights, state, data.x_train[:40], "batch", numbers).state
    logits = walk(model, weights, state, data.x_val, "inference", numbers).logits
    loss = keras.ops.sparse_categorical_crossentropy(data.y_val, logits, from_logits=True)
    assert found["anew_loss"] == [pytest.approx(np.mean(loss), rel=1e-4)]


def test_a_fixed_order_shows_the_same_batches_and_fixed_batches_another_order(
    run: Callable[..., Any], seen: Batches
) -> None:
    run(trial(epochs=2, order="fixed"), seed=4)
    run(trial(epochs=2, order="fixed batches"), seed=4)
    first, again, fixed, moved = seen
    assert same(first, again)
    assert same(first, fixed)
    assert not np.array_equal(moved[0], fixed[0])
    assert sorted(moved[0].tolist()) == sorted(fixed[0].tolist())
    assert np.array_equal(moved[1], fixed[1])


def test_a_subset_and_a_split_are_drawn_by_the_seed(pool: Any) -> None:
    from bnreport.training.placement import parts

    whole = parts(trial(), 1, pool)
    assert whole["val"].tolist() == list(range(300))
    assert whole["train"].tolist() == list(range(300, 1497))
    assert whole["test"].tolist() == list(range(1497, 1797))
    few = parts(trial(images=50), 1, pool)["train"]
    assert len(set(few.tolist())) == 50
    assert set(few) <= set(whole["train"])
    assert few.tolist() == parts(trial(images=50), 1, pool)["train"].tolist()
    assert set(few) != set(parts(trial(images=50), 2, pool)["train"])
    drawn = parts(trial(split="seed"), 1, pool)
    assert sorted([*drawn["val"], *drawn["train"]]) == list(range(1497))
    assert set(drawn["val"]) != set(whole["val"])
    assert drawn["test"].tolist() == whole["test"].tolist()


def test_standardized_inputs_are_what_a_fixed_normalization_of_all_images_gives(
    run: Callable[..., Any],
) -> None:
    raw, std = (
        run(trial("baseline", inputs=inputs, epochs=2)).history for inputs in ("raw", "std")
    )
    assert std["loss"][1] < raw["loss"][1]


def test_weight_decay_adds_the_kernels_squares_to_the_loss(run: Callable[..., Any]) -> None:
    from bnreport.training.models import build, initial_weights

    setting: dict[str, Any] = {"batch_size": IMAGES, "learning_rate": 1e-9}
    plain, decayed = (
        run(trial("baseline", **setting, weight_decay=decay)).history["loss"][0]
        for decay in (0.0, 0.01)
    )
    model = build("baseline", (8, 8))
    kernels = [value for value in initial_weights(model, 1)[0] if value.ndim == 2]
    squares = sum(float((kernel.astype(float) ** 2).sum()) for kernel in kernels)
    assert decayed - plain == pytest.approx(0.01 * squares, rel=1e-4)


def test_a_start_of_unit_variance_has_it_on_the_first_batch(run: Callable[..., Any]) -> None:
    net = Net(hidden=(30, 30, 30), activation="tanh")
    setting = trial(
        start="unit variance",
        epochs=0,
        kernel_scale=0.01,
        checks=(Probe(name="p", steps=(0,), probe="activations"),),
    )
    found = run(setting.model_copy(update={"net": net}))
    assert found.history == {}
    assert found.checks["p_std"][0] == pytest.approx([1.0, 1.0, 1.0], abs=1e-4)


def test_a_check_after_the_last_step_is_refused_before_training(run: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="within the 38"):
        run(trial(checks=(Score(name="late", steps=(39,)),)))


def test_memory_bounds_a_group_by_its_nets_and_largest_batch(
    pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bnreport.training import backends, engine

    assert engine.capacity(trial(), pool) is None
    monkeypatch.setattr(backends, "memory", lambda: 10**9)
    some = engine.capacity(trial(), pool)
    assert some is not None
    wide = trial().model_copy(update={"net": Net(hidden=(3000, 1000))})
    precise = trial(checks=(Score(name="p", steps=(38,), mode="precise"),))
    for larger in (wide, precise):
        less = engine.capacity(larger, pool)
        assert less is not None
        assert 1 <= less < some
    monkeypatch.setattr(backends, "memory", lambda: 1)
    assert engine.capacity(trial(), pool) == 1
