"""Formulas: how the numbers that judge are taken from the runs, for another program to compute.

They stand beside what judges, and no estimate reads them, so that they differ where one is wrong.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from bnreport.analysis.report import Report
from bnreport.analysis.verdicts import ONLY
from bnreport.pages.data.links import claim_page

FILE = Path(__file__).with_suffix(".toml")


@cache
def formulas() -> Mapping[str, Mapping[str, str]]:
    """The formulas of each claim by its settings; "" is that of a claim that has none."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def formula_of(claim: str, setting: str) -> str | None:
    """The formula of a claim in a setting; None where the language cannot say it."""
    return formulas().get(claim, {}).get(setting)


def extractions(report: Report) -> dict[str, str]:
    """The claims that have values and no formula for them: where each stands on the site, by id."""
    return {
        verdict.claim.id: claim_page(study, verdict.claim.id)
        for study, verdict in report.verdicts()
        for setting in verdict.claim.settings or (ONLY,)
        if verdict.claim.kind != "exact" and formula_of(verdict.claim.id, setting) is None
    }
