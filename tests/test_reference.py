"""The reference is right by hand, by finite differences, and beside Keras on two backends."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from bnreport import reference
from bnreport.reference import Trained, backward, backward_by_nodes, forward, largest_difference
from tests.processes import found_on

ROOT = Path(__file__).parents[1]
Floats: TypeAlias = NDArray[np.float64]
# Shapes and the axis of their three features: dense, convolution, channels first.
SHAPES = {"dense": ((6, 3), -1), "last": ((2, 4, 5, 3), -1), "first": ((2, 3, 4, 5), 1)}
each_shape = pytest.mark.parametrize(("shape", "axis"), SHAPES.values(), ids=SHAPES)
GAMMA, BETA = np.array([2.0, -0.5, 1.0]), np.array([0.3, 0.0, -1.0])


def draw(shape: tuple[int, ...], seed: int = 1) -> Floats:
    # Numbers that float32 holds: Keras is given the same.
    drawn = np.random.default_rng(seed).normal(0.5, 3.0, shape)
    return np.asarray(drawn, np.float32).astype(np.float64)


def one(*x: float, gamma: float = 1.0, beta: float = 0.0, epsilon: float = 1e-3) -> list[float]:
    """The outputs of one feature."""
    made = forward(np.array(x)[:, None], [gamma], [beta], epsilon)
    return [float(y) for y in made.output[:, 0]]


# ---- By hand ----


def test_four_numbers_by_hand() -> None:
    # Mean 10, variance (49 + 1 + 1 + 49) / 4 = 25.
    made = forward([[3], [9], [11], [17]], [2.0], [1.0], epsilon=0.0)
    assert made.nodes.mean.tolist() == [10.0]
    assert made.nodes.variance.tolist() == [25.0]
    assert made.nodes.normalized[:, 0] == pytest.approx([-1.4, -0.2, 0.2, 1.4])
    assert made.output[:, 0] == pytest.approx([-1.8, 0.6, 1.4, 3.8])


def test_a_batch_of_one_gives_beta_and_passes_no_gradient_back() -> None:
    made = forward([[7.0, -3.0]], [2.0, 5.0], [0.25, -1.0])
    assert made.output.tolist() == [[0.25, -1.0]]
    found = backward([[1.0, 1.0]], made)
    assert found.x.tolist() == [[0.0, 0.0]]
    assert found.gamma.tolist() == [0.0, 0.0]
    assert found.beta.tolist() == [1.0, 1.0]


def test_of_a_batch_of_two_only_the_sign_survives() -> None:
    assert one(3.0, 17.0) == pytest.approx([-1.0, 1.0], abs=1e-4)
    assert one(-1000.0, 17.0) == pytest.approx([-1.0, 1.0], abs=1e-8)
    # Two numbers that differ by less than the root of epsilon are the exception.
    assert one(3.0, 3.02)[1] == pytest.approx(0.01 / np.sqrt(0.0001 + 0.001))


def test_a_constant_feature_gives_beta_and_without_epsilon_no_number() -> None:
    assert one(5.0, 5.0, 5.0, beta=-2.0) == [-2.0, -2.0, -2.0]
    with pytest.warns(RuntimeWarning):
        assert np.isnan(one(5.0, 5.0, 5.0, epsilon=0.0)).all()


def test_a_convolution_is_a_dense_layer_with_a_row_for_each_pixel() -> None:
    x = draw((2, 4, 5, 3))
    dense = forward(x.reshape(-1, 3), GAMMA, BETA)
    assert len(dense.output) == 2 * 4 * 5
    assert forward(x, GAMMA, BETA).output.reshape(-1, 3) == pytest.approx(dense.output)


def test_features_may_stand_on_any_axis() -> None:
    x = draw((2, 4, 5, 3))
    last = forward(x, GAMMA, BETA).output
    first = forward(np.moveaxis(x, -1, 1), GAMMA, BETA, axis=1).output
    assert np.array_equal(np.moveaxis(first, 1, -1), last)
    assert np.array_equal(forward(x, GAMMA, BETA, axis=3).output, last)


@each_shape
def test_rows_are_undone(shape: tuple[int, ...], axis: int) -> None:
    x = draw(shape)
    assert np.array_equal(reference.restored(reference.rows(x, axis), shape, axis), x)


# ---- The backward pass ----


def numerical(function: Callable[[Floats], float], at: Floats) -> Floats:
    """The derivatives by each number, by central differences."""
    step, found = 1e-5, np.zeros_like(at)
    for place in np.ndindex(at.shape):
        change = np.zeros_like(at)
        change[place] = step
        found[place] = (function(at + change) - function(at - change)) / (2 * step)
    return found


@each_shape
@pytest.mark.parametrize("epsilon", [0.0, 1e-3, 5.0])
def test_the_gradients_are_those_of_finite_differences(
    shape: tuple[int, ...], axis: int, epsilon: float
) -> None:
    x, dy = draw(shape), draw(shape, 2)

    def loss(x: Floats, gamma: Floats, beta: Floats) -> float:
        return float((dy * forward(x, gamma, beta, epsilon, axis).output).sum())

    found = backward(dy, forward(x, GAMMA, BETA, epsilon, axis))
    assert found.x == pytest.approx(numerical(lambda at: loss(at, GAMMA, BETA), x), abs=1e-7)
    assert found.gamma == pytest.approx(numerical(lambda at: loss(x, at, BETA), GAMMA), abs=1e-6)
    assert found.beta == pytest.approx(numerical(lambda at: loss(x, GAMMA, at), BETA), abs=1e-6)


@each_shape
def test_node_by_node_and_collapsed_are_one(shape: tuple[int, ...], axis: int) -> None:
    made, dy = forward(draw(shape), GAMMA, BETA, axis=axis), draw(shape, 2)
    collapsed, (by_nodes, _) = backward(dy, made), backward_by_nodes(dy, made)
    assert largest_difference(collapsed.x, by_nodes.x) < 1e-12
    assert largest_difference(collapsed.gamma, by_nodes.gamma) < 1e-12
    assert largest_difference(collapsed.beta, by_nodes.beta) < 1e-12


def test_what_reaches_a_node_is_how_the_loss_moves_with_it() -> None:
    made, dy = forward(draw((6, 3)), GAMMA, BETA), draw((6, 3), 2)
    _, reached = backward_by_nodes(dy, made)
    at = made.nodes

    # From each node on, the rest of the forward pass written out anew.
    def from_inverse(inverse: Floats) -> float:
        return float((dy * (GAMMA * at.centered * inverse + BETA)).sum())

    def from_variance(variance: Floats) -> float:
        return from_inverse(1 / np.sqrt(variance + reference.EPSILON))

    def from_centered(centered: Floats) -> float:
        inverse = 1 / np.sqrt((centered**2).mean(axis=0) + reference.EPSILON)
        return float((dy * (GAMMA * centered * inverse + BETA)).sum())

    assert reached.inverse == pytest.approx(numerical(from_inverse, at.inverse), rel=1e-6)
    assert reached.variance == pytest.approx(numerical(from_variance, at.variance), rel=1e-6)
    assert reached.squared.sum(axis=0) == pytest.approx(reached.variance)
    assert reached.centered == pytest.approx(numerical(from_centered, at.centered), abs=1e-6)
    assert reached.mean == pytest.approx(-reached.centered.sum(axis=0))


@pytest.mark.parametrize("epsilon", [0.0, 1e-3, 5.0])
def test_the_jacobian_is_the_backward_pass_as_a_matrix(epsilon: float) -> None:
    made, dy = forward(draw((6, 3)), GAMMA, BETA, epsilon), draw((6, 3), 2)
    found = backward(dy, made).x
    for feature in range(3):
        matrix = reference.jacobian(made, feature)
        assert matrix @ dy[:, feature] == pytest.approx(found[:, feature], abs=1e-12)
        assert np.array_equal(matrix, matrix.T)


def test_only_without_epsilon_is_the_bracket_a_projection() -> None:
    def bracket(epsilon: float) -> Floats:
        made = forward(draw((6, 3)), np.ones(3), BETA, epsilon)
        scaled: Floats = reference.jacobian(made) * made.nodes.deviation[0]
        return scaled

    exact, soft = bracket(0.0), bracket(5.0)
    assert exact @ exact == pytest.approx(exact, abs=1e-12)
    assert np.linalg.matrix_rank(exact, tol=1e-9) == 4
    assert largest_difference(soft @ soft, soft) > 0.01
    assert np.linalg.matrix_rank(soft, tol=1e-9) == 5


# ---- Inference and folding ----


def trained(features: int = 3) -> Trained:
    gamma, beta, mean = (draw((features,), seed) for seed in (5, 6, 7))
    return Trained(gamma, beta, mean, draw((features,), 8) ** 2, 0.1)


def test_inference_looks_at_no_other_example() -> None:
    x, layer = draw((6, 3)), trained()
    whole = reference.inference(x, layer)
    alone = np.concatenate([reference.inference(row[None], layer) for row in x])
    assert np.array_equal(whole, alone)


@each_shape
def test_inference_with_the_batch_s_own_statistics_is_the_forward_pass(
    shape: tuple[int, ...], axis: int
) -> None:
    made = forward(draw(shape), GAMMA, BETA, 0.1, axis)
    layer = Trained(GAMMA, BETA, made.nodes.mean, made.nodes.variance, 0.1)
    assert reference.inference(draw(shape), layer, axis) == pytest.approx(made.output)


def test_the_moving_average_keeps_a_share_of_where_it_began() -> None:
    mean = np.array([0.0])
    for _ in range(10):
        mean = reference.moved(mean, [1.0], momentum=0.9)
    assert mean[0] == pytest.approx(1 - 0.9**10)


def test_the_unbiased_variance_divides_by_one_less() -> None:
    x = draw((6, 3))
    found = reference.unbiased(forward(x, GAMMA, BETA).nodes.variance, 6)
    assert found == pytest.approx(x.var(axis=0, ddof=1))
    with pytest.raises(ValueError, match=r"two numbers.*Received: 1"):
        reference.unbiased([0.0], 1)


def convolved(x: Floats, kernel: Floats, bias: Floats) -> Floats:
    """A convolution without padding, (N, H, W, outputs)."""
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))
    product: Floats = np.einsum("nhwcij,ijco->nhwo", windows, kernel)
    return product + bias


def padded(x: Floats) -> Floats:
    return np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))


def test_a_dense_layer_takes_up_the_bn_after_it_and_the_bn_before_it() -> None:
    x, layer = draw((6, 3)), trained()
    kernel, bias = draw((3, 3), 3), draw((3,), 4)
    after = reference.fold_into_previous(kernel, bias, layer)
    assert x @ after[0] + after[1] == pytest.approx(reference.inference(x @ kernel + bias, layer))
    before = reference.fold_into_next(kernel, bias, layer)
    assert x @ before[0] + before[1] == pytest.approx(reference.inference(x, layer) @ kernel + bias)


def test_a_convolution_takes_up_the_bn_after_it_and_the_bn_before_it() -> None:
    x, layer = draw((2, 5, 6, 3)), trained()
    kernel, bias = draw((3, 3, 3, 3), 3), draw((3,), 4)
    after = reference.fold_into_previous(kernel, bias, layer)
    expected = reference.inference(convolved(x, kernel, bias), layer)
    assert convolved(x, *after) == pytest.approx(expected)
    before = reference.fold_into_next(kernel, bias, layer)
    expected = convolved(reference.inference(x, layer), kernel, bias)
    assert convolved(x, *before) == pytest.approx(expected)


def test_a_convolution_that_pads_cannot_take_up_the_bn_before_it_at_its_borders() -> None:
    x, layer = draw((2, 5, 6, 3)), trained()
    kernel, bias = draw((3, 3, 3, 3), 3), draw((3,), 4)
    folded = convolved(padded(x), *reference.fold_into_next(kernel, bias, layer))
    expected = convolved(padded(reference.inference(x, layer)), kernel, bias)
    inside = (slice(None), slice(1, -1), slice(1, -1))
    assert folded[inside] == pytest.approx(expected[inside])
    assert np.abs(folded - expected)[:, 0].min() > 1e-6


# ---- What is refused ----


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: forward([1.0, 2.0], [1.0], [0.0]), r"axis of examples.*\(2,\)"),
        (lambda: forward(np.zeros((0, 3)), GAMMA, BETA), r"shape \(0, 3\)"),
        (lambda: forward(np.zeros((2, 3)), GAMMA, BETA, axis=2), "axis 2"),
        (lambda: forward(np.zeros((2, 3)), GAMMA[:2], BETA), r"gamma of shape \(3,\).*\(2,\)"),
        (lambda: forward(np.zeros((2, 3)), GAMMA, 0.0), r"beta of shape \(3,\)"),
        (
            lambda: backward(np.zeros((3, 2)), forward(np.zeros((2, 3)), GAMMA, BETA)),
            r"shape \(2, 3\).*\(3, 2\)",
        ),
        (lambda: reference.inference(np.zeros((2, 4)), trained()), r"\(4,\)"),
        (lambda: reference.fold_into_previous(np.zeros((3, 4)), np.zeros(4), trained()), r"\(4,\)"),
        (lambda: reference.fold_into_next(np.zeros((4, 3)), np.zeros(3), trained()), r"\(4,\)"),
        (lambda: largest_difference([1.0], [1.0, 1.0]), r"one shape.*\(1,\) and \(2,\)"),
    ],
)
def test_what_does_not_fit_is_refused(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()


# ---- Beside Keras ----

# As a share of the largest number. float32 rounds at 6e-8, and each of some steps rounds again.
NEAR = 2e-6

ON_JAX = """
import json
import jax, keras, numpy as np
from tests.test_reference import beside_keras, jax_gradients
assert keras.backend.backend() == "jax"
print(json.dumps(beside_keras(jax_gradients)))
"""


def tensorflow_gradients(layer: Any, x: Floats, dy: Floats) -> list[Any]:
    """What Keras on TensorFlow finds for the sum of dy y, by x, gamma and beta."""
    import tensorflow as tf

    at = tf.constant(x, "float32")
    with tf.GradientTape() as tape:
        tape.watch(at)
        loss = tf.reduce_sum(layer(at, training=True) * tf.constant(dy, "float32"))
    found: list[Any] = tape.gradient(loss, [at, *layer.trainable_variables])
    return found


def jax_gradients(layer: Any, x: Floats, dy: Floats) -> list[Any]:
    """The same on JAX."""
    import jax

    def loss(at: Any, weights: Any) -> Any:
        kept = [variable.value for variable in layer.non_trainable_variables]
        y, _ = layer.stateless_call(weights, kept, at, training=True)
        return (y * dy).sum()

    weights = [variable.value for variable in layer.trainable_variables]
    by_x, by_weights = jax.grad(loss, argnums=(0, 1))(x.astype("float32"), weights)
    return [by_x, *by_weights]


def beside_keras(gradients: Callable[[Any, Floats, Floats], list[Any]]) -> dict[str, float]:
    """The largest difference from Keras' layer, as a share, by shape and by what was computed."""
    import keras

    found: dict[str, float] = {}
    for name, (shape, axis) in SHAPES.items():
        x, dy = draw(shape), draw(shape, 2)
        layer = keras.layers.BatchNormalization(axis=axis, momentum=0.9)
        layer.build(shape)
        mean, variance = draw((3,), 3), draw((3,), 4) ** 2
        layer.set_weights([GAMMA, BETA, mean, variance])
        made = forward(x, GAMMA, BETA, layer.epsilon, axis)
        ours = backward(dy, made)
        theirs = gradients(layer, x, dy)
        # The gradient may have moved the averages.
        layer.set_weights([GAMMA, BETA, mean, variance])
        kept = Trained(GAMMA, BETA, mean, variance, layer.epsilon)
        pairs = {
            "inference": (reference.inference(x, kept, axis), layer(x, training=False)),
            "forward": (made.output, layer(x, training=True)),
            "mean": (reference.moved(mean, made.nodes.mean, 0.9), layer.moving_mean),
            "variance": (
                reference.moved(variance, made.nodes.variance, 0.9),
                layer.moving_variance,
            ),
            "x": (ours.x, theirs[0]),
            "gamma": (ours.gamma, theirs[1]),
            "beta": (ours.beta, theirs[2]),
        }
        for what, (right, tensor) in pairs.items():
            other = keras.ops.convert_to_numpy(keras.ops.convert_to_tensor(tensor))
            found[f"{name}.{what}"] = largest_difference(right, other) / np.abs(right).max()
    return found


