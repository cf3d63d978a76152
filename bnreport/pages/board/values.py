"""Write what a reader's margin is judged by: the paired differences of all claims, as a script.

A page that was opened from a folder may not read a file of data, but it may run a script. This one
sets a variable and does nothing else; docs/assets/board-rule.js judges what it holds.
"""

import json
import math
from collections.abc import Iterator, Sequence

from bnreport.analysis.report import Report, StudyReport
from bnreport.analysis.verdicts import Finding, Verdict, margin_of
from bnreport.pages.data.links import anchor

FILE = "assets/board-values.js"
# The kinds of claims that have a margin, and pairs.
PAIRED = ("difference", "equivalence")
# How an interval over seeds and images is named; pairs by seed do not suffice for it.
CROSSED = "seeds and images"
# Significant digits, as in all published data: the last bits differ between processors.
DIGITS = 10


def values_script(report: Report) -> str:
    """The paired differences of every claim that has a margin, by family.

    Each family is an object with `byInterval` and `claims`. A claim has its `id` on a page, its
    `kind`, its `margin` on the scale that is judged, whether it is `withdrawn`, whether its median
    judges, and `settings`: of each the differences by seed, whether a run was `lost`, and the ends
    of an `interval` that the differences do not suffice for. Claims that are not judged are left
    out, as are fits and identities.
    """
    families = [
        {
            "byInterval": family[0].claim.decided == "interval",
            "claims": [_claim(study, verdict) for verdict in family],
        }
        for study in report.editions()
        for family in _families(study)
    ]
    return f"globalThis.boardValues = {json.dumps(families, separators=(',', ':'))};\n"


def _families(study: StudyReport) -> Iterator[Sequence[Verdict]]:
    """Yield the claims of an edition that are judged together."""
    for family in study.study.edition.tested:
        verdicts = [study.verdicts[each.id] for each in family if each.id in study.verdicts]
        if of_pairs := [verdict for verdict in verdicts if _judged(verdict)]:
            yield of_pairs


def _judged(verdict: Verdict) -> bool:
    """Say whether a margin decides the claim: a quick build judges nothing."""
    return verdict.claim.kind in PAIRED and verdict.word != "not judged"


def _claim(study: StudyReport, verdict: Verdict) -> dict[str, object]:
    claim = verdict.claim
    return {
        "id": anchor(claim.id),
        "kind": claim.kind,
        "margin": margin_of(claim),
        **({"withdrawn": True} if study.shown(claim.id).word == "withdrawn" else {}),
        **({"median": True} if claim.centre == "median" else {}),
        "settings": [_setting(finding) for finding in verdict.findings.values()],
    }


def _setting(finding: Finding) -> dict[str, object]:
    interval = finding.interval
    return {
        **({"lost": True} if finding.diverged or finding.censored else {}),
        **(
            {"interval": [_short(interval.low), _short(interval.high)]}
            if interval.method == CROSSED
            else {}
        ),
        "values": [_short(value) for value in finding.values],
    }


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else value
