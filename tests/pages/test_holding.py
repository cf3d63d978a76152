"""What holds where: a cell is a verdict, an undecided one with its interval, or "not tried"."""

from dataclasses import replace

import lxml.html
import pytest

from bnreport.analysis.headlines import HEADLINES, conditions, headlines
from bnreport.pages.holding import holding
from tests.golden import report

VERDICTS = ("✓ supported", "✗ not supported", "± mixed", "↺ withdrawn")


def table(text: str) -> lxml.html.HtmlElement:
    return lxml.html.fromstring(f"<div>{text}</div>")


@pytest.mark.slow
def test_a_cell_holds_a_verdict_or_says_that_nobody_tried() -> None:
    made = report()
    rows = table(holding(made, "../")).xpath("//tbody/tr")
    assert len(rows) == len(HEADLINES)
    for row in rows:
        assert len(row.xpath("td")) == len(conditions(headlines(made)))
        for cell in row.xpath("td"):
            answers = cell.xpath(".//a")
            assert answers or cell.text_content() == "not tried"
            for answer in answers:
                text = " ".join(answer.text_content().split())
                assert text.startswith(VERDICTS) or (text.startswith("? undecided") and "[" in text)


def test_each_verdict_is_that_of_its_claim_and_leads_to_its_card() -> None:
    made = report()
    answers = table(holding(made, "../")).xpath("//td//a")
    shown = {answer.get("href"): " ".join(answer.text_content().split()) for answer in answers}
    for name in ("speed-same-std", "speed-same-raw"):
        verdict = made.studies["speed"].shown(name)
        text = shown[f"../studies/speed.html#claim-{name}"]
        assert text.startswith(f"{verdict.mark} {verdict.text}")
        assert text.endswith("Convergence speed, deployed")
    # Its two scores are what it compares.
    assert shown["../studies/lag.html#claim-lag-constant"].endswith("Lagging averages")
    # Only a margin that is not the usual one of its row is named.
    ends = {
        data: f"datasets.html#claim-datasets-{data}-bn-raw" for data in ("mnist-1d", "mnist-5k")
    }
    assert shown[f"../studies/{ends['mnist-1d']}"].endswith("On other data, fresh, margin 1.50 pp")
    assert shown[f"../studies/{ends['mnist-5k']}"].endswith("On other data, fresh")


def test_without_records_nothing_was_tried() -> None:
    made = replace(report(), studies={})
    text = table(holding(made, "")).text_content()
    assert "not tried by any claim yet" in text
    assert "residual" in text
