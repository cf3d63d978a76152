"""Folding: a worked layer, both placements, and what goes wrong."""

from dataclasses import replace

import numpy as np

from bnreport.lessons.by_hand import ORIGIN, short
from bnreport.presentation.formats import number
from bnreport.presentation.tables import Analysis, Table, Value
from bnreport.reference import (
    EPSILON,
    Floats,
    Trained,
    fold_into_next,
    fold_into_previous,
    inference,
    largest_difference,
    moved,
    scale_and_shift,
    unbiased,
)

TORCH_EPSILON = 1e-5

# A dense layer of two inputs and two units, and the BN after it. The second unit is quiet.
KERNEL = np.array([[2.0, 0.1], [-1.0, 0.2]])
BIAS = np.array([1.0, 0.0])
LAYER = Trained(
    gamma=np.array([2.0, 1.0]),
    beta=np.array([0.5, -1.0]),
    mean=np.array([3.0, 0.1]),
    variance=np.array([4.0, 0.0025]),
)
EXAMPLE = np.array([[3.0, 1.0]])

# A layer on which mistakes are tried, and the batches that its averages saw.
INPUTS, UNITS, EXAMPLES, BATCH = 20, 10, 1000, 32

# By layer of Keras, the axes of its kernel, and the shape in which the slope goes with them.
AXES = {
    "Dense": ("inputs, outputs", "(outputs)"),
    "Conv2D": ("height, width, inputs, outputs", "(outputs)"),
    "Conv2DTranspose": ("height, width, outputs, inputs", "(outputs, 1)"),
    "DepthwiseConv2D": ("height, width, inputs, multiplier", "(inputs, multiplier)"),
    "SeparableConv2D, second kernel": ("1, 1, inputs × multiplier, outputs", "(outputs)"),
}
# What the TFLite converter makes of an order of layers, less what only works out a shape. A test
# converts each.
CONVERTER = "TensorFlow 2.21"
CONVERTED = {
    ("dense", "BN", "ReLU"): ("FULLY_CONNECTED",),
    ("convolution", "BN", "ReLU"): ("CONV_2D",),
    ("depthwise convolution", "BN", "ReLU"): ("DEPTHWISE_CONV_2D",),
    ("transposed convolution", "BN", "ReLU"): ("TRANSPOSE_CONV",),
    ("dense", "ReLU", "BN", "dense"): ("FULLY_CONNECTED", "MUL", "ADD", "FULLY_CONNECTED"),
    ("convolution", "ReLU", "BN", "convolution"): ("CONV_2D", "MUL", "ADD", "CONV_2D"),
    ("dilated convolution", "BN", "ReLU"): (
        "SPACE_TO_BATCH_ND",
        "CONV_2D",
        "BATCH_TO_SPACE_ND",
        "MUL",
        "ADD",
    ),
}
# The least spread of a unit, and a number of batches after which the averages have not settled.
QUIETEST, EARLY = 0.03, 100


def worked() -> Table:
    """One example through a dense layer and its BN, and through the folded layer."""
    between = EXAMPLE @ KERNEL + BIAS
    scale, _ = scale_and_shift(LAYER)
    kernel, bias = fold_into_previous(KERNEL, BIAS, LAYER)
    rows = {
        "weights": KERNEL.T,
        "bias": BIAS,
        "puts out": between[0],
        "BN makes of that": inference(between, LAYER)[0],
        "scale s": scale,
        "folded weights": kernel.T,
        "folded bias": bias,
        "folded layer puts out": (EXAMPLE @ kernel + bias)[0],
    }
    return Table(
        f"Two units of a dense layer, for the example ({', '.join(short(x) for x in EXAMPLE[0])})",
        ("of each unit", "unit 1", "unit 2"),
        tuple(
            (name, *(", ".join(number(v, 3) for v in np.atleast_1d(unit)) for unit in values))
            for name, values in rows.items()
        ),
        note="Moving means 3 and 0.1, moving variances 4 and 0.0025, gammas 2 and 1, betas 0.5 "
        f"and −1; ε is {EPSILON:g}.",
    )


