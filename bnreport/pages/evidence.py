"""The grade of an answer's evidence: measured here by both scores, by one, by others, by nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from bnreport.analysis.report import Report, StudyReport
from bnreport.errors import PageError
from bnreport.pages.data.links import claim_page
from bnreport.pages.fragments import fragment
from bnreport.protocol.claims import Claim
from bnreport.studies import all_studies

Grade = Literal["A", "B", "C", "D"]
MEANINGS: dict[Grade, str] = {
    "A": "measured here, judged on fresh statistics and as deployed",
    "B": "measured here, judged in one way",
    "C": "measured by others, not here",
    "D": "reasoned; we know of no measurement",
}
# What a claim says of nets with BN whose score it does not name: those of the first edition.
DEPLOYED = "deployed"


@dataclass(frozen=True)
class Evidence:
    """A grade, and the claims that it rests on, each with the address of its card."""

    grade: Grade
    claims: tuple[tuple[str, str], ...] = ()

    @property
    def meaning(self) -> str:
        """The grade in words."""
        return MEANINGS[self.grade]


def evidence(report: Report, prefix: str, names: Sequence[str], others: bool) -> Markup:
    """The grade as a mark that leads to the claims.

    Args:
        report: what the site says.
        prefix: the way from the page up to the root of the site.
        names: the ids of the claims that the answer rests on; those of announced studies wait.
        others: whether it rests on what others measured, if none of ours has been judged.

    Raises:
        PageError: when there is no such claim.
    """
    return fragment("evidence.html.j2", found=graded(report, prefix, names, others))


def graded(report: Report, prefix: str, names: Sequence[str], others: bool) -> Evidence:
    """The same as a value."""
    _refuse_strangers(names)
    judged = [
        (edition, claim)
        for study in report.studies.values()
        for edition in study.editions
        for claim in edition.study.claims
        if claim.id in names and claim.id in edition.verdicts
    ]
    if not judged:
        return Evidence("C" if others else "D")
    scores = {score for _, claim in judged for score in _scores(claim)}
    links = zip(
        _labels(judged), (_address(study, claim, prefix) for study, claim in judged), strict=True
    )
    return Evidence("A" if scores == {"fresh", DEPLOYED} else "B", tuple(links))


def _labels(claims: Sequence[tuple[StudyReport, Claim]]) -> list[str]:
    """Name each claim; where studies call theirs alike, with the study."""
    labels = [study.shown(claim.id).label or claim.id for study, claim in claims]
    return [
        f"{label} ({study.study.title})" if labels.count(label) > 1 else label
        for label, (study, _) in zip(labels, claims, strict=True)
    ]


def _scores(claim: Claim) -> set[str]:
    """The scores that a claim judges; one that says none of an edition by intervals sets both."""
    if claim.score:
        return {claim.score}
    return {"fresh", DEPLOYED} if claim.decided == "interval" else {DEPLOYED}


def _address(study: StudyReport, claim: Claim, prefix: str) -> str:
    return prefix + claim_page(study, claim.id)


def _refuse_strangers(names: Sequence[str]) -> None:
    known = {
        claim.id
        for study in all_studies().values()
        for edition in study.by_edition()
        for claim in edition.claims
    }
    if strange := [name for name in names if name not in known]:
        raise PageError(
            f"Expected claims of this site as evidence. Received: {', '.join(strange)}. Use the id "
            "of a claim, as `bnreport why` and the page of its study name it."
        )
