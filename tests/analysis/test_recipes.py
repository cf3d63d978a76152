"""Numbers of runs by a recipe, against numbers worked out by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from bnreport.analysis.arms import USUAL
from bnreport.analysis.metrics import checked, steps_of
from bnreport.analysis.recipes import ahead, final, gap, path
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.residual import Residual
from bnreport.protocol.scorings import Drift, Scoring
from bnreport.protocol.trials import Identity
from bnreport.records.record import Record

Make = Callable[..., Record]
MEASURES = (
    Scoring(name="end", by=("deployed", "fresh")),
    Scoring(name="path", steps=(0, 2), by=("fresh",)),
    Drift(name="drift", steps=(0, 2), windows=(1, 3)),
)
RECIPE = USUAL["bn"].recipe(
    learning_rate=0.1, epochs=2, batch_size=32, images=64 * 2, schedule=LINEAR, measures=MEASURES
)


def checks(deployed: float, fresh: float, along: tuple[float, ...]) -> dict[str, Any]:
    moves = {
        f"drift_{move}-{window}": ((0.5, 0.25), (0.25, 0.125))
        for move in ("mean", "spread", "growth")
        for window in (1, 3)
    }
    return moves | {
        "end_deployed_val_loss": (1.0,),
        "end_deployed_val_accuracy": (deployed,),
        "end_fresh_val_loss": (1.0,),
        "end_fresh_val_accuracy": (fresh,),
        "path_fresh_val_loss": tuple(1.0 for _ in along),
        "path_fresh_val_accuracy": along,
    }


@pytest.fixture
def make(make_record: Make) -> Make:
    """A function that returns the record of a run by the recipe; keywords replace its fields."""

    def of_recipe(
        seed: int, deployed: float = 0.5, fresh: float = 0.5, along: Any = (0.1, 0.5), **more: Any
    ) -> Record:
        given = {"trial": RECIPE, "seed": seed, "study": "s", "data": "d", "profile": "full"}
        identity = Identity.model_validate(given)
        fields = {
            "id": identity.run_id,
            "identity": identity,
            "history": dict.fromkeys(RECIPE.metrics, (0.5, 0.25)),
            "scores": (),
            "checks": checks(deployed, fresh, along),
        }
        return make_record(**fields | more)

    return of_recipe


def lost(make: Make, seed: int) -> Record:
    """A run that is lost in its second epoch, with longer windows left open."""
    found = checks(0.5, 0.5, (0.125, 0.25))
    left = {name: values for name, values in found.items() if not name.startswith("end")}
    left |= {name: values[:1] for name, values in left.items() if name.endswith("-3")}
    history = dict.fromkeys(RECIPE.metrics, (0.5, None))
    return make(seed, diverged=True, history=history, checks=left)


def test_a_recipe_of_an_arm_takes_its_net_and_fields() -> None:
    made = USUAL["std-bn"].recipe("other", {"hidden": (5,)}, learning_rate=1, epochs=1, images=10)
    assert (made.name, made.inputs, made.net.normalizer) == ("other", "std", "batch")
    assert made.net.hidden == (5,)
    assert made.batch_size == 128


def test_a_recipe_of_an_arm_may_have_a_residual_net() -> None:
    made = USUAL["gn"].recipe(
        net={"kind": "residual", "filters": (8, 16), "groups": 1},
        learning_rate=1,
        epochs=1,
        images=10,
    )
    assert made.net == Residual(filters=(8, 16), groups=1, normalizer="group")


def test_final_scores_are_those_of_the_last_step_and_chance_where_a_run_is_lost(make: Make) -> None:
    records = [make(1, deployed=0.5, fresh=0.75), lost(make, 2)]
    assert final(records, "deployed").tolist() == [0.5, 0.1]
    assert final(records, "fresh").tolist() == [0.75, 0.1]
    assert path(records, "fresh").tolist() == [[0.1, 0.5], [0.125, 0.25]]


def test_a_score_after_the_last_step_of_a_lost_run_is_chance(make: Make) -> None:
    found = checks(0.9, 0.9, (0.1, 0.5)) | {"end_fresh_val_loss": (None,)}
    assert final([make(1, diverged=True, checks=found)], "deployed").tolist() == [0.1]


def test_points_are_paired_by_seed_and_a_gap_is_what_is_lost_to_fresh_statistics(
    make: Make,
) -> None:
    bn = [make(s, deployed=0.25, fresh=f) for s, f in enumerate((0.5, 0.75, 0.5))]
    raw = [make(s, deployed=0.5, fresh=f) for s, f in enumerate((0.25, 0.25, 0.375))]
    assert ahead(bn, raw).values == (25.0, 50.0, 12.5)
    assert ahead(bn, raw, "deployed").values == (-25.0, -25.0, -25.0)
    assert gap(bn).values == (25.0, 50.0, 25.0)


def test_what_a_recipe_measures_is_read_as_checks_are(make: Make) -> None:
    records = [make(1), lost(make, 2)]
    assert steps_of(records, "path").tolist() == [0, 2]
    # Two epochs of four steps.
    assert steps_of(records, "end").tolist() == [8]
    assert checked(records, "drift_mean-1")[:, 1].tolist() == [[0.25, 0.125]] * 2
    assert np.isnan(checked(records, "drift_mean-3")[1, 1]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"end_fresh_val_loss": None}, "expected .* of check end"),
        ({"path_fresh_val_accuracy": (0.5,)}, "expected 2 values of check path"),
        ({"end_fresh_val_accuracy": (1.5,)}, "end_fresh_val_accuracy from 0 to 1, received 1.5"),
        ({"end_fresh_val_loss": (None,)}, "expected finite end_fresh_val_loss"),
        ({"more_loss": (1.0,)}, "expected values of the trial's checks"),
        ({"end_m0.9_val_loss": (1.0,)}, "of check end"),
    ],
)
def test_a_record_of_a_recipe_holds_what_the_recipe_asks_for(
    make: Make, change: dict[str, Any], message: str
) -> None:
    found = checks(0.5, 0.5, (0.1, 0.5)) | change
    with pytest.raises(ValidationError, match=message):
        make(1, checks={name: values for name, values in found.items() if values is not None})
    assert make(1).checks["end_fresh_val_accuracy"] == (0.5,)


def test_a_run_that_is_said_to_be_lost_and_ends_in_numbers_is_refused(make: Make) -> None:
    with pytest.raises(ValidationError, match="to end in a number that is not finite"):
        make(1, diverged=True)
    found = checks(0.9, 0.9, (0.1, 0.5)) | {"drift_mean-1": ((0.5, 0.5), (0.5, None))}
    assert make(1, diverged=True, checks=found).diverged
