"""What can be measured at a checkpoint: pure functions of a net, its weights and a batch.

A probe sees a `Glance` and returns tensors by name; it is compiled, and vectorized with the runs.
A new one is a function here and its name in `PROBES`; the engine does not change.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from keras import ops

from bnreport import backends

Tensors: TypeAlias = list[Any]
Found: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Glance:
    """What a probe sees of a run.

    Attributes:
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


def _length(tensors: Tensors) -> Any:
    return ops.sqrt(sum(ops.sum(ops.square(tensor)) for tensor in tensors))


PROBES: dict[str, Callable[[Glance], Found]] = {
    "activations": activations,
    "drift": drift,
    "gradients": gradients,
    "landscape": landscape,
    "lookahead": lookahead,
    "similarity": similarity,
}
