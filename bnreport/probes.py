"""What can be measured at a checkpoint: pure functions of a net, its weights and a batch.

A probe sees a `Glance` and returns tensors by name; it is compiled, and vectorized with the runs.
A new one is a function here and its name in `PROBES`; the engine does not change.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import keras
from keras import ops

from bnreport import backends
from bnreport.trials import Net

Tensors: TypeAlias = list[Any]
Found: TypeAlias = dict[str, Any]

# The quantiles that stand for a distribution, and the units whose own distributions are kept.
LEVELS = tuple(round(0.02 + 0.04 * place, 2) for place in range(25))
UNITS = 8


@dataclass(frozen=True)
class Glance:
    """What a probe sees of a run.

    Attributes:
        net: the structure of the net.
        names: of the weights and of the state, as "<layer>/<variable>".
        layers: names of the layers with a kernel, from the input to the output.
        kernels: where their kernels are in `weights`.
        norms: names of the normalizers of the blocks.
        weights, state: the variables after the check's step.
        before: weights and state at the check's step before, the same ones at its first.
        x, y: images (images, height, width) and labels (images,).
        numbers: the run's numbers, `learning_rate` among them.
        walk: (weights, state, x, mode, nudges) -> `models.Walk`.
        loss: (weights, state, x, y, nudges) -> mean loss in training mode, a scalar.
        settings: the probe's settings.
    """

    net: Net
    names: tuple[tuple[str, ...], tuple[str, ...]]
    layers: tuple[str, ...]
    kernels: tuple[int, ...]
    norms: tuple[str, ...]
    weights: Tensors
    state: Tensors
    before: tuple[Tensors, Tensors]
    x: Any
    y: Any
    numbers: Mapping[str, Any]
    walk: Callable[..., Any]
    loss: Callable[..., Any]
    settings: Mapping[str, Any]

    @property
    def values(self) -> dict[str, Any]:
        """The weights and the state by name."""
        weights, state = self.names
        return dict(zip(weights + state, [*self.weights, *self.state], strict=True))

    def slopes(self) -> dict[str, Any]:
        """The gradient by the weights, by name."""
        return dict(zip(self.names[0], self.gradient(self.weights), strict=True))

    def logits(self, weights: Tensors, x: Any, mode: str) -> Any:
        """The net's outputs for these images, (images, classes)."""
        return self.walk(weights, self.state, x, mode, None).logits

    def gradient(self, weights: Tensors) -> Tensors:
        """The gradient of the loss by the weights, on this batch, in training mode."""

        def loss(weights: Tensors) -> tuple[Any, Any]:
            return self.loss(weights, self.state, self.x, self.y, None), ()

        return backends.value_and_gradient(loss)(weights)[1]


def norm(tensor: Any) -> Any:
    """The square root of the sum of squares."""
    return ops.sqrt(ops.sum(ops.square(tensor)))


def flat(tensor: Any) -> Any:
    """(images, all else)."""
    return ops.reshape(tensor, (tensor.shape[0], -1))


def gradients(glance: Glance) -> Found:
    """Norms of the loss's gradient, by layer from input to output.

    `weights`: by the kernel; `outputs`: by the layer's outputs before normalizer and activation,
    over the batch. Their ratio from layer to layer is the factor by which a gradient grows or
    shrinks on its way back (Yang et al. 2019, arXiv 1902.08129).
    """
    shapes = glance.walk(glance.weights, glance.state, glance.x, "training", None).outputs
    nudges = [ops.zeros_like(shapes[name]) for name in glance.layers]

    def loss(both: tuple[Tensors, Tensors]) -> tuple[Any, Any]:
        weights, moved = both
        named = dict(zip(glance.layers, moved, strict=True))
        return glance.loss(weights, glance.state, glance.x, glance.y, named), ()

    _, (by_weights, by_outputs) = backends.value_and_gradient(loss)((glance.weights, nudges))
    return {
        "weights": ops.stack([norm(by_weights[i]) for i in glance.kernels]),
        "outputs": ops.stack([norm(slope) for slope in by_outputs]),
    }


def activations(glance: Glance) -> Found:
    """Mean and standard deviation of each hidden layer's outputs, and the share of dead units.

    Outputs are those before normalizer and activation, over all units and images; a unit is dead
    when its activation is at most zero for every image.
    """
    found = glance.walk(glance.weights, glance.state, glance.x, "batch", None).outputs
    hidden = [flat(found[name]) for name in glance.layers[:-1]]
    active = [flat(found[name.replace("hidden", "activation")]) for name in glance.layers[:-1]]
    dead = [ops.mean(ops.cast(ops.max(units, axis=0) <= 0, "float32")) for units in active]
    return {
        "mean": ops.stack([ops.mean(outputs) for outputs in hidden]),
        "std": ops.stack([ops.std(outputs) for outputs in hidden]),
        "dead": ops.stack(dead),
    }


