"""Probes of gradients and of the loss along a step."""

from typing import Any

from keras import ops

from bnreport.training import backends
from bnreport.training.probes.snapshot import Found, Glance, Tensors, _length, norm


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


def lookahead(glance: Glance) -> Found:
    """The change of each layer's gradient when the layers before it take their step.

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
