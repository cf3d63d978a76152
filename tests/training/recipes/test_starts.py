"""A run that starts from another one has its variables, and freezes what Keras would freeze."""

from typing import Any

import numpy as np
import pytest

from bnreport.protocol.nets import Net
from bnreport.protocol.optimization import Optimizer
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.scorings import Average

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]

BN = Net(hidden=(12, 8), normalizer="batch")
FIRST = {
    "name": "first",
    "net": BN,
    "learning_rate": 0.1,
    "epochs": 1,
    "batch_size": 32,
    "images": 320,
    "classes": (0, 1, 2, 3, 4),
    "evaluated": (),
    "measures": (),
}


def second(**fields: Any) -> Recipe:
    given = FIRST | {"name": "second", "classes": (5, 6, 7, 8, 9), "images": 96}
    start = Recipe.model_validate(FIRST)
    return Recipe.model_validate(given | {"start": start, "batch_size": 32} | fields)


@pytest.fixture(scope="module")
def pool(keras_ready: None) -> Any:  # noqa: ARG001
    """The digits on the device."""
    from bnreport.training.images import digits
    from bnreport.training.placement import place

    return place(digits())


@pytest.fixture
def halves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Averages that move half the way: two halves of a number are the number to the last bit.

    A hundredth and the rest of it are so, or not, by how the program was compiled.
    """
    monkeypatch.setattr("bnreport.training.recipes.run.DEPLOYED", Average(momentum=0.5))
    # The end of the first run has such averages only here.
    monkeypatch.setattr("bnreport.training.recipes.run._ended", {})


def trained(made: Recipe, pool: Any, seed: int = 1) -> Any:
    from bnreport.training.recipes.run import Follower, ended

    before = ended(made.start, seed, lambda _: pool) if made.start else None
    run = Follower(made, seed, pool, before)
    for epoch in range(1, made.epochs + 1):
        run.epoch(epoch)
    return run


def named(run: Any) -> dict[str, Any]:
    """The weights, and the statistics as deployed, by name."""
    from bnreport.training.recipes import nets

    graph, snapshot = run.program.graph, run.snapshot
    found = dict(zip(nets.names(graph), map(np.asarray, snapshot.weights), strict=True))
    names = nets.names(graph, trainable=False)
    averages = [np.asarray(value)[0] for value in snapshot.averages]
    found |= {names[at]: v for at, v in zip(run.program.places, averages, strict=True)}
    return found


def same(a: dict[str, Any], b: dict[str, Any]) -> set[str]:
    """The layers that are the same in both, to the last bit."""
    layers = {name.partition("/")[0] for name in a}
    moved = {name.partition("/")[0] for name in a if not np.array_equal(a[name], b[name])}
    return layers - moved


@pytest.mark.parametrize("head", ["drawn", "kept"])
def test_a_run_begins_with_all_but_the_head_of_another(pool: Any, head: Any) -> None:
    before = named(trained(Recipe.model_validate(FIRST), pool))
    begun = named(
        trained(second(epochs=0, head=head, measures=({"kind": "scoring", "name": "s"},)), pool)
    )
    hidden = {"hidden1", "norm1", "hidden2", "norm2"}
    assert same(before, begun) == hidden | ({"output"} if head == "kept" else set())


@pytest.mark.parametrize(
    ("fields", "still"),
    [
        ({}, set()),
        ({"frozen": ("norm*",)}, {"norm1", "norm2"}),
        ({"frozen": ("hidden1", "norm1")}, {"hidden1", "norm1"}),
        ({"frozen": ("hidden*", "norm*")}, {"hidden1", "norm1", "hidden2", "norm2"}),
    ],
)
@pytest.mark.parametrize("rule", ["sgd", "adam"])
@pytest.mark.usefixtures("halves")
def test_frozen_layers_keep_their_variables_and_statistics(
    pool: Any, fields: dict[str, Any], still: set[str], rule: Any
) -> None:
    optimizer = Optimizer(rule=rule, weight_decay=0.1)
    before = named(trained(Recipe.model_validate(FIRST), pool))
    after = named(trained(second(optimizer=optimizer, **fields), pool))
    assert same(before, after) == still


def by_keras(pool: Any, freeze: bool) -> list[Any]:
    """The weights after Keras' own layers, frozen or not, saw the batches of the second run."""
    import tensorflow as tf

    from bnreport.training.batches import batch_order
    from bnreport.training.recipes.material import Material
    from bnreport.training.recipes.run import ended

    made = second(head="kept")
    assert made.start is not None
    first = ended(made.start, 1, lambda _: pool)
    from bnreport.training.models import build

    model = build(BN, (8, 8), 5)
    for layer in model.layers:
        for variable in layer.variables:
            start = {**first.weights, **first.state}
            variable.assign(start[f"{layer.name}/{variable.name}"])
        if freeze and layer.name.startswith("norm"):
            layer.trainable = False
    found = Material.of(made, 1, pool)
    loss_of = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = tf.keras.optimizers.SGD(made.learning_rate)
    full, _ = batch_order(1, 1, 96, 32)
    for batch in found.parts["train"][full]:
        with tf.GradientTape() as tape:
            loss = loss_of(found.labels[batch], model(found.pixels[batch], training=True))
        slopes = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(slopes, model.trainable_variables, strict=True))
    return [np.asarray(v) for layer in model.layers for v in layer.variables]


