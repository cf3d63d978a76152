"""Find what `training`, `trainable` and a frozen parent switch."""

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np

from bnreport.protocol.facts import LATE, MODES, STATES, TOLD
from bnreport.training.facts.layer import (
    BATCH,
    Facts,
    _by_batch,
    _changed,
    _compile,
    _fit,
    _in_state,
    called,
    refused,
)


def _used() -> Iterator[tuple[str, float]]:
    """Yield `training` by `trainable` by a frozen parent: "<state>_<mode>_<what>".

    "batch": it normalizes by the batch. "moved": the moving averages change. "learned": gamma or
    beta change. "variables": how many variables of the layer are trainable.
    """
    for state, mode in product(STATES, MODES):
        norm, model = _in_state(state)
        for what, value in _changes(norm, model, mode).items():
            yield f"{state}_{mode}_{what}", value
        yield f"{state}_{mode}_variables", len(norm.trainable_variables)


def _changes(norm: Any, model: Any, mode: str) -> Facts:
    """The changes by one use; the loss of a fit is the mean square of the layer's answer."""
    before = norm.get_weights()
    match mode:
        case "fit":
            _compile(model)
            square = _fit(model)
        case "evaluate":
            _compile(model)
            square = float(model.evaluate(BATCH, np.zeros_like(BATCH), verbose=0))
        case _:
            training = {"none": None, "false": False, "true": True}[mode]
            square = float(np.mean(called(model, BATCH, training) ** 2))
    return {"batch": _by_batch(square), **_changed(norm, before)}


def _compiled() -> Iterator[tuple[str, float]]:
    """A layer that is frozen once its model is fitted: the next fit, and one compiled anew.

    "refused": the fit raises an error. On JAX the weights are lost then.
    """
    for when in LATE:
        norm, model = _in_state("trainable")
        _compile(model)
        _fit(model)
        norm.trainable = False
        if when == "recompiled":
            _compile(model)
        before = norm.get_weights()
        no = refused(lambda: _fit(model))  # noqa: B023 - called at once
        yield f"{when}_fit_refused", no
        changes = {"moved": 0.0, "learned": 0.0} if no else _changed(norm, before)
        for what, value in changes.items():
            yield f"{when}_fit_{what}", value


def _told() -> Iterator[tuple[str, float]]:
    """A trainable layer that is called with `training=False` within a model, which is fitted.

    "told-model": in a model of its own, as the guide of Keras has it. "told-layer": by itself.
    "told-method": in the `call` of a class.
    """
    import keras

    class Told(keras.Model):  # type: ignore[misc]
        def __init__(self, norm: Any) -> None:
            super().__init__()
            self.norm = norm

        def call(self, inputs: Any) -> Any:
            return self.norm(inputs, training=False)

    for how in TOLD:
        norm, base = _in_state("trainable")
        inputs = keras.Input((BATCH.shape[1],))
        if how == "told-method":
            model = Told(norm)
        else:
            model = keras.Model(
                inputs, (base if how == "told-model" else norm)(inputs, training=False)
            )
        before = norm.get_weights()
        _compile(model)
        square = _fit(model)
        for what, value in {"batch": _by_batch(square), **_changed(norm, before)}.items():
            yield f"{how}_fit_{what}", value


GROUPS: Mapping[str, Callable[[], Iterator[tuple[str, float]]]] = {
    "used": _used,
    "compiled": _compiled,
    "told": _told,
}


def switches(group: str, _: int) -> Iterator[tuple[str, float]]:
    """Yield what switches of that group do."""
    yield from GROUPS[group]()