def mistakes() -> dict[str, float]:
    """The largest error of an output, by what was done wrong."""
    rng = np.random.default_rng(1)
    spread = np.geomspace(QUIETEST, 1.0, UNITS)
    kernel = rng.normal(0, INPUTS**-0.5, (INPUTS, UNITS)) * spread
    bias, beta = rng.normal(0, 0.3, (2, UNITS))
    x = rng.normal(size=(EXAMPLES, INPUTS))
    between = x @ kernel + bias
    mean, variance = between.mean(axis=0), between.var(axis=0)
    early_mean, early_variance = np.zeros(UNITS), np.ones(UNITS)
    for _ in range(EARLY):
        early_mean, early_variance = moved(early_mean, mean), moved(early_variance, variance)
    right = Trained(np.ones(UNITS), beta, mean, variance)
    folds: dict[str, tuple[Floats, Trained]] = {
        "nothing": (bias, right),
        "variance divided by N − 1, not N": (
            bias,
            replace(right, variance=unbiased(variance, BATCH)),
        ),
        f"ε of PyTorch, {TORCH_EPSILON:.5f}": (bias, replace(right, epsilon=TORCH_EPSILON)),
        f"averages folded after {EARLY} batches": (
            bias,
            replace(right, mean=early_mean, variance=early_variance),
        ),
        "the layer's own bias left out": (0 * bias, right),
    }
    expected = inference(between, right)
    errors = {}
    for name, (offset, layer) in folds.items():
        folded, shifted = fold_into_previous(kernel, offset, layer)
        errors[name] = largest_difference(expected, x @ folded + shifted)
    return errors


def mistaken() -> Table:
    """The cost of each mistake, as a table."""
    return Table(
        "What a mistake in folding does to the outputs",
        ("done wrong", "largest error of an output"),
        tuple((name, rounded(error)) for name, error in mistakes().items()),
        note=f"A dense layer of {INPUTS} inputs and {UNITS} units, on {EXAMPLES:,} examples drawn "
        f"at random. Its units have spreads from about {QUIETEST:g} to 1; the outputs of BN have "
        f"spreads near 1. The variance is that of batches of {BATCH}.",
    )


def axes() -> Table:
    """The axis on which each kind of layer keeps what it puts out."""
    return Table(
        "The axes of a kernel in Keras; the slope belongs on those of the outputs",
        ("layer", "axes of its kernel", "the slope's shape"),
        tuple((layer, *axis_and_shape) for layer, axis_and_shape in AXES.items()),
        text=True,
    )


def converted() -> Table:
    """The operations that are left of BN in a converted net, by the order of its layers."""
    return Table(
        f"What the TFLite converter of {CONVERTER} makes of a net",
        ("order of layers", "BN", "operations"),
        tuple(
            (", ".join(order), "stays" if "MUL" in operations else "folded", ", ".join(operations))
            for order, operations in CONVERTED.items()
        ),
        note="ReLU is part of the operation before it. Operations that only work out a shape are "
        "left out.",
        text=True,
    )


def rounded(error: float) -> str:
    """An error in two digits, or that it is no more than rounding in float64."""
    return "< 10⁻¹²" if error < 1e-12 else f"{error:.2g}"


def padded() -> tuple[float, float]:
    """The largest error of a folded convolution that pads, inside and at its borders.

    One channel, a kernel of 3 by 3, BN before it; an image of 8 by 8 drawn at random.
    """
    rng = np.random.default_rng(2)
    image, kernel = rng.normal(1.0, 1.0, (8, 8)), rng.normal(0, 1 / 3, (3, 3))
    layer = Trained(np.ones(1), np.zeros(1), np.array([1.0]), np.array([1.0]))

    def convolved(picture: Floats, weights: Floats) -> Floats:
        windows = np.lib.stride_tricks.sliding_window_view(np.pad(picture, 1), (3, 3))
        answer: Floats = np.einsum("hwij,ij->hw", windows, weights)
        return answer

    folded, bias = fold_into_next(kernel[..., None, None], [0.0], layer)
    expected = convolved(inference(image.reshape(-1, 1), layer).reshape(8, 8), kernel)
    error = np.abs(convolved(image, folded[..., 0, 0]) + bias - expected)
    inside = error[1:-1, 1:-1].max()
    error[1:-1, 1:-1] = 0.0
    return float(inside), float(error.max())


def analyse() -> Analysis:
    """The worked layer, the three orders, and the mistakes."""
    before = inference(EXAMPLE @ KERNEL + BIAS, LAYER)
    kernel, bias = fold_into_previous(KERNEL, BIAS, LAYER)
    quiet = LAYER.variance[1]
    inside, border = padded()
    numbers = {
        "apart": rounded(largest_difference(EXAMPLE @ kernel + bias, before)),
        "quiet.variance": f"{quiet:g}",
        "quiet.deviation": short(np.sqrt(quiet)),
        "quiet.factor": number(np.sqrt((quiet + EPSILON) / (quiet + TORCH_EPSILON)), 2),
        "border": number(border, 2),
        "inside": rounded(inside),
        "tensorflow": CONVERTER,
    }
    return Analysis(
        values={name: Value(text, ORIGIN) for name, text in numbers.items()},
        tables={
            "worked": worked(),
            "mistakes": mistaken(),
            "axes": axes(),
            "converted": converted(),
        },
    )
