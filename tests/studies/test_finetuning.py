"""Fine-tuning: what starts where, what stays frozen, and what each claim reads."""

from typing import Any

import numpy as np
import pytest

from bnreport.analysis.arms import Arm
from bnreport.pages.hyperparameters import hyperparameter_table
from bnreport.protocol.data import data_named
from bnreport.protocol.directions import Quantity, check
from bnreport.protocol.recipes import Recipe
from bnreport.statistics.estimates import Contrast
from bnreport.studies.finetuning import STUDY
from bnreport.studies.finetuning.runs import (
    ARMS,
    BN,
    FEW,
    FROZEN,
    GN,
    MANY,
    PLACED,
    RAW,
    SIZES,
    STILL,
    TARGETS,
    TUNED,
    best_scored,
    first,
    named,
    scored,
)
from tests.directed import Directed

MADE = Directed(STUDY)
TRIALS = {runs.trial.name: runs for runs in STUDY.runs}


def end(by: str) -> Quantity:
    """The accuracy after the last step."""
    return check(f"end_{by}_val_accuracy", 192)


def difference(claim: str, target: str, given: dict[tuple[str, Quantity], Any]) -> float:
    """What the first seed says where the runs hold these numbers."""
    estimate = STUDY.estimates[claim](MADE.given(given))
    contrast = estimate[target] if isinstance(estimate, dict) else estimate
    assert isinstance(contrast, Contrast)
    return contrast.values[0]


@pytest.mark.parametrize(
    ("claim", "other", "images", "targets"),
    [
        ("many", FROZEN, MANY, tuple(TARGETS)),
        ("few-clothes", FROZEN, FEW, ("clothes",)),
        ("few-digits", FROZEN, FEW, ("digits",)),
        ("none", RAW, MANY, tuple(TARGETS)),
        ("group", GN, MANY, tuple(TARGETS)),
    ],
)
@pytest.mark.parametrize(("suffix", "by"), [("", "fresh"), ("-deployed", "deployed")])
def test_trained_bn_is_compared_by_both_scores_and_frozen_bn_by_what_it_kept(
    claim: str, other: Arm, images: int, targets: tuple[str, ...], suffix: str, by: str
) -> None:
    (judged,) = (each for each in STUDY.claims if each.id == f"finetuning-{claim}{suffix}")
    assert (judged.score, judged.settings) == (by, targets if len(targets) > 1 else ())
    for target in targets:
        trained, compared = named(BN, target, images), named(other, target, images)
        given = {
            (trained, end(by)): 0.9,
            (compared, end("deployed" if other is FROZEN else by)): 0.875,
        }
        assert difference(judged.id, target, given) == pytest.approx(2.5)


@pytest.mark.parametrize("target", TARGETS)
def test_gamma_and_beta_are_compared_where_statistics_stay(target: str) -> None:
    given = {
        (named(STILL, target, MANY), end("deployed")): 0.9,
        (named(FROZEN, target, MANY), end("deployed")): 0.88,
    }
    assert difference("finetuning-parameters", target, given) == pytest.approx(2.0)


@pytest.mark.parametrize("target", TARGETS)
def test_recalibration_scores_one_net_twice(target: str) -> None:
    trial = named(BN, target, MANY)
    given = {(trial, end("fresh")): 0.9, (trial, end("deployed")): 0.87}
    assert difference("finetuning-recalibrated", target, given) == pytest.approx(3.0)


def test_all_arms_with_bn_start_from_one_run_and_others_from_their_own() -> None:
    assert len({first(arm).model_dump_json() for arm in (BN, FROZEN, STILL)}) == 1
    assert {first(arm).name for arm in ARMS} == {"first-bn", "first-raw", "first-gn"}
    for arm, target in PLACED:
        for images in SIZES:
            trial = TRIALS[named(arm, target, images)].trial
            assert isinstance(trial, Recipe)
            assert trial.start == first(arm)
            assert trial.start.net == trial.net
            assert not set(trial.start.classes) & set(trial.classes)
            assert data_named(trial.start.data).image == data_named(trial.data).image


def test_arms_with_bn_differ_in_what_stays_frozen_and_in_their_rates_alone() -> None:
    for target in TARGETS:
        kinds = {}
        for arm in (BN, FROZEN, STILL):
            trial = TRIALS[named(arm, target, MANY)].trial
            assert isinstance(trial, Recipe)
            kinds[arm.name] = (trial.frozen, trial.statistics)
            same = {"name": "", "frozen": (), "statistics": "batch", "learning_rate": 1.0}
            plain = TRIALS[named(BN, target, MANY)].trial
            assert trial.model_copy(update=same) == plain.model_copy(update=same)
        assert kinds == {
            "bn": ((), "batch"),
            "frozen": (("norm*",), "batch"),
            "still": ((), "start"),
        }


def test_every_run_takes_as_many_steps_in_whole_batches() -> None:
    for runs in STUDY.runs:
        trial = runs.trial
        assert isinstance(trial, Recipe)
        assert trial.images % trial.batch_size == 0
        if trial.start is not None:
            assert trial.steps == 192


def test_each_arm_is_tuned_by_the_score_that_judges_it() -> None:
    for arm in ARMS:
        placed = PLACED[arm, "digits"]
        trial = TUNED.tried(placed, 0.03)
        given = {(trial, end("fresh")): 0.5, (trial, end("deployed")): 0.75}
        runs = MADE.given(given).tuning(trial)
        assert best_scored(runs) == pytest.approx(75.0 if arm in (FROZEN, STILL) else 50.0)
        judged = {(named(arm, "digits", MANY), quantity): n for (_, quantity), n in given.items()}
        found = scored(arm, "digits", MANY)(MADE.given(judged))
        assert found[0] == pytest.approx(75.0 if arm in (FROZEN, STILL) else 50.0)


def test_the_settings_name_the_runs_that_others_start_from() -> None:
    rows = hyperparameter_table([runs.trial for runs in STUDY.runs]).rows
    told = {name: text for name, _, text in rows}
    assert told["start"] == "drawn, first-bn, first-raw, first-gn"


def test_both_families_ask_the_same_of_two_scores() -> None:
    fresh, deployed = STUDY.families
    assert len(fresh) == 7
    assert [f"{name}-deployed" for name in fresh[:5]] == list(deployed)
    by_id = {claim.id: claim for claim in STUDY.claims}
    assert all(by_id[name].margin == by_id[f"{name}-deployed"].margin for name in fresh[:5])


def test_judged_settings_have_all_seeds_and_pictures_twelve() -> None:
    counts = {
        (arm.name, images): len(TRIALS[named(arm, target, images)].full)
        for arm, target in PLACED
        for images in SIZES
    }
    many = {place for place, count in counts.items() if count == 48}
    assert many == {(arm.name, MANY) for arm in ARMS} | {("bn", FEW), ("frozen", FEW)}
    assert set(counts.values()) == {48, 12}
    assert np.all([runs.tuning for runs in STUDY.runs if "tuning" in runs.trial.name])
