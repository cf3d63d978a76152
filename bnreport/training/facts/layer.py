"""A layer of batch normalization, alone and in models: what the facts are asked of."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Facts = dict[str, float]
Floats = NDArray[np.float32]

# Far from what the layer starts with, a mean of 0 and a variance of 1, and easy to tell by its sum.
BATCH = np.array([[3.0, 9.0], [5.0, 5.0], [7.0, 7.0], [5.0, 3.0]], np.float32)


def layer(**settings: Any) -> Any:
    """A layer of Keras."""
    import keras

    return keras.layers.BatchNormalization(**settings)


def called(norm: Any, inputs: Any, training: bool | None = None, **more: Any) -> Floats:
    """The answer of a layer or a model."""
    import keras

    answer: Floats = keras.ops.convert_to_numpy(norm(inputs, training=training, **more))
    return answer


def kept(norm: Any) -> tuple[Floats, Floats]:
    """The moving mean and variance, (features,) each."""
    return np.array(norm.moving_mean), np.array(norm.moving_variance)


def refused(call: Callable[[], Any]) -> float:
    """1 where a call raises an error."""
    try:
        call()
    except (IndexError, TypeError, ValueError):
        return 1.0
    return 0.0


def largest(difference: Any) -> float:
    """The largest number without its sign."""
    return float(np.abs(difference).max())


def _in_state(state: str) -> tuple[Any, Any]:
    """A layer within a model, its parent."""
    import keras

    norm = layer(momentum=0.5)
    model = keras.Sequential([keras.Input((BATCH.shape[1],)), norm])
    norm.trainable = state != "frozen"
    if state in {"parent", "thawed"}:
        model.trainable = False
    if state == "thawed":
        norm.trainable = True
    return norm, model


def _by_batch(square: float) -> float:
    # By its own statistics the batch has a mean square of 1 at most, by the initial ones over 30.
    return float(square < 2)


def _changed(norm: Any, before: list[Any]) -> Facts:
    same = [np.array_equal(*pair) for pair in zip(before, norm.get_weights(), strict=True)]
    return {"moved": float(not all(same[2:])), "learned": float(not all(same[:2]))}


def _compile(model: Any) -> None:
    import keras

    model.compile(keras.optimizers.SGD(0.1), keras.losses.MeanSquaredError())


def _fit(model: Any) -> float:
    zeros = np.zeros_like(BATCH)
    history = model.fit(BATCH, zeros, batch_size=len(BATCH), epochs=1, shuffle=False, verbose=0)
    return float(history.history["loss"][0])
