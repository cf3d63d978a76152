"""The Keras code that pages of the explainer show runs, and does what the page says."""

import re
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from bnreport.lessons import analysis_of, folding, inference
from tests.synthetic import DOCS

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]


def code(page: str) -> str:
    """All Python of a page, in order."""
    text = (DOCS / "learn" / page).read_text(encoding="utf-8")
    return "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))


def fixes(*names: str) -> str:
    """Fixes for Keras on the page on failures, in order."""
    folder = DOCS / "learn" / "_code" / "failures"
    return "\n".join((folder / f"{name}.keras.py").read_text(encoding="utf-8") for name in names)


def data() -> dict[str, Any]:
    """Images of the page on failures: six features far from the start of the averages."""
    x = np.random.default_rng(1).normal(5.0, 3.0, (1024, 6)).astype(np.float32)
    return {"x_train": x, "x_val": x[:512], "y_val": np.zeros(512, int)}


def plain() -> Any:
    """A small net with BN in a model within it, dropout, and moving averages at their start."""
    import keras

    inner = keras.Sequential([keras.Input((6,)), keras.layers.BatchNormalization()])
    return keras.Sequential(
        [
            keras.Input((6,)),
            inner,
            keras.layers.Dropout(0.5),
            keras.layers.Dense(3, use_bias=False),
            keras.layers.BatchNormalization(),
        ]
    )


