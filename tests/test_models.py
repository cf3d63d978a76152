"""The nets are those of the notebook, and their weights start where they should."""

from typing import Any

import numpy as np
import pytest

from bnreport.draws import kernel

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]

PIXELS = (28, 28)


def net(name: str) -> Any:
    from bnreport.models import build

    return build(name, PIXELS)


def size(variables: list[Any]) -> int:
    return sum(int(np.prod(variable.shape)) for variable in variables)


def started(name: str, seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The initial trainable and other variables by "<layer>/<name>", in Keras' order."""
    from bnreport.models import initial_weights

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
                ("LeakyReLU", "leaky1"),
                ("Dense", "hidden2"),
                ("LeakyReLU", "leaky2"),
                ("Dense", "output"),
            ],
        ),
        (
            "bn",
            [
                ("Flatten", "pixels"),
                ("BatchNormalization", "bn0"),
                ("Dense", "hidden1"),
                ("BatchNormalization", "bn1"),
                ("Dense", "hidden2"),
                ("BatchNormalization", "bn2"),
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
    import keras

    found = {
        (name, layer.name): (
            layer.units,
            layer.activation.__name__,
            type(layer.kernel_initializer).__name__,
        )
        for name in ("baseline", "bn")
        for layer in net(name).layers
        if isinstance(layer, keras.layers.Dense)
    }
    assert found == {
        ("baseline", "hidden1"): (300, "linear", "HeNormal"),
        ("baseline", "hidden2"): (100, "linear", "HeNormal"),
        ("baseline", "output"): (10, "linear", "GlorotUniform"),
        ("bn", "hidden1"): (300, "relu", "GlorotUniform"),
        ("bn", "hidden2"): (100, "relu", "GlorotUniform"),
        ("bn", "output"): (10, "linear", "GlorotUniform"),
    }
    slopes = {net("baseline").get_layer(layer).negative_slope for layer in ("leaky1", "leaky2")}
    assert [float(slope) for slope in slopes] == pytest.approx([0.3])


def test_batch_normalization_keeps_the_constants_of_keras() -> None:
    model = net("bn")
    for layer in (model.get_layer(name) for name in ("bn0", "bn1", "bn2")):
        assert (layer.momentum, layer.epsilon, layer.center, layer.scale) == (
            0.99,
            0.001,
            True,
            True,
        )


def test_the_variables_start_in_the_order_and_shape_of_keras() -> None:
    weights, state = started("bn", 1)
    sizes = {"bn0": 784, "bn1": 300, "bn2": 100}
    assert {name: value.shape for name, value in state.items()} == {
        f"{layer}/moving_{name}": (size,)
        for layer, size in sizes.items()
        for name in ("mean", "variance")
    }
    assert [(name, value.shape) for name, value in weights.items()] == [
        ("bn0/gamma", (784,)),
        ("bn0/beta", (784,)),
        ("hidden1/kernel", (784, 300)),
        ("hidden1/bias", (300,)),
        ("bn1/gamma", (300,)),
        ("bn1/beta", (300,)),
        ("hidden2/kernel", (300, 100)),
        ("hidden2/bias", (100,)),
        ("bn2/gamma", (100,)),
        ("bn2/beta", (100,)),
        ("output/kernel", (100, 10)),
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
        assert (baseline[f"{layer}/kernel"] == kernel("HeNormal", 5, layer, shape)).all()
        assert (bn[f"{layer}/kernel"] == kernel("GlorotUniform", 5, layer, shape)).all()
    assert (baseline["output/kernel"] == bn["output/kernel"]).all()
    assert (baseline["output/kernel"] != started("baseline", 6)[0]["output/kernel"]).any()


def test_initial_weights_do_not_depend_on_the_weights_that_a_model_has() -> None:
    from bnreport.models import initial_weights

    model = net("baseline")
    first = [value.copy() for value in initial_weights(model, 1)[0]]
    model.get_layer("hidden1").kernel.assign(np.zeros((784, 300)))
    again = initial_weights(model, 1)[0]
    assert all((a == b).all() for a, b in zip(first, again, strict=True))


def test_the_output_are_logits_for_every_image() -> None:
    import keras

    logits = net("baseline")(np.random.default_rng(0).random((3, *PIXELS), np.float32))
    values = np.asarray(keras.ops.convert_to_numpy(logits))
    assert values.shape == (3, 10)
    assert not np.allclose(values.sum(axis=1), 1)


def test_an_unknown_net_is_refused() -> None:
    with pytest.raises(KeyError, match="nope"):
        net("nope")
