"""The board shows each claim once, on one axis, with what it is found by and what was expected."""

import math
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import lxml.html
import pytest

from bnreport.analysis.display import Judgement
from bnreport.analysis.headlines import HEADLINES, TEN, Condition
from bnreport.analysis.report import Report
from bnreport.errors import PageError
from bnreport.pages.board.axis import MarginAxis, axis_of_all, scale
from bnreport.pages.board.facets import ARMS, facets
from bnreport.pages.board.guesses import guesses, representative
from bnreport.pages.board.view import board, guess_first, heights
from bnreport.pages.library.citation import Citation
from bnreport.pages.strips import EDGE, HEIGHT, RADIUS, WIDTH
from bnreport.protocol.claims import Display
from tests import golden
from tests.analysis.test_judge import DIFFERENCE
from tests.synthetic import report as made_up_report
from tests.synthetic import study_report

CITATION = Citation("bn", ("A. Author",), "A site", "1.0", "2031-02-03", "abc", "")


def tree_of(report: Report, **more: Any) -> Any:
    return lxml.html.fromstring(str(board(report, "up/", **more)))


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def test_an_effect_lies_by_its_margins_and_what_never_arrived_at_an_end() -> None:
    axis = MarginAxis(-4.0, 40.0)
    of_claim = axis.for_claim(DIFFERENCE.model_copy(update={"margin": 0.5}))
    assert of_claim.at(0.5) == axis.at(1.0)
    ratio = DIFFERENCE.model_copy(update={"scale": "ratio", "margin": 1.25})
    assert axis.for_claim(ratio).at(math.log(1.25) * 2) == axis.at(2.0)
    assert (axis.at(-math.inf), axis.at(-4.0)) == (EDGE, EDGE)
    assert (axis.at(math.inf), axis.at(40.0)) == (WIDTH - EDGE, WIDTH - EDGE)
    places = [axis.at(margins) for margins in (-4, -1, 0, 1, 2, 3, 10, 40)]
    assert places == sorted(set(places))
    # Beyond a margin the axis is coarser, on both sides alike.
    assert axis.at(1.0) - axis.at(0.0) > 2 * (axis.at(10.0) - axis.at(9.0))
    assert axis.at(1.0) - axis.at(0.0) == pytest.approx(axis.at(0.0) - axis.at(-1.0), abs=0.2)


def test_the_names_of_the_axis_stand_within_it_and_apart() -> None:
    names = lxml.html.fromstring(str(scale(MarginAxis(-4.0, 40.0)))).xpath("//text")
    assert [name.text for name in names] == ["−3", "−1", "0", "1", "3", "10", "30"]
    places = [float(name.get("x")) for name in names]
    assert all(right - left > 15 for left, right in pairwise(places))
    assert axis_of_all([]) == MarginAxis(-1.0, 1.0)


def test_every_claim_has_a_line_with_its_word_its_numbers_and_what_was_expected() -> None:
    report = made_up_report()
    tree = tree_of(report)
    lines = {line.get("id"): line for line in tree.xpath("//details[@class='line']")}
    shown = report.shown()
    assert len(lines) == len(shown)
    for claim, judgement in shown:
        line = lines["claim-" + claim.id.replace(".", "-")]
        text = words(line.find("summary"))
        assert judgement.text in text
        assert "expected:" in text
        assert bool(line.xpath(".//*[@class='line__surprise']")) != judgement.as_expected
        assert judgement.statement.replace("`", "") in words(line)
        (link,) = line.xpath(".//a/@href")
        assert link == f"up/studies/notebook.html#{line.get('id')}"
        # What is not paired has no bar.
        assert bool(line.xpath("summary//*[@class='strip__interval']")) == (
            claim.kind in {"difference", "equivalence"}
        )
    (times,) = tree.xpath("//*[@class='board__matches']")
    assert words(times) == f"{len(shown)} of {len(shown)} claims"


def test_a_fold_sums_its_words_up_and_has_a_dot_for_each_bar() -> None:
    tree = tree_of(made_up_report())
    (fold,) = tree.xpath("//details[contains(@class, 'board__question')]")
    (sums,) = fold.xpath(".//*[@role='img']")
    counts = {
        word: int(n) for n, word in (p.split(" ", 1) for p in sums.get("aria-label").split(", "))
    }
    lines = fold.xpath(".//details[@class='line']")
    assert sum(counts.values()) == len(lines)
    bars = fold.xpath(".//details[@class='line']//*[@class='strip__interval']")
    dots = fold.xpath("summary//*[contains(@class, 'strip__claim ')]")
    assert len(dots) == len(bars) > 2
    assert len({(dot.get("cx"), dot.get("cy")) for dot in dots}) == len(dots)


def test_dots_of_one_place_stand_one_above_the_other_however_many_they_are() -> None:
    assert heights([10.0, 100.0]) == [HEIGHT / 2, HEIGHT / 2]
    low, middle, high = heights([10.0, 10.0, 10.5])
    assert high - middle == middle - low == 2 * RADIUS
    crowd = heights([10.0] * 20)
    assert len({*crowd}) == 20
    assert RADIUS <= min(crowd) < max(crowd) <= HEIGHT - RADIUS


