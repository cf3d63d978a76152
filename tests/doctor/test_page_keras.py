"""The fixes for Keras on the page on failures run, and do what the page says."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.doctor import snippets
from tests.doctor.cases import FEATURES, task
from tests.doctor.test_keras import block, learn, net

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]
GIVEN = task(n=512, val=256)


def finite(space: dict[str, Any]) -> bool:
    norms = space["normalizers"](space["model"])
    return all(np.isfinite(np.asarray(norm.moving_variance)).all() for norm in norms)


def at_their_plain_means(space: dict[str, Any]) -> bool:
    """Whether the averages are those of the batches: of the first normalizer, its dense layer."""
    model, x = space["model"], np.concatenate(space["batches"])
    sent = np.asarray(model.layers[0](x))
    return np.allclose(model.layers[1].moving_mean, sent.mean(axis=0), rtol=1e-3, atol=1e-3)


def masked(space: dict[str, Any]) -> bool:
    """Whether real places alone were normalized: to mean 0 and spread 1."""
    found = np.asarray(space["y"])[space["real"]]
    return bool(abs(found.mean()) < 1e-3 and abs(found.std() - 1) < 0.02)


def counts(space: dict[str, Any]) -> list[int]:
    return [len(x) for x, _ in space["dataset"]]


def new_each_time(space: dict[str, Any]) -> bool:
    """Whether two epochs differ, and each holds every image."""
    epochs = [np.concatenate([y for _, y in space["dataset"]]) for _ in range(2)]
    same = [sorted(epoch.tolist()) for epoch in (*epochs, GIVEN.y)]
    return same[0] == same[1] == same[2] and not np.array_equal(epochs[0], epochs[1])


CHECKS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "averaged": at_their_plain_means,
    "axis": lambda s: (
        s["norm"](np.zeros((2, 5, 3))).shape == (2, 5, 3) and s["norm"].gamma.shape == (5,)
    ),
    "constant": lambda s: s["norm"].epsilon == 1e-2 and s["varies"].sum() == FEATURES - 1,
    "devices": lambda s: s["norm"].synchronized,
    "dropout": lambda s: s["model"](GIVEN.x[:4, :6]).shape == (4, 10),
    "exported": lambda s: s["again"] is not s["model"],
    "frozen": lambda s: (
        s["tuned"].optimizer is not None
        and not any(norm.trainable for norm in s["normalizers"](s["base"]))
    ),
    "jumping": lambda s: float(s["rate"](0)) > 0 == s["rate"](s["steps"]),
    "kinds": lambda s: (len(s["of_real"]), len(s["of_generated"])) == (8, 6),
    "large-mean": lambda s: snippets.centered(s["x_train"], s["x_val"], GIVEN),
    "last-one": lambda s: {*counts(s)} == {32},
    "momentum": lambda s: s["norm"].momentum == 0.9,
    "moved": lambda s: np.allclose(
        s["model"].layers[1].moving_mean,
        np.asarray(s["model"].layers[0](np.concatenate(s["new_batches"]))).mean(axis=0),
        atol=1e-2,
    ),
    "nan": finite,
    "padding": masked,
    "printed": lambda s: s["at_the_end"] > 0 and len(s["history"].history["val_loss"]) == 1,
    "reshuffled": new_each_time,
    "served": lambda s: np.allclose(s["answers"][:1], s["model"](s["x"][:1], training=False)),
    "shuffled": new_each_time,
    "stale": at_their_plain_means,
    "three-scores": snippets.three_differ,
    "tiny": lambda s: s["norm"](np.ones((1, 16))).shape == (1, 16),
}


def untrained() -> Any:
    """A net that is compiled, with its optimizer."""
    model = net(*block(momentum=0.99), *block(momentum=0.99))
    learn(model, GIVEN, epochs=0, falling=False)
    model.optimizer.build(model.trainable_variables)
    return model


@cache
def trained() -> list[Any]:
    """The weights and averages of the net after few steps."""
    import keras

    keras.utils.set_random_seed(1)
    weights: list[Any] = learn(untrained(), GIVEN, epochs=1, falling=False).get_weights()
    return weights


def prepared(name: str) -> dict[str, Any]:
    """The names that a reader has: a net of few steps, data, and the functions of the page."""
    import keras

    weights, model = trained(), untrained()
    model.set_weights(weights)
    keras.utils.set_random_seed(1)
    space: dict[str, Any] = {"keras": keras, "np": np, "model": model, "x": GIVEN.x[:64]}
    space |= {"x_train": GIVEN.x, "y_train": GIVEN.y, "x_val": GIVEN.x_val, "y_val": GIVEN.y_val}
    if name != "three-scores":
        snippets.run("three-scores", "keras", space)
    space |= {"real": GIVEN.x[:8], "generated": GIVEN.x[8:14] + 3}
    space["new_batches"] = [GIVEN.x[i : i + 64] + 5 for i in (0, 64)]
    if name == "nan":
        model(np.full((4, FEATURES), np.nan, np.float32), training=True)
        assert not finite(space)
    if name == "constant":
        space["x_train"] = np.where(np.arange(FEATURES) == 3, 1, GIVEN.x)
    if name == "large-mean":
        space |= {"x_train": snippets.far(GIVEN.x), "x_val": snippets.far(GIVEN.x_val)}
    if name == "padding":
        space |= {"norm": keras.layers.BatchNormalization(), "real": np.ones((8, 6), bool)}
        space["real"][:, 4:] = False
        space["x"] = np.where(space["real"][..., None], GIVEN.x[:8, :18].reshape(8, 6, 3), 0)
    return space


def test_each_fix_is_checked() -> None:
    assert snippets.names("keras") == sorted(CHECKS)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_fix_does_what_the_page_says(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert CHECKS[name](snippets.run(name, "keras", prepared(name)))
