"""Probes of activations: spread, similarity, drift, distribution."""

from typing import Any

from keras import ops

from bnreport.training.probes.snapshot import Found, Glance, Tensors, flat

# The quantiles that stand for a distribution, and the units whose own distributions are kept.
LEVELS = tuple(round(0.02 + 0.04 * place, 2) for place in range(25))
UNITS = 8


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
    """The similarity of the images to the last hidden layer.

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
    """The move of each hidden unit's mean since the check before, in standard deviations.

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
            f"Received: normalizer={glance.net.normalizer!r}. Use a net with batch normalization."
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
    """The spread over images of the numbers inside the net, at `LEVELS`, layer by layer.

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
