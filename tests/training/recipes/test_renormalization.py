"""Batch renormalization is that of the paper, and deployed as Keras deploys it; so is RMSNorm."""

from typing import Any

import numpy as np
import pytest

from bnreport.protocol.nets import Net
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.scorings import Scoring

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]

RENORM = Net(hidden=(12, 8), normalizer="renorm")
EPSILON, KEEP = 1e-3, 0.99


def layer(normalizer: str) -> Any:
    """The first normalizer of a net on eight numbers."""
    from bnreport.training.models import build

    model = build(Net(hidden=(5,), normalizer=normalizer), (2, 4))
    return model.get_layer("norm1")


def batch(seed: int, images: int = 6) -> Any:
    return np.random.default_rng(seed).normal(2.0, 3.0, (images, 5)).astype("float32")


def test_a_batch_is_tied_to_the_averages_within_limits() -> None:
    # By hand, after the equations of section 3: r and d from the averages before the batch.
    made, mean, deviation = layer("renorm"), np.zeros(5), np.ones(5)
    # The second batch is so narrow and the third so wide and far that all limits hold.
    for seed, factor in enumerate((1.0, 0.01, 30.0, 1.0)):
        x = factor * batch(seed)
        own, spread = x.mean(axis=0), np.sqrt(x.var(axis=0) + EPSILON)
        r = np.clip(spread / deviation, 1 / 3, 3.0)
        d = np.clip((own - mean) / deviation, -5.0, 5.0)
        expected = (x - own) / spread * r + d
        np.testing.assert_allclose(made(x, training=True), expected, rtol=1e-4, atol=1e-3)
        mean = mean * KEEP + own * (1 - KEEP)
        deviation = deviation * KEEP + spread * (1 - KEEP)
    # At inference the averages alone.
    x = batch(9)
    expected = (x - mean) / deviation
    np.testing.assert_allclose(made(x, training=False), expected, rtol=1e-3, atol=1e-3)


def test_within_the_limits_training_and_inference_give_the_same_outputs() -> None:
    made = layer("renorm")
    made.momentum = made.renorm_momentum = 0.5
    for _ in range(30):
        made(batch(1, 64), training=True)
    # A part of what the averages hold is not normalized by itself.
    x = batch(1, 64)[:16]
    still = np.asarray(made(x, training=False))
    np.testing.assert_allclose(made(x, training=True), still, rtol=1e-3, atol=1e-3)
    by_itself = np.asarray(layer("batch")(x, training=True))
    assert float(np.abs(by_itself - still).max()) > 0.1


def test_rms_divides_by_the_root_of_the_mean_square_of_an_image() -> None:
    x = batch(3)
    expected = x / np.sqrt((x**2).mean(axis=1, keepdims=True) + EPSILON)
    np.testing.assert_allclose(layer("rms")(x), expected, rtol=1e-5)


@pytest.fixture(scope="module")
def pool(keras_ready: None) -> Any:  # noqa: ARG001
    """The digits on the device."""
    from bnreport.training.images import digits
    from bnreport.training.placement import place

    return place(digits())


def test_what_is_deployed_is_what_keras_keeps(pool: Any) -> None:
    import keras

    from bnreport.training.batches import batch_order
    from bnreport.training.models import build, initial_weights
    from bnreport.training.placement import parts
    from bnreport.training.recipes.run import Follower

    end = Scoring(name="end")
    made = Recipe(
        name="r",
        net=RENORM,
        learning_rate=0.1,
        epochs=1,
        batch_size=16,
        images=160,
        evaluated=(),
        measures=(end,),
    )
    run = Follower(made, 1, pool)
    run.epoch(1)
    model = build(RENORM, (8, 8))
    for variable, value in zip(
        model.trainable_variables, initial_weights(model, 1)[0], strict=True
    ):
        variable.assign(value)
    train, val = (parts(made, 1, pool)[part] for part in ("train", "val"))  # type: ignore[arg-type]
    full, _ = batch_order(1, 1, len(train), 16)
    order, labels = train[full.ravel()], np.asarray(pool.data[1])
    model.compile(
        keras.optimizers.SGD(0.1), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    model.fit(pool.pixels[order], labels[order], batch_size=16, shuffle=False, verbose=0)
    deployed = run.gauge.statistics(
        "deployed", run.gauge.images(end, "val"), 0, run.snapshot, run.done
    )
    kept = [
        v for v in model.non_trainable_variables if v.name in ("moving_mean", "moving_variance")
    ]
    for one, other in zip(deployed, kept, strict=True):
        np.testing.assert_allclose(np.asarray(one), np.asarray(other), rtol=1e-4, atol=1e-5)
    loss = model.evaluate(pool.pixels[val], labels[val], verbose=0)
    (found,) = run.outcome.checks["end_deployed_val_loss"]
    assert found == pytest.approx(loss, rel=1e-4)
    (fresh,) = run.outcome.checks["end_fresh_val_loss"]
    assert fresh != pytest.approx(loss, rel=1e-2)
