"""Verdicts as text: on which scale, and what so many seeds or rounds could have shown."""

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bnreport.analysis.display import Judgement, judgement
from bnreport.analysis.judge import judge
from bnreport.analysis.study import Study
from bnreport.analysis.verdicts import LEAST_SEEDS
from bnreport.pages.claim_card import card
from bnreport.pages.claim_text import SIDES, claim_numbers, numbers
from bnreport.pages.scoreboard import multiplicity, tallies, tally
from bnreport.protocol.claims import Claim
from bnreport.statistics.estimates import Contrast
from bnreport.statistics.intervals import Interval
from bnreport.studies import all_studies
from tests.analysis.test_judge import DIFFERENCE

RATIO = DIFFERENCE.model_copy(
    update={"scale": "ratio", "unit": "x", "margin": 1.25, "settings": ("here", "there")}
)


def contrast(low: float, high: float) -> Contrast:
    values = tuple(low + (high - low) * k / (LEAST_SEEDS - 1) for k in range(LEAST_SEEDS))
    return Contrast(Interval(low, (low + high) / 2, high, LEAST_SEEDS, "t"), 0.001, values=values)


def shown(claim: Claim, found: Contrast) -> str:
    estimate = dict.fromkeys(claim.settings, found) or found
    verdict = judge([claim], {claim.id: estimate}, "full")[claim.id]
    return str(card(verdict, judgement(verdict), "errata"))


def test_a_ratio_lies_below_one_and_a_difference_below_zero() -> None:
    below = contrast(-0.5, -0.3)
    assert "the interval lies below one" in shown(RATIO, below)
    told = shown(DIFFERENCE.model_copy(update={"settings": ("here", "there")}), below)
    assert "the interval lies below zero" in told


def test_a_ratio_above_a_hundred_is_told_as_a_whole_number() -> None:
    told = shown(RATIO, contrast(math.log(999.6), math.log(1500.4)))
    assert "1,225\u2009×" in told
    assert "[1,000, 1,500]" in told
    assert "1.35\u2009×" in shown(RATIO, contrast(0.2, 0.4))


@pytest.mark.parametrize(
    ("claim", "aim"),
    [(RATIO, r"distinguish a true ratio of"), (DIFFERENCE, "distinguish a true difference of")],
    ids=["ratio", "difference"],
)
def test_the_power_of_a_claim_is_told_on_its_scale(claim: Claim, aim: str) -> None:
    text = shown(claim, contrast(0.3, 0.5))
    nothing = "one" if claim.scale == "ratio" else "zero"
    assert f"With runs as variable as these, {LEAST_SEEDS} seeds {aim}" in text
    assert f"from {nothing} in four of five cases" in text


@pytest.mark.parametrize(
    ("claim", "told"),
    [
        (DIFFERENCE.model_copy(update={"unit": "pp", "margin": 0.5}), "margin 0.50\u2009pp;"),
        (RATIO, "margin 1.25\u2009×;"),
        (DIFFERENCE.model_copy(update={"margin": 0.0}), ""),
    ],
    ids=["difference", "ratio", "none"],
)
def test_the_margin_stands_beside_the_effect(claim: Claim, told: str) -> None:
    estimate = contrast(0.3, 0.5)
    estimates = {claim.id: dict.fromkeys(claim.settings, estimate) or estimate}
    text = numbers(judge([claim], estimates, "full")[claim.id])
    assert told in text if told else "margin" not in text


def test_a_time_has_rounds_and_no_seeds() -> None:
    timed = DIFFERENCE.model_copy(update={"seeds": "12 interleaved rounds in one process"})
    assert f"With runs as variable as these, {LEAST_SEEDS} rounds" in shown(
        timed, contrast(0.3, 0.5)
    )


@pytest.mark.parametrize("study", all_studies().values(), ids=lambda study: study.name)
def test_a_shown_statement_promises_no_least_effect_that_its_rule_does_not_test(
    study: Study,
) -> None:
    # A rule asks for a mean that reaches the margin; that the true effect does, it does not show.
    for claim in study.claims:
        statement = study.display[claim.id].statement if claim.id in study.display else ""
        if claim.kind == "difference" and claim.margin:
            assert "at least" not in (statement or claim.statement), claim.id


def test_a_sentence_can_name_a_sure_loss_and_count_the_settings() -> None:
    settings = ("lost", "open", "won", "more")
    claim = DIFFERENCE.model_copy(update={"settings": settings})
    bounds = ((-1.2, -0.3), (-0.4, 0.9), (0.6, 1.2), (0.7, 1.2))
    found = {name: contrast(*pair) for name, pair in zip(settings, bounds, strict=True)}
    told = claim_numbers(judge([claim], {claim.id: found}, "full")[claim.id])
    sides = {"lost": "behind", "open": "neither surely ahead nor behind", "won": "ahead"}
    assert {name: told[f"{name}.side"] for name in sides} == sides
    words = {name: (told[f"won.{name}"], told[f"lost.{name}"]) for name in SIDES}
    assert words == SIDES
    assert told["open.ahead_of"] == "neither surely ahead of nor behind"
    counts = {"settings": "4", "supported": "2", "not_supported": "1", "undecided": "1"}
    counts["opposite"] = "1"
    assert {name: told[name] for name in counts} == counts


