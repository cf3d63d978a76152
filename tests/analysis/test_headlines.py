"""What claims say of one thing under several conditions, read off the runs that judge them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bnreport.analysis.arms import usual
from bnreport.analysis.headlines import (
    HEADLINES,
    PLANNED,
    TEN,
    Condition,
    condition_of,
    conditions,
    headlines,
    margin_of_row,
    untried,
)
from bnreport.analysis.report import Report, StudyReport
from bnreport.errors import PageError
from bnreport.protocol.claims import Display
from bnreport.protocol.directions import Direction
from bnreport.protocol.frozen import canonical
from bnreport.protocol.nets import structure
from bnreport.protocol.optimization import LINEAR, Optimizer
from bnreport.protocol.residual import Residual
from bnreport.protocol.trials import Training
from tests.golden import report

(RAW,) = usual("raw")
GIVEN: dict[str, Any] = {"learning_rate": 0.1, "epochs": 1, "images": 9_984}
DENSE = Condition("dense")


@pytest.mark.parametrize(
    ("trial", "condition"),
    [
        (RAW.trial(learning_rate=0.1, epochs=1), DENSE),
        (
            RAW.trial(net={"filters": (4, 8)}, learning_rate=0.1, epochs=1),
            Condition("convolutional"),
        ),
        (RAW.recipe(**GIVEN), DENSE),
        (
            RAW.recipe(**GIVEN, schedule=LINEAR, optimizer=Optimizer(rule="adam")),
            Condition("dense", rule="adam", schedule="linear"),
        ),
        (
            RAW.recipe(**GIVEN | {"images": 4_000}, data="mnist-5k", measures=()),
            Condition("dense", "mnist-5k"),
        ),
        (RAW.recipe(**GIVEN | {"images": 4_000}), Condition("dense", images=4_000)),
        (
            RAW.recipe(net={"kind": "residual", "filters": (8,), "blocks": 1}, **GIVEN),
            Condition("residual"),
        ),
    ],
)
def test_a_condition_is_read_off_the_trial(trial: Training, condition: Condition) -> None:
    assert condition_of(trial) == condition


@pytest.mark.slow
def test_every_claim_that_names_a_headline_is_found_under_its_condition() -> None:
    made = report()
    named = {
        claim: display.headline
        for edition in made.editions()
        for claim, display in edition.study.display.items()
        if display.headline and claim in edition.verdicts
    }
    found = {
        claim.id: name
        for name, by_condition in headlines(made).items()
        for answers in by_condition.values()
        for _, claim in answers
    }
    assert found == named
    assert {"convolution-small", "lag-constant", "speed-same-std"} <= found.keys()
    convolutional = headlines(made)["steps-std"][Condition("convolutional")]
    assert [claim.id for _, claim in convolutional] == ["convolution-speed-std"]


def test_claims_of_later_editions_count() -> None:
    made = report()
    both = replace(made.studies["lag"], later=(made.studies["speed"],))
    answers = headlines(replace(made, studies={"lag": both}))
    assert [claim.id for _, claim in answers["steps-std"][DENSE]] == ["speed-same-std"]


def test_what_was_planned_stays_untried_until_a_claim_tries_it() -> None:
    answers = headlines(report())
    tried = conditions(answers)
    assert tried[0] == DENSE
    assert {*untried(answers)} == {*PLANNED} - {*tried}
    study, claim = answers["lag"][DENSE][0]
    assert untried({"lag": {PLANNED[0]: [(study, claim)]}}) == [*PLANNED[1:]]


def given(claim: str, headline: str) -> Report:
    """The report in which a claim of lag names another headline."""
    made = report()
    study: StudyReport = made.studies["lag"]
    display = {**study.study.display, claim: Display(headline=headline)}
    changed = replace(study, study=replace(study.study, display=display))
    return replace(made, studies={**made.studies, "lag": changed})


@pytest.mark.parametrize(
    ("claim", "headline", "words"),
    [
        ("lag-constant", "lagging", ["'lagging'", "bn-raw"]),
        ("lag-falling", "lag", ["lag-constant", "lag-falling", "differ"]),
        ("lag-rate", "lag", ["lag-rate", "differ"]),
    ],
)
def test_a_headline_that_is_none_or_asks_something_else_is_refused(
    claim: str, headline: str, words: list[str]
) -> None:
    with pytest.raises(PageError, match=".*".join(map(re.escape, words))):
        headlines(given(claim, headline))


def test_a_claim_on_runs_of_two_conditions_is_refused() -> None:
    made = report()
    study = made.studies["lag"]
    other = RAW.recipe("other", **GIVEN, optimizer=Optimizer(rule="adam"))
    runs = (*study.study.runs, replace(study.study.runs[0], trial=other))
    stands_on = {**study.stands_on, "lag-constant": (*study.stands_on["lag-constant"], "other")}
    mixed = replace(study, study=replace(study.study, runs=runs), stands_on=stands_on)
    with pytest.raises(PageError, match=r"lag-constant.*one condition"):
        headlines(replace(made, studies={"lag": mixed}))


def test_the_ten_that_were_named_before_the_runs_are_among_them() -> None:
    decision = next(Path("docs/decisions").glob("0009*.md")).read_text(encoding="utf-8")
    numbered = re.findall(r"^\d+\. ", decision, re.MULTILINE)
    # Two others ask for a gain where the ten ask for an equivalence.
    assert len(numbered) == len(TEN) == 10
    assert HEADLINES.keys() - {*TEN} == {"bn-over-std", "bn-std-gain"}


def test_few_images_are_named() -> None:
    assert Condition("dense", images=4_000).parts[1] == "4,000 images of Fashion-MNIST"
    assert DENSE.parts[1] == "Fashion-MNIST"
    assert DENSE.place < Condition("dense", images=4_000).place < PLANNED[1].place


def test_margins_may_differ_between_conditions_and_the_smallest_is_the_rows() -> None:
    answers = headlines(report())
    ((study, claim), *_) = answers["lag"][DENSE]
    wider = claim.model_copy(update={"margin": 1.0})
    there = Condition("dense", "mnist-1d")
    assert margin_of_row({"lag": {there: [(study, wider)], DENSE: [(study, claim)]}}, "lag") == 0.5
    assert margin_of_row({"lag": {}}, "lag") is None


# An arm by its normalizer and its inputs.
ARMS = {
    ("none", "raw"): "raw",
    ("none", "std"): "std",
    ("batch", "raw"): "bn",
    ("batch", "std"): "std-bn",
    ("layer", "raw"): "ln",
}
# What a claim that puts one arm ahead of another asks, or one that says that they tie, by its unit.
ACCURACY = {
    ("bn", "raw", "difference"): "bn-raw",
    ("bn", "std", "difference"): "bn-over-std",
    ("std-bn", "std", "difference"): "bn-std-gain",
    ("bn", "std", "equivalence"): "bn-std",
    ("std-bn", "std", "equivalence"): "std-bn",
    ("bn", "ln", "equivalence"): "ln",
    ("ln", "bn", "equivalence"): "ln",
}
SMALL = ({"raw", "bn"}, {"std", "bn"})
STEPS = {("bn", "raw"): "steps-raw", ("bn", "std"): "steps-std"}
WIDTHS = {("bn", "raw"): "width-raw", ("bn", "std"): "width-std"}
# In which fields the two nets of a pair may differ.
FREE = {"name", "learning_rate", "inputs", "measures", "checks", "score_epochs", "evaluated"}
# Claims on such nets that ask something else, and what.
ELSE = {
    "averaging-": "of averaged weights",
    "depth-": "of ten layers or more, where the margin is another",
    "batchsize-lag": "of the first 100 steps, where the margin is another",
    "finetuning-": "of nets that are fine-tuned",
    "shifted-": "of batches that are not mixed, and of changed images",
    "speed-3-raw": "of each net at the rate at which it arrives soonest",
    "speed-best-std": "of each net at a rate of its own, which here is the same",
    "residual-plain": "of nets without shortcuts",
}


def arm_of(trial: Training) -> str:
    net = trial.net if isinstance(trial.net, Residual) else structure(trial.net)
    arm = ARMS.get((net.normalizer, trial.inputs), "")
    return "" if getattr(net, "placement", "before") != "before" else arm


def rest_of(trial: Training) -> str:
    fields = trial.model_dump(mode="json", exclude=FREE)
    if isinstance(fields["net"], dict):
        fields["net"].pop("normalizer")
    return canonical(fields)


def lags(direction: Direction) -> bool:
    """Say whether fresh statistics of a net are compared with averages of momentum 0.99."""
    fresh, averages = (
        {re.sub("^(end|path)_", "", reading.quantity.name).split("_")[0] for reading in side}
        for side in (direction.favoured, direction.other)
    )
    return fresh <= {"fresh", "precise"} and averages <= {"deployed", "moving", "m0.99"}


def asked(direction: Direction, kind: str, unit: str, trials: Mapping[str, Training]) -> str:
    """The headline that a setting of a claim asks by its nets and by what is read of them."""
    sides = [
        [trials[name] for name in dict.fromkeys(reading.trial for reading in side)]
        for side in (direction.favoured, direction.other)
    ]
    every = [trial for side in sides for trial in side]
    one, other = ({arm_of(trial) for trial in side} for side in sides)
    alike = {rest_of(trial) for trial in sides[0]} == {rest_of(trial) for trial in sides[1]}
    names = {reading.quantity.name for reading in direction.readings}
    scored = all(name.endswith("accuracy") and "train" not in name for name in names)
    if not (alike and scored and len(one) == len(other) == 1):
        return ""
    pair = (one.pop(), other.pop())
    if pair == ("bn", "bn"):
        return "lag" if lags(direction) and kind == "difference" else ""
    swept = len({trial.learning_rate for trial in every}) > 1
    match direction.measure, unit:
        case "each", "pp":
            small = {*pair} in SMALL and kind == "difference"
            return (
                "small"
                if small and max(t.batch_size for t in every) <= 4
                else (ACCURACY.get((*pair, kind), ""))
            )
        case "arrival", "x" if not swept:
            return STEPS.get(pair, "")
        case "width", "decades" if swept:
            return WIDTHS.get(pair, "")
    return ""


def fitting(study: StudyReport, claim: str, kind: str, unit: str) -> str:
    """The headline that all settings of a claim ask; empty where there is none."""
    trials = {runs.trial.name: runs.trial for runs in study.study.runs}
    training = {name: trial for name, trial in trials.items() if isinstance(trial, Training)}
    found = study.study.directions[claim]
    each = [found] if isinstance(found, Direction) else [*found.values()]
    if not {reading.trial for one in each for reading in one.readings} <= training.keys():
        return ""
    names = {asked(direction, kind, unit, training) for direction in each}
    return names.pop() if len(names) == 1 else ""


@pytest.mark.slow
def test_every_claim_on_the_nets_of_a_headline_names_it_or_is_known_to_ask_something_else() -> None:
    """A table that says "not tried" must not leave out what was."""
    left_out, named = [], set()
    for study in report().editions():
        for claim in study.study.claims:
            fits = fitting(study, claim.id, claim.kind, claim.unit)
            display = study.study.display.get(claim.id)
            name = display.headline if display else ""
            aside = {start for start in ELSE if claim.id.startswith(start)}
            named |= aside if fits and not name else set()
            if fits and not aside and fits != name:
                left_out.append(f"{claim.id} asks {fits} and names {name or 'nothing'}")
    assert not left_out
    # Nothing is set aside that no claim needs.
    assert named == ELSE.keys()


def test_margins_may_differ_between_scores_but_not_within_one() -> None:
    made = report()
    study = made.studies["ways"]
    answers = headlines(replace(made, studies={"ways": study}))["bn-std"]
    found = {(claim.score, claim.margin) for _, claim in answers[DENSE]}
    assert found == {("fresh", 0.5), ("deployed", 1.0)}
    wider = "ways-both-sgd-constant"
    claims = tuple(
        claim.model_copy(update={"margin": 1.0}) if claim.id == wider else claim
        for claim in study.study.claims
    )
    display = {**study.study.display, wider: Display(headline="bn-std")}
    other = replace(study, study=replace(study.study, claims=claims, display=display))
    with pytest.raises(PageError, match=f"by one score.*{wider}"):
        headlines(replace(made, studies={"ways": other}))
