"""A recipe says what is trained and scored, and nothing that cannot be."""

import pytest
from pydantic import ValidationError

from bnreport.protocol.nets import Net
from bnreport.protocol.optimization import CONSTANT, LINEAR, Optimizer, Schedule
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.scorings import Average, Drift, Scoring


def recipe(**fields: object) -> Recipe:
    given = {"name": "r", "net": Net(normalizer="batch"), "learning_rate": 0.1, "epochs": 2}
    given |= {"images": 400, "batch_size": 32}
    return Recipe.model_validate(given | fields)


@pytest.mark.parametrize(
    ("schedule", "steps", "shares"),
    [
        (CONSTANT, 3, [1, 1, 1]),
        (Schedule(name="constant", warmup=0.5), 4, [1 / 2, 1, 1, 1]),
        (Schedule(name="linear"), 4, [1, 3 / 4, 2 / 4, 1 / 4]),
        # A twentieth of 40 steps warms up; the fall begins at full height after them.
        (LINEAR, 40, [1 / 2, 1, *((41 - step) / 38 for step in range(3, 41))]),
        (Schedule(name="linear", warmup=0.4), 5, [1 / 2, 1, 3 / 3, 2 / 3, 1 / 3]),
        # The warm-up of so short a run has no step.
        (LINEAR, 2, [1, 1 / 2]),
    ],
)
def test_a_step_takes_its_share_of_the_rate(
    schedule: Schedule, steps: int, shares: list[float]
) -> None:
    found = [schedule.share(step, steps) for step in range(1, steps + 1)]
    assert found == pytest.approx(shares)


def test_what_a_recipe_finds_is_known_before_it_runs() -> None:
    average = Average(momentum=0.9, corrected=True)
    made = recipe(
        averages=(average,),
        measures=(
            Scoring(name="end", by=("fresh", average.name)),
            Scoring(name="path", steps=(1, 5), by=("deployed",), parts=("test",)),
            Drift(name="drift", steps=(0, 2, 4), windows=(10,)),
        ),
    )
    assert made.metrics == {"loss", "accuracy", "val_loss", "val_accuracy"}
    # An epoch has twelve whole batches and one of 16 images.
    assert made.steps == 26
    assert [check.steps for check in made.checks] == [(26,), (1, 5), (0, 2, 4)]
    assert [check.quantities for check in made.checks] == [
        (
            "fresh_val_loss",
            "fresh_val_accuracy",
            "m0.9-corrected_val_loss",
            "m0.9-corrected_val_accuracy",
        ),
        ("deployed_test_loss", "deployed_test_accuracy"),
        ("mean-10", "spread-10", "growth-10"),
    ]
    # At the end more images may be taken than along the run.
    assert made.checks[0].taken == 10_240  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"measures": (Scoring(name="end", by=("m0.9",)),)}, "expected scores by"),
        ({"measures": (Scoring(name="a"), Drift(name="a", steps=(0,)))}, "a name for each measure"),
        ({"averages": (Average(momentum=0.9),) * 2}, "a name for each average"),
        ({"epochs": 0, "measures": ()}, "finds nothing"),
        ({"measures": (Scoring(name="a", steps=(27,)),)}, "within 26 steps, received one at 27"),
        ({"measures": (Drift(name="a", steps=(25,), windows=(1, 3)),)}, "received one at 28"),
        ({"images": 4_001, "data": "mnist-1d"}, "at most 4000 images of mnist-1d, received 4001"),
        ({"data": "cifar"}, "Received: 'cifar'"),
        ({"shifts": True, "data": "mnist-1d"}, "no shifts of mnist-1d"),
    ],
)
def test_a_recipe_that_contradicts_itself_is_refused(
    fields: dict[str, object], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        recipe(**fields)


def test_marks_along_a_run_are_few_and_take_few_images() -> None:
    marks = tuple(range(24))
    assert Scoring(name="path", steps=marks).taken == 2_048
    assert Scoring(name="path", steps=marks, fresh_images=100).taken == 100
    with pytest.raises(ValidationError, match="at most 24 marks"):
        Scoring(name="path", steps=(*marks, 24))
    with pytest.raises(ValidationError, match="at most 2048 fresh_images along a run"):
        Scoring(name="path", steps=marks, fresh_images=2_049)
    # Averages that are there already may be scored more often.
    assert len(Scoring(name="path", steps=tuple(range(100)), by=("deployed",)).steps) == 100
    assert Scoring(name="end").taken == 10_240
    with pytest.raises(ValidationError, match="at most 10240 fresh_images at the end of a run"):
        Scoring(name="end", fresh_images=10_241)


def test_defaults_that_came_later_are_no_part_of_an_identity() -> None:
    plain = recipe().model_dump(mode="json")
    assert not {"averages", "noise", "order", "inputs", "data", "shifts"} & plain.keys()
    assert plain["optimizer"] == {"rule": "sgd"}
    assert recipe(optimizer=Optimizer(rule="adam", beta_2=0.99)).model_dump(mode="json")[
        "optimizer"
    ] == {"rule": "adam", "beta_2": 0.99}


def test_runs_that_differ_in_numbers_alone_share_a_program() -> None:
    assert recipe(name="a", learning_rate=1.0).program == recipe().program
    assert recipe(optimizer=Optimizer(rule="adam")).program != recipe().program
