"""The table that shows what holds where: a claim under every condition that it was tried under."""

from markupsafe import Markup

from bnreport.analysis.headlines import (
    HEADLINES,
    Answers,
    Condition,
    conditions,
    headlines,
    margin_of_row,
    untried,
)
from bnreport.analysis.report import Report, StudyReport
from bnreport.pages.claim_card import badge
from bnreport.pages.claim_text import claim_numbers, margin_text
from bnreport.pages.data.links import claim_page
from bnreport.pages.fragments import fragment
from bnreport.protocol.claims import Claim


def holding(report: Report, prefix: str) -> Markup:
    """Every headline by condition: its verdict, with the interval if undecided, or "not tried".

    Args:
        report: what the site says.
        prefix: the way from the page up to the root of the site.
    """
    answers = headlines(report)
    every = conditions(answers)
    return fragment(
        "holding.html.j2",
        headlines=[
            {
                "statement": statement,
                "rows": [
                    (condition.parts, _row(answers, name, condition, prefix))
                    for condition in every
                    if condition in answers[name]
                ],
                "untried": [
                    ", ".join(condition.parts)
                    for condition in every
                    if condition not in answers[name]
                ],
            }
            for name, statement in HEADLINES.items()
        ],
        untried=[_in_words(condition) for condition in untried(answers)],
    )


def _row(
    answers: Answers, name: str, condition: Condition, prefix: str
) -> dict[str, list[dict[str, object]]]:
    """The verdicts under a condition, by score; those that compare both scores stand apart."""
    usual = margin_of_row(answers, name)
    cells: dict[str, list[dict[str, object]]] = {"fresh": [], "deployed": [], "": []}
    for study, claim in answers[name][condition]:
        cells[_score(claim)].append(_cell(study, claim, prefix, usual))
    return cells


def _cell(study: StudyReport, claim: Claim, prefix: str, usual: float | None) -> dict[str, object]:
    """A verdict with its link; its margin where it is not the usual one of the row."""
    judgement = study.shown(claim.id)
    interval = claim_numbers(study.verdicts[claim.id]).get("interval", "")
    return {
        "badge": badge(judgement),
        "link": prefix + claim_page(study, claim.id),
        "study": study.study.title,
        "interval": interval if judgement.word == "undecided" else "",
        "margin": margin_text(claim) if claim.margin != usual else "",
    }


def _score(claim: Claim) -> str:
    """The score of nets with BN; a claim that one interval decides is silent if it compares two."""
    return claim.score if claim.score or claim.decided == "interval" else "deployed"


def _in_words(condition: Condition) -> str:
    net, data, trained = condition.parts
    return f"a {net} on {data} ({trained})"
