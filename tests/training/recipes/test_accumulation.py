"""A step in micro-batches is the one that Keras takes when it accumulates gradients."""

from typing import Any

import numpy as np
import pytest

from bnreport.protocol.nets import Net
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.scorings import Average, Scoring

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]

HIDDEN = (12, 8)
NONE, BN = Net(hidden=HIDDEN), Net(hidden=HIDDEN, normalizer="batch")
RENORM = Net(hidden=HIDDEN, normalizer="renorm")
# What averages are taken of, as Keras calls it.
AVERAGED = {
    NONE: (),
    BN: ("moving_mean", "moving_variance"),
    RENORM: ("moving_mean", "moving_stddev"),
}
# Three steps of 32 images, each in four micro-batches.
IMAGES, BATCH, MICRO = 96, 32, 8


def recipe(**fields: Any) -> Recipe:
    given = {
        "name": "r",
        "net": BN,
        "learning_rate": 0.1,
        "epochs": 1,
        "batch_size": BATCH,
        "micro_batch": MICRO,
        "images": IMAGES,
        "evaluated": (),
        "measures": (),
    }
    return Recipe.model_validate(given | fields)


@pytest.fixture(scope="module")
def pool(keras_ready: None) -> Any:  # noqa: ARG001
    """The digits on the device."""
    from bnreport.training.images import digits
    from bnreport.training.placement import place

    return place(digits())


def followed(made: Recipe, pool: Any) -> Any:
    from bnreport.training.recipes.run import Follower

    run = Follower(made, 1, pool)
    for epoch in range(1, made.epochs + 1):
        run.epoch(epoch)
    return run


def weights(run: Any) -> list[Any]:
    return [np.asarray(each) for each in run.snapshot.weights]


def fitted(net: Net, pool: Any) -> Any:
    """The model after Keras' own `fit` on the same batches, in micro-batches."""
    import keras

    from bnreport.training.batches import batch_order
    from bnreport.training.models import build, initial_weights
    from bnreport.training.placement import parts

    model = build(net, (8, 8))
    trained, _ = initial_weights(model, 1)
    for variable, value in zip(model.trainable_variables, trained, strict=True):
        variable.assign(value)
    train = parts(recipe(), 1, pool)["train"]  # type: ignore[arg-type]
    full, _ = batch_order(1, 1, len(train), BATCH)
    order = train[full.ravel()]
    model.compile(
        keras.optimizers.SGD(0.1, gradient_accumulation_steps=BATCH // MICRO),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    labels = np.asarray(pool.data[1])
    model.fit(pool.pixels[order], labels[order], batch_size=MICRO, shuffle=False, verbose=0)
    return model


@pytest.mark.parametrize("net", [NONE, BN, RENORM], ids=("none", "bn", "renorm"))
def test_weights_and_averages_are_those_of_keras(net: Net, pool: Any) -> None:
    run, model = followed(recipe(net=net), pool), fitted(net, pool)
    kept = [np.asarray(each)[0] for each in run.snapshot.averages]
    averages = [v for v in model.non_trainable_variables if v.name in AVERAGED[net]]
    for one, other in zip(
        [*weights(run), *kept], [*model.trainable_variables, *averages], strict=True
    ):
        np.testing.assert_allclose(one, np.asarray(other), rtol=1e-4, atol=1e-6)


def largest(one: Any, other: Any) -> float:
    pairs = zip(weights(one), weights(other), strict=True)
    return max(float(np.abs(a - b).max()) for a, b in pairs)


@pytest.mark.parametrize("normalizer", ["none", "layer"])
def test_without_bn_parts_make_no_difference_but_of_rounding(normalizer: str, pool: Any) -> None:
    net = Net(hidden=HIDDEN, normalizer=normalizer)
    runs = [followed(recipe(net=net, micro_batch=size), pool) for size in (0, MICRO, 2)]
    assert max(largest(runs[0], run) for run in runs[1:]) < 1e-6
    for run in runs[1:]:
        for name, value in runs[0].outcome.history.items():
            assert run.outcome.history[name] == pytest.approx(value, rel=1e-5), name


def test_with_bn_parts_have_the_gradient_of_ghost_batches_and_other_averages(pool: Any) -> None:
    whole = followed(recipe(micro_batch=0), pool)
    parted = followed(recipe(), pool)
    ghost = Net(hidden=HIDDEN, normalizer="ghost", groups=MICRO)
    together = followed(recipe(net=ghost, micro_batch=0), pool)
    assert largest(parted, together) < 1e-5
    assert largest(parted, whole) > 1e-3
    # By hand: of the start value 1 four moves a step leave .99 ** 12, one leaves .99 ** 3.
    left = [float(np.asarray(run.snapshot.averages[0][0]).max()) for run in (parted, together)]
    assert left[0] != pytest.approx(left[1], rel=0.1)


def test_the_start_is_taken_out_of_averages_by_the_number_of_their_moves(pool: Any) -> None:
    slow = {"averages": (Average(momentum=0.999, corrected=True),)}
    score = {"measures": (Scoring(name="end", by=("m0.999-corrected",)),)}
    run = followed(recipe(**slow, **score), pool)
    assert run.recipe.steps == 3
    images = run.gauge.images(run.recipe.checks[0], "val")
    found = run.gauge.statistics("m0.999-corrected", images, 0, run.snapshot, run.done)
    plain = [np.asarray(each)[1] for each in run.snapshot.averages]
    left = 0.999**12
    # Variances began at one, means at zero.
    for i, value in enumerate(plain):
        expected = (value - left * (i % 2)) / (1 - left)
        np.testing.assert_allclose(np.asarray(found[i]), expected, rtol=1e-3, atol=1e-4)
