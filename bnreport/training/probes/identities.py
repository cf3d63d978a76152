"""Probes of identities: scaling of weights, mates in a batch, folding."""

from typing import Any

import keras
from keras import ops

from bnreport.protocol.nets import Net
from bnreport.training.probes.snapshot import (
    Found,
    Glance,
    _by_unit,
    _cosines,
    _largest,
    _length,
    flat,
)


def scaling(glance: Glance) -> Found:
    """The effect of multiplying hidden layers' kernels and biases by a factor, in training mode.

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
    """The effect of an image's mates in a batch.

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
    """Compare a plain dense net that BN was folded into with the net itself, in inference.

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
            f"normalized_inputs={net.normalized_inputs}. Use a dense net with batch normalization."
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
