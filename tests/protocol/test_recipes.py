"""A recipe says what is trained and scored, and nothing that cannot be."""

import pytest
from pydantic import ValidationError

from bnreport.protocol.data import MNIST_5K
from bnreport.protocol.datasets import DIGITS, FASHION_MNIST
from bnreport.protocol.nets import Net
from bnreport.protocol.optimization import CONSTANT, LINEAR, Optimizer, Schedule
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.residual import Residual
from bnreport.protocol.scorings import Average, Drift, Scoring
from bnreport.protocol.trials import data_of

INVERSION = {"kind": "inversion"}


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
    ("net", "drifts"),
    [
        (Net(), False),
        (Net(normalized_inputs=True), True),
        (Net(normalizer="ghost"), True),
        (Net(normalizer="layer"), False),
        (Residual(start="fixup", normalizer="none"), False),
        (Residual(), True),
    ],
)
def test_a_drift_is_measured_where_there_are_statistics(net: Net | Residual, drifts: bool) -> None:
    made = recipe(net=net, measures=(Scoring(name="s"), Drift(name="d", steps=(0,))))
    assert [check.name for check in made.checks] == ["s", *(["d"] if drifts else [])]


def test_a_run_is_known_by_the_data_of_all_that_it_starts_from() -> None:
    first = recipe(data="mnist-5k", measures=())
    alone, both = recipe(), recipe(start=first)
    assert data_of(alone, "full") == FASHION_MNIST
    assert data_of(first, "full") == MNIST_5K
    assert len({data_of(made, "full") for made in (alone, first, both)}) == 3
    assert data_of(both, "quick") == data_of(alone, "quick") == DIGITS
    assert data_of(recipe(start=recipe(), data="fashion-mnist"), "full") == FASHION_MNIST


def test_an_epoch_of_batches_of_one_class_has_no_unfilled_ones() -> None:
    # By hand: 400 images fill 12 batches of 32, of which each class may leave one unfilled.
    assert recipe(order="one class").steps == 2 * (12 - 10)
    assert recipe(order="one class", classes=(1, 2)).steps == 2 * (12 - 2)


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
        ({"data": "mnist-1d"}, "val or train, received test of mnist-1d"),
        ({"classes": (3, 10)}, r"classes below 10, received \[10\]"),
        ({"frozen": ("norm*",)}, "a start to freeze layers"),
        ({"shifts": True, "data": "mnist-1d"}, "no shifts of mnist-1d"),
        ({"shifts": True, "turns": {"change": INVERSION}}, "shifts or turns"),
        ({"images": 384, "micro_batch": 5}, "384 images in batches of 32 in parts of 5"),
        ({"images": 400, "micro_batch": 8}, "whole batches of whole micro-batches"),
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
    assert not {"averages", "noise", "order", "inputs", "data", "shifts", "turns"} & plain.keys()
    assert plain["optimizer"] == {"rule": "sgd"}
    assert recipe(optimizer=Optimizer(rule="adam", beta_2=0.99)).model_dump(mode="json")[
        "optimizer"
    ] == {"rule": "adam", "beta_2": 0.99}


def test_runs_that_differ_in_numbers_alone_share_a_program() -> None:
    assert recipe(name="a", learning_rate=1.0).program == recipe().program
    assert recipe(optimizer=Optimizer(rule="adam")).program != recipe().program


def test_a_step_has_as_many_parts_as_micro_batches() -> None:
    assert recipe().parts_of_a_step == 1
    parted = recipe(images=384, micro_batch=8)
    assert parted.parts_of_a_step == 4
    assert parted.steps == recipe(images=384).steps == 24
    assert parted.program != recipe(images=384).program
