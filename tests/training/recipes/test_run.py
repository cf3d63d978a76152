"""A run by a recipe is what Keras would train, and leaves what the recipe asks for."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bnreport.protocol.changes import Change
from bnreport.protocol.nets import Net
from bnreport.protocol.optimization import LINEAR, Optimizer
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.residual import Residual
from bnreport.protocol.scorings import Average, Branches, Drift, Scoring, Slopes
from bnreport.protocol.trials import Trial

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]

BN = Net(hidden=(20, 10), normalizer="batch")
END = Scoring(name="end", by=("deployed", "fresh", "means"), parts=("val", "test"))


def recipe(**fields: Any) -> Recipe:
    given = {
        "name": "r",
        "net": BN,
        "learning_rate": 0.1,
        "epochs": 1,
        "batch_size": 32,
        "images": 400,
        "evaluated": (),
        "measures": (),
    }
    return Recipe.model_validate(given | fields)


@pytest.fixture(scope="module")
def pool(keras_ready: None) -> Any:  # noqa: ARG001
    """The digits on the device."""
    from bnreport.training import placement
    from bnreport.training.images import digits

    return placement.place(digits())


@pytest.fixture(scope="module")
def run(pool: Any) -> Callable[..., Any]:
    """A function that trains a run on the digits and gives it back."""
    from bnreport.training.recipes.run import Follower

    def train(made: Recipe, seed: int = 1) -> Any:
        found = Follower(made, seed, pool)
        found.measure()
        for epoch in range(1, made.epochs + 1):
            found.epoch(epoch)
        return found

    return train


def by_keras(made: Recipe, pool: Any, optimizer: Any, seed: int = 1) -> tuple[list[Any], Any]:
    """Weights and averages after Keras' own optimizer and layers trained on the same batches."""
    import tensorflow as tf

    from bnreport.training.batches import batch_order
    from bnreport.training.images import standards
    from bnreport.training.models import build, initial_weights
    from bnreport.training.placement import parts

    assert isinstance(made.net, Net)
    model = build(made.net, (8, 8))
    weights, _ = initial_weights(model, seed)
    for variable, value in zip(model.trainable_variables, weights, strict=True):
        variable.assign(value)
    optimizer.exclude_from_weight_decay(
        var_list=[v for v in model.trainable_variables if v.name != "kernel"]
    )
    train = parts(made, seed, pool)["train"]  # type: ignore[arg-type]
    shift, factor = standards(pool.pixels[train], made.inputs)
    loss_of = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    steps = made.epochs * -(-len(train) // made.batch_size)
    step = 0
    for epoch in range(1, made.epochs + 1):
        full, last = batch_order(seed, epoch, len(train), made.batch_size)
        for batch in [*full, last]:
            step += 1
            optimizer.learning_rate = made.learning_rate * made.schedule.share(step, steps)
            x = (pool.pixels[train[batch]] - shift) * factor
            labels = np.asarray(pool.data[1])[train[batch]]
            with tf.GradientTape() as tape:
                loss = loss_of(labels, model(x, training=True))
            slopes = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(slopes, model.trainable_variables, strict=True))
    return [np.asarray(v) for v in model.trainable_variables], [
        np.asarray(v) for v in model.non_trainable_variables
    ]