def test_two_claims_that_read_alike_are_refused() -> None:
    report = made_up_report()
    study = report.studies["notebook"]
    one, other = list(study.verdicts)[:2]
    statement = study.shown(one).statement.upper()
    display = {**study.study.display, other: Display(statement=statement)}
    twins = replace(study, study=replace(study.study, display=display))
    with pytest.raises(PageError, match=f"{one} and {other} say the same"):
        board(replace(report, studies={"notebook": twins}), "")


def test_a_claim_is_found_by_its_arms_its_net_its_edition_and_its_score() -> None:
    study = study_report()
    each = {name: facets(study, name) for name in study.verdicts}
    assert {(facet.edition, facet.score) for facet in each.values()} == {("first", "")}
    assert {net for facet in each.values() for net in facet.nets} == {"dense"}
    gains = [facet for facet in each.values() if facet.arms == ("bn", "raw")]
    assert gains


@pytest.mark.slow
def test_every_filter_finds_claims_and_later_studies_are_no_first_edition() -> None:
    report = golden.report()
    each = {
        verdict.claim.id: facets(study, verdict.claim.id) for study, verdict in report.verdicts()
    }
    assert {arm for facet in each.values() for arm in facet.arms} == {*ARMS}
    later = {claim.id for claim, _ in report.shown() if claim.decided == "interval"}
    assert {each[name].edition for name in later} == {"later"}
    first = [name for name, facet in each.items() if facet.edition == "first"]
    assert first
    assert not later & {*first}
    assert "residual" in each["residual-fixup"].nets
    assert "fixup" in each["residual-fixup"].arms
    assert each["convolution-small"].nets == ("convolutional",)
    choices = tree_of(report).xpath("//select/option[@value!='']/@value")
    assert {"fresh", "deployed", "none", "first", "later", "yes", "no", "mixed"} <= {*choices}


def test_a_claim_is_cited_as_a_part_of_the_site() -> None:
    (kept,) = tree_of(made_up_report(), citation=CITATION).xpath("@data-bibtex")
    assert kept == (
        "@misc{bn:%CLAIM%,\n"
        "  author       = {{A. Author}},\n"
        "  title        = {%STATEMENT%},\n"
        "  howpublished = {A site. Version 1.0},\n"
        "  year         = {2031},\n"
        "  month        = feb,\n"
        "  note         = {Commit abc of 2031-02-03},\n"
        "  url          = {%LINK%},\n"
        "}"
    )
    assert tree_of(made_up_report()).get("data-bibtex") == ""


@pytest.mark.slow
def test_each_of_the_ten_headlines_is_guessed_by_one_claim_that_an_interval_decides() -> None:
    report = golden.report()
    questions = guesses(report)
    assert len(TEN) == 10
    assert [each.headline for each in questions] == [HEADLINES[name] for name in TEN]
    claims = {claim.id: claim for claim, _ in report.shown()}
    assert {claims[each.claim].decided for each in questions} == {"interval"}
    assert "deployed" not in {claims[each.claim].score for each in questions}
    # A reader can guess no other word.
    assert {each.shown.word for each in questions} <= {"supported", "not supported", "undecided"}
    tree = lxml.html.fromstring(str(guess_first(report, "")))
    assert len(tree.xpath("//li")) == 10
    right = sum(each.shown.word == each.expected for each in questions)
    assert f"We were right about {right} of these 10." in words(tree)
    assert "no calibration of ours" in words(tree)


def test_a_headline_is_guessed_by_its_first_condition_and_the_newest_edition() -> None:
    later, small = Condition("dense", images=400), Condition("dense", "mnist-5k")

    def pair(name: str, number: int, score: str, decided: str = "interval") -> Any:
        study = SimpleNamespace(study=SimpleNamespace(number=number))
        fields = {"id": name, "score": score, "decided": decided}
        return study, DIFFERENCE.model_copy(update=fields)

    answers = {
        Condition("dense"): [pair("tests", 3, "", "tests")],
        small: [pair("other data", 2, "fresh")],
        later: [
            pair("old", 1, "fresh"),
            pair("deployed", 2, "deployed"),
            pair("fresh", 2, "fresh"),
        ],
    }
    assert representative(answers)[1].id == "fresh"
    assert representative({Condition("dense"): answers[Condition("dense")]})[1].id == "tests"


def test_a_calibration_counts_the_claims_of_which_nothing_was_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = [
        ("new", True),
        ("new", False),
        ("new", True),
        ("known from a pilot", False),
        ("", True),
    ]
    shown = [
        (DIFFERENCE, Judgement("supported", "", "A.", as_expected=right, known=word))
        for word, right in known
    ]
    monkeypatch.setattr("bnreport.pages.board.view.guesses", lambda _: [])
    report: Any = type("Made", (), {"shown": lambda _: shown})()
    told = words(lxml.html.fromstring(str(guess_first(report, ""))))
    assert "Of the 3 claims on this site" in told
    assert "2 came out as expected; that is our calibration." in told
