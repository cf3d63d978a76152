"""What holds where: a cell is a verdict, an undecided one with its interval, or "not tried"."""

import re
from dataclasses import replace

import lxml.html
import pytest

from bnreport.analysis.headlines import HEADLINES, conditions, headlines
from bnreport.pages.holding import holding
from tests.golden import report

VERDICTS = ("✓ supported", "✗ not supported", "± mixed", "↺ withdrawn")


def table(text: str) -> lxml.html.HtmlElement:
    return lxml.html.fromstring(f"<div>{text}</div>")


def rows_of(text: str) -> dict[str, dict[str, lxml.html.HtmlElement]]:
    """The rows by the claim above them and their heads."""
    return {
        " ".join(body.xpath("string(tr[1]/th/text())").split()): {
            row.xpath("th")[0].text_content(): row for row in body.xpath("tr[position() > 1]")
        }
        for body in table(text).xpath("//tbody")
    }


@pytest.mark.slow
def test_a_cell_holds_a_verdict_or_says_that_nobody_tried() -> None:
    made = report()
    answers, found = headlines(made), rows_of(holding(made, "../"))
    assert [name.lower() for name in found] == [text.lower() for text in HEADLINES.values()]
    for by_condition, rows in zip(answers.values(), found.values(), strict=True):
        tried = {", ".join(condition.parts) for condition in by_condition}
        others = {", ".join(each.parts) for each in conditions(answers)} - tried
        assert tried == {head for head in rows if not head.startswith("Not tried")}
        told = [re.split(r"other conditions?", head)[1] for head in rows if head not in tried]
        assert others == {each for head in told for each in head.split("; ")}
        for cell in [cell for row in rows.values() for cell in row.xpath("td")]:
            links = cell.xpath(".//a")
            assert links or cell.text_content().strip() == "not tried"
            for link in links:
                text = " ".join(link.text_content().split())
                assert text.startswith(VERDICTS) or (text.startswith("? undecided") and "[" in text)


def test_each_verdict_is_that_of_its_claim_and_leads_to_its_card() -> None:
    made = report()
    rows = rows_of(holding(made, "../"))

    def links(headline: str, condition: str, place: int) -> dict[str, str]:
        cell = rows[headline][condition].xpath("td")[place]
        found = cell.xpath(".//a")
        return {link.get("href"): " ".join(link.text_content().split()) for link in found}

    dense = "dense net, Fashion-MNIST, SGD, constant rate"
    steps = "A net needs more steps with standardized inputs than with BN, at one small rate"
    verdict = made.studies["speed"].shown("speed-same-std")
    text = links(steps, dense, 1)["../studies/speed.html#claim-speed-same-std"]
    # The second edition's verdict stands in the same cell.
    assert text == f"{verdict.mark} {verdict.text} Convergence speed, 10 epochs, batches of 32"
    # Its two scores are what it compares.
    averages = "Moving averages of momentum 0.99 cost BN accuracy"
    assert rows[averages][dense].xpath("td/@colspan") == ["2"]
    assert "../studies/lag.html#claim-lag-constant" in links(averages, dense, 0)
    # Only a margin that is not the usual one of its claim is named.
    raw = "On raw pixels, a net is more accurate with BN than without it"
    for data, title, margin in (
        ("mnist-1d", "MNIST-1D", ", margin 1.50 pp"),
        ("mnist-5k", "4,000 images of MNIST", ""),
    ):
        for place, score in enumerate(("", "-deployed")):
            where = links(raw, f"dense net, {title}, SGD, falling rate", place)
            (text,) = where.values()
            assert f"../studies/datasets.html#claim-datasets-{data}-bn-raw{score}" in where
            assert text.endswith(f"On other data{margin}")


def test_without_records_nothing_was_tried() -> None:
    made = replace(report(), studies={})
    text = table(holding(made, "")).text_content()
    assert "not tried yet" in text
    assert "residual" in text


def test_a_refuted_tie_says_by_its_interval_who_is_ahead() -> None:
    made = report()
    rows = rows_of(holding(made, "../"))
    refuted = [
        cell
        for name, row in rows.items()
        if " as accurate as " in name
        for part in row.values()
        for cell in part.xpath(".//a")
        if "not supported" in cell.text_content()
    ]
    assert refuted
    assert all("[" in cell.text_content() for cell in refuted)


def test_two_claims_on_the_same_runs_are_one_finding() -> None:
    made = report()
    one, other = (
        made.studies[study].editions[-1].verdicts[claim].findings[""].values
        for study, claim in (
            ("alternatives", "alternatives-2-bn-std"),
            ("optimizers", "optimizers-std-sgd"),
        )
    )
    assert one == pytest.approx(other)
    text = holding(made, "../")
    assert "; the same runs: Optimizers" in text
    assert 'claim-optimizers-std-sgd"' not in text