def hidden() -> Any:
    """The same, its BN and dropout in a layer of its own, as residual nets are mostly written."""
    import keras

    class Block(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.inner = [keras.layers.BatchNormalization(), keras.layers.Dropout(0.5)]

        def call(self, x: Any, training: bool = False) -> Any:
            for layer in self.inner:
                x = layer(x, training=training)
            return x

    last = [keras.layers.Dense(3, use_bias=False), keras.layers.BatchNormalization()]
    return keras.Sequential([keras.Input((6,)), Block(), *last])


def subclassed() -> Any:
    """The same as a class, which Keras cannot clone."""
    import keras

    class Mine(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.first = keras.layers.BatchNormalization()
            self.drop = keras.layers.Dropout(0.5)
            self.dense = keras.layers.Dense(3, use_bias=False)
            self.last = keras.layers.BatchNormalization()

        def call(self, x: Any, training: bool = False) -> Any:
            x = self.drop(self.first(x, training=training), training=training)
            return self.last(self.dense(x), training=training)

    model = Mine()
    model(np.zeros((1, 6), np.float32))
    return model


@pytest.mark.parametrize("made", [plain, hidden, subclassed])
def test_the_code_of_the_page_on_failures_recalibrates_any_model_and_gives_it_back(
    made: Callable[[], Any],
) -> None:
    import keras

    keras.utils.set_random_seed(1)
    model = made()
    names = data() | {"model": model}
    before = [weight.copy() for weight in model.get_weights()]
    exec(fixes("three-scores", "frozen"), names)
    for now, then in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    assert [layer.rate for layer in names["sublayers"](model, keras.layers.Dropout)] == [0.5]
    assert {names["by_batch"], names["by_fresh"]} <= set(np.arange(513) / 512)
    assert 0 <= names["by_averages"] <= 1
    first, last = names["normalizers"](model)
    with names["borrowed"](model):
        names["recalibrate"](model, names["batches"])
        np.testing.assert_allclose(first.moving_mean, names["x_train"].mean(axis=0), rtol=1e-5)
        within = np.mean([batch.var(axis=0) for batch in names["batches"]], axis=0)
        np.testing.assert_allclose(first.moving_variance, within, rtol=1e-4)
        # Without dropout the dense layer receives what inference sends it.
        np.testing.assert_allclose(last.moving_mean, 0.0, atol=1e-4)
    assert [layer.momentum for layer in (first, last)] == [0.99, 0.99]
    assert model.get_weights()[0].tolist() == before[0].tolist()


def test_the_code_of_the_page_on_failures_finds_a_normalizer_in_a_wrapper() -> None:
    import keras

    names = data() | {"model": plain()}
    exec(fixes("three-scores", "frozen"), names)
    steps = keras.Sequential(
        [
            keras.Input((4, 3)),
            keras.layers.TimeDistributed(keras.layers.BatchNormalization()),
        ]
    )
    x = np.random.default_rng(0).normal(0, 1, (40, 64, 4, 3))
    x = (x + 10 * np.arange(4)[:, None]).astype(np.float32)
    (norm,) = names["normalizers"](steps)
    names["recalibrate"](steps, list(x))
    # Each step has a mean of its own, 0, 10, 20 and 30, and one pair of averages serves them all.
    np.testing.assert_allclose(norm.moving_mean, 15.0, atol=0.5)
    np.testing.assert_allclose(norm.moving_variance, 1.0, atol=0.1)
    served = np.asarray(steps(x[0])).mean(axis=(0, 2))
    np.testing.assert_allclose(served, [-15, -5, 5, 15], atol=1.5)
    trained = np.asarray(steps(x[0], training=True)).mean(axis=(0, 2))
    np.testing.assert_allclose(trained, 0.0, atol=1e-4)


def test_the_code_of_the_page_on_failures_refuses_a_normalizer_that_it_cannot_find() -> None:
    import keras

    names = data() | {"model": plain()}
    exec(fixes("three-scores", "frozen"), names)

    class Foreign(keras.layers.Layer):  # type: ignore[misc]
        def build(self, shape: Any) -> None:
            self.kept = self.add_weight(shape=shape[-1:], trainable=False, name="moving_mean")

        def call(self, x: Any) -> Any:
            return x - self.kept

    with pytest.raises(ValueError, match=r"Received: .*foreign\w*/moving_mean"):
        names["normalizers"](keras.Sequential([keras.Input((2,)), Foreign()]))


def test_recalibration_spares_frozen_layers_and_cleans_averages_that_are_nan() -> None:
    names = data() | {"model": plain()}
    exec(fixes("three-scores", "frozen"), names)
    model = names["model"]
    first, last = names["normalizers"](model)
    spoiled = names["x_train"][:4].copy()
    spoiled[0, 0] = np.nan
    model(spoiled, training=True)
    for _ in range(10):
        model(names["x_train"], training=True)
    assert np.isnan(first.moving_mean[0])
    names["recalibrate"](model, names["batches"])
    assert np.isfinite(first.moving_mean).all()
    assert np.isfinite(last.moving_variance).all()
    first.trainable = False
    kept = np.asarray(first.moving_mean)
    names["recalibrate"](model, names["batches"][:1])
    np.testing.assert_array_equal(first.moving_mean, kept)


def test_the_code_of_the_page_on_failures_thaws_a_base_without_its_normalizers() -> None:
    names = data() | {"model": plain()}
    exec(fixes("three-scores", "frozen"), names)
    dense, norm = names["base"].layers
    before, kernel = [np.asarray(w) for w in norm.weights], np.asarray(dense.kernel)
    x = np.random.default_rng(0).normal(5.0, 3.0, (64, 4))
    names["tuned"].fit(x, np.ones(64), verbose=0)
    for now, then in zip(norm.weights, before, strict=True):
        np.testing.assert_array_equal(now, then)
    assert not np.array_equal(dense.kernel, kernel)


def test_an_average_of_weights_in_keras_leaves_the_statistics_out() -> None:
    import keras

    layers = [keras.layers.Dense(4), keras.layers.BatchNormalization(), keras.layers.Dense(1)]
    net = keras.Sequential([keras.Input((3,)), *layers])
    optimizer = keras.optimizers.SGD(0.1, use_ema=True)
    net.compile(optimizer=optimizer, loss="mse")
    net.fit(np.ones((8, 3)), np.ones(8), verbose=0)
    averaged = optimizer._model_variables_moving_average
    assert len(averaged) == len(net.trainable_variables) == len(net.variables) - 2


def test_one_layer_for_two_kinds_of_input_keeps_what_the_page_says() -> None:
    import keras

    from bnreport.lessons import failures

    kept, ends = failures.two_kinds()
    norm = keras.layers.BatchNormalization()
    norm.build((None, 1))
    norm.moving_mean.assign(kept.mean - 0.2)
    norm.moving_variance.assign(kept.variance)
    random = np.random.default_rng(0)
    for _ in range(200):
        for mean in failures.KINDS:
            norm(random.normal(mean, 1.0, (256, 1)).astype(np.float32), training=True)
    assert float(norm.moving_mean[0]) == pytest.approx(float(kept.mean[0]), abs=0.05)
    assert float(norm.moving_variance[0]) == pytest.approx(1.0, abs=0.05)
    served = [float(norm(np.full((1, 1), mean, np.float32))[0, 0]) for mean in failures.KINDS]
    assert served == pytest.approx(ends, abs=0.2)


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
    assert {str(weight.dtype) for weight in names["mixed"].weights} == {"float32"}
    assert {str(weight.dtype) for weight in names["pure"].weights} == {"bfloat16"}


def test_averages_of_16_bits_stop_before_they_arrive() -> None:
    import keras

    norm = keras.layers.BatchNormalization(dtype="bfloat16")
    norm.build((None, 1))
    x = keras.ops.cast(np.random.default_rng(0).normal(5.0, 0.1, (64, 1)), "bfloat16")
    for _ in range(700):
        norm(x, training=True)
    assert float(norm.moving_mean[0]) == pytest.approx(4.0, abs=0.1)


def test_a_checkpointed_layer_moves_its_averages_twice_a_step() -> None:
    import keras
    import tensorflow as tf

    norm = keras.layers.BatchNormalization(momentum=0.5)
    norm.build((None, 2))
    x = tf.constant(np.random.default_rng(0).normal(3.0, 1.0, (8, 2)).astype(np.float32))
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(keras.remat(lambda z: norm(z, training=True))(x) ** 2)
    tape.gradient(loss, x)
    left = 1 - np.asarray(norm.moving_mean) / np.mean(x, axis=0)
    np.testing.assert_allclose(left, 0.5**2, rtol=1e-5)


def test_the_code_of_the_page_on_inference_freezes_a_layer_and_remembers_the_start() -> None:
    names: dict[str, Any] = {}
    exec(code("inference.md"), names)
    (norm,) = names["base"].layers
    before = norm.get_weights()
    x = np.random.default_rng(1).normal(5.0, 3.0, (64, 4))
    names["model"].fit(x, np.zeros(64), verbose=0)
    for now, then in zip(norm.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    told = analysis_of("inference").values["example.typical"].text
    assert names["output"] == pytest.approx(float(told), abs=0.02)


def test_the_installed_keras_does_what_the_last_column_of_the_versions_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    import keras

    told = {what: found[-1] for what, found in inference.VERSIONS.items()}
    assert keras.__version__ in inference.TRIED[-1]
    base = keras.Sequential([keras.Input((1,)), keras.layers.BatchNormalization()])
    start = keras.Input((1,))
    model = keras.Model(start, keras.layers.Dense(1)(base(start, training=False)))
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
    x = np.linspace(0, 9, 640)[:, None]
    found = model.fit(x, x, batch_size=8, verbose=1)
    overruled = "overruled" if float(base.layers[0].moving_mean[0]) else "obeyed"
    assert told["training=False to a functional model, in fit"] == overruled
    (printed,) = set(re.findall(r"loss: ([\d.]+)", capsys.readouterr().out.split("80/80")[-1]))
    means = "means" if float(printed) == pytest.approx(found.history["loss"][0], abs=1e-3) else ""
    assert told["progress bar of fit prints"] == means
    for shape, what in (((2, 1, 1, 1), "images"), ((2, 1), "features")):
        norm = keras.layers.BatchNormalization(momentum=0.0)
        norm(np.array([1.0, 3.0], np.float32).reshape(shape), training=True)
        kept = {1.0: "biased", 2.0: "unbiased"}[float(norm.moving_variance[0])]
        assert told[f"variance kept of {what}"] == kept
    assert told["renorm=True"] == "taken"
    assert keras.layers.BatchNormalization(renorm=True).renorm


def test_the_code_of_the_page_on_settings_leaves_out_the_bias_before_bn_alone() -> None:
    names: dict[str, Any] = {}
    exec(code("settings.md"), names)
    for net, bias in ((names["before"], False), (names["after"], True)):
        net.build((None, 20))
        assert net.layers[0].use_bias is bias
        assert net.count_params() == 20 * 300 + 4 * 300 + 300 * bias


def settled(shape: Sequence[int]) -> Any:
    """A BN for that shape whose four numbers a channel are all other than at the start."""
    import keras

    norm = keras.layers.BatchNormalization()
    norm.build((None, *shape[1:]))
    channels = shape[-1]
    random = np.random.default_rng(3)
    lows = (0.5, -1.0, -1.0, 0.1)
    norm.set_weights([random.uniform(low, low + 1.5, channels) for low in lows])
    return norm


@pytest.mark.parametrize(
    ("kind", "shape", "more"),
    [
        ("Dense", (6,), {"units": 6}),
        ("Conv1D", (8, 6), {"filters": 6}),
        ("Conv2D", (8, 8, 6), {"filters": 6}),
        ("Conv2D", (8, 8, 6), {"filters": 6, "groups": 2}),
        ("Conv2DTranspose", (8, 8, 6), {"filters": 6}),
        ("Conv2DTranspose", (8, 8, 6), {"filters": 4}),
        ("DepthwiseConv2D", (8, 8, 6), {}),
        ("DepthwiseConv2D", (8, 8, 6), {"depth_multiplier": 2}),
        ("SeparableConv2D", (8, 8, 6), {"filters": 4}),
    ],
)
@pytest.mark.parametrize("bias", [True, False])
def test_the_code_of_the_page_on_folding_folds_every_kind_of_layer(
    kind: str, shape: tuple[int, ...], more: dict[str, int], bias: bool
) -> None:
    import keras

    names: dict[str, Any] = {}
    exec(code("folding.md"), names)
    size = {} if kind == "Dense" else {"kernel_size": 3}
    made = getattr(keras.layers, kind)
    random = np.random.default_rng(2)
    x = random.normal(size=(5, *shape)).astype(np.float32)
    layer, whole = made(**size, **more, use_bias=bias), made(**size, **more)
    for each in (layer, whole):
        each.build(x.shape)
    layer.set_weights([random.normal(size=weight.shape) for weight in layer.weights])
    norm = settled(layer(x).shape)
    kernel, offset = names["folded"](layer, norm)
    # The first kernel of a separable convolution stays as it is.
    whole.set_weights([*layer.get_weights()[: len(whole.weights) - 2], kernel, offset])
    np.testing.assert_allclose(whole(x), norm(layer(x)), atol=2e-4)


def test_the_code_of_the_page_on_folding_refuses_what_it_cannot_fold() -> None:
    import keras

    names: dict[str, Any] = {}
    exec(code("folding.md"), names)
    bent = keras.layers.Dense(6, activation="relu")
    with pytest.raises(ValueError, match="no activation"):
        names["folded"](bent, settled((5, 6)))
    unknown = keras.layers.EinsumDense("ab,bc->ac", 6, bias_axes="c")
    unknown.build((None, 6))
    unknown.use_bias = False
    with pytest.raises(ValueError, match="a layer of the list"):
        names["folded"](unknown, settled((5, 6)))


@pytest.mark.parametrize("order", folding.CONVERTED)
def test_the_converter_folds_what_the_page_says(order: tuple[str, ...]) -> None:
    import keras
    import tensorflow as tf

    assert tf.__version__.startswith(folding.CONVERTER.split()[1])
    layers = keras.layers
    made = {
        "dense": lambda: layers.Dense(4),
        "convolution": lambda: layers.Conv2D(4, 3, padding="same"),
        "depthwise convolution": lambda: layers.DepthwiseConv2D(3),
        "transposed convolution": lambda: layers.Conv2DTranspose(4, 3),
        "dilated convolution": lambda: layers.Conv2D(4, 3, dilation_rate=2),
        "ReLU": layers.ReLU,
        "BN": lambda: layers.BatchNormalization(beta_initializer="ones"),
    }
    start = keras.Input((5,) if order[0] == "dense" else (8, 8, 3))
    net = keras.Sequential([start, *(made[name]() for name in order)])
    content = tf.lite.TFLiteConverter.from_keras_model(net).convert()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = tf.lite.Interpreter(model_content=content)._get_ops_details()
    shape = {"DELEGATE", "SHAPE", "STRIDED_SLICE", "PACK"}
    names = tuple(one["op_name"] for one in found if one["op_name"] not in shape)
    assert names == folding.CONVERTED[order]
