"""The Keras code that pages of the explainer show runs, and does what the page says."""

import re
from typing import Any

import numpy as np
import pytest

from bnreport.lessons import all_lessons
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


def test_the_two_blocks_of_the_page_on_axes_agree_number_by_number() -> None:
    names: dict[str, Any] = {}
    exec(code("axes.md"), names)
    for name, layer in names["same"].items():
        more = {"training": True} if name == "batch" else {}
        found = np.asarray(layer(names["x"].astype(np.float32), **more))
        np.testing.assert_allclose(found, names[name], atol=2e-5, err_msg=name)
    assert names["wrong"].gamma.shape == (7,)
    assert names["right"].gamma.shape == (6,)


def test_the_layers_of_the_page_on_axes_have_the_parameters_of_its_table() -> None:
    from keras import layers

    from bnreport.lessons import axes

    counted = axes.parameters(axes.CHANNELS, axes.HEIGHT * axes.WIDTH)
    for text, (trained, kept) in counted.items():
        layer = eval(f"layers.{text}", {"layers": layers})
        layer.build((None, axes.HEIGHT, axes.WIDTH, axes.CHANNELS))
        assert layer.count_params() == trained + kept, text
        assert sum(np.prod(v.shape) for v in layer.trainable_variables) == trained, text


def test_the_axis_of_batch_normalization_is_one_number() -> None:
    from keras import layers

    with pytest.raises(TypeError):
        layers.BatchNormalization(axis=[1, 2])
    with pytest.raises(ValueError, match="groups"):
        layers.GroupNormalization().build((None, 5, 7, 6))


def test_accumulated_gradients_leave_the_moving_averages_to_every_micro_batch() -> None:
    names: dict[str, Any] = {}
    exec(code("small-batches.md"), names)
    model, x = names["model"], np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
    bias, mean = (np.array(model.layers[i].get_weights()[k]) for i, k in ((1, 1), (0, 2)))
    model.fit(x, x[:, :1], batch_size=2, verbose=0)
    np.testing.assert_array_equal(model.layers[1].get_weights()[1], bias)
    assert not np.array_equal(model.layers[0].get_weights()[2], mean)
    assert names["layer"].renorm


def test_the_switch_of_the_page_on_alternatives_makes_every_layer() -> None:
    names: dict[str, Any] = {}
    exec(code("choosing.md"), names)
    x = np.random.default_rng(0).normal(size=(4, 5, 5, 16)).astype(np.float32)
    for kind in ("batch", "layer", "group", "rms", "none"):
        assert names["normalizer"](kind, 16)(x).shape == x.shape


def test_the_code_of_the_page_on_interplay_keeps_16_bit_inputs_from_overflowing() -> None:
    names: dict[str, Any] = {}
    exec(code("interplay.md"), names)
    assert names["kinds"] == ["float32"] * 4
    assert names["kind"] == "float16"
    assert 1 < names["largest"] < 10
    assert not names["last"].gamma_initializer((3,)).numpy().any()


def test_the_code_of_the_page_on_inference_freezes_a_layer_and_remembers_the_start() -> None:
    names: dict[str, Any] = {}
    exec(code("inference.md"), names)
    (norm,) = names["base"].layers
    before = norm.get_weights()
    x = np.random.default_rng(1).normal(5.0, 3.0, (64, 4))
    names["model"].fit(x, np.zeros(64), verbose=0)
    for now, then in zip(norm.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    told = all_lessons()["inference"].analyse().values["example.typical"].text
    assert names["output"] == pytest.approx(float(told), abs=0.02)


def test_the_code_of_the_page_on_settings_leaves_out_the_bias_before_bn_alone() -> None:
    names: dict[str, Any] = {}
    exec(code("settings.md"), names)
    for net, bias in ((names["before"], False), (names["after"], True)):
        net.build((None, 20))
        assert net.layers[0].use_bias is bias
        assert net.count_params() == 20 * 300 + 4 * 300 + 300 * bias
