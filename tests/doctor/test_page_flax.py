"""The fixes for Flax on the page on failures run, and do what the page says."""

from collections.abc import Callable
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import errors, linen, nnx

from tests.doctor import snippets
from tests.doctor.cases import CLASSES, FEATURES, task

GIVEN = task(n=512, val=256)


class Block(nnx.Module):  # type: ignore[misc]
    """A linear layer with BN, in a module of its own."""

    def __init__(self, before: int, rngs: nnx.Rngs) -> None:
        self.linear = nnx.Linear(before, 48, rngs=rngs)
        self.norm = nnx.BatchNorm(48, rngs=rngs)

    def __call__(self, x: Any) -> Any:
        """Send inputs through both, and an activation."""
        return nnx.relu(self.norm(self.linear(x)))


@cache
def net() -> Any:
    """A net of few steps, whose averages are near their start."""
    rngs = nnx.Rngs(0)
    parts = (Block(FEATURES, rngs), Block(48, rngs), nnx.Dropout(0.1, rngs=rngs))
    model = nnx.Sequential(*parts, nnx.Linear(48, CLASSES, rngs=rngs))
    model.train()

    def loss(model: Any, x: Any, y: Any) -> Any:
        logits = jax.nn.log_softmax(model(x))
        return -jnp.take_along_axis(logits, y[:, None], axis=1).mean()

    @nnx.jit  # type: ignore[untyped-decorator]
    def step(model: Any, x: Any, y: Any) -> None:
        slopes = nnx.grad(loss)(model, x, y)
        state = nnx.state(model, nnx.Param)
        nnx.update(model, jax.tree.map(lambda w, g: w - 0.1 * g, state, slopes))

    for start in range(0, 2 * len(GIVEN.y), 32):
        rows = slice(start % len(GIVEN.y), start % len(GIVEN.y) + 32)
        step(model, GIVEN.x[rows], GIVEN.y[rows])
    return model


class Linen(linen.Module):  # type: ignore[misc]
    """The same in linen, smaller."""

    @linen.compact  # type: ignore[untyped-decorator]
    def __call__(self, x: Any, train: bool) -> Any:
        """Score the classes of images."""
        x = linen.BatchNorm(use_running_average=not train)(linen.Dense(16)(x))
        return linen.Dense(CLASSES)(x)


def finite(space: dict[str, Any]) -> bool:
    norms = space["normalizers"](space["model"])
    return all(bool(jnp.isfinite(norm.var[...]).all()) for norm in norms)


def at_plain_means(model: Any, x: Any) -> bool:
    """Whether the first normalizer keeps the mean of what reaches it."""
    block = model.layers[0]
    return np.allclose(block.norm.mean[...], block.linear(x).mean(0), atol=2e-2)


def new_each_time(space: dict[str, Any]) -> bool:
    """Whether two epochs differ, and each holds every image."""
    first, second = (np.concatenate(batches) for batches in space["epochs"])
    return sorted(first) == sorted(second) == [*range(512)] and not np.array_equal(first, second)


def masked(space: dict[str, Any]) -> bool:
    """Whether real places alone were normalized: to mean 0 and spread 1."""
    found = np.asarray(space["y"])[space["real"]]
    return bool(abs(found.mean()) < 1e-3 and abs(found.std() - 1) < 0.02)


def kept(space: dict[str, Any]) -> bool:
    """Whether a step leaves the averages of frozen layers alone."""
    norm = space["model"].layers[0].norm
    before = np.asarray(norm.mean[...])
    space["model"](GIVEN.x[:32])
    return np.array_equal(norm.mean[...], before)


def passed(space: dict[str, Any]) -> bool:
    """Whether the statistics moved, and are used."""
    kept = space["variables"]["batch_stats"]["BatchNorm_0"]["mean"]
    return float(jnp.abs(kept).max()) > 0 and space["answers"].shape == (len(GIVEN.y_val), CLASSES)


def shared(norm: Any) -> bool:
    """Whether two devices, as which an axis stands in, are normalized by their common mean."""
    graph, state = nnx.split(norm)
    x = np.random.default_rng(0).normal(0, 1, (2, 8, 64)) + np.array([0, 5])[:, None, None]

    def run(state: Any, part: Any) -> Any:
        # Made where it runs: its statistics may change there alone.
        mine = nnx.merge(graph, state)
        return mine(part)

    found = jax.vmap(run, in_axes=(None, 0), axis_name="devices")(state, x)
    return abs(float(found.mean())) < 1e-3 and float(found[1].mean() - found[0].mean()) > 1


