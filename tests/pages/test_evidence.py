"""The grade of an answer: by which scores the claims that it rests on were judged."""

from dataclasses import replace

import lxml.html
import pytest

from bnreport.errors import PageError
from bnreport.pages.evidence import MEANINGS, evidence, graded
from tests.golden import report


def grade(*names: str, others: bool = False) -> str:
    return graded(report(), "", names, others).grade


def test_an_answer_by_one_score_is_graded_below_one_by_both() -> None:
    assert grade("lag-constant") == "A"
    assert grade("speed-same-raw") == "B"
    assert grade("speed-same-raw", "convolution-speed-raw") == "B"
    made = report()
    study = made.studies["speed"]
    (claim, *_) = study.study.claims
    fresh = replace(
        study,
        study=replace(
            study.study,
            claims=(claim.model_copy(update={"score": "fresh", "id": "speed-best-std"}),),
        ),
    )
    both = replace(made, studies={"speed": replace(study, later=(fresh,))})
    assert graded(both, "", ("speed-same-raw", "speed-best-std"), others=False).grade == "A"
    assert graded(both, "", ("speed-same-raw",), others=False).grade == "B"


def test_without_a_judged_claim_others_or_nobody_measured() -> None:
    assert grade(others=True) == "C"
    assert grade() == "D"
    waiting = replace(report(), studies={})
    assert graded(waiting, "", ("lag-constant",), others=True).grade == "C"


def test_the_mark_leads_to_each_claim_or_says_what_it_means() -> None:
    text = lxml.html.fromstring(evidence(report(), "../", ("lag-constant", "lag-means"), False))
    assert text.xpath("b/text()") == ["A"]
    assert text.xpath("a/@href") == [
        "../studies/lag.html#claim-lag-constant",
        "../studies/lag.html#claim-lag-means",
    ]
    assert MEANINGS["C"] in evidence(report(), "", (), True)


def test_a_claim_that_nobody_makes_is_no_evidence() -> None:
    with pytest.raises(PageError, match="lag-constnat"):
        grade("lag-constnat")


def test_claims_that_two_studies_call_alike_are_told_apart() -> None:
    made = report()
    names = ("residual-skipinit", "resnet56-skipinit", "residual-fixup")
    labels = [label for label, _ in graded(made, "", names, False).claims]
    assert len({*labels}) == 3
    titles = [made.studies[name].study.title for name in ("residual", "resnet56")]
    assert sorted(labels)[1:] == sorted(f"BN over SkipInit ({title})" for title in titles)
