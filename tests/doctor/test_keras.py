"""The doctor finds faults that are planted in nets of Keras, and accuses no sound net."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from docs.downloads import bn_doctor
from docs.downloads.bn_doctor import DoctorError, Report
from tests.doctor.cases import (
    CLASSES,
    FEATURES,
    SIDE,
    Floats,
    Task,
    accused,
    batches_of,
    check_sound,
    sorted_rows,
    suspected,
    task,
)

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]
GIVEN = task()
FAR = task(shift=30.0)
HARD = task(noise=5.0)


def bn(**more: Any) -> Any:
    import keras

    return keras.layers.BatchNormalization(**more)


def layers() -> Any:
    import keras

    return keras.layers


def net(*parts: Any, shape: Sequence[int] = (FEATURES,)) -> Any:
    """A sequential net that ends in one output a class."""
    import keras

    return keras.Sequential([keras.Input(shape), *parts, keras.layers.Dense(CLASSES)])


def block(units: int = 48, momentum: float = 0.95, **more: Any) -> list[Any]:
    """A dense layer with BN in front of its activation; the nets see few steps, so it is quick."""
    norm = bn(momentum=momentum, **more)
    return [layers().Dense(units, use_bias=False), norm, layers().ReLU()]


def learn(
    model: Any,
    given: Any = GIVEN,
    epochs: int = 5,
    size: int = 32,
    rate: float = 0.1,
    falling: bool = True,
    order: Floats | None = None,
    loss: str = "classes",
    **more: Any,
) -> Any:
    """Train a net; the batches are new in each epoch, unless an order is given."""
    import keras

    n = len(given.y)
    steps = max(1, epochs * (-(-n // size)))
    schedule = keras.optimizers.schedules.PolynomialDecay(rate, steps, 0.0)
    losses = {
        "classes": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        "squares": "mse",
    }
    optimizer = keras.optimizers.SGD(schedule if falling else rate, momentum=0.8, **more)
    model.compile(optimizer=optimizer, loss=losses[loss], jit_compile=False)
    # A step in which it makes its variables is traced twice.
    optimizer.build(model.trainable_variables)
    random = np.random.default_rng(3)
    for _ in range(epochs):
        rows = random.permutation(n) if order is None else order
        for start in range(0, len(rows), size):
            some = rows[start : start + size]
            x = [part[some] for part in given.x] if isinstance(given.x, list) else given.x[some]
            model.train_on_batch(x, given.y[some])
    return model


def seen(model: Any, given: Any = GIVEN, **more: Any) -> Report:
    """What the doctor says of a net, which is afterwards what it was."""
    before = [np.array(weight) for weight in model.get_weights()]
    parts = model._flatten_layers()
    flags = [(part.trainable, getattr(part, "momentum", None)) for part in parts]
    more = {"x_train": given.x, "y_train": given.y} | more
    report = bn_doctor.diagnose(model, given.x_val, given.y_val, show=False, **more)
    for now, then in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    assert [(part.trainable, getattr(part, "momentum", None)) for part in parts] == flags
    assert not any("call" in vars(part) for part in parts)
    return report


@pytest.fixture(autouse=True)
def _seeded() -> None:
    import keras

    keras.utils.set_random_seed(1)


# ---- Faults ---------------------------------------------------------------------------------


def test_stale_averages_after_few_steps() -> None:
    slow = net(*block(momentum=0.99), *block(momentum=0.99))
    report = seen(learn(slow, epochs=1, falling=False))
    assert (report.row, accused(report)[0]) == ("averages", "stale-averages")
    assert "after 32 steps" in report.causes[0].why
    assert report.at_fault


def test_a_momentum_that_was_copied_from_pytorch() -> None:
    model = learn(net(*block(momentum=0.01), *block(momentum=0.01)), size=4, epochs=1, rate=0.02)
    report = seen(model)
    assert (report.row, accused(report)[0]) == ("averages", "momentum-of-the-other-library")
    # In large batches it does no harm, and is only pointed out.
    harmless = seen(learn(net(*block(momentum=0.1)), size=256, epochs=16))
    assert harmless.healthy
    assert suspected(harmless) == ["momentum-of-the-other-library"]


def test_a_batch_with_nan() -> None:
    model = learn(net(*block(), *block()))
    spoiled = GIVEN.x[:32].copy()
    spoiled[0, 0] = np.nan
    model(spoiled, training=True)
    report = seen(model)
    assert (report.row, accused(report)) == ("averages", ["one-nan-batch"])
    assert report.at_fault[0].broken > 0


def test_a_mean_and_a_variance_that_were_swapped_are_no_nan() -> None:
    model = learn(net(*block(), *block()))
    norm = next(layer for layer in model.layers if hasattr(layer, "moving_mean"))
    mean, variance = norm.moving_mean.numpy(), norm.moving_variance.numpy()
    norm.moving_mean.assign(variance)
    norm.moving_variance.assign(mean)
    report = seen(model)
    assert accused(report)[:2] == ["two-nets-that-differ", "a-large-mean"]
    assert "negative variance" in report.causes[0].why
    assert "NaN" not in str(report)
    assert report.at_fault[0].negative > 0


def test_frozen_layers_over_weights_that_moved() -> None:
    model = learn(net(*block(), *block()), FAR, epochs=1, falling=False)
    norms = [part for part in model.layers if isinstance(part, layers().BatchNormalization)]
    kept = [(np.asarray(n.moving_mean), np.asarray(n.moving_variance)) for n in norms]
    learn(model, FAR)
    for norm, (mean, variance) in zip(norms, kept, strict=True):
        norm.moving_mean.assign(mean)
        norm.moving_variance.assign(variance)
        norm.trainable = False
    report = seen(model, FAR)
    assert report.row == "averages"
    assert "frozen-the-wrong-way" in accused(report)


def test_averaged_weights_with_the_statistics_of_the_last_net() -> None:
    model = learn(
        net(*block(momentum=0.9), *block(momentum=0.9)),
        falling=False,
        rate=0.3,
        use_ema=True,
        ema_momentum=0.99,
    )
    model.optimizer.finalize_variable_values(model.trainable_variables)
    report = seen(model)
    assert report.row == "averages"
    assert "averaged-weights" in accused(report)


def test_batches_of_one_class() -> None:
    order = sorted_rows(GIVEN, 32)
    model = learn(net(*block(), *block()), size=32, order=order, epochs=10)
    report = seen(model, batches=batches_of(GIVEN, 32, order)[:20])
    assert (report.row, accused(report)) == ("training", ["sorted-batches"])
    assert report.scores["train batch"] > report.scores["train fresh"] + 0.1
    # Without the batches as training saw them nobody can tell.
    assert seen(model).healthy


def test_the_same_batches_in_every_epoch() -> None:
    few = task(noise=30.0, n=256)
    small = net(*block(16), *block(16), *block(16))
    learn(small, few, size=16, order=np.arange(256), epochs=60, rate=0.02)
    report = seen(small, few, batches=batches_of(few, 16))
    assert (report.row, accused(report)) == ("training", ["the-same-batches-in-every-epoch"])


def test_tiny_batches_are_pointed_out_and_no_more() -> None:
    model = learn(net(*block(momentum=0.9)), size=4, epochs=2, rate=0.02)
    report = seen(model, batches=batches_of(GIVEN, 4)[:100])
    assert "tiny-batches" in (*accused(report), *suspected(report))
    assert set(accused(report)) <= {"tiny-batches", "stale-averages"}


def test_a_last_batch_of_one_is_pointed_out_and_no_more() -> None:
    odd = Task(GIVEN.x[:993], GIVEN.y[:993], GIVEN.x_val, GIVEN.y_val)
    model = learn(net(*block()), odd)
    report = seen(model, odd, batches=batches_of(odd, 32))
    assert (accused(report), suspected(report)) == ([], ["a-last-batch-of-one"])


def test_served_in_training_mode() -> None:
    import keras

    class Insists(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.norm = bn(momentum=0.95)

        def call(self, x: Any) -> Any:
            return self.norm(x, training=True)

    report = seen(learn(net(layers().Dense(48), Insists(), layers().ReLU()), epochs=3))
    assert accused(report)[0] == "served-in-training-mode"
    assert report.at_fault[0].by_batch


def test_dropout_in_front_of_it() -> None:
    def dropped() -> list[Any]:
        return [layers().Dropout(0.8), *block(momentum=0.9)]

    model = learn(net(*block(128), *dropped(), *dropped(), *dropped()))
    report = seen(model)
    assert report.row == "averages"
    assert "dropout-before-it" in accused(report)


def twins(apart: float) -> tuple[Any, Any]:
    """A net that sends two images through the same layers, and images for it."""
    import keras

    first, second = keras.Input((FEATURES,)), keras.Input((FEATURES,))
    dense, norm = keras.layers.Dense(48), bn(momentum=0.9)
    both = [keras.layers.ReLU()(norm(dense(x))) for x in (first, second)]
    outputs = keras.layers.Dense(CLASSES)(keras.layers.Concatenate()(both))
    given = Task(
        [GIVEN.x, GIVEN.x[:, ::-1] + np.float32(apart)],  # type: ignore[arg-type]
        GIVEN.y,
        [GIVEN.x_val, GIVEN.x_val[:, ::-1] + np.float32(apart)],  # type: ignore[arg-type]
        GIVEN.y_val,
    )
    return keras.Model([first, second], outputs), given


def test_one_layer_for_two_kinds_of_input() -> None:
    model, given = twins(12.0)
    report = seen(learn(model, given, rate=0.02), given)
    assert accused(report)[0] == "one-layer-two-kinds-of-input"
    assert report.layers[0].calls == 2
    assert "data-that-moved" not in accused(report)


@pytest.mark.parametrize(("factor", "more"), [(255.0, 0.0), (1.0, 20.0), (0.3, 0.0)])
def test_data_that_moved(factor: float, more: float) -> None:
    model = learn(net(*block(), *block()))
    moved = Task(GIVEN.x, GIVEN.y, np.float32(factor) * GIVEN.x_val + np.float32(more), GIVEN.y_val)
    report = seen(model, moved)
    assert (report.row, accused(report)) == ("data", ["data-that-moved"])
    assert ("spread" in report.causes[0].why) == (factor >= 1)


def test_the_wrong_axis_is_pointed_out_and_no_more() -> None:
    model = net(
        layers().Reshape((1, SIDE, SIDE)),
        layers().ZeroPadding2D(1, data_format="channels_first"),
        bn(momentum=0.95),
        layers().Flatten(),
        shape=(FEATURES,),
    )
    report = seen(learn(model))
    assert (accused(report), suspected(report)) == ([], ["the-wrong-axis"])


# ---- Sound nets -----------------------------------------------------------------------------


def convolutional(first: bool) -> Any:
    conv = layers().Conv2D(8, 3, use_bias=False)
    order = [bn(momentum=0.95), layers().ReLU()] if first else [layers().ReLU(), bn(momentum=0.95)]
    pool = layers().MaxPooling2D()
    return net(layers().Reshape((SIDE, SIDE, 1)), conv, *order, pool, layers().Flatten())


def residual() -> Any:
    import keras

    class Block(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.inner = {
                "a": [keras.layers.Dense(48), bn(momentum=0.95)],
                "b": [keras.layers.ReLU()],
            }

        def call(self, x: Any, training: bool = False) -> Any:
            (dense, norm), (relu,) = self.inner["a"], self.inner["b"]
            return x + relu(norm(dense(x), training=training))

    return net(*block(), Block(), Block())


def subclassed() -> Any:
    import keras

    class Mine(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.parts = [*block(), *block(), keras.layers.Dense(CLASSES)]

        def call(self, x: Any, training: bool = False) -> Any:
            for part in self.parts:
                more = (
                    {"training": training} if isinstance(part, layers().BatchNormalization) else {}
                )
                x = part(x, **more)
            return x

    model = Mine()
    model(GIVEN.x[:2])
    return model


def fine_tuned(train_below: bool) -> Any:
    """A base that was trained before and whose BN is frozen, under a new head."""
    import keras

    base = learn(net(*block(), *block()))
    for part in base.layers:
        part.trainable = train_below and not isinstance(part, keras.layers.BatchNormalization)
    return learn(net(*base.layers[:-1]), epochs=3, rate=0.02)


def recalibrated() -> Any:
    """A net of few steps whose averages were made afresh."""
    model = learn(net(*block(), *block()), epochs=1)
    norms = [part for part in model.layers if isinstance(part, layers().BatchNormalization)]
    for i in range(8):
        for norm in norms:
            norm.momentum = i / (i + 1)
        model(GIVEN.x[128 * i : 128 * (i + 1)], training=True)
    for norm in norms:
        norm.momentum = 0.99
    return model


def steps() -> Any:
    """A net over eight steps of eight features."""
    parts = layers()
    each = parts.TimeDistributed(parts.Dense(16))
    return net(parts.Reshape((SIDE, SIDE)), each, bn(momentum=0.95), parts.ReLU(), parts.Flatten())


SOUND: dict[str, Callable[[], Any]] = {
    "BN before the activation": lambda: learn(net(*block(), *block())),
    "momentum as Keras has it": lambda: learn(net(*block(momentum=0.99)), epochs=14),
    "BN after the activation": lambda: learn(net(layers().Dense(48, "relu"), bn(momentum=0.95))),
    "deep and narrow": lambda: learn(net(*(p for _ in range(5) for p in block(16))), epochs=8),
    "wide": lambda: learn(net(*block(256))),
    "convolutional": lambda: learn(convolutional(True)),
    "convolutional, BN last": lambda: learn(convolutional(False)),
    "residual blocks": lambda: learn(residual(), rate=0.05),
    "subclassed": lambda: learn(subclassed()),
    "dropout at the end": lambda: learn(net(*block(), *block(), layers().Dropout(0.5))),
    "little dropout between": lambda: learn(net(*block(), layers().Dropout(0.1), *block())),
    "layer normalization": lambda: learn(
        net(layers().Dense(48), layers().LayerNormalization(), layers().ReLU())
    ),
    "no normalizer": lambda: learn(net(layers().Dense(48, "relu")), rate=0.01),
    "frozen base": lambda: fine_tuned(False),
    "fine-tuned under frozen BN": lambda: fine_tuned(True),
    "constant rate": lambda: learn(net(*block(momentum=0.9)), falling=False, rate=0.02),
    "large batches": lambda: learn(net(*block(momentum=0.9)), size=256, epochs=16),
    "batches of eight": lambda: learn(net(*block()), size=8, epochs=2, rate=0.03),
    "BN of the inputs": lambda: learn(net(bn(momentum=0.95), layers().Dense(48, "relu"))),
    "BN and group normalization": lambda: learn(
        net(*block(), layers().GroupNormalization(4), *block())
    ),
    "recalibrated": recalibrated,
    "untrained": lambda: learn(net(*block(), *block()), epochs=0),
    "over time": lambda: learn(steps()),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_net_is_left_alone(name: str) -> None:
    report = seen(SOUND[name]())
    check_sound(report)
    if name not in {"no normalizer", "layer normalization"}:
        assert report.layers
        assert set(report.scores) >= {"averages", "batch", "fresh"}


def test_a_small_validation_set_accuses_nobody() -> None:
    model = learn(net(*block(), *block()))
    for start in range(0, 400, 40):
        rows = slice(start, start + 40)
        check_sound(seen(model, Task(GIVEN.x, GIVEN.y, GIVEN.x_val[rows], GIVEN.y_val[rows])))


def test_overfitting_is_no_fault_of_bn() -> None:
    few = task(noise=4.0, n=128)
    report = seen(learn(net(*block(128), *block(128)), few, epochs=40), few, batches=None)
    check_sound(report)
    assert report.scores["train averages"] > report.scores["averages"] + 0.2
    assert any("overfitting" in note for note in report.notes)


def test_a_weak_net_is_no_fault_of_bn() -> None:
    check_sound(seen(learn(net(*block(8)), HARD, epochs=10), HARD))


def test_sound_batches_are_left_alone() -> None:
    order = np.random.default_rng(1).permutation(len(GIVEN.y))
    model = learn(net(*block(), *block()))
    check_sound(seen(model, batches=batches_of(GIVEN, 32, order)))


def test_one_layer_for_twice_the_same_kind_of_input_is_no_fault() -> None:
    model, given = twins(0.0)
    given = Task([given.x[0], given.x[0]], given.y, [given.x_val[0]] * 2, given.y_val)  # type: ignore[arg-type]
    report = seen(learn(model, given, rate=0.05), given)
    check_sound(report)
    assert report.layers[0].calls == 2


def test_a_regression_is_judged_by_its_own_score() -> None:
    import keras

    target = GIVEN.x.mean(axis=1, keepdims=True)
    given = Task(GIVEN.x, target, GIVEN.x_val, GIVEN.x_val.mean(axis=1, keepdims=True))
    model = keras.Sequential([keras.Input((FEATURES,)), *block(), keras.layers.Dense(1)])
    learn(model, given, rate=0.01, loss="squares", epochs=12)
    check_sound(seen(model, given, score="squared error"))
    with pytest.raises(DoctorError, match="one number a class"):
        seen(model, given)


# ---- Manners --------------------------------------------------------------------------------


def test_what_it_cannot_look_at_it_refuses() -> None:
    import keras

    model = net(*block())
    with pytest.raises(DoctorError, match="Give `x_train`"):
        bn_doctor.diagnose(model, GIVEN.x_val, GIVEN.y_val)
    with pytest.raises(DoctorError, match="Keras 3 or a module of PyTorch"):
        bn_doctor.diagnose(object(), GIVEN.x_val, GIVEN.y_val, x_train=GIVEN.x)
    with pytest.raises(DoctorError, match="is built"):
        seen(keras.Sequential([*block()]))
    with pytest.raises(DoctorError, match="Expected labels of shape"):
        bn_doctor.diagnose(model, GIVEN.x_val, np.zeros((len(GIVEN.y_val), 2, 3)), x_train=GIVEN.x)

    class Foreign(keras.layers.Layer):  # type: ignore[misc]
        def build(self, shape: Any) -> None:
            self.kept = self.add_weight(shape=shape[-1:], trainable=False, name="moving_mean")

        def call(self, x: Any) -> Any:
            return x - self.kept

    with pytest.raises(DoctorError, match=r"Received: .*foreign/moving_mean"):
        seen(net(Foreign()))
    hidden = bn()
    hidden.build((None, FEATURES))

    def through(x: Any) -> Any:
        return hidden(x)

    with pytest.raises(DoctorError, match="does not list among its layers"):
        seen(net(keras.layers.Lambda(through)))


def test_an_error_on_the_way_leaves_the_model_as_it_was() -> None:
    model = net(*block())

    def broken(*_: Floats) -> Floats:
        raise RuntimeError("no score")

    with pytest.raises(RuntimeError, match="no score"):
        bn_doctor.diagnose(model, GIVEN.x_val, GIVEN.y_val, x_train=GIVEN.x, score=broken)
    check_sound(seen(model))


def test_the_report_tells_what_it_found(capsys: pytest.CaptureFixture[str]) -> None:
    model = learn(net(*block(momentum=0.99), *block(momentum=0.99)), epochs=1, falling=False)
    report = bn_doctor.diagnose(model, GIVEN.x_val, GIVEN.y_val, x_train=GIVEN.x)
    told = capsys.readouterr().out
    assert told == f"{report}\n"
    assert "Row of the table: low, high, high. The averages are wrong" in told
    assert "failures.html#stale-averages" in told
    assert report.as_dict()["healthy"] is False
    assert f"{report.scores['fresh']:.1%}" in told