@pytest.mark.parametrize(
    ("rule", "rate", "kerass"),
    [
        ("sgd", 0.1, "SGD"),
        ("momentum", 0.1, "SGD"),
        ("nesterov", 0.1, "SGD"),
        ("adam", 0.01, "Adam"),
        ("adamw", 0.01, "AdamW"),
    ],
)
def test_a_run_is_what_keras_trains_with_its_own_optimizer_and_averages(
    run: Callable[..., Any], pool: Any, rule: Any, rate: float, kerass: str
) -> None:
    import keras

    more: dict[str, Any] = {"momentum": 0.8} if rule in ("momentum", "nesterov") else {}
    mine = Optimizer(rule=rule, weight_decay=0.1, **more)
    if rule == "nesterov":
        more["nesterov"] = True
    theirs = getattr(keras.optimizers, kerass)(weight_decay=0.1, **more)
    # A bias in front of BN has no gradient but rounding, which Adam divides by its own size.
    net = BN.model_copy(update={"placement": "after"})
    numbers = {"learning_rate": rate, "epochs": 2, "images": 200}
    made = recipe(net=net, optimizer=mine, schedule=LINEAR, inputs="std", **numbers)
    found = run(made)
    assert found.done == 14
    weights, averages = by_keras(made, pool, theirs)
    for one, other in zip(found.snapshot.weights, weights, strict=True):
        np.testing.assert_allclose(np.asarray(one), other, rtol=1e-4, atol=2e-5)
    # The first of the averages is what Keras keeps by default.
    for one, other in zip(found.snapshot.averages, averages, strict=True):
        np.testing.assert_allclose(np.asarray(one)[0], other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("net", [BN, Net(hidden=(20, 10)), Net(filters=(4,), normalizer="batch")])
def test_plain_descent_at_a_constant_rate_repeats_a_trial(
    run: Callable[..., Any], pool: Any, net: Net
) -> None:
    from bnreport.training import engine

    shared = {"net": net, "inputs": "std", "split": "seed", "epochs": 2, "evaluated": ("val",)}
    made = recipe(**shared)
    trial = Trial(name="t", learning_rate=0.1, images=400, batch_size=32, **shared)
    course = engine.Course([(trial, 3)], pool)
    for epoch in (1, 2):
        course.epoch(epoch)
    found = run(made, 3)
    for one, other in zip(found.snapshot.weights, course.weights, strict=True):
        np.testing.assert_allclose(np.asarray(one), np.asarray(other), rtol=0, atol=1e-6)
    for name, values in course.outcomes[0].history.items():
        assert found.outcome.history[name] == pytest.approx(values, abs=1e-6), name


def test_a_run_repeats_itself_bit_for_bit_and_measures_change_nothing(
    run: Callable[..., Any],
) -> None:
    made = recipe(
        net=Net(hidden=(20, 10), normalizer="batch", dropout=0.2),
        optimizer=Optimizer(rule="adam"),
        learning_rate=0.01,
        averages=(Average(momentum=0.9),),
        measures=(END, Drift(name="drift", steps=(0, 5), windows=(1, 3))),
    )
    once, again = run(made), run(made)
    assert once.outcome == again.outcome
    bare = run(made.model_copy(update={"measures": (), "averages": ()}))
    for one, other in zip(once.snapshot.weights, bare.snapshot.weights, strict=True):
        assert np.array_equal(np.asarray(one), np.asarray(other))


def test_every_measure_finds_what_the_recipe_says_at_its_steps(run: Callable[..., Any]) -> None:
    average = Average(momentum=0.9)
    path = Scoring(name="path", steps=(0, 3, 12, 13, 26), fresh_images=128, by=("fresh", "m0.9"))
    drift = Drift(name="drift", steps=(0, 12), windows=(1, 2), images=64)
    made = recipe(epochs=2, averages=(average,), measures=(END, path, drift), evaluated=("val",))
    found = run(made)
    assert found.done == 26
    checks = found.outcome.checks
    assert {name: len(values) for name, values in checks.items()} == {
        f"{check.name}_{quantity}": len(check.steps)
        for check in made.checks
        for quantity in check.quantities
    }
    # One number for each of the two BN layers.
    assert {len(v) for name, v in checks.items() if name.startswith("drift") for v in [v[0]]} == {2}
    # What is evaluated after the last epoch is the deployed score at the end.
    for metric in ("loss", "accuracy"):
        assert checks[f"end_deployed_val_{metric}"] == found.outcome.history[f"val_{metric}"][-1:]
    # The first step is as good as a guess, and the last is not.
    assert checks["path_fresh_val_accuracy"][0] < 0.3 < checks["path_fresh_val_accuracy"][-1]


def statistics_after(steps: int, pool: Any) -> list[Any]:
    """Fresh statistics of the first 64 training images after so many steps."""
    from bnreport.training.recipes.run import Follower
    from bnreport.training.recipes.statistics import fresh

    found = Follower(recipe(measures=(Scoring(name="s", steps=(steps,)),)), 1, pool)
    kept: list[Any] = []

    def note() -> None:
        if found.done == steps:
            x = pool.pixels[found.parts["train"][:64]]
            kept[:] = fresh(
                found.program.graph, found.snapshot.weights, found.snapshot.state, x, 64
            )

    found.measure = note  # type: ignore[method-assign]
    found.epoch(1)
    return [np.asarray(value, float) for value in kept]


def test_a_drift_is_the_change_of_fresh_statistics_over_its_window(
    run: Callable[..., Any], pool: Any
) -> None:
    from bnreport.training.recipes.statistics import moves

    drift = Drift(name="drift", steps=(2,), windows=(3,), images=64)
    found = run(recipe(measures=(drift,))).outcome.checks
    moved = moves(statistics_after(2, pool), statistics_after(5, pool), BN.epsilon)
    for what in ("mean", "spread", "growth"):
        assert found[f"drift_{what}-3"][0] == pytest.approx(moved[what] / 3, rel=1e-3), what


def test_fresh_scores_are_of_the_first_training_images_of_the_seed(
    run: Callable[..., Any], pool: Any
) -> None:
    from bnreport.training.graphs import walk
    from bnreport.training.recipes.statistics import fresh, having, places

    end = Scoring(name="end", by=("fresh",), parts=("test",), images=50, fresh_images=100)
    found = run(recipe(measures=(end,), inputs="std"), 2)
    shift, factor = (np.asarray(found.numbers[name]) for name in ("shift", "factor"))

    def pixels(where: Any) -> Any:
        return (pool.pixels[where] - shift) * factor

    graph, train = found.program.graph, found.parts["train"][:100]
    anew = fresh(graph, found.snapshot.weights, found.snapshot.state, pixels(train), 100)
    state = having(found.snapshot.state, places(graph), anew)
    tested = found.parts["test"][:50]
    logits = walk(
        graph, found.snapshot.weights, state, pixels(tested), "inference", found.numbers
    ).logits
    right = np.argmax(np.asarray(logits), 1) == np.asarray(pool.data[1])[tested]
    assert found.outcome.checks["end_fresh_test_accuracy"] == pytest.approx([right.mean()])


def test_without_bn_one_score_stands_for_all(run: Callable[..., Any]) -> None:
    checks = run(recipe(net=Net(hidden=(8,), normalizer="layer"), measures=(END,))).outcome.checks
    for name in ("val_loss", "val_accuracy", "test_loss", "test_accuracy"):
        values = {checks[f"end_{by}_{name}"][0] for by in END.by}
        assert len(values) == 1, name
    assert checks["end_fresh_val_loss"] != checks["end_fresh_test_loss"]


def test_a_run_that_diverges_ends_there_and_says_so(pool: Any) -> None:
    from bnreport.training.recipes.run import follow

    path = Scoring(name="path", steps=(0, 26), fresh_images=64)
    wild = recipe(
        net=Net(hidden=(8,)), learning_rate=1e30, epochs=3, measures=(END, path), evaluated=("val",)
    )
    told: list[int] = []
    found = follow(wild, 1, pool, told.append)
    assert found.diverged
    assert told == [1]
    assert found.history["loss"] == [None]
    assert set(found.checks) == {f"path_{quantity}" for quantity in path.quantities}
    assert {len(values) for values in found.checks.values()} == {1}


def test_a_run_that_diverges_in_its_last_step_is_found_out_by_its_scores(pool: Any) -> None:
    from bnreport.training.recipes.run import follow

    # One step: its loss is taken before it.
    wild = recipe(net=Net(hidden=(8,)), learning_rate=1e38, images=32, measures=(END,))
    found = follow(wild, 1, pool)
    assert found.history["loss"][0] is not None
    assert found.diverged
    assert found.checks["end_deployed_val_loss"] == [None]


def test_fewer_images_than_asked_for_are_refused(pool: Any) -> None:
    from bnreport.training.recipes.run import follow

    with pytest.raises(ValueError, match=r"Expected 1198 training images .* Received: 1197"):
        follow(recipe(images=1198), 1, pool)


def test_runs_of_one_design_share_what_is_compiled(run: Callable[..., Any]) -> None:
    one = run(recipe(optimizer=Optimizer(rule="momentum"), learning_rate=0.2))
    faster = Optimizer(rule="momentum", momentum=0.5)
    other = run(recipe(optimizer=faster, schedule=LINEAR, learning_rate=0.1), 2)
    assert one.program is other.program
    # Whole batches and the smaller one at the end of an epoch.
    assert one.program.steps.experimental_get_tracing_count() == 2


def test_a_residual_net_is_trained_and_scored_like_any_other(run: Callable[..., Any]) -> None:
    from bnreport.training.graphs import walk
    from bnreport.training.recipes.statistics import fresh, having

    slopes = Slopes(name="slopes", steps=(0, 10), images=64)
    made = recipe(
        net=Residual(filters=(4, 8), blocks=1), measures=(END, slopes), images=320, shifts=True
    )
    found = run(made)
    weights = found.outcome.checks["slopes_weights"]
    # A layer before the two blocks of two, and one after them.
    assert [len(values) for values in weights] == [6, 6]
    assert all(value > 0 for value in weights[0])
    graph, at = found.program.graph, found.snapshot
    x = found.material.pixels[found.material.parts["train"][:100]]
    state = having(at.state, found.program.places, fresh(graph, at.weights, at.state, x, 30))
    one = walk(graph, at.weights, state, x, "inference", found.numbers).logits
    other = walk(graph, at.weights, at.state, x, "batch", found.numbers).logits
    np.testing.assert_allclose(np.asarray(one), np.asarray(other), rtol=1e-3, atol=1e-3)
    losses = [found.outcome.checks[f"end_{by}_val_loss"][0] for by in ("deployed", "fresh")]
    assert losses[1] != losses[0]


def test_slopes_are_the_norms_of_the_gradients_that_keras_takes(
    run: Callable[..., Any], pool: Any
) -> None:
    import tensorflow as tf

    found = run(recipe(measures=(Slopes(name="s", steps=(0,), images=50),)))
    model = found.program.graph.model
    train = found.material.parts["train"][:50]
    start = run(recipe(epochs=0, measures=(Slopes(name="s", steps=(0,)),))).snapshot
    for variable, value in zip(model.trainable_variables, start.weights, strict=True):
        variable.assign(value)
    loss_of = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    with tf.GradientTape() as tape:
        loss = loss_of(np.asarray(pool.data[1])[train], model(pool.pixels[train], training=True))
    kernels = [v for v in model.trainable_variables if v.name == "kernel"]
    norms = [float(np.linalg.norm(slope)) for slope in tape.gradient(loss, kernels)]
    assert found.outcome.checks["s_weights"][0] == pytest.approx(norms, rel=1e-4)


def test_branches_are_the_sizes_of_what_enters_each_sum(run: Callable[..., Any]) -> None:
    from bnreport.training.graphs import walk

    looks = Branches(name="b", steps=(0,), images=50)
    net = Residual(filters=(), hidden=(6,), blocks=2, normalizer="none")
    found = run(recipe(net=net, epochs=0, measures=(looks,)))
    at = found.snapshot
    x = found.material.pixels[found.material.parts["train"][:50]]
    seen = walk(found.program.graph, at.weights, at.state, x, "training", found.numbers).outputs
    layers = {
        "b_branch": ("block1_hidden2", "block2_hidden2"),
        "b_shortcut": ("activation0", "block1_activation2"),
    }
    for name, entering in layers.items():
        sizes = [float(np.sqrt(np.mean(np.square(seen[layer])))) for layer in entering]
        assert found.outcome.checks[name][0] == pytest.approx(sizes, rel=1e-5)
    assert found.outcome.checks["b_branch"][0] != found.outcome.checks["b_shortcut"][0]


def test_sizes_are_those_of_huge_numbers_and_of_zeros(run: Callable[..., Any]) -> None:
    looks = Branches(name="b", steps=(0,), images=50)
    net = Residual(filters=(), hidden=(6,), blocks=1, normalizer="none")
    usual, huge = (
        run(recipe(net=net, epochs=0, measures=(looks,), kernel_scale=scale)).outcome.checks
        for scale in (1.0, 1e10)
    )
    assert huge["b_branch"][0] == pytest.approx([1e30 * usual["b_branch"][0][0]], rel=1e-4)
    skipinit = net.model_copy(update={"start": "skipinit"})
    still = run(recipe(net=skipinit, epochs=0, measures=(looks,))).outcome.checks
    assert still["b_branch"][0] == pytest.approx([0.0])


def test_changed_images_are_scored_by_every_kind_of_statistics(run: Callable[..., Any]) -> None:
    from bnreport.training.changes import changed, sorted_by_class
    from bnreport.training.graphs import walk
    from bnreport.training.recipes.statistics import fresh, having

    change = Change(kind="dim", amount=0.5)
    by = ("deployed", "own", "batch-8", "class-8")
    dim = Scoring(name="dim", by=by, parts=("test",), images=160, change=change)
    found = run(recipe(epochs=2, measures=(dim,)))
    at, graph, where = found.snapshot, found.program.graph, found.material.parts["test"][:160]
    x = changed(found.material.pixels[where], change, 1)
    labels = found.material.labels[where]

    def right(state: Any, mode: Any, order: Any, size: int) -> float:
        hits = []
        for start in range(0, 160, size):
            batch = order[start : start + size]
            logits = walk(graph, at.weights, state, x[batch], mode, found.numbers).logits
            hits += (np.argmax(np.asarray(logits), 1) == labels[batch]).tolist()
        return float(np.mean(hits))

    lying, places = np.arange(160), found.program.places
    averages = having(at.state, places, [np.asarray(value)[0] for value in at.averages])
    own = having(at.state, places, fresh(graph, at.weights, at.state, x, 160))
    wanted = {
        "deployed": right(averages, "inference", lying, 160),
        "own": right(own, "inference", lying, 160),
        "batch-8": right(at.state, "batch", lying, 8),
        "class-8": right(at.state, "batch", sorted_by_class(labels), 8),
    }
    accuracies = {name: found.outcome.checks[f"dim_{name}_test_accuracy"][0] for name in by}
    assert accuracies == pytest.approx(wanted)
    assert len({*wanted.values()}) > 2
