"""Describe what is measured in a run, by name: metrics of an epoch, and what checks find."""

from collections.abc import Callable, Mapping

from bnreport.errors import BnreportError
from bnreport.pages.data.columns import ACCURACY, NATS, Column

METRICS: Mapping[str, tuple[str, str]] = {
    "loss": ("running mean over the epoch's batches in training mode, as Keras prints it", NATS),
    "accuracy": ("running mean over the epoch's batches in training mode", ACCURACY),
    "bar_loss": ("mean over the steps of the running means so far, the last one twice", NATS),
    "bar_accuracy": (
        "mean over the steps of the running means so far, as Keras 3.8 to 3.10 prints it",
        ACCURACY,
    ),
    "train_loss": ("on the training images after the epoch, in inference mode", NATS),
    "train_accuracy": ("on the training images after the epoch, in inference mode", ACCURACY),
    "val_loss": ("on the validation images after the epoch, in inference mode", NATS),
    "val_accuracy": ("on the validation images after the epoch, in inference mode", ACCURACY),
    "test_loss": ("on the test images after the epoch, in inference mode", NATS),
    "test_accuracy": ("on the test images after the epoch, in inference mode", ACCURACY),
    "gd": ("plain gradient descent: what is left of the excess loss, from -16 to 6", "log10"),
    "bngd": ("batch-normalized descent: what is left of the excess loss, from -16 to 6", "log10"),
}


def _fact(name: str) -> Column:
    return Column(name, "number", "a fact of Keras: 1 for yes, 0 for no, or a number")


def _cost(name: str) -> Column:
    step, _, net = name.partition("_")
    unit = "MB" if step.startswith("peak") else "s"
    noun = "the most memory" if unit == "MB" else "time"
    return Column(name, "number", f"{noun} that {step!r} took of the net {net!r}", unit)


# Kinds of trials whose metrics have names of their own.
NAMED: Mapping[str, Callable[[str], Column]] = {"facts": _fact, "timing": _cost, "bench": _cost}


def metric(name: str, kind: str) -> Column:
    """The column of a metric of that name, measured by trials of that kind.

    Raises:
        BnreportError: when nothing describes it.
    """
    if name in METRICS:
        description, unit = METRICS[name]
        return Column(name, "number", description, unit)
    if kind not in NAMED:
        raise BnreportError(
            f"Expected a description of each metric. Received: {name!r} of a trial of the kind "
            f"{kind!r}, which has none. Write it into METRICS of bnreport/pages/data/quantities.py."
        )
    return NAMED[kind](name)


