"""The nets are those of the notebook, and their weights start where they should."""

from typing import Any

import numpy as np
import pytest

from bnreport.protocol.nets import Net
from bnreport.randomness import kernel

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]

PIXELS = (28, 28)


def net(name: str | Net) -> Any:
    from bnreport.training.models import build

    return build(name, PIXELS)


def size(variables: list[Any]) -> int:
    return sum(int(np.prod(variable.shape)) for variable in variables)


def started(name: str, seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The initial trainable and other variables by "<layer>/<name>", in Keras' order."""
    from bnreport.training.models import initial_weights

    model = net(name)
    weights, state = initial_weights(model, seed)
    return (
        dict(zip((short(v) for v in model.trainable_variables), weights, strict=True)),
        dict(zip((short(v) for v in model.non_trainable_variables), state, strict=True)),
    )


def short(variable: Any) -> str:
    return "/".join(variable.path.split("/")[-2:])


@pytest.mark.parametrize(
    ("name", "parameters", "trainable"),
    [("baseline", 266_610, 266_610), ("bn", 271_346, 268_978)],
)
def test_the_nets_have_the_parameters_of_the_notebook(
    name: str, parameters: int, trainable: int
) -> None:
    model = net(name)
    assert model.count_params() == parameters
    assert size(model.trainable_variables) == trainable
    assert size(model.non_trainable_variables) == parameters - trainable


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        (
            "baseline",
            [
                ("Flatten", "pixels"),
                ("Dense", "hidden1"),
                ("LeakyReLU", "activation1"),
                ("Dense", "hidden2"),
                ("LeakyReLU", "activation2"),
                ("Dense", "output"),
            ],
        ),
        (
            "bn",
            [
                ("Flatten", "pixels"),
                ("BatchNormalization", "norm0"),
                ("Dense", "hidden1"),
                ("Activation", "activation1"),
                ("BatchNormalization", "norm1"),
                ("Dense", "hidden2"),
                ("Activation", "activation2"),
                ("BatchNormalization", "norm2"),
                ("Dense", "output"),
            ],
        ),
    ],
)
def test_the_layers_stand_in_the_order_of_the_notebook(
    name: str, layers: list[tuple[str, str]]
) -> None:
    model = net(name)
    assert [(type(layer).__name__, layer.name) for layer in model.layers] == layers
    assert model.output_shape == (None, 10)


def test_the_dense_layers_differ_between_the_nets_as_in_the_notebook() -> None:
    found = {
        (name, layer.name): (layer.units, type(layer.kernel_initializer).__name__)
        for name in ("baseline", "bn")
        for layer in net(name).layers
        if hasattr(layer, "kernel")
    }
    assert found == {
        ("baseline", "hidden1"): (300, "HeNormal"),
        ("baseline", "hidden2"): (100, "HeNormal"),
        ("baseline", "output"): (10, "GlorotUniform"),
        ("bn", "hidden1"): (300, "GlorotUniform"),
        ("bn", "hidden2"): (100, "GlorotUniform"),
        ("bn", "output"): (10, "GlorotUniform"),
    }
    for name in ("activation1", "activation2"):
        assert float(net("baseline").get_layer(name).negative_slope) == pytest.approx(0.3)
        assert net("bn").get_layer(name).activation.__name__ == "relu"


def test_batch_normalization_keeps_the_constants_of_keras() -> None:
    model = net("bn")
    for layer in (model.get_layer(name) for name in ("norm0", "norm1", "norm2")):
        assert (layer.momentum, layer.epsilon, layer.center, layer.scale) == (
            0.99,
            0.001,
            True,
            True,
        )


def test_the_variables_start_in_the_order_and_shape_of_keras() -> None:
    weights, state = started("bn", 1)
    sizes = {"norm0": 784, "norm1": 300, "norm2": 100}
    assert {name: value.shape for name, value in state.items()} == {
        f"{layer}/moving_{name}": (size,)
        for layer, size in sizes.items()
        for name in ("mean", "variance")
    }
    assert [(name, value.shape) for name, value in weights.items()] == [
        ("norm0/gamma", (784,)),
        ("norm0/beta", (784,)),
        ("hidden1/kernel", (300, 784)),
        ("hidden1/bias", (300,)),
        ("norm1/gamma", (300,)),
        ("norm1/beta", (300,)),
        ("hidden2/kernel", (100, 300)),
        ("hidden2/bias", (100,)),
        ("norm2/gamma", (100,)),
        ("norm2/beta", (100,)),
        ("output/kernel", (10, 100)),
        ("output/bias", (10,)),
    ]


@pytest.mark.parametrize("name", ["baseline", "bn"])
def test_all_but_the_kernels_starts_at_a_constant(name: str) -> None:
    weights, state = started(name, 1)
    start = {"gamma": 1, "beta": 0, "bias": 0, "moving_mean": 0, "moving_variance": 1}
    for path, value in (weights | state).items():
        kind = path.split("/")[1]
        if kind != "kernel":
            assert (value == start[kind]).all(), path
        assert value.dtype == np.float32


def test_the_kernels_are_drawn_by_seed_and_layer() -> None:
    baseline, bn = started("baseline", 5)[0], started("bn", 5)[0]
    for layer, shape in (("hidden1", (784, 300)), ("hidden2", (300, 100))):
        assert (baseline[f"{layer}/kernel"] == kernel("HeNormal", 5, layer, shape).T).all()
        assert (bn[f"{layer}/kernel"] == kernel("GlorotUniform", 5, layer, shape).T).all()
    assert (baseline["output/kernel"] == bn["output/kernel"]).all()
    assert (baseline["output/kernel"] != started("baseline", 6)[0]["output/kernel"]).any()