@pytest.mark.parametrize("freeze", [False, True])
def test_fine_tuning_is_what_keras_does_with_layers_frozen_or_not(pool: Any, freeze: bool) -> None:
    made = second(head="kept", frozen=("norm*",) if freeze else ())
    run = trained(made, pool)
    found = named(run)
    layers = [node.layer for node in run.program.graph.nodes]
    names = [f"{layer.name}/{v.name}" for layer in layers for v in layer.variables]
    for name, value in zip(names, by_keras(pool, freeze), strict=True):
        np.testing.assert_allclose(found[name], value, rtol=1e-4, atol=1e-5, err_msg=name)


@pytest.mark.usefixtures("halves")
def test_by_the_statistics_of_the_start_gamma_learns_and_statistics_stay(pool: Any) -> None:
    before = named(trained(Recipe.model_validate(FIRST), pool))
    after = named(trained(second(statistics="start", averages=(Average(momentum=0.5),)), pool))
    for name in ("norm1/moving_mean", "norm2/moving_variance"):
        assert np.array_equal(before[name], after[name]), name
    for name in ("norm1/gamma", "norm2/beta", "hidden1/kernel"):
        assert not np.array_equal(before[name], after[name]), name


def test_a_start_with_another_net_is_refused_by_the_name_of_what_does_not_fit(
    pool: Any,
) -> None:
    other = Net(hidden=(12, 9), normalizer="batch")
    with pytest.raises(ValueError, match=r"hidden2/kernel of shape \(9, 12\).*\(8, 12\)"):
        trained(second(net=other), pool)


def test_a_pattern_that_no_layer_matches_is_refused(pool: Any) -> None:
    with pytest.raises(ValueError, match=r"patterns that layers match\. Received: nrom"):
        trained(second(frozen=("nrom*",)), pool)


def test_a_run_without_the_end_of_the_one_that_it_starts_from_is_refused(pool: Any) -> None:
    from bnreport.training.recipes.run import follow

    with pytest.raises(ValueError, match=r"the run that 'second' starts from.*Call `follow_on`"):
        follow(second(), 1, pool)


def test_runs_follow_on_from_another_data_set(pool: Any) -> None:
    from bnreport.training.images import digits
    from bnreport.training.recipes.run import follow_on

    start = Recipe.model_validate(FIRST | {"data": "mnist-1d"})
    made = second(start=start, epochs=1, measures=({"kind": "scoring", "name": "end"},))
    pools = {"digits": pool}
    quick = follow_on("quick", made, 1, digits(), pools)
    # The quick profile starts from the digits, too.
    assert [*pools] == ["digits"]
    assert (
        quick.checks
        == follow_on("quick", second(measures=made.measures), 1, digits(), pools).checks
    )