NORMALIZERS = "layers of BN from the input on"
HIDDEN = "hidden layers from the input on"
LAYERS = "layers from the input on; the output layer is the last"
BLOCKS = "blocks from the input on"
STEPS = "the check's setting steps"
FACTORS = "the check's setting factors"
# What each probe finds, and what the positions of its numbers count.
FOUND: Mapping[tuple[str, str], tuple[str, str]] = {
    ("averaged", "<statistics>_<part>_loss"): (
        "mean loss of averaged weights on a part of the images, by these statistics of BN: fresh, "
        "deployed (of the last weights), or averaged as the weights are",
        "",
    ),
    ("averaged", "<statistics>_<part>_accuracy"): ("share of these images that are right", ""),
    ("score", "loss"): ("mean cross-entropy, in nats", ""),
    ("score", "accuracy"): (ACCURACY, ""),
    ("activations", "mean"): ("mean of a layer's outputs before normalizer and activation", HIDDEN),
    ("activations", "std"): ("standard deviation of the same outputs", HIDDEN),
    ("activations", "dead"): ("share of units whose activation is at most zero everywhere", HIDDEN),
    ("biases", "bias"): ("norm of the loss's gradient by the layer's bias", HIDDEN),
    ("biases", "beta"): ("norm of the loss's gradient by its normalizer's beta", HIDDEN),
    ("distribution", "outputs"): (
        "quantiles .02, .06 to .98 of a layer's outputs before its normalizer",
        "25 quantiles of the first hidden layer, then 25 of the next",
    ),
    ("distribution", "entering"): (
        "the same quantiles of what enters the activation",
        "25 quantiles of the first hidden layer, then 25 of the next",
    ),
    ("distribution", "units"): (
        "the same quantiles of the first eight units of the last hidden layer, before its "
        "normalizer",
        "25 quantiles of the first unit, then 25 of the next",
    ),
    ("drift", "hidden"): (
        "mean distance by which units' means moved since the mark before, in standard deviations "
        "of then, before the normalizer; at the first mark there is none before it, so it is 0",
        HIDDEN,
    ),
    ("drift", "norm"): ("the same after the normalizer, noise included", HIDDEN),
    ("folding", "difference"): ("largest change of a logit when BN is folded into its layer", ""),
    ("folding", "agreement"): ("share of images that get the same class", ""),
    ("gradients", "weights"): ("norm of the loss's gradient by the layer's kernel", LAYERS),
    ("gradients", "outputs"): (
        "norm of the loss's gradient by the layer's outputs, before normalizer and activation, "
        "over the batch",
        LAYERS,
    ),
    ("landscape", "loss"): ("loss at a distance along the gradient's step, in nats", STEPS),
    ("landscape", "change"): ("distance of the gradient there from that at the start", STEPS),
    ("landscape", "beta"): ("that distance divided by the distance moved", STEPS),
    ("landscape", "relative"): ("that distance divided by the gradient's norm at the start", STEPS),
    ("lookahead", "distance"): (
        "|G - G'| / |G|: how a layer's gradient changes when the layers before it take their step; "
        "0 for the first layer, which has none before it",
        LAYERS,
    ),
    ("lookahead", "cosine"): ("cosine of G and G'; 1 for the first layer", LAYERS),
    ("mates", "batch"): (
        "largest change of a logit when other images of the batch are inverted, by batch "
        "statistics",
        "",
    ),
    ("branches", "branch"): (
        "end of a residual branch before its sum, root mean square in training mode",
        BLOCKS,
    ),
    ("branches", "shortcut"): ("the same of the shortcut that it is added to", BLOCKS),
    ("mates", "inference"): ("the same by moving averages", ""),
    ("mates", "alone"): (
        "one image as a batch: largest distance of a normalizer's outputs from its beta",
        HIDDEN,
    ),
    ("moves", "mean-<window>"): (
        "mean distance by which means of what enters BN move in a step, in standard deviations, "
        "over a window of so many steps",
        NORMALIZERS,
    ),
    ("moves", "spread-<window>"): (
        "the same for the natural logarithm of the standard deviation",
        NORMALIZERS,
    ),
    ("moves", "growth-<window>"): (
        "mean change of that logarithm in a step, with its sign",
        NORMALIZERS,
    ),
    ("rotations", "length"): (
        "length of the rows of the layer's kernel, root mean square, where the steps begin",
        LAYERS,
    ),
    ("rotations", "turn"): (
        "angle by which a step turns these rows, in radians, root mean square over rows and steps",
        LAYERS,
    ),
    ("scaling", "logits"): ("largest change of a logit at scaled hidden kernels", FACTORS),
    ("scaling", "gradient"): ("factor times the gradient's norm there, by that at 1", FACTORS),
    ("scaling", "cosine"): ("largest absolute cosine of a unit's gradient and its kernel", ""),
    ("scoring", "<statistics>_<part>_loss"): (
        "mean loss on a part of the images, by these statistics of BN: deployed (momentum 0.99), "
        "fresh (of training images, layer by layer), means (of batches), own (as fresh, of the "
        "scored images), batch or class and a size (of batches of these), or m and a momentum",
        "",
    ),
    ("scoring", "<statistics>_<part>_accuracy"): ("share of these images that are right", ""),
    ("slopes", "weights"): ("norm of the loss's gradient by the layer's kernel", LAYERS),
    ("similarity", "cosine"): (
        "mean cosine between two images' activations in the last hidden layer",
        "",
    ),
    ("similarity", "rank"): (
        "effective rank of these activations: exp of the entropy of their normalized singular "
        "values",
        "",
    ),
    ("variances", "ratio"): (
        "variance that a normalizer meets in inference divided by its moving variance, the mean "
        "over units",
        HIDDEN,
    ),
}
