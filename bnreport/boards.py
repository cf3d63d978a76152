"""Verdicts as text: a badge, a card, one line of numbers, and the board of them all."""

from collections.abc import Sequence

import jinja2
import numpy as np
from markupsafe import Markup

from bnreport.effects import DECIMALS, shown
from bnreport.exports import anchor, claim_page
from bnreport.formats import between, number, p_value, quantity
from bnreport.judge import MARKS, Finding, Verdict
from bnreport.report import Report, StudyReport
from bnreport.study import CHAPTERS, Claim

# Words that say what is measured, not in what unit: a number stands alone.
BARE = {"loss", "error"}

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("bnreport"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def fragment(template: str, **values: object) -> Markup:
    """A template of ours, filled, as one block that Markdown leaves alone."""
    return Markup(TEMPLATES.get_template(template).render(**values).strip())


def badge(verdict: Verdict) -> Markup:
    """The verdict as a mark and a word."""
    return fragment("verdict.html.j2", verdict=verdict)


def card(verdict: Verdict, link: str) -> Markup:
    """A claim with its verdict; with a link to its page, or with its rule."""
    claim = verdict.claim
    return fragment(
        "claim.html.j2",
        verdict=verdict,
        badge=badge(verdict),
        anchor=anchor(claim.id),
        link=link,
        numbers=numbers(verdict),
        margin=_margin(claim),
        settings=[
            (name, finding.word, _found(claim, finding))
            for name, finding in verdict.findings.items()
            if name
        ],
        detectable=_detectable(verdict),
    )


def claim_numbers(verdict: Verdict) -> dict[str, str]:
    """The numbers of a verdict that prose may name, by name."""
    claim = verdict.claim
    found = {"n": str(verdict.n)}
    if verdict.setting:
        found["setting"] = verdict.setting
    if verdict.effect is not None:
        found["effect"] = _effect(claim, verdict.effect, signed=False)
        found["signed"] = _effect(claim, verdict.effect, signed=True)
    if verdict.low is not None and verdict.high is not None:
        found["interval"] = _interval(claim, verdict.low, verdict.high)
    for name, finding in verdict.findings.items():
        if name:
            found[f"{name}.effect"] = _effect(claim, finding.interval.point, signed=False)
            found[f"{name}.signed"] = _effect(claim, finding.interval.point, signed=True)
            found[f"{name}.interval"] = _interval(
                claim, finding.interval.low, finding.interval.high
            )
    return found


def numbers(verdict: Verdict) -> str:
    """The numbers of a verdict in one line."""
    claim = verdict.claim
    parts = []
    if claim.kind == "fit" and verdict.effect is not None:
        parts.append(f"largest |z| {number(verdict.effect, 1)}")
    elif claim.kind == "exact" and verdict.effect is not None:
        parts.append(f"largest error {verdict.effect:.1e}")
    elif effect := effect_text(verdict):
        parts.append(effect)
    if verdict.p is not None:
        kind = "rank p" if claim.kind == "fit" else "p after Holm"
        parts.append(f"{kind} {p_value(verdict.p)}")
    parts.append(f"{verdict.n} checks" if claim.kind == "exact" else f"n\u00a0=\u00a0{verdict.n}")
    if verdict.diverged:
        parts.append(f"{verdict.diverged} of {verdict.n} diverged")
    if verdict.censored:
        parts.append(f"{verdict.censored} of {verdict.n} never arrived")
    return "; ".join(parts)


def effect_text(verdict: Verdict) -> str:
    """The effect and its interval; of several settings the one that is hardest to support."""
    if verdict.effect is None or verdict.low is None or verdict.high is None:
        return ""
    claim = verdict.claim
    text = (
        f"{_effect(claim, verdict.effect, signed=True)}, 95% interval "
        f"{_interval(claim, verdict.low, verdict.high)}"
    )
    return f"{verdict.setting}: {text}" if verdict.setting else text


def _found(claim: Claim, finding: Finding) -> str:
    interval = finding.interval
    text = (
        f"{_effect(claim, interval.point, signed=True)} "
        f"{_interval(claim, interval.low, interval.high)}"
    )
    if finding.diverged:
        text += f", {finding.diverged} of {interval.n} diverged"
    if finding.censored:
        text += f", {finding.censored} of {interval.n} never arrived"
    return text


def _effect(claim: Claim, value: float, signed: bool) -> str:
    decimals = DECIMALS.get(claim.unit, 3)
    (value,) = shown(claim, np.array([value]))
    text = number(float(value), decimals, signed=signed and claim.scale == "linear")
    if claim.unit in BARE:
        return text
    return f"{text}\u2009×" if claim.unit == "x" else f"{text}\u2009{claim.unit}"


def _interval(claim: Claim, low: float, high: float) -> str:
    low, high = shown(claim, np.array([low, high]))
    return between(low, high, DECIMALS.get(claim.unit, 3), signed=claim.scale == "linear")


def _margin(claim: Claim) -> str:
    if claim.margin is None:
        return ""
    if claim.kind == "exact":
        return f"{claim.margin:g}"
    decimals = DECIMALS.get(claim.unit, 3)
    if claim.unit in BARE:
        return number(claim.margin, decimals)
    return quantity(claim.margin, decimals, claim.unit.replace("x", "×"))


def _detectable(verdict: Verdict) -> str:
    found = verdict.findings.get(verdict.setting)
    if found is None or found.detectable is None:
        return ""
    return _effect(verdict.claim, found.detectable, signed=False)


def board(report: Report, prefix: str) -> Markup:
    """Every claim in one table a study: verdict, effect, interval, n, source, expectation.

    Args:
        report: what the site says.
        prefix: the way from the page up to the root of the site.
    """
    ordered = sorted(report.studies.values(), key=lambda s: CHAPTERS.index(s.study.chapter))
    studies = [(s, _rows(s, prefix)) for s in ordered if s.verdicts]
    return fragment("board.html.j2", studies=studies, prefix=prefix, html=_html)


def _rows(study: StudyReport, prefix: str) -> list[dict[str, object]]:
    return [
        {
            "claim": verdict.claim,
            "link": prefix + claim_page(study, verdict.claim.id),
            "badge": badge(verdict),
            "numbers": numbers(verdict),
            "expected": verdict.claim.expected,
            "surprise": not verdict.as_expected and verdict.word != "not judged",
        }
        for verdict in study.verdicts.values()
    ]


def _html(page: str) -> str:
    return page.removesuffix(".md") + ".html"


def overview(report: Report, prefix: str) -> Markup:
    """Every study with its question and the marks of its verdicts, by chapter."""
    chapters = {
        chapter: [s for s in report.studies.values() if s.study.chapter == chapter]
        for chapter in CHAPTERS
    }
    chapters = {chapter: found for chapter, found in chapters.items() if found}
    return fragment("overview.html.j2", chapters=chapters, prefix=prefix, html=_html)


def tally(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """How many verdicts there are of each word, and how many differ from what was expected.

    "claims" and the words count statistical claims; "identities" are counted apart.
    """
    statistical = [v for v in verdicts if v.claim.kind != "exact"]
    found = {word.replace(" ", "_"): 0 for word in MARKS}
    for verdict in statistical:
        found[verdict.word.replace(" ", "_")] += 1
    return found | {
        "claims": len(statistical),
        "identities": len(verdicts) - len(statistical),
        "surprises": sum(not verdict.as_expected for verdict in statistical),
    }
