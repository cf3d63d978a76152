"""A batch on its way through a net, layer by layer, by the statistics asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import keras

from bnreport.training import layers

Tensors: TypeAlias = list[Any]
# "training" trains; "batch" only normalizes by the batch; "inference" by the moving averages.
Mode: TypeAlias = Literal["training", "batch", "inference"]


@dataclass(frozen=True)
class Walk:
    """A batch on its way through a net: logits, the new state, and each layer's outputs."""

    logits: Any
    state: Tensors
    outputs: Mapping[str, Any]


def walk(
    model: keras.Sequential,
    weights: Tensors,
    state: Tensors,
    x: Any,
    mode: Mode,
    numbers: Mapping[str, Any],
    nudges: Mapping[str, Any] | None = None,
) -> Walk:
    """Run a batch through the net, layer by layer, without changing the model.

    Args:
        model: a net of `build`.
        weights: its trainable variables.
        state: its other variables.
        x: images, (images, height, width).
        mode: how to normalize, and whether to train.
        numbers: `momentum` and `noise` of the run; they are set in the layers while these run.
        nudges: what is added to the outputs of layers, by name; to differentiate by them.
    """
    outputs: dict[str, Any] = {}
    left, rest, new = list(weights), list(state), []
    for layer in model.layers:
        mine = [left.pop(0) for _ in layer.trainable_variables]
        own = [rest.pop(0) for _ in layer.non_trainable_variables]
        x, own = _call(layer, mine, own, x, mode, numbers)
        if nudges and layer.name in nudges:
            x = x + nudges[layer.name]
        outputs[layer.name] = x
        new += own
    return Walk(x, new, outputs)


def _call(
    layer: keras.Layer,
    weights: Tensors,
    state: Tensors,
    x: Any,
    mode: Mode,
    numbers: Mapping[str, Any],
) -> tuple[Any, Tensors]:
    more: dict[str, Any] = {}
    kept = {}
    if isinstance(layer, keras.layers.BatchNormalization):
        more["training"] = mode != "inference"
        kept["momentum"] = layer.momentum
    if isinstance(layer, layers.NoisyBatchNormalization):
        kept["noise"] = layer.noise
    if isinstance(layer, keras.layers.Dropout):
        more["training"] = mode == "training"
    # Numbers of the run, not of the program: runs that differ in them share what is compiled.
    for name in kept:
        setattr(layer, name, numbers[name])
    try:
        outputs, state = layer.stateless_call(weights, state, x, **more)
        return outputs, state
    finally:
        for name, value in kept.items():
            setattr(layer, name, value)