def similarity(glance: Glance) -> Found:
    """How alike the images look to the last hidden layer.

    `cosine`: mean cosine between the activations of two images. `rank`: the effective rank of the
    activations, exp of the entropy of the normalized singular values (Roy and Vetterli 2007).
    """
    name = glance.layers[-2].replace("hidden", "activation")
    units = flat(glance.walk(glance.weights, glance.state, glance.x, "batch", None).outputs[name])
    if glance.settings.get("centred"):
        units = units - ops.mean(units)
    size = ops.sqrt(ops.sum(ops.square(units), axis=1, keepdims=True))
    unit = units / ops.maximum(size, 1e-12)
    images = units.shape[0]
    total = ops.sum(ops.square(ops.sum(unit, axis=0))) - ops.sum(ops.square(unit))
    spectrum = ops.svd(units, compute_uv=False)
    share = spectrum / ops.maximum(ops.sum(spectrum), 1e-12)
    entropy = -ops.sum(share * ops.log(ops.maximum(share, 1e-12)))
    return {"cosine": total / (images * (images - 1)), "rank": ops.exp(entropy)}


def drift(glance: Glance) -> Found:
    """How far each hidden unit's mean has moved since the check before, in standard deviations.

    The mean over units, by layer, of outputs before the normalizer ("hidden") or, where a
    normalizer follows, after it ("norm"; noise included), in training mode.
    """

    def moments(weights: Tensors, state: Tensors, name: str) -> tuple[Any, Any]:
        outputs = glance.walk(weights, state, glance.x, "training", None).outputs[name]
        axes = tuple(range(len(outputs.shape) - 1))
        mean, variance = ops.moments(outputs, axes=axes)
        return mean, ops.sqrt(variance + 1e-12)

    def moved(names: tuple[str, ...]) -> Any:
        parts = []
        for name in names:
            mean, _ = moments(glance.weights, glance.state, name)
            earlier, spread = moments(*glance.before, name)
            parts.append(ops.mean(ops.abs(mean - earlier) / spread))
        return ops.stack(parts)

    places = {"hidden": glance.layers[:-1], "norm": glance.norms}
    return {where: moved(names) for where, names in places.items() if names}


def lookahead(glance: Glance) -> Found:
    """How the gradient of each layer changes when the layers before it take their step.

    `distance`: |G - G'| / |G| and `cosine` of G and G' by layer, on the next batch with its own
    update. Source: Santurkar et al. 2018 (arXiv 1805.11604), definition 2.1.
    """
    slopes = glance.gradient(glance.weights)
    rate = glance.numbers["learning_rate"]
    distances, cosines = [], []
    for place in glance.kernels:
        stepped = [
            weight - rate * slope if i < place else weight
            for i, (weight, slope) in enumerate(zip(glance.weights, slopes, strict=True))
        ]
        here, there = slopes[place], glance.gradient(stepped)[place]
        size = ops.maximum(norm(here), 1e-12)
        distances.append(norm(here - there) / size)
        cosines.append(ops.sum(here * there) / (size * ops.maximum(norm(there), 1e-12)))
    return {"distance": ops.stack(distances), "cosine": ops.stack(cosines)}


def landscape(glance: Glance) -> Found:
    """Loss and gradient along the step that this batch asks for.

    Settings: `steps`, multiples of the learning rate, or with `relative` multiples of the norm of
    the kernels divided by the gradient's. Values by step: `loss`; `change`, the distance of the
    gradient from that at the start; `beta`, that distance divided by the distance moved;
    `relative`, `change` divided by the norm of the gradient at the start.
    Source: Santurkar et al. 2018 (arXiv 1805.11604), figure 4.
    """
    slopes = glance.gradient(glance.weights)
    size = ops.maximum(_length(slopes), 1e-12)
    unit = glance.numbers["learning_rate"]
    if glance.settings.get("relative"):
        unit = _length([glance.weights[i] for i in glance.kernels]) / size
    found: dict[str, list[Any]] = {"loss": [], "change": [], "beta": [], "relative": []}
    for step in glance.settings["steps"]:
        moved = [w - step * unit * g for w, g in zip(glance.weights, slopes, strict=True)]
        there = glance.gradient(moved)
        change = _length([a - b for a, b in zip(there, slopes, strict=True)])
        found["loss"].append(glance.loss(moved, glance.state, glance.x, glance.y, None))
        found["change"].append(change)
        found["beta"].append(change / (step * unit * size))
        found["relative"].append(change / size)
    return {name: ops.stack(values) for name, values in found.items()}


