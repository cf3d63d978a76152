"""The addresses of a study and of a claim on the site."""

from bnreport.analysis.report import StudyReport


def anchor(claim: str) -> str:
    """The anchor of a claim on its study's page."""
    return "claim-" + claim.replace(".", "-")


def study_page(study: StudyReport) -> str:
    """The address of a study on the site."""
    return study.study.page.removesuffix(".md") + ".html"


def claim_page(study: StudyReport, claim: str) -> str:
    """The address of a claim on the site."""
    return f"{study_page(study)}#{anchor(claim)}"