def near(found: dict[str, float]) -> bool:
    return len(found) == 7 * len(SHAPES) and max(found.values()) < NEAR


@pytest.mark.train
@pytest.mark.usefixtures("keras_ready")
def test_keras_on_tensorflow_computes_the_same() -> None:
    found = beside_keras(tensorflow_gradients)
    assert near(found), found


@pytest.mark.train
def test_keras_on_jax_computes_the_same() -> None:
    found = found_on("jax", ON_JAX)
    assert near(found), found


@pytest.mark.train
@pytest.mark.usefixtures("keras_ready")
@pytest.mark.parametrize("placed", ["previous", "next"])
@pytest.mark.parametrize("kind", ["dense", "convolution"])
def test_a_folded_keras_net_answers_the_same(kind: str, placed: str) -> None:
    import keras

    shape = (6, 4) if kind == "dense" else (2, 7, 8, 4)

    def linear() -> Any:
        return keras.layers.Dense(3) if kind == "dense" else keras.layers.Conv2D(3, 3)

    norm, layer, alone = keras.layers.BatchNormalization(), linear(), linear()
    order = [layer, norm] if placed == "previous" else [norm, layer]
    net = keras.Sequential([keras.Input(shape[1:]), *order])
    features = 3 if placed == "previous" else 4
    layer.bias.assign(draw((3,), 2))
    norm.set_weights([draw((features,), seed) ** 2 for seed in (3, 4, 5, 6)])
    gamma, beta, mean, variance = norm.get_weights()
    kept = Trained(gamma, beta, mean, variance, norm.epsilon)
    kernel, bias = layer.get_weights()
    fold = reference.fold_into_previous if placed == "previous" else reference.fold_into_next
    alone.build(shape)
    alone.set_weights(fold(kernel, bias, kept))
    x = draw(shape)
    expected = np.asarray(net(x, training=False))
    assert np.asarray(alone(x)) == pytest.approx(expected, rel=1e-4, abs=1e-3)
