"""The accuracies of a run after its last step, as the table of all runs has them."""

from collections.abc import Callable
from typing import Any

import pytest

from bnreport.pages.data.scores import final_scores
from bnreport.protocol.changes import Change
from bnreport.protocol.checks import Score
from bnreport.protocol.nets import Net
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.scorings import Scoring
from bnreport.protocol.trials import AnyTrial, Trial
from bnreport.records.record import Record

Make = Callable[..., Record]


def of_trial(make_record: Make, trial: AnyTrial, **changes: Any) -> Record:
    identity = make_record().identity.model_copy(update={"trial": trial})
    return make_record(id=identity.run_id, identity=identity, **changes)


def test_a_scored_run_has_the_share_of_its_marks_as_deployed(make_record: Make) -> None:
    record = make_record()
    (score,) = record.scores
    assert final_scores(record) == {
        "deployed_val": pytest.approx(score.marks("val").mean()),
        "deployed_test": pytest.approx(score.marks("test").mean()),
    }


@pytest.mark.parametrize(
    ("normalizer", "found"),
    [
        ("batch", {"deployed_val": 0.75, "fresh_val": 0.875}),
        ("none", {"deployed_val": 0.75, "fresh_val": 0.875}),
    ],
)
def test_a_check_after_the_last_step_is_fresh_and_an_earlier_one_is_not(
    make_record: Make, normalizer: str, found: dict[str, float]
) -> None:
    # Of 64 images in batches of 32 two epochs are four steps.
    checks = (Score(name="taken", steps=(2, 4), mode="precise"), Score(name="early", steps=(2,)))
    trial = Trial(
        name="t",
        net=Net.model_validate({"normalizer": normalizer}),
        learning_rate=0.1,
        epochs=2,
        images=64,
        checks=checks,
    )
    values = {
        f"{check.name}_{metric}": (0.5, 0.875)[: len(check.steps)]
        for check in checks
        for metric in ("loss", "accuracy")
    }
    history = dict.fromkeys(trial.metrics, (0.25, 0.75))
    record = of_trial(make_record, trial, history=history, scores=(), checks=values)
    assert final_scores(record) == found


def test_a_net_that_keeps_no_statistics_has_one_score_for_both(make_record: Make) -> None:
    trial = Trial(name="t", net=Net(), learning_rate=0.1, epochs=2)
    history = dict.fromkeys(trial.metrics, (0.25, 0.75))
    record = of_trial(make_record, trial, history=history, scores=())
    assert final_scores(record) == {"deployed_val": 0.75, "fresh_val": 0.75}


def test_a_recipe_has_both_scores_and_none_of_changed_or_fewer_images(make_record: Make) -> None:
    recipe = Recipe(
        name="r",
        net=Net(normalizer="batch"),
        learning_rate=0.5,
        epochs=1,
        images=64,
        batch_size=32,
        measures=(
            Scoring(name="end", parts=("val", "test")),
            Scoring(name="blurred", change=Change(kind="blur", amount=1)),
            Scoring(name="few", images=10),
            Scoring(name="early", steps=(1,)),
        ),
    )
    values = {
        f"{check.name}_{quantity}": (0.5,)
        for check in recipe.checks
        for quantity in getattr(check, "quantities", ())
    }
    values |= {"end_fresh_val_accuracy": (0.875,), "end_deployed_test_accuracy": (0.25,)}
    history = dict.fromkeys(recipe.metrics, (0.5,))
    record = of_trial(make_record, recipe, history=history, scores=(), checks=values)
    assert final_scores(record) == {
        "deployed_val": 0.5,
        "fresh_val": 0.875,
        "deployed_test": 0.25,
        "fresh_test": 0.5,
    }


def test_a_diverged_run_has_none(make_record: Make) -> None:
    names = ("loss", "accuracy", "train_loss", "train_accuracy", "val_loss", "val_accuracy")
    lost = make_record(history=dict.fromkeys(names, (None,)), scores=(), diverged=True)
    assert not final_scores(lost)
