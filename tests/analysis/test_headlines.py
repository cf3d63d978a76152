"""What claims say of one thing under several conditions, read off the runs that judge them."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bnreport.analysis.arms import usual
from bnreport.analysis.headlines import (
    HEADLINES,
    PLANNED,
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
from bnreport.protocol.optimization import LINEAR, Optimizer
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
    # "bn-over-std" is what the first edition asked where the ten ask for an equivalence.
    assert len(numbered) == len(HEADLINES.keys() - {"bn-over-std"}) == 10


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
