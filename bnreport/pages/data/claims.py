"""The claims with their verdicts as JSON."""

import json
import math

import numpy as np

from bnreport.analysis.display import CORRECTED, Judgement
from bnreport.analysis.foreknowledge import CORRECTED as KNOWN_CORRECTED
from bnreport.analysis.foreknowledge import KNOWN
from bnreport.analysis.report import Report, StudyReport
from bnreport.analysis.verdicts import ONLY, Finding, Verdict
from bnreport.pages.claim_text import shown
from bnreport.pages.data.formulas import formula_of
from bnreport.pages.data.links import claim_page
from bnreport.protocol.claims import Claim
from bnreport.statistics.estimates import Fit

# Significant digits of a number that was computed; recorded ones are published as they are.
DIGITS = 10


def claims_json(report: Report) -> str:
    """Every claim with its verdict, as a JSON list of objects."""
    return json.dumps([_claim(s, v) for s, v in report.verdicts()], indent=1) + "\n"


def _claim(study: StudyReport, verdict: Verdict) -> dict[str, object]:
    claim, judged = verdict.claim, verdict.word != "not judged"
    judgement = study.shown(claim.id)
    shown_one = verdict.findings.get(verdict.setting)
    estimate = study.estimates[claim.id]
    fit = estimate if isinstance(estimate, Fit) else None
    return {
        "id": claim.id,
        "study": study.study.name,
        "edition": study.study.number,
        "page": claim_page(study, claim.id),
        "label": claim.label or None,
        "label_shown": judgement.label or None,
        "question": claim.question,
        "statement": claim.statement,
        "source": claim.source,
        "kind": claim.kind,
        "scale": claim.scale,
        "unit": claim.unit,
        "margin": claim.margin,
        "metric": claim.metric,
        "arms": claim.arms,
        "seeds": claim.seeds,
        "formula": formula_of(claim.id, ONLY),
        "rule": claim.rule,
        "decided": claim.decided,
        "score": claim.score or None,
        "known": claim.known or None,
        "known_shown": judgement.known or None,
        "known_corrected": _known_corrected(claim, judgement),
        "centre": claim.centre,
        "amended": claim.amended,
        "expected": claim.expected,
        "verdict": verdict.word,
        "reversed": verdict.reversed,
        "shown": judgement.text,
        "statement_shown": judgement.statement,
        "published": judgement.published or None,
        "corrected": f"{CORRECTED}: {judgement.reason}" if judgement.published else None,
        "setting": verdict.setting or None,
        **_numbers(claim, verdict.effect, verdict.low, verdict.high),
        "interval": shown_one.interval.method if shown_one else None,
        "level": _finite(shown_one.interval.level) if shown_one else None,
        "p": _finite(shown_one.p if shown_one else verdict.p) if judged else None,
        "p_value": _finite(verdict.p),
        "family": verdict.family if verdict.findings else None,
        "together": _together(study, claim) if verdict.findings else None,
        "n": verdict.n,
        "diverged": verdict.diverged,
        "censored": verdict.censored,
        "detectable": _detectable(claim, shown_one) if shown_one else None,
        "offset": fit.offset if fit else None,
        "rms": _finite(fit.rms) if fit else None,
        "settings": [
            {
                "setting": name,
                "formula": formula_of(claim.id, name),
                "verdict": finding.word if judged else verdict.word,
                **_numbers(
                    claim, finding.interval.point, finding.interval.low, finding.interval.high
                ),
                "interval": finding.interval.method,
                "p": _finite(finding.p) if judged else None,
                "n": finding.interval.n,
                "diverged": finding.diverged,
                "censored": finding.censored,
                "detectable": _detectable(claim, finding),
            }
            for name, finding in verdict.findings.items()
            if name
        ],
    }


def _known_corrected(claim: Claim, judgement: Judgement) -> str | None:
    if judgement.known == claim.known:
        return None
    nets = "every net" if judgement.known == KNOWN["all"] else "some of the nets"
    return (
        f"{KNOWN_CORRECTED}: it was frozen as new, but a pilot had trained {nets} that it compares"
    )


def _together(study: StudyReport, claim: Claim) -> str:
    """The name of the family of claims that share the level: "rates/1" of a study's first."""
    families = [{each.id for each in family} for family in study.study.edition.tested]
    place = next((i for i, family in enumerate(families, 1) if claim.id in family), 1)
    return f"{study.study.edition.name}/{place}"


def _numbers(
    claim: Claim, effect: float | None, low: float | None, high: float | None
) -> dict[str, float | None]:
    return {
        "effect": _shown(claim, effect),
        "low": _shown(claim, low),
        "high": _shown(claim, high),
    }


def _detectable(claim: Claim, finding: Finding) -> float | None:
    # It is the power of a test for a difference, and says nothing about a claim of equality.
    return _shown(claim, finding.detectable) if claim.kind == "difference" else None


def _shown(claim: Claim, value: float | None) -> float | None:
    return None if value is None else _finite(float(shown(claim, np.array(value))))


def _finite(value: float | None) -> float | None:
    # JSON has no infinity; an interval without an end has no number there. The last bits of a
    # float differ between processors, and so do not belong into a published file.
    return None if value is None or not math.isfinite(value) else float(f"{value:.{DIGITS}g}")