def biases(glance: Glance) -> Found:
    """Norms of the loss's gradient by each hidden layer's `bias`, and by its normalizer's `beta`.

    A batch's mean takes the bias before the normalizer away: its gradient vanishes where nothing
    stands between the two, and beta takes its place. Source: Ioffe and Szegedy 2015 (arXiv
    1502.03167), section 3.2.
    """
    slopes = glance.slopes()
    wanted = {
        "bias": [slopes[f"{name}/bias"] for name in glance.layers[:-1]],
        "beta": [slopes[f"{name}/beta"] for name in glance.norms],
    }
    return {name: ops.stack([norm(s) for s in found]) for name, found in wanted.items() if found}


def scaling(glance: Glance) -> Found:
    """What multiplying the hidden layers' kernels and biases by a factor changes, in training mode.

    Settings: `factors`. By factor c: `logits`, the largest change of a logit; `gradient`, c times
    the norm of the gradient by the hidden kernels at cW divided by that at W, which is 1 where the
    scale of W plays no part. `cosine`: the largest absolute cosine of a unit's gradient and its
    kernel at W, which is then 0.
    Source: Ioffe and Szegedy 2015 (arXiv 1502.03167), section 3.3; van Laarhoven 2017 (arXiv
    1706.05350); Arora, Li and Lyu 2019 (arXiv 1812.03981).
    """
    hidden = glance.kernels[:-1]
    whole = {f"{layer}/{v}" for layer in glance.layers[:-1] for v in ("kernel", "bias")}
    here = glance.gradient(glance.weights)
    start = glance.logits(glance.weights, glance.x, "training")
    size = ops.maximum(_length([here[i] for i in hidden]), 1e-30)
    logits, ratios = [], []
    for factor in glance.settings["factors"]:
        scaled = [
            factor * weight if name in whole else weight
            for name, weight in zip(glance.names[0], glance.weights, strict=True)
        ]
        logits.append(_largest(glance.logits(scaled, glance.x, "training") - start))
        there = glance.gradient(scaled)
        ratios.append(factor * _length([there[i] for i in hidden]) / size)
    cosines = [_cosines(_by_unit(here[i]), _by_unit(glance.weights[i])) for i in hidden]
    return {
        "logits": ops.stack(logits),
        "gradient": ops.stack(ratios),
        "cosine": ops.max(ops.stack([_largest(by_unit) for by_unit in cosines])),
    }


def mates(glance: Glance) -> Found:
    """What an image's mates in a batch change.

    The second half of the images is inverted: the largest change of a logit of the first half,
    normalized by the `batch`, and in `inference`. `alone`: the first image as a batch of one, the
    largest distance of a normalizer's outputs from its beta, by block; batch normalization of one
    image in a dense layer leaves nothing else.
    """
    half = glance.x.shape[0] // 2
    others = ops.concatenate([glance.x[:half], 1.0 - glance.x[half:]], axis=0)
    found = {}
    for mode in ("batch", "inference"):
        here, there = (glance.logits(glance.weights, x, mode)[:half] for x in (glance.x, others))
        found[mode] = _largest(here - there)
    if glance.norms:
        values = glance.values
        outputs = glance.walk(glance.weights, glance.state, glance.x[:1], "batch", None).outputs
        found["alone"] = ops.stack(
            [_largest(outputs[name] - values[f"{name}/beta"]) for name in glance.norms]
        )
    return found


def folding(glance: Glance) -> Found:
    """How a plain dense net answers that batch normalization was folded into, in inference.

    `difference`: the largest of a logit; `agreement`: the share of images with the same class.

    Raises:
        ValueError: for a net without batch normalization, or with other layers than dense ones.
    """
    net = glance.net
    normalized = net.normalizer == "batch" or (net.normalizer == "none" and net.normalized_inputs)
    if net.filters or not normalized:
        raise ValueError(
            "Expected a dense net with batch normalization and no other. "
            f"Received: filters={net.filters}, normalizer={net.normalizer!r}, "
            f"normalized_inputs={net.normalized_inputs}. Do fold a net without convolutions."
        )
    units = flat(glance.x)
    for name, (kernel, bias) in _folded(glance).items():
        units = ops.matmul(units, ops.transpose(kernel)) + bias
        if name != glance.layers[-1]:
            units = _activated(net, units)
    logits = glance.logits(glance.weights, glance.x, "inference")
    same = ops.equal(ops.argmax(logits, axis=-1), ops.argmax(units, axis=-1))
    return {
        "difference": _largest(logits - units),
        "agreement": ops.mean(ops.cast(same, "float32")),
    }


