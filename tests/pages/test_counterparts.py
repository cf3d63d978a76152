"""Dense and convolutional nets side by side: verdicts, numbers, and what differs between them."""

from dataclasses import replace

import lxml.html
import pytest

from bnreport.analysis.report import Report
from bnreport.errors import PageError
from bnreport.pages.counterparts import (
    COUNTERPARTS,
    STUDIES,
    Answer,
    Counterpart,
    agreement,
    counterparts,
    equalities,
)
from bnreport.studies import all_editions
from tests.golden import report
from tests.synthetic import with_sentences


def cells(found: Report) -> list[list[str]]:
    table = lxml.html.fromstring(f"<div>{counterparts(found, '../')}</div>")
    return [
        [" ".join(cell.text_content().split()) for cell in row.xpath("./th | ./td")]
        for row in table.xpath("//tr")
    ]


def asked_of(found: Report) -> list[tuple[Counterpart, Answer, Answer]]:
    """The questions that both kinds of net have answered."""
    return [(pair, *both) for pair in COUNTERPARTS if (both := pair.answers(found))]


def test_a_question_that_one_net_has_not_been_asked_is_left_out() -> None:
    made = report()
    alone = replace(made.studies["alternatives"], later=())
    left = asked_of(replace(made, studies={**made.studies, "alternatives": alone}))
    assert "is as accurate, each at its own best rate" not in {pair.effect for pair, *_ in left}
    assert len(left) == 4
    assert len(asked_of(made)) == 5


@pytest.mark.slow
def test_each_row_holds_both_verdicts_by_each_score_with_effect_and_interval() -> None:
    made = report()
    for (effect, *nets), (pair, *answers) in zip(cells(made)[1:], asked_of(made), strict=False):
        assert effect == pair.effect
        for told, answer in zip(nets, answers, strict=True):
            for score, claim in answer.by_score.items():
                found = answer.study.shown(claim)
                assert f"{found.mark} {found.text}" in told
                assert f"] {score}" in told


def test_the_newest_edition_that_is_judged_answers() -> None:
    made = report()
    dense, _ = asked_of(made)[0][1:]
    assert dense.by_score == {
        "fresh": "speed-2-same-std",
        "deployed": "speed-2-same-std-deployed",
    }
    old = replace(made.studies["speed"], later=())
    dense, _ = asked_of(replace(made, studies={**made.studies, "speed": old}))[0][1:]
    assert dense.by_score == {"deployed, first edition": "speed-same-std"}


@pytest.mark.parametrize(
    ("dense", "convolutional", "told"),
    [
        ("supported", "supported", "in both kinds of net"),
        ("supported", "not_supported", "in dense nets alone"),
        ("not_supported", "supported", "in the convolutional net alone"),
        ("not_supported", "undecided", "in neither for sure"),
    ],
)
def test_where_bn_has_an_effect_is_said_by_the_score_that_both_nets_have(
    dense: str, convolutional: str, told: str
) -> None:
    # By fresh statistics the dense net says the opposite, and the convolutional one has none here.
    fresh = "not_supported" if dense == "supported" else "supported"
    keys = {"speed-2-same-std": fresh, "speed-2-same-std-deployed": dense}
    made = with_sentences(report(), keys, "speed")
    made = with_sentences(made, {"convolution-speed-std": convolutional}, "convolution")
    steps = COUNTERPARTS[0]
    assert agreement(asked_of(made)[:1]) == [
        (told, steps.effect, "as deployed; the convolutional net in the first edition")
    ]


def test_an_answer_that_the_first_edition_alone_has_says_so() -> None:
    of_batches = [each for each in asked_of(report()) if "batches of" in each[0].effect]
    (*_, scored), *_ = agreement(of_batches[:1])
    assert scored == "as deployed, in the first edition"


def test_an_equality_has_a_row_and_no_place_in_the_sentence() -> None:
    answers = asked_of(report())
    (equal,) = [each for each in answers if each[0].effect.startswith("is as accurate")]
    assert agreement([equal]) == []
    assert len(agreement(answers)) > 0


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        ("supported", "level within 1.00\u2009pp"),
        ("above", "ahead, perhaps by less than 1.00\u2009pp"),
    ],
)
def test_an_equality_says_who_is_ahead(verdict: str, told: str) -> None:
    made = with_sentences(report(), {"convolution-2-bn-std": verdict}, "convolution")
    ((_, _, convolutional),) = equalities(asked_of(made))
    assert convolutional == told


def test_an_equality_that_is_refuted_says_by_how_much_at_least() -> None:
    ((_, _, convolutional),) = equalities(asked_of(report()))
    assert convolutional == "ahead by more than 1.00\u2009pp"


def test_the_claims_of_a_row_ask_the_same_of_both_nets() -> None:
    claims = {claim.id: claim for study in all_editions().values() for claim in study.claims}
    for pair in COUNTERPARTS:
        each = [claims[name] for asked in pair.dense + pair.convolutional for name in asked]
        assert len({(claim.unit, claim.scale) for claim in each}) == 1
        for claim in each:
            assert {pair.setting or None} <= {None, *claim.settings}


def test_what_differs_is_read_off_the_trials() -> None:
    differs = {row[0]: row[1:] for row in cells(report())[len(asked_of(report())) + 2 :]}
    assert "“Convergence speed”: constant" in differs["learning rate"][0]
    assert "“Learning rates”: falling" in differs["learning rate"][0]
    convolutional = "“A convolutional net”"
    assert f"{convolutional}, first edition: constant" in differs["learning rate"][1]
    assert f"{convolutional}: falling" in differs["learning rate"][1]
    assert differs["net"][0] == "300 and 100 units"
    assert f"{convolutional}, first edition: 4 and 8 filters, then 64 units" in differs["net"][1]
    assert differs["BN's averages"][0].startswith("momentum 0.99")
    assert "0.9 at batches of 32, 0.6 at batches of 128" in differs["BN's averages"][1]
    assert "312 whole batches" in differs["trained"][1]
    assert "16 images at batches of 32" in differs["last batch of an epoch"][1]


@pytest.mark.parametrize("name", STUDIES)
def test_without_the_records_of_a_study_nothing_is_shown(name: str) -> None:
    made = report()
    left = {study: found for study, found in made.studies.items() if study != name}
    assert not counterparts(replace(made, studies=left), "")


def test_a_claim_without_nets_with_bn_is_refused_by_name() -> None:
    made = report()
    speed = made.studies["speed"]
    second, *_ = speed.later
    bare = dict.fromkeys(second.stands_on, ("raw-same", "std-same"))
    speed = replace(speed, later=(replace(second, stands_on=bare),))
    with pytest.raises(PageError, match="speed-2-same-std"):
        counterparts(replace(made, studies={**made.studies, "speed": speed}), "")
