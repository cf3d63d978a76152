"""Train one run: a whole epoch is one program compiled by XLA, in explicit batch order."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from bnreport import backends
from bnreport.data import Dataset
from bnreport.draws import batch_order
from bnreport.models import build, initial_weights
from bnreport.trials import Trial

# The step whose loss is compared across machines: late enough to tell a wrong program, early
# enough that rounding has not yet grown.
EARLY_STEP = 20


@dataclass(frozen=True)
class Score:
    """Which images a net gets right after an epoch, in inference mode."""

    epoch: int
    val_correct: NDArray[np.bool_]
    test_correct: NDArray[np.bool_]


@dataclass(frozen=True)
class Outcome:
    """What a run leaves behind; each list of `history` holds one number an epoch.

    `loss` and `accuracy` are Keras' running means over the epoch's batches, in training mode;
    `train_*` and `val_*` are evaluated after the epoch, in inference mode. A run that diverged
    ends with the first epoch that has a number which is not finite; such numbers are None.
    """

    history: dict[str, list[float | None]]
    scores: tuple[Score, ...]
    early_loss: float | None
    diverged: bool


@dataclass(frozen=True)
class Program:
    """A net and its two compiled functions; the weights are arguments, so runs share it."""

    model: keras.Sequential
    epoch: Callable[..., Any]
    evaluate: Callable[..., Any]


@lru_cache(maxsize=8)
def program(net: str, image: tuple[int, int]) -> Program:
    """The compiled programs of a net; they compile on their first call in a process."""
    model = build(net, image)

    def forward(weights: Any, state: Any, x: Any, y: Any) -> tuple[Any, tuple[Any, Any]]:
        logits, state = model.stateless_call(weights, state, x, training=True)
        return _loss(y, logits), (state, ops.sum(ops.cast(_hits(y, logits), "float32")))

    gradient = backends.value_and_gradient(forward)

    def step(
        weights: Any, state: Any, rate: Any, x: Any, y: Any, batch: Any
    ) -> tuple[Any, Any, Any, Any]:
        x, y = ops.take(x, batch, axis=0), ops.take(y, batch, axis=0)
        (loss, (state, hits)), slopes = gradient(weights, state, x, y)
        return [w - rate * g for w, g in zip(weights, slopes, strict=True)], state, loss, hits

    def epoch(
        weights: Any, state: Any, rate: Any, x: Any, y: Any, full: Any, last: Any
    ) -> tuple[Any, ...]:
        size = full.shape[1]

        def body(i: Any, carry: Any) -> Any:
            weights, state, total, right, early = carry
            weights, state, loss, hits = step(weights, state, rate, x, y, full[i])
            early = ops.where(ops.equal(i, EARLY_STEP - 1), loss, early)
            return weights, state, total + loss * size, right + hits, early

        zero = ops.zeros((), "float32")
        carry = (weights, state, zero, zero, zero)
        weights, state, total, right, early = ops.fori_loop(0, full.shape[0], body, carry)
        if last.shape[0]:
            weights, state, loss, hits = step(weights, state, rate, x, y, last)
            total, right = total + loss * last.shape[0], right + hits
        images = full.shape[0] * size + last.shape[0]
        return weights, state, total / images, right / images, early

    def evaluate(weights: Any, state: Any, x: Any, y: Any) -> tuple[Any, Any]:
        logits, _ = model.stateless_call(weights, state, x, training=False)
        return _loss(y, logits), _hits(y, logits)

    return Program(model, backends.compiled(epoch), backends.compiled(evaluate))


def _loss(labels: Any, logits: Any) -> Any:
    return ops.mean(ops.sparse_categorical_crossentropy(labels, logits, from_logits=True))


def _hits(labels: Any, logits: Any) -> Any:
    return ops.equal(ops.cast(ops.argmax(logits, axis=-1), "int32"), labels)


def on_device(array: Any) -> Any:
    """The array as a tensor of the backend."""
    return ops.convert_to_tensor(array)


@dataclass(frozen=True)
class Split:
    """One part of the data on the device."""

    x: Any
    y: Any


def splits(data: Dataset) -> tuple[Split, Split, Split]:
    """Training, validation and test images on the device."""
    return (
        Split(on_device(data.x_train), on_device(data.y_train)),
        Split(on_device(data.x_val), on_device(data.y_val)),
        Split(on_device(data.x_test), on_device(data.y_test)),
    )


def start(net: Program, seed: int) -> tuple[list[Any], list[Any]]:
    """The trainable and non-trainable variables of a fresh run on the device."""
    weights, state = initial_weights(net.model, seed)
    return [on_device(w) for w in weights], [on_device(s) for s in state]


def train(
    trial: Trial,
    seed: int,
    data: tuple[Split, Split, Split],
    after_epoch: Callable[[int], None] = lambda epoch: None,
) -> Outcome:
    """Train one run and score it.

    Args:
        trial: the setting.
        seed: fixes initial weights and batch order.
        data: training, validation and test images on the device.
        after_epoch: called with the number of each finished epoch.

    Returns:
        The history, the scored epochs and the loss of step 20 of the first epoch.
    """
    training, validation, test = data
    images, *image = training.x.shape
    net = program(trial.net, (int(image[0]), int(image[1])))
    weights, state = start(net, seed)
    rate = on_device(np.float32(trial.learning_rate))
    rows: list[dict[str, float]] = []
    scores: list[Score] = []
    early_loss, diverged = float("nan"), False
    for epoch in range(1, trial.epochs + 1):
        seen = (epoch - 1) % trial.replay_after + 1 if trial.replay_after else epoch
        full, last = batch_order(seed, seen, int(images), trial.batch_size)
        weights, state, loss, accuracy, early = net.epoch(
            weights, state, rate, training.x, training.y, on_device(full), on_device(last)
        )
        train_loss, train_hits = net.evaluate(weights, state, training.x, training.y)
        val_loss, val_hits = net.evaluate(weights, state, validation.x, validation.y)
        row = {
            "loss": loss,
            "accuracy": accuracy,
            "train_loss": train_loss,
            "train_accuracy": np.mean(_numpy(train_hits)),
            "val_loss": val_loss,
            "val_accuracy": np.mean(_numpy(val_hits)),
        }
        rows.append({name: float(_numpy(value)) for name, value in row.items()})
        if epoch == 1 and len(full) >= EARLY_STEP:
            early_loss = float(_numpy(early))
        if epoch in trial.score_epochs:
            _, test_hits = net.evaluate(weights, state, test.x, test.y)
            scores.append(Score(epoch, _numpy(val_hits), _numpy(test_hits)))
        after_epoch(epoch)
        diverged = not all(np.isfinite(value) for value in rows[-1].values())
        if diverged:
            break
    return Outcome(
        history={name: [_finite(row[name]) for row in rows] for name in rows[0]},
        scores=tuple(scores),
        early_loss=_finite(early_loss),
        diverged=diverged,
    )


def _numpy(tensor: Any) -> NDArray[Any]:
    return np.asarray(ops.convert_to_numpy(tensor))


def _finite(value: float) -> float | None:
    # The shortest decimal that is this float32: records stay small and lose nothing.
    return float(str(np.float32(value))) if np.isfinite(value) else None