def test_a_loss_that_is_told_by_its_size_has_the_interval_of_the_size() -> None:
    told = claim_numbers(judge([DIFFERENCE], {DIFFERENCE.id: contrast(-1.2, -0.3)}, "full")["gain"])
    assert (told["size"], told["interval"]) == ("0.75\u2009pp", "[−1.20, −0.30]")
    assert told["interval_of_size"] == "[0.30, 1.20]"
    told = claim_numbers(judge([DIFFERENCE], {DIFFERENCE.id: contrast(-0.2, 0.6)}, "full")["gain"])
    assert told["interval_of_size"] == "[−0.20, 0.60]"
    told = claim_numbers(judge([DIFFERENCE], {DIFFERENCE.id: contrast(-0.6, 0.2)}, "full")["gain"])
    assert told["interval_of_size"] == "[−0.20, 0.60]"


def test_claims_are_counted_by_their_word_and_identities_apart() -> None:
    exact = DIFFERENCE.model_copy(update={"kind": "exact"})
    counts = tally(
        [
            (DIFFERENCE, Judgement("supported", "", "A.")),
            (DIFFERENCE, Judgement("not supported", "", "A.", as_expected=False)),
            (DIFFERENCE, Judgement("undecided", "", "A.", as_expected=False)),
            (exact, Judgement("supported", "", "A.")),
            (exact, Judgement("not supported", "", "A.", as_expected=False)),
        ]
    )
    assert (counts["claims"], counts["identities"], counts["by_interval"]) == (3, 2, 0)
    later = DIFFERENCE.model_copy(update={"decided": "interval"})
    assert tally([(later, Judgement("supported", "", "A."))])["by_interval"] == 1
    yes = Judgement("supported", "", "A.")
    apart = tallies([(DIFFERENCE, replace(yes, word="undecided")), (later, yes), (exact, yes)])
    assert {name: (counts["supported"], counts["claims"]) for name, counts in apart.items()} == {
        "since": (1, 1),
        "first": (0, 1),
    }
    words = ("supported", "not_supported", "undecided", "surprises", "surprises_undecided")
    assert [counts[word] for word in words] == [1, 1, 1, 2, 1]


def test_claims_are_counted_by_what_was_known_of_them() -> None:
    known = (
        "new",
        "known from a pilot",
        "known in part from a pilot",
        "known in part from a pilot",
    )
    told = [
        (DIFFERENCE, Judgement("supported", "", "A.", as_expected=last, known=word))
        for word, last in zip(known, (False, False, False, True), strict=True)
    ]
    counts = tally([*told, (DIFFERENCE, Judgement("supported", "", "A."))])
    words = ("new", "piloted", "in_part", "in_part_surprises")
    assert [counts[word] for word in words] == [1, 1, 2, 1]


def test_a_card_says_what_was_known_and_whether_that_was_corrected() -> None:
    claim = DIFFERENCE.model_copy(update={"known": "new"})
    verdict = judge([claim], {claim.id: contrast(0.6, 1.2)}, "full")[claim.id]
    blind = card(verdict, judgement(verdict), "errata.html")
    assert "; new." in blind
    assert "errata.html" not in blind
    seen = card(verdict, judgement(verdict, seen="all"), "errata.html")
    assert '; known from a pilot. It was frozen as “new”: <a href="errata.html">' in seen


def test_all_tests_of_the_site_as_one_family_are_adjusted_together() -> None:
    def report(*p: float, word: str = "supported") -> Any:
        verdicts = [
            SimpleNamespace(word=word, setting="", p=each, findings={"": SimpleNamespace(p=each)})
            for each in p
        ]
        return SimpleNamespace(verdicts=lambda: [(None, verdict) for verdict in verdicts])

    # Three times .02 is more than .05; of three that are all below .05 none is a false discovery.
    counts = {"tests": 3, "supported": 3, "holm": 0, "discoveries": 3}
    assert multiplicity(report(0.02, 0.03, 0.04)) == counts
    assert multiplicity(report(0.01, 0.5, 0.5)) == counts | {"holm": 1, "discoveries": 1}
    nothing = dict.fromkeys(counts, 0)
    assert multiplicity(report(0.01, word="mixed")) == nothing | {"tests": 1}
    assert multiplicity(report()) == nothing