def test_initial_weights_do_not_depend_on_the_weights_that_a_model_has() -> None:
    from bnreport.training.models import initial_weights

    model = net("baseline")
    first = [value.copy() for value in initial_weights(model, 1)[0]]
    model.get_layer("hidden1").kernel.assign(np.zeros((300, 784)))
    again = initial_weights(model, 1)[0]
    assert all((a == b).all() for a, b in zip(first, again, strict=True))


def test_the_output_are_logits_for_every_image() -> None:
    import keras

    logits = net("baseline")(np.random.default_rng(0).random((3, *PIXELS), np.float32))
    values = np.asarray(keras.ops.convert_to_numpy(logits))
    assert values.shape == (3, 10)
    assert not np.allclose(values.sum(axis=1), 1)


def test_an_unknown_net_is_refused() -> None:
    with pytest.raises(ValueError, match="nope"):
        net("nope")


NUMBERS = {"momentum": 0.9, "noise": 1.0}


@pytest.mark.parametrize(
    ("structure", "layers"),
    [
        (
            Net(hidden=(5,), normalizer="batch", dropout=0.5),
            "pixels hidden1 norm1 activation1 dropout1 output",
        ),
        (
            Net(hidden=(5, 4), placement="after", normalizer="layer", normalized_inputs=True),
            "pixels norm0 hidden1 activation1 norm1 hidden2 activation2 norm2 output",
        ),
        (
            Net(hidden=(5, 4), normalizer="weight", dropout=0.5, dropout_after="last"),
            "pixels hidden1 activation1 hidden2 activation2 dropout2 output",
        ),
        (
            Net(hidden=(5,), filters=(2,), normalizer="ghost"),
            "pixels hidden1 norm1 activation1 pool1 features hidden2 norm2 activation2 output",
        ),
    ],
)
def test_a_structure_is_built_as_it_says(structure: Net, layers: str) -> None:
    model = net(structure)
    assert [layer.name for layer in model.layers] == layers.split()
    assert model.output_shape == (None, 10)


@pytest.mark.parametrize("mode", ["inference", "training"])
def test_a_walk_gives_what_the_model_gives_and_leaves_it_as_it_was(mode: str) -> None:
    import keras

    from bnreport.training.forward import walk
    from bnreport.training.models import initial_weights

    model = net("bn")
    weights, state = initial_weights(model, 1)
    x = np.random.default_rng(0).random((8, *PIXELS), np.float32)
    before = [np.asarray(v.numpy()) for v in model.variables]
    found = walk(model, weights, state, x, mode, {"momentum": 0.99, "noise": 0.0})  # type: ignore[arg-type]
    logits, moved = model.stateless_call(weights, state, x, training=mode == "training")
    to_numpy = keras.ops.convert_to_numpy
    assert np.abs(to_numpy(found.logits) - to_numpy(logits)).max() < 1e-5
    for ours, theirs in zip(found.state, moved, strict=True):
        assert np.abs(to_numpy(ours) - to_numpy(theirs)).max() < 1e-6
    assert set(found.outputs) == {layer.name for layer in model.layers}
    assert all((a == v.numpy()).all() for a, v in zip(before, model.variables, strict=True))
    assert model.get_layer("norm1").momentum == 0.99


def test_a_walk_by_the_batch_normalizes_by_it_and_drops_nothing() -> None:
    import keras

    from bnreport.training.forward import walk
    from bnreport.training.models import initial_weights

    plain, dropping = (
        net(Net(hidden=(5, 4), normalizer="batch", dropout=share)) for share in (0.0, 0.5)
    )
    weights, state = initial_weights(plain, 1)
    x = np.random.default_rng(0).random((8, *PIXELS), np.float32)
    numbers = {"momentum": 0.99}
    found = walk(dropping, weights, initial_weights(dropping, 1)[1], x, "batch", numbers)
    expected, _ = plain.stateless_call(weights, state, x, training=True)
    to_numpy = keras.ops.convert_to_numpy
    assert to_numpy(found.logits) == pytest.approx(to_numpy(expected), abs=1e-5)


def test_the_initial_kernels_are_scaled_where_the_trial_says() -> None:
    from bnreport.training.models import initial_weights

    model = net("baseline")
    plain, every, hidden = (
        initial_weights(model, 1, *more)[0] for more in ((), (4.0,), (4.0, "hidden"))
    )
    assert all((a * 4 == b).all() for a, b in zip(plain, every, strict=True))
    assert all((a == b).all() for a, b in zip(every[:-2], hidden[:-2], strict=True))
    assert (hidden[-2] == plain[-2]).all()


def test_noise_is_drawn_by_seed_and_layer() -> None:
    from bnreport.training.models import initial_weights

    model = net(Net(hidden=(5, 4), normalizer="noisy", dropout=0.5))
    places = [i for i, v in enumerate(model.non_trainable_variables) if "seed" in v.path]
    first, again, other = (initial_weights(model, seed)[1] for seed in (1, 1, 2))
    found = [tuple(first[i].tolist()) for i in places]
    assert len(set(found)) == len(places) == 4
    assert found == [tuple(again[i].tolist()) for i in places]
    assert not set(found) & {tuple(other[i].tolist()) for i in places}