CHECKS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "averaged": lambda s: at_plain_means(s["averaged"], GIVEN.x),
    "axis": lambda s: s["norm"](jnp.ones((2, 64, 3))).shape == (2, 64, 3),
    "constant": lambda s: s["norm"].epsilon == 1e-2 and s["norm"].num_features == FEATURES - 1,
    "devices": lambda s: shared(s["norm"]),
    "dropout": lambda s: s["model"](GIVEN.x[:4, :6]).shape == (4, 10),
    "exported": lambda s: s["again"] is not s["model"] and s["averages"],
    "frozen": kept,
    "jumping": lambda s: s["rate"](0) > 0 == s["rate"](s["steps"]),
    "kinds": lambda s: (len(s["of_real"]), len(s["of_generated"])) == (8, 6),
    "large-mean": lambda s: snippets.centered(s["x_train"], s["x_val"], GIVEN),
    "last-one": lambda s: s["whole"].shape == (15, 32),
    "momentum": lambda s: s["norm"].momentum == 0.9,
    "moved": lambda s: at_plain_means(s["model"], np.concatenate(s["new_batches"])),
    "nan": finite,
    "padding": masked,
    "passed-on": passed,
    "printed": lambda s: 0 < s["of_validation"] < s["of_training"] + 0.1,
    "reshuffled": new_each_time,
    "served": lambda s: np.allclose(s["answers"][:1], s["model"](s["x"][:1]), atol=1e-5),
    "shuffled": lambda s: sorted(np.concatenate(s["batches"])) == [*range(500)],
    "stale": lambda s: at_plain_means(s["model"], GIVEN.x) and s["norm"].momentum == 0.9,
    "three-scores": snippets.three_differ,
    "tiny": lambda s: s["norm"](jnp.ones((1, 64))).shape == (1, 64),
}


def prepared(name: str) -> dict[str, Any]:
    """The names that a reader has: a net of few steps, data, and the functions of the page."""
    model = nnx.clone(net())
    space: dict[str, Any] = {"jax": jax, "jnp": jnp, "nnx": nnx, "np": np, "model": model}
    space |= {"x": GIVEN.x[:64], "x_train": GIVEN.x, "y_train": GIVEN.y, "epoch": 3}
    space |= {"x_val": GIVEN.x_val, "y_val": GIVEN.y_val}
    if name != "three-scores":
        snippets.run("three-scores", "flax", space)
    space |= {"real": GIVEN.x[:8], "generated": GIVEN.x[8:14] + 3}
    space["new_batches"] = [GIVEN.x[i : i + 64] + 5 for i in (0, 64)]
    if name in {"last-one", "shuffled"}:
        space["x_train"] = GIVEN.x[:500]
    if name == "nan":
        model.train()
        model(np.full((4, FEATURES), np.nan, np.float32))
        assert not finite(space)
    if name == "constant":
        space["x_train"] = np.where(np.arange(FEATURES) == 3, 1, GIVEN.x)
    if name == "large-mean":
        space |= {"x_train": snippets.far(GIVEN.x), "x_val": snippets.far(GIVEN.x_val)}
    if name == "padding":
        real = np.ones((8, 6), bool)
        real[:, 4:] = False
        x = np.where(real[..., None], GIVEN.x[:8, :18].reshape(8, 6, 3), 0)
        space |= {"norm": nnx.BatchNorm(3, rngs=nnx.Rngs(0)), "real": real, "x": x}
    if name == "passed-on":
        module = Linen()
        variables = module.init(jax.random.key(0), GIVEN.x[:2], train=False)
        space |= {"model": module, "variables": variables}
    return space


def test_each_fix_is_checked() -> None:
    assert snippets.names("flax") == sorted(CHECKS)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_fix_does_what_the_page_says(name: str) -> None:
    assert CHECKS[name](snippets.run(name, "flax", prepared(name)))


def test_the_three_scores_leave_the_model_as_it_was_and_refuse_what_they_cannot_find() -> None:
    space = prepared("three-scores")
    model = space["model"]
    before = jax.tree.map(np.array, nnx.state(model, nnx.Param, nnx.BatchStat))
    snippets.run("three-scores", "flax", space)
    after = nnx.state(model, nnx.Param, nnx.BatchStat)
    assert jax.tree.all(jax.tree.map(lambda a, b: bool((a == b).all()), before, after))
    assert model.layers[0].norm.momentum == 0.99

    class Foreign(nnx.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            self.kept = nnx.BatchStat(jnp.zeros(3))

    with pytest.raises(ValueError, match=r"Received: .*kept"):
        space["normalizers"](nnx.Sequential(Foreign()))


def test_messages_are_those_that_the_page_quotes() -> None:
    page = (snippets.FOLDER.parents[1] / "failures.md").read_text(encoding="utf-8")
    module = Linen()
    variables = module.init(jax.random.key(0), GIVEN.x[:2], train=False)
    with pytest.raises(errors.ScopeCollectionNotFound) as nothing:
        module.apply({"params": variables["params"]}, GIVEN.x[:4], train=False)
    with pytest.raises(errors.ModifyScopeVariableError) as fixed:
        module.apply(variables, GIVEN.x[:4], train=True)
    for caught, words in (
        (nothing, 'Tried to access "mean" from collection "batch_stats"'),
        (nothing, "but the collection is empty"),
        (fixed, 'Cannot update variable "mean"'),
        (fixed, 'because collection "batch_stats" is immutable'),
    ):
        assert words in str(caught.value)
        assert words in page
        assert type(caught.value).__name__ in page
