"""The Keras code that pages of the explainer show runs, and does what the page says."""

import re
from typing import Any

import numpy as np
import pytest

from tests.synthetic import DOCS

pytestmark = pytest.mark.train


def code(page: str) -> str:
    """All Python of a page, in order."""
    text = (DOCS / "learn" / page).read_text(encoding="utf-8")
    return "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))


def example() -> dict[str, Any]:
    """A small net with BN whose moving averages are still at their start, and data for it."""
    import keras

    keras.utils.set_random_seed(1)
    random = np.random.default_rng(1)
    inner = keras.Sequential([keras.Input((6,)), keras.layers.BatchNormalization()])
    model = keras.Sequential(
        [
            keras.Input((6,)),
            inner,
            keras.layers.Dropout(0.5),
            keras.layers.Dense(3, use_bias=False),
            keras.layers.BatchNormalization(),
        ]
    )
    x = random.normal(5.0, 3.0, (1024, 6)).astype(np.float32)
    return {"model": model, "x_train": x, "x_val": x[:512], "y_val": np.zeros(512, int)}


def test_the_code_of_the_page_on_failures_recalibrates_a_copy_and_leaves_the_model_alone() -> None:
    names = example()
    before = [weight.copy() for weight in names["model"].get_weights()]
    exec(code("failures.md"), names)
    for now, then in zip(names["model"].get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    fresh = names["recalibrated"](names["model"], names["batches"])
    first, last = names["normalizers"](fresh)
    np.testing.assert_allclose(first.moving_mean, names["x_train"].mean(axis=0), rtol=1e-5)
    within = np.mean([batch.var(axis=0) for batch in names["batches"]], axis=0)
    np.testing.assert_allclose(first.moving_variance, within, rtol=1e-4)
    assert [layer.momentum for layer in (first, last)] == [0.99, 0.99]
    assert 0 <= names["by_averages"] <= 1
    assert {names["by_batch"], names["anew"]} <= set(np.arange(513) / 512)


def test_the_code_of_the_page_on_what_it_is_makes_a_layer_with_four_numbers_a_unit() -> None:
    names: dict[str, Any] = {}
    exec(code("what.md"), names)
    dense, norm = names["net"].layers[:2]
    assert [tuple(weight.shape) for weight in norm.weights] == [(300,)] * 4
    assert len(norm.trainable_weights) == 2
    assert not dense.use_bias


def test_the_code_of_the_page_on_scale_spares_gamma_and_beta_from_decay() -> None:
    import keras

    names: dict[str, Any] = {}
    exec(code("scale.md"), names)
    net = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(2), keras.layers.BatchNormalization()]
    )
    for weight in net.trainable_weights:
        weight.assign(np.ones(weight.shape))
    zeros = [keras.ops.zeros(weight.shape) for weight in net.trainable_weights]
    names["optimizer"].apply(zeros, net.trainable_weights)
    shrunk = {w.path.split("/")[-1] for w in net.trainable_weights if float(np.min(w)) < 1}
    assert shrunk == {"kernel"}
