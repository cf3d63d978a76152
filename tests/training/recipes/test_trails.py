"""How weights turn along a run, and what their average scores."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from bnreport.protocol.nets import Net
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.scorings import Averaged, Rotations, Scoring

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]

BN = Net(hidden=(20, 10), normalizer="batch")


@pytest.fixture(scope="module")
def pool(keras_ready: None) -> Any:  # noqa: ARG001
    """The digits on the device."""
    from bnreport.training import placement
    from bnreport.training.images import digits

    return placement.place(digits())


def follower(pool: Any, **fields: Any) -> Any:
    """Train an epoch of 13 steps, and keep the weights and averages after each."""
    from bnreport.training.recipes.run import Follower

    given: dict[str, Any] = {
        "name": "r",
        "net": BN,
        "learning_rate": 0.1,
        "epochs": 1,
        "batch_size": 32,
        "images": 400,
        "evaluated": (),
    }
    made = Recipe.model_validate(given | fields)
    found = Follower(made, 1, pool)
    found.measure()
    found.epoch(1)
    return found


@dataclass(frozen=True)
class Path:
    """The weights and the averages of a run after each step, from before the first."""

    weights: list[list[Any]]
    averages: list[list[Any]]


@pytest.fixture(scope="module")
def path(pool: Any) -> Path:
    """Those of `follower`, which is scored by nobody."""
    from bnreport.training.recipes import measuring

    every_step = Scoring(name="s", steps=tuple(range(14)), images=10, fresh_images=10)
    kept: list[Any] = []

    def keep(_: Any, __: Any, at: Any, ___: int) -> dict[str, float]:
        kept.append(at)
        return {}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measuring.Gauge, "scores", keep)
        follower(pool, measures=(every_step,))
    return Path(
        [[np.asarray(weight, float) for weight in at.weights] for at in kept],
        [[np.asarray(value, float) for value in at.averages] for at in kept],
    )


def test_turns_are_the_angles_of_steps_and_lengths_those_where_they_begin(
    pool: Any, path: Path
) -> None:
    measure = Rotations(name="turns", steps=(2, 3, 9), following=4)
    checks = follower(pool, measures=(measure,)).outcome.checks
    for i, begun in enumerate(measure.steps):
        # Kernel, bias, gamma and beta of two blocks, then the last layer.
        for layer, place in enumerate((0, 4, 8)):
            rows = [at[place] for at in path.weights[begun : begun + 5]]
            units = [x / np.linalg.norm(x, axis=1, keepdims=True) for x in rows]
            cosines = [(one * other).sum(axis=1) for one, other in pairwise(units)]
            turn = np.sqrt(np.mean(np.arccos(np.clip(cosines, -1, 1)) ** 2))
            assert checks["turns_turn"][i][layer] == pytest.approx(turn, rel=1e-3)
            length = np.sqrt(np.mean(np.linalg.norm(rows[0], axis=1) ** 2))
            assert checks["turns_length"][i][layer] == pytest.approx(length, rel=1e-6)


def test_a_step_that_decay_alone_takes_turns_nothing() -> None:
    from bnreport.training.recipes.trails import Turning, rows

    kernel = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    shrunk = Turning((rows(kernel),)).onto([rows(0.5 * kernel)])
    assert shrunk.turn == pytest.approx([0.0], abs=1e-7)
    assert Turning(shrunk.last).length == pytest.approx(shrunk.length / 2)
    # By a quarter of a circle, and then not at all.
    quarter = np.array([[1.0, 0.0], [0.0, 1.0]])
    turned = Turning((quarter,)).onto([quarter[::-1]])
    assert turned.turn == pytest.approx([np.pi / 2])
    assert turned.onto([quarter[::-1]]).turn == pytest.approx([np.pi / 2 / np.sqrt(2)])


def test_a_convolution_has_its_channels_last() -> None:
    from bnreport.training.recipes.trails import rows

    filters = np.zeros((3, 3, 2, 5))
    filters[..., 1] = 1.0
    assert rows(filters).shape == (5, 18)
    assert np.linalg.norm(rows(filters), axis=1).tolist() == [0, np.sqrt(18), 0, 0, 0]


@pytest.mark.parametrize(("every", "momentum"), [(1, 1.0), (3, 1.0), (2, 0.8)])
def test_an_average_is_that_of_the_weights_of_its_steps(
    pool: Any, path: Path, every: int, momentum: float
) -> None:
    from bnreport.training.recipes import measuring

    scored: list[Any] = []
    measure = Averaged(name="swa", steps=(9, 13), span=8, every=every, momentum=momentum)
    with pytest.MonkeyPatch.context() as patch:
        real = measuring.Gauge.scores

        def scores(gauge: Any, scoring: Any, at: Any, done: int) -> Any:
            scored.append((done, scoring.by, at))
            return real(gauge, scoring, at, done)

        patch.setattr(measuring.Gauge, "scores", scores)
        found = follower(pool, measures=(measure,))
    assert [(done, by) for done, by, _ in scored] == [
        (9, ("deployed", "fresh")), (9, ("deployed",)),
        (13, ("deployed", "fresh")), (13, ("deployed",)),
    ]  # fmt: skip
    for done, by, at in scored:
        steps = np.arange(done, done - 8, -every)
        count = momentum ** ((done - steps) / every)
        for place, value in enumerate(at.weights):
            mean = np.average([path.weights[s][place] for s in steps], axis=0, weights=count)
            np.testing.assert_allclose(np.asarray(value), mean, rtol=1e-4, atol=1e-6)
        for place, value in enumerate(at.averages):
            mean = path.averages[done][place]
            if by == ("deployed",):
                mean = np.average([path.averages[s][place] for s in steps], axis=0, weights=count)
            np.testing.assert_allclose(np.asarray(value), mean, rtol=1e-4, atol=1e-6)
    checks = found.outcome.checks
    assert {name: len(values) for name, values in checks.items()} == {
        f"swa_{quantity}": 2 for quantity in measure.quantities
    }
    # Statistics of another net than the averaged one.
    ways = {checks[f"swa_{by}_val_loss"][1] for by in ("fresh", "deployed", "averaged")}
    assert len(ways) == 3


def test_both_leave_the_run_as_it_is(pool: Any) -> None:
    plain = follower(pool, measures=(Scoring(name="end"),))
    both = (
        Scoring(name="end"),
        Rotations(name="turns", steps=(0, 6)),
        Averaged(name="swa", steps=(13,), span=13),
    )
    found = follower(pool, measures=both)
    for one, other in zip(found.snapshot.weights, plain.snapshot.weights, strict=True):
        assert np.array_equal(np.asarray(one), np.asarray(other))
    ends = [each.outcome.checks["end_fresh_val_loss"] for each in (plain, found)]
    assert ends[0] == ends[1]


def test_an_average_needs_steps_to_reach_back_over() -> None:
    with pytest.raises(ValueError, match="marks from step 8 on"):
        Averaged(name="swa", steps=(7, 20), span=8)
