"""A trial is a value that refuses what no run can be."""

import json
import re
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from bnreport.protocol.checks import Probe, Score
from bnreport.protocol.frozen import canonical, digest
from bnreport.protocol.measurements import FactsTrial, TimingTrial, ToyTrial
from bnreport.protocol.nets import Net
from bnreport.protocol.trials import AnyTrial, Identity, Trial

TRIAL = Trial(name="a", net="bn", learning_rate=0.01, epochs=3)
TIMING = TimingTrial(name="t", nets=("a", "b"), learning_rate=0.1, rounds=4)
TOY = ToyTrial(name="o", dimensions=5, condition=10.0, rates=(0.1, 1.0), steps=3)
FACTS = FactsTrial(name="f", part="numbers", backend="jax", facts=("yes", "no"))


@pytest.mark.parametrize(
    "change",
    [
        {"learning_rate": 0},
        {"learning_rate": -1},
        {"learning_rate": float("nan")},
        {"learning_rate": float("inf")},
        {"epochs": 0},
        {"batch_size": 0},
        {"replay_after": 0},
        {"rate": 1},
        {"kind": "timing"},
    ],
)
def test_a_trial_refuses_what_no_run_can_be(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Trial.model_validate(TRIAL.model_dump() | change)


def test_a_trial_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        TRIAL.epochs = 4  # type: ignore[misc]


@pytest.mark.parametrize("trial", [TRIAL, TIMING, TOY, FACTS])
def test_a_trial_comes_back_from_json_as_its_own_kind(trial: AnyTrial) -> None:
    adapter: TypeAdapter[AnyTrial] = TypeAdapter(AnyTrial)
    assert adapter.validate_json(trial.model_dump_json()) == trial


def test_a_trial_knows_what_its_history_holds() -> None:
    assert TRIAL.length == 3
    assert TRIAL.metrics == {
        *("loss", "accuracy", "train_loss", "train_accuracy", "val_loss", "val_accuracy")
    }
    assert TIMING.length == 4
    assert TIMING.metrics == {"fit_a", "fit_b", "compiled_a", "compiled_b"}
    assert TOY.length == 2
    assert TOY.metrics == {"gd", "bngd"}
    assert FACTS.length == 1
    assert FACTS.metrics == {"yes", "no"}


def test_canonical_json_does_not_depend_on_the_order_of_keys() -> None:
    assert canonical({"b": 1, "a": [0.1, None]}) == '{"a":[0.1,null],"b":1}'
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})
    with pytest.raises(ValueError, match="JSON"):
        canonical({"a": float("nan")})


def test_a_run_id_is_pinned() -> None:
    # Records are found by it: another digest would train every run again.
    timing = Identity(study="s", trial=TIMING, seed=1, data="d", profile="full")
    assert timing.run_id == "8e1c55ce3659a522"
    identity = Identity(study="s", trial=TRIAL, seed=1, data="d", profile="full")
    assert identity.run_id == "f8c5fab7af8146f0"
    assert json.loads(canonical(identity.model_dump(mode="json")))["seed"] == 1
    assert re.fullmatch("[0-9a-f]{16}", identity.run_id)


def test_fields_that_came_later_are_no_part_of_an_identity_until_they_are_used() -> None:
    named = {"kind", "name", "net", "learning_rate", "epochs", "batch_size"}
    assert set(TRIAL.model_dump(mode="json")) == named | {"replay_after", "score_epochs"}
    for change in ({"inputs": "std"}, {"momentum": 0.9}, {"images": 10}, {"order": "fixed"}):
        changed = Trial.model_validate(TRIAL.model_dump() | change)
        assert set(changed.model_dump(mode="json")) == set(TRIAL.model_dump(mode="json")) | {
            *change
        }


def test_a_trial_with_a_structure_and_checks_comes_back_from_json() -> None:
    checks = (Score(name="a", steps=(0, 5)), Probe(name="b", steps=(1,), probe="drift"))
    trial = TRIAL.model_copy(update={"net": Net(normalizer="layer"), "checks": checks})
    assert Trial.model_validate_json(trial.model_dump_json()) == trial


def test_runs_share_a_program_when_only_names_and_numbers_differ() -> None:
    def program(**change: Any) -> str:
        return Trial.model_validate(TRIAL.model_dump() | change).program

    same = ({"name": "b"}, {"learning_rate": 1.0}, {"momentum": 0.5}, {"kernel_scale": 2.0})
    other = ({"batch_size": 8}, {"epochs": 4}, {"net": "baseline"}, {"weight_decay": 0.1})
    assert {program(**change) for change in same} == {program()}
    assert len({program(**change) for change in other} | {program()}) == 5


def test_a_trial_measures_something_and_names_each_check_once() -> None:
    with pytest.raises(ValidationError, match="measures nothing"):
        Trial.model_validate(TRIAL.model_dump() | {"epochs": 0})
    twice = (Score(name="a", steps=(0,)), Score(name="a", steps=(1,)))
    with pytest.raises(ValidationError, match="a name for each check"):
        Trial.model_validate(TRIAL.model_dump() | {"checks": twice})
