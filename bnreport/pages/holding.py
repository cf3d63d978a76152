"""The table that shows what holds where: a claim under every condition that it was tried under."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from bnreport.analysis.display import Judgement
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
from bnreport.presentation.formats import counted, joined
from bnreport.protocol.claims import Claim
from bnreport.protocol.directions import Direction
from bnreport.protocol.trials import Training


def holding(report: Report, prefix: str) -> Markup:
    """Every headline by condition: its verdict, with the interval if undecided, or "not tried".

    Args:
        report: what the site says.
        prefix: the way from the page up to the root of the site.
    """
    answers = headlines(report)
    every = conditions(answers)
    usual = {name: _usual(answers, name) for name in HEADLINES}
    return fragment(
        "holding.html.j2",
        headlines=[
            {
                "statement": statement,
                "margin": usual[name],
                "rows": [
                    (
                        condition.parts,
                        _row(answers[name].get(condition, []), usual[name], prefix),
                    )
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


def _usual(answers: Answers, name: str) -> str:
    """The margin that the claims of a headline share, but for those that name another."""
    usual = margin_of_row(answers, name)
    claims = [claim for pairs in answers[name].values() for _, claim in pairs]
    return next((margin_text(claim) for claim in claims if claim.margin == usual), "")


def _row(
    answers: Sequence[tuple[StudyReport, Claim]], usual: str, prefix: str
) -> dict[str, list[dict[str, object]]]:
    """The verdicts under a condition, by score; those that compare both scores stand apart."""
    by_score: dict[str, list[tuple[StudyReport, Claim]]] = {"fresh": [], "deployed": [], "": []}
    same: dict[tuple[object, ...], list[str]] = {}
    for study, claim in answers:
        runs = _runs(study, claim)
        if runs not in same:
            by_score[_score(study, claim)].append((study, claim))
        same.setdefault(runs, []).append(study.study.title)
    cells = {}
    for score, pairs in by_score.items():
        cells[score] = [
            _cell(study, claim, prefix, usual, alone=len(pairs) == 1) for study, claim in pairs
        ]
        for cell, (study, claim) in zip(cells[score], pairs, strict=True):
            if others := same[_runs(study, claim)][1:]:
                cell["study"] = f"{cell['study']}; the same runs: {', '.join(others)}"
    return cells


def _runs(study: StudyReport, claim: Claim) -> tuple[object, ...]:
    """Tell apart what rests on other runs: two studies that share theirs find one thing once."""
    verdict = study.verdicts[claim.id]
    # The last bits follow from the order in which two studies add.
    values = [tuple(np.round(finding.values, 9)) for finding in verdict.findings.values()]
    return (_score(study, claim), verdict.word, *values) if values else (claim.id,)


def _cell(
    study: StudyReport, claim: Claim, prefix: str, usual: str, *, alone: bool
) -> dict[str, object]:
    """A verdict with its link; its margin where it is not the usual one of the row.

    One that is not alone in its cell says of which edition it is, and how its nets trained.
    """
    judgement = study.shown(claim.id)
    interval = claim_numbers(study.verdicts[claim.id]).get("interval", "")
    margin = margin_text(claim)
    return {
        "badge": badge(judgement),
        "link": prefix + claim_page(study, claim.id),
        "study": study.study.title if alone else f"{study.study.heading}, {_length(study, claim)}",
        "interval": f"{interval} {_unit(claim)}" if _open(claim, judgement) else "",
        "margin": margin if margin != usual else "",
    }


def _open(claim: Claim, judgement: Judgement) -> bool:
    """Say whether the word leaves open who is ahead: it is undecided, or refutes a tie."""
    refuted = claim.kind == "equivalence" and judgement.word == "not supported"
    return judgement.word == "undecided" or refuted


def _unit(claim: Claim) -> str:
    return claim.unit.replace("x", "×")


def _length(study: StudyReport, claim: Claim) -> str:
    """Say how many epochs the nets of a claim trained at most, and in batches of which sizes."""
    names = study.stands_on[claim.id]
    every = [runs.trial for runs in study.study.runs if runs.trial.name in names]
    trials = [trial for trial in every if isinstance(trial, Training)]
    sizes = joined([f"{size}" for size in sorted({trial.batch_size for trial in trials})], "and")
    return f"{counted(max(trial.epochs for trial in trials), 'epoch')}, batches of {sizes}"


def _score(study: StudyReport, claim: Claim) -> str:
    """The score of nets with BN; a claim that one interval decides is silent if it compares two.

    Claims of the first edition name no score: what they read says which one it is.
    """
    if claim.score or claim.decided == "interval":
        return claim.score
    directions = study.study.directions[claim.id]
    each = [directions] if isinstance(directions, Direction) else directions.values()
    read = {reading.quantity.name for direction in each for reading in direction.readings}
    return "fresh" if any(name.startswith("precise") for name in read) else "deployed"


def _in_words(condition: Condition) -> str:
    net, data, trained = condition.parts
    return f"a {net} on {data} ({trained})"