def _folded(glance: Glance) -> dict[str, tuple[Any, Any]]:
    """Kernel, (units, inputs), and bias of each layer, with every normalizer folded into one.

    One that follows its kernel is folded backwards into it, any other forwards into the next.
    """
    values = glance.values

    def line(norm: str) -> tuple[Any, Any]:
        gamma, beta, mean, variance = (
            values[f"{norm}/{v}"] for v in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        slope = gamma / ops.sqrt(variance + glance.net.epsilon)
        return slope, beta - slope * mean

    folded = {}
    ahead = line("norm0") if glance.net.normalized_inputs else None
    for name in glance.layers:
        kernel, bias = values[f"{name}/kernel"], values[f"{name}/bias"]
        if ahead:
            slope, shift = ahead
            kernel, bias, ahead = kernel * slope, bias + ops.matmul(kernel, shift), None
        if (norm := name.replace("hidden", "norm")) in glance.norms:
            if glance.net.placement == "before":
                slope, shift = line(norm)
                kernel, bias = kernel * slope[:, None], bias * slope + shift
            else:
                ahead = line(norm)
        folded[name] = (kernel, bias)
    return folded


def _activated(net: Net, units: Any) -> Any:
    if net.activation == "leaky_relu":
        return ops.leaky_relu(units, 0.3)
    return keras.activations.get(net.activation)(units)


def variances(glance: Glance) -> Found:
    """The variance that each batch normalizer meets in inference, as a share of the one it assumes.

    `ratio`: the variance of its inputs over the images divided by its moving variance, the mean
    over units, by layer. Dropout before it makes the two differ.
    Source: Li et al. 2018 (arXiv 1801.05134), variance shift.

    Raises:
        ValueError: for a net whose blocks have no moving variance.
    """
    values = glance.values
    names = [name for name in glance.norms if f"{name}/moving_variance" in values]
    if not names:
        raise ValueError(
            "Expected batch normalization in the blocks. "
            f"Received: normalizer={glance.net.normalizer!r}. Do look at another net."
        )
    outputs = glance.walk(glance.weights, glance.state, glance.x, "inference", None).outputs
    before = "hidden" if glance.net.placement == "before" else "activation"
    ratios = []
    for name in names:
        inputs = outputs[name.replace("norm", before)]
        met = ops.var(inputs, axis=tuple(range(len(inputs.shape) - 1)))
        # The moving variance of a unit that died long ago falls below what float32 holds.
        ratios.append(ops.mean(met / ops.maximum(values[f"{name}/moving_variance"], 1e-12)))
    return {"ratio": ops.stack(ratios)}


def distribution(glance: Glance) -> Found:
    """How the numbers inside the net are spread over images, at `LEVELS`, layer by layer.

    `outputs`: the layer's outputs before its normalizer, over all units and images; `entering`:
    what then enters the activation, normalized where the net has a normalizer there; `units`: the
    outputs of the first `UNITS` units of the last hidden layer, unit by unit.
    """
    found = glance.walk(glance.weights, glance.state, glance.x, "batch", None).outputs
    levels = ops.convert_to_tensor(LEVELS, dtype="float32")
    outputs = [flat(found[name]) for name in glance.layers[:-1]]
    entering = [
        flat(found.get(name.replace("hidden", "norm"), found[name])) for name in glance.layers[:-1]
    ]
    return {
        "outputs": ops.stack([ops.quantile(units, levels) for units in outputs]),
        "entering": ops.stack([ops.quantile(units, levels) for units in entering]),
        "units": ops.transpose(ops.quantile(outputs[-1][:, :UNITS], levels, axis=0)),
    }


def _largest(tensor: Any) -> Any:
    return ops.max(ops.abs(tensor))


def _by_unit(kernel: Any) -> Any:
    """(units, inputs), of a dense layer or a convolution."""
    if len(kernel.shape) == 2:
        return kernel
    return ops.transpose(ops.reshape(kernel, (-1, kernel.shape[-1])))


def _cosines(left: Any, right: Any) -> Any:
    """Of each row with the same row, (rows,)."""
    lengths = [ops.sqrt(ops.sum(ops.square(rows), axis=1)) for rows in (left, right)]
    return ops.sum(left * right, axis=1) / ops.maximum(lengths[0] * lengths[1], 1e-30)


def _length(tensors: Tensors) -> Any:
    return ops.sqrt(sum(ops.sum(ops.square(tensor)) for tensor in tensors))


PROBES: dict[str, Callable[[Glance], Found]] = {
    "activations": activations,
    "biases": biases,
    "distribution": distribution,
    "drift": drift,
    "folding": folding,
    "gradients": gradients,
    "landscape": landscape,
    "lookahead": lookahead,
    "mates": mates,
    "scaling": scaling,
    "similarity": similarity,
    "variances": variances,
}
