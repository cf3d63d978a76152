"""A number of a claim leads to its card, with an interval; what stands together is one link."""

import re
from dataclasses import replace

import lxml.html
import numpy as np
import pytest

from bnreport.analysis.report import StudyReport
from bnreport.pages.data.links import anchor
from bnreport.pages.numbers import PLACES, joined, linked, of_claim
from bnreport.pages.numbers import plain as plain_value
from bnreport.pages.staging import Staging
from bnreport.pages.study_view import StudyView
from bnreport.presentation.tables import Value
from tests.golden import report


def view(name: str) -> StudyView:
    """What a page of the root may say of a study."""
    study = report().studies[name]
    return StudyView("a.md", Staging(), name, study.analysis, study, study.editions)


def links(page: str) -> list[lxml.html.HtmlElement]:
    found: list[lxml.html.HtmlElement] = lxml.html.fragment_fromstring(
        page, create_parent="p"
    ).xpath(".//a")
    return found


def bar(page: str) -> list[list[float]]:
    """The rows of the drawing of the only link."""
    (link,) = links(page)
    return [[float(place) for place in row.split(" ")] for row in link.get("data-bar").split(";")]


def test_a_number_of_a_claim_leads_to_its_card_and_says_what_was_found() -> None:
    study = report().studies["speed"].editions[1]
    (link,) = links(view("speed").value("speed-2-same-std.effect"))
    assert link.get("href") == f"studies/speed.html#{anchor('speed-2-same-std')}"
    shown = study.shown("speed-2-same-std")
    assert link.get("data-said") == f"{shown.label}: {shown.text}, 24 pairs"
    assert link.get("title") is None


def test_the_drawing_has_zero_margin_and_interval_where_they_are() -> None:
    study = report().studies["speed"].editions[1]
    verdict = study.verdicts["speed-2-same-raw"]
    (zero, least, most), (low, point, high) = bar(view("speed").value("speed-2-same-raw.effect"))
    assert 0 <= zero == least < most < low < point < high <= PLACES
    interval = verdict.findings[""].interval
    # One scale for all of them: places go with the numbers.
    known = np.array([0.0, np.log(1.25), interval.low, interval.point, interval.high])
    slope, start = np.polyfit(known, [zero, most, low, point, high], 1)
    assert slope * known + start == pytest.approx([zero, most, low, point, high], abs=1.0)


def test_a_word_of_a_claim_is_no_link() -> None:
    page = view("alternatives").value("alternatives-2-bn-std.side")
    assert lxml.html.fragment_fromstring(page).text_content() == "ahead"
    assert not links(page)


def test_effect_and_interval_of_a_claim_are_one_link() -> None:
    told = view("speed")
    page = " ".join(told.value(f"speed-2-same-raw.{part}") for part in ("effect", "interval"))
    (link,) = links(joined(page))
    assert re.fullmatch(r"[\d.]+\u202f× \[[\d.]+,\u00a0[\d.]+\]", link.text_content())
    assert len(bar(joined(page))) == 2
    # On a phone it breaks between the two.
    assert "value--long" in link.get("class")


@pytest.mark.parametrize(
    ("text", "breaks"),
    [("1.29\u2009decades", False), ("5 of 12", False), ("does not overflow", True)],
)
def test_words_may_break_where_a_number_stays_whole(text: str, breaks: bool) -> None:
    span = lxml.html.fragment_fromstring(plain_value(Value(text, "tested")))
    assert ("value--long" in span.get("class")) == breaks


def test_settings_of_a_claim_are_one_link_with_an_interval_each() -> None:
    told = view("lag")
    values = [told.value(f"lag-constant.{size}.effect") for size in ("32", "128", "512")]
    page = joined(f"They cost {values[0]}, {values[1]} and {values[2]}.")
    _, *rows = bar(page)
    assert len(rows) == 3
    points = [
        report().studies["lag"].verdicts["lag-constant"].findings[size].interval.point
        for size in ("32", "128", "512")
    ]
    assert np.argsort([point for _, point, _ in rows]).tolist() == np.argsort(points).tolist()
    (link,) = links(page)
    # A number stays with its unit, and the link may break between its words.
    assert "\u2009" not in link.text_content()


def test_numbers_of_two_claims_or_far_apart_stay_two_links() -> None:
    told = view("speed")
    raw, std = (told.value(f"speed-2-same-{net}.effect") for net in ("raw", "std"))
    assert len(links(joined(f"{raw} and {std}"))) == 2
    assert len(links(joined(f"{raw} as many, {raw}"))) == 2


def test_numbers_of_two_measures_of_one_study_stay_two_links() -> None:
    one, other = (linked(Value("1", origin), "a.html") for origin in ("loss", "accuracy"))
    assert len(links(joined(f"{one} {one}"))) == 1
    assert len(links(joined(f"{one} {other}"))) == 2


def _with_interval(study: StudyReport, claim: str, low: float, high: float) -> StudyReport:
    verdict = study.verdicts[claim]
    finding = verdict.findings[""]
    interval = replace(finding.interval, low=low, high=high)
    changed = replace(verdict, findings={"": replace(finding, interval=interval)})
    return replace(study, verdicts={**study.verdicts, claim: changed})


def test_an_interval_without_an_end_reaches_the_edge() -> None:
    study = report().studies["speed"].editions[1]
    open_ = _with_interval(study, "speed-2-same-raw", -np.inf, np.inf)
    _, (low, point, high) = bar(of_claim("3", open_, "speed-2-same-raw", "", ""))
    assert (low, high) == (0, PLACES)
    assert low < point < high


def test_an_exact_claim_has_no_drawing() -> None:
    (link,) = links(view("keras").value("keras-told.checks"))
    assert link.get("data-bar") is None
    assert link.get("data-said", "").endswith(" checks")
