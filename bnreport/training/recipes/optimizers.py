"""Optimizers as pure functions of one variable, equal to those of Keras.

Keras has `stateless_apply` for this, but not on TensorFlow; tests compare each with Keras' own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from keras import ops

from bnreport.protocol.optimization import Optimizer

Tensors: TypeAlias = list[Any]
# Numbers of a run by name: those of `numbers_of`, and in a step "rate" and "step", from 1.
Numbers: TypeAlias = Mapping[str, Any]
# (weight, gradient, slots, numbers) -> (weight, slots)
Update: TypeAlias = Callable[[Any, Any, Sequence[Any], Numbers], tuple[Any, tuple[Any, ...]]]


@dataclass(frozen=True)
class Rule:
    """The change of a variable, and the number of tensors that the optimizer keeps for it."""

    slots: int
    update: Update


def _sgd(
    weight: Any, slope: Any, _: Sequence[Any], numbers: Numbers
) -> tuple[Any, tuple[Any, ...]]:
    return weight - numbers["rate"] * slope, ()


def _momentum(
    weight: Any, slope: Any, slots: Sequence[Any], numbers: Numbers
) -> tuple[Any, tuple[Any, ...]]:
    velocity = numbers["velocity"] * slots[0] - numbers["rate"] * slope
    return weight + velocity, (velocity,)


def _nesterov(
    weight: Any, slope: Any, slots: Sequence[Any], numbers: Numbers
) -> tuple[Any, tuple[Any, ...]]:
    push = numbers["rate"] * slope
    velocity = numbers["velocity"] * slots[0] - push
    return weight + numbers["velocity"] * velocity - push, (velocity,)


def _adam(
    weight: Any, slope: Any, slots: Sequence[Any], numbers: Numbers
) -> tuple[Any, tuple[Any, ...]]:
    beta_1, beta_2, step = numbers["beta_1"], numbers["beta_2"], numbers["step"]
    first = slots[0] + (slope - slots[0]) * (1 - beta_1)
    second = slots[1] + (ops.square(slope) - slots[1]) * (1 - beta_2)
    unbiased = ops.sqrt(1 - ops.power(beta_2, step)) / (1 - ops.power(beta_1, step))
    height = numbers["rate"] * unbiased
    return weight - first * height / (ops.sqrt(second) + numbers["epsilon"]), (first, second)


RULES = {
    "sgd": Rule(0, _sgd),
    "momentum": Rule(1, _momentum),
    "nesterov": Rule(1, _nesterov),
    "adam": Rule(2, _adam),
    "adamw": Rule(2, _adam),
}


def numbers_of(optimizer: Optimizer) -> dict[str, float]:
    """The numbers of an optimizer by the names that `apply` knows them by."""
    return {
        "velocity": optimizer.momentum,
        "beta_1": optimizer.beta_1,
        "beta_2": optimizer.beta_2,
        "epsilon": optimizer.epsilon,
        "decay": optimizer.weight_decay,
    }


def start(rule: str, weights: Tensors) -> Tensors:
    """Start what an optimizer keeps: the number of steps, then zeros."""
    zeros = [ops.zeros_like(w) for w in weights for _ in range(RULES[rule].slots)]
    return [ops.zeros((), "float32"), *zeros]


def apply(
    rule: str,
    weights: Tensors,
    slopes: Tensors,
    kept: Tensors,
    rate: Any,
    numbers: Numbers,
    decayed: Sequence[int] = (),
) -> tuple[Tensors, Tensors]:
    """Take a step: the weights after it, and what the optimizer keeps.

    Args:
        rule: the name of the rule.
        weights: the trainable variables.
        slopes: their gradients; None for a variable that does not change.
        kept: as `start` gives it, or the step before.
        rate: the learning rate of this step.
        numbers: those of `numbers_of`.
        decayed: the places of the variables that shrink by "decay" times the rate before the step.
    """
    many, update = RULES[rule].slots, RULES[rule].update
    now = {**numbers, "rate": rate, "step": kept[0] + 1}
    after, left = [], [now["step"]]
    for i, (weight, slope) in enumerate(zip(weights, slopes, strict=True)):
        mine = kept[1 + i * many : 1 + (i + 1) * many]
        if slope is None:
            after.append(weight)
            left += mine
            continue
        shrunk = weight - weight * numbers["decay"] * rate if i in decayed else weight
        new, slots = update(shrunk, slope, mine, now)
        after.append(new)
        left += slots
    return after, left
