"""Verdicts as text: a badge, a card, one line of numbers, and the board of them all."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import jinja2
import numpy as np
from markupsafe import Markup, escape
from scipy import stats

from bnreport.display import CORRECTED, MARKS, Judgement, nothing, part, shown_word
from bnreport.effects import DECIMALS, shown
from bnreport.errors import PageError
from bnreport.exports import anchor, claim_page
from bnreport.formats import number, p_value, plain, quantity, scientific
from bnreport.judge import ALPHA, Finding, Verdict
from bnreport.phone import NUMERIC, fits
from bnreport.report import Report, StudyReport
from bnreport.statistics import holm, tost_reach
from bnreport.study import CHAPTERS, Claim

# What an exact claim counts, one a check.
COUNTED = {"batches", "descents", "facts", "fits", "uses"}
# Ratios from here on are printed as whole numbers.
LARGE = 100
# Words that say what is measured, not in what unit: a number stands alone.
BARE = {"loss", "error"}

_CODE = re.compile(r"`([^`]+)`")

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("bnreport"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


# All that Markdown and its extensions read as a mark within a line, HTML's own marks aside.
_MARKED = str.maketrans({mark: f"&#{ord(mark)};" for mark in "\\`*_{}[]!|#"})


def inert(text: str) -> Markup:
    """Text that a machine or a library wrote, as it is: neither HTML nor Markdown acts on it."""
    return Markup(str(escape(text)).replace("&#", "&\0").translate(_MARKED).replace("&\0", "&#"))


def coded(text: str) -> Markup:
    """A text of ours whose words between backticks are code; all else is escaped."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))


TEMPLATES.filters["coded"] = coded
TEMPLATES.filters["anchor"] = anchor
TEMPLATES.filters["word"] = shown_word
TEMPLATES.globals["NUMERIC"] = NUMERIC
TEMPLATES.tests["wide"] = lambda table: not fits(table.head, table.rows, table.text)


def fragment(template: str, **values: object) -> Markup:
    """A template of ours, filled, as one block that Markdown leaves alone."""
    return Markup(TEMPLATES.get_template(template).render(**values).strip())


def badge(judgement: Judgement) -> Markup:
    """The verdict as a mark and a word."""
    return fragment("verdict.html.j2", shown=judgement)


def card(verdict: Verdict, judgement: Judgement, errata: str) -> Markup:
    """A claim with its verdict, its numbers and its rule.

    Args:
        verdict: the verdict as the frozen rule gives it.
        judgement: the same as readers see it.
        errata: the address of the errata, for a word that was corrected.
    """
    return fragment("claim.html.j2", **_card(verdict, judgement, errata))


def line(
    verdict: Verdict, judgement: Judgement, errata: str, strips: Mapping[str, Markup]
) -> Markup:
    """The same as a line with its seeds, which opens to the card.

    Args:
        verdict: the verdict as the frozen rule gives it.
        judgement: the same as readers see it.
        errata: the address of the errata, for a word that was corrected.
        strips: a drawing of its seeds for each setting.
    """
    claim, finding = verdict.claim, verdict.findings.get(verdict.setting)
    return fragment(
        "line.html.j2",
        **_card(verdict, judgement, errata),
        strip=strips.get(verdict.setting),
        strips=strips,
        found=_found(claim, finding) if finding else numbers(verdict),
    )


def _card(verdict: Verdict, judgement: Judgement, errata: str) -> dict[str, object]:
    claim = verdict.claim
    return {
        "verdict": verdict,
        "shown": judgement,
        "expected": shown_word(claim.expected),
        "errata": errata,
        "corrected": CORRECTED,
        "badge": badge(judgement),
        "anchor": anchor(claim.id),
        "numbers": numbers(verdict),
        "margin": _margin(claim),
        "settings": [
            (name, part(claim, finding), _found(claim, finding))
            for name, finding in verdict.findings.items()
            if name
        ],
        "power": _power(verdict),
    }


def claim_numbers(verdict: Verdict) -> dict[str, str]:
    """The numbers of a verdict that prose may name, by name."""
    claim = verdict.claim
    found = {"n": f"{verdict.n:,}"}
    if verdict.setting:
        found["setting"] = verdict.setting
    if verdict.p is not None:
        found["p"] = p_value(verdict.p)
    if margin := _margin(claim):
        found["margin"] = margin
    if verdict.effect is not None:
        found |= _effects(claim, verdict.effect)
    if verdict.low is not None and verdict.high is not None:
        found["interval"] = _interval(claim, verdict.low, verdict.high)
        found["side"] = _side(verdict.low, verdict.high)
    if verdict.setting:
        words = Counter(finding.word for finding in verdict.findings.values())
        found |= {
            "settings": str(len(verdict.findings)),
            "supported": str(words["supported"]),
            "not_supported": str(words["not supported"]),
            "undecided": str(words["underpowered"]),
        }
    for name, finding in verdict.findings.items():
        if name:
            interval = finding.interval
            told = _effects(claim, interval.point)
            told["interval"] = _interval(claim, interval.low, interval.high)
            told["side"] = _side(interval.low, interval.high)
            found |= {f"{name}.{what}": text for what, text in told.items()}
    return found


def _side(low: float, high: float) -> str:
    """Where an interval of differences lies, so that a sentence can name a sure loss as one."""
    if low > 0:
        return "ahead"
    return "behind" if high < 0 else "neither surely ahead nor behind"


def _effects(claim: Claim, value: float) -> dict[str, str]:
    """An effect as prose may need it: plain, signed, by its size alone, of a ratio the inverse."""
    found = {
        "effect": _effect(claim, value, signed=False),
        "signed": _effect(claim, value, signed=True),
        "size": _effect(claim, abs(value), signed=False),
    }
    if claim.scale == "ratio":
        found["inverse"] = _effect(claim, -value, signed=False)
    return found


def numbers(verdict: Verdict) -> str:
    """The numbers of a verdict in one line."""
    claim = verdict.claim
    parts = []
    if claim.kind == "fit" and verdict.effect is not None:
        parts.append(f"largest |z| {number(verdict.effect, 1)}")
    elif claim.kind == "exact" and verdict.effect is not None:
        parts.append(_missed(claim, verdict.effect, verdict.n))
    elif effect := effect_text(verdict):
        parts.append(effect)
    if effect_text(verdict) and claim.margin:
        parts.append(f"margin {_margin(claim)}")
    if verdict.p is not None:
        parts.append(
            _rank(verdict.p, verdict.n)
            if claim.kind == "fit"
            else f"p after Holm {p_value(verdict.p)}"
        )
    if claim.kind != "exact":
        parts.append(f"n\u00a0=\u00a0{verdict.n}")
    if verdict.diverged:
        parts.append(f"{verdict.diverged} of {verdict.n} diverged")
    if verdict.censored:
        parts.append(f"{verdict.censored} of {verdict.n} never arrived")
    return "; ".join(parts)


def _missed(claim: Claim, error: float, checks: int) -> str:
    """By how much an identity is missed, or in how many of the cases that were counted."""
    if claim.unit in COUNTED:
        # The metric of such a claim names what is counted: "fits that raise an error; the layer …".
        counted = re.split(r";|, of |\. ", claim.metric)[0].replace(" that ", " ", 1)
        return f"{error:.0f} of {checks:,} {counted}"
    text = f"{scientific(error)} {claim.unit}".strip()
    return f"largest error {text}; {checks:,} checks"


def _rank(p: float, n: int) -> str:
    """How many of n runs lie as far from the others as the published one, and the p of that."""
    farther = round(p * (n + 1)) - 1
    text = f"{farther} of {n} runs of ours as far off; rank p {p_value(p)}"
    return text if farther else f"{text}, the least that {n} runs can give (1 in {n + 1})"


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


def _digits(claim: Claim, value: float, signed: bool) -> str:
    """A number in the claim's unit; of a ratio above a hundred the fraction says nothing."""
    if claim.unit == "x" and LARGE <= value < np.inf:
        return f"{value:,.0f}"
    return number(float(value), DECIMALS.get(claim.unit, 3), signed)


def effect_of(claim: Claim, value: float) -> str:
    """An effect on the scale that is judged, as people read it: with its sign or its ×."""
    return _effect(claim, value, signed=bool(value))


def _effect(claim: Claim, value: float, signed: bool) -> str:
    (value,) = shown(claim, np.array([value]))
    text = _digits(claim, value, signed and claim.scale == "linear")
    if claim.unit in BARE:
        return text
    return f"{text}\u2009×" if claim.unit == "x" else f"{text}\u2009{claim.unit}"


def _interval(claim: Claim, low: float, high: float) -> str:
    ends = shown(claim, np.array([low, high]))
    low_text, high_text = (_digits(claim, end, claim.scale == "linear") for end in ends)
    return f"[{low_text}, {high_text}]"


def _margin(claim: Claim) -> str:
    if claim.margin is None:
        return ""
    if claim.kind == "exact":
        return plain(claim.margin)
    decimals = DECIMALS.get(claim.unit, 3)
    if claim.unit in BARE:
        return number(claim.margin, decimals)
    return quantity(claim.margin, decimals, claim.unit.replace("x", "×"))


def _power(verdict: Verdict) -> str:
    """What so many seeds, scattering so much, could have shown."""
    found = verdict.findings.get(verdict.setting)
    if found is None or found.detectable is None:
        return ""
    claim, n = verdict.claim, found.interval.n
    pairs = "rounds" if "rounds" in claim.seeds else "seeds"
    if claim.kind == "equivalence":
        half = tost_reach(found.values)
        reach = _effect(claim, half, signed=False)
        return (
            f"With so much scatter the two one-sided tests of {n} {pairs} reach {reach} to either "
            "side of the mean, before Holm; only what then lies within the margin is supported."
        )
    what = "ratio" if claim.scale == "ratio" else "difference"
    aim = f"a true {what} of {_effect(claim, found.detectable, signed=False)}"
    return (
        f"{n} {pairs} that scatter as these do tell {aim} from {nothing(claim)} in four of five "
        f"cases, after Holm over {verdict.family} claims; to reach the margin asks for more."
    )


def board(report: Report, prefix: str) -> Markup:
    """Every claim in one table a study: verdict, effect, interval, n, source, expectation.

    Args:
        report: what the site says.
        prefix: the way from the page up to the root of the site.
    """
    ordered = sorted(report.studies.values(), key=lambda s: CHAPTERS.index(s.study.chapter))
    studies = [(s, _rows(s, prefix)) for s in ordered if s.verdicts]
    _refuse_twins(report)
    return fragment("board.html.j2", studies=studies, prefix=prefix, html=_html)


def _rows(study: StudyReport, prefix: str) -> list[dict[str, object]]:
    return [
        {
            "claim": verdict.claim,
            "statement": study.shown(name).statement,
            "link": prefix + claim_page(study, name),
            "badge": badge(study.shown(name)),
            "numbers": numbers(verdict),
            "expected": shown_word(verdict.claim.expected),
            "surprise": not study.shown(name).as_expected,
        }
        for name, verdict in study.verdicts.items()
    ]


def _refuse_twins(report: Report) -> None:
    """Refuse two claims that read alike: they could have opposite verdicts side by side."""
    claims: dict[str, str] = {}
    for claim, judgement in report.shown():
        other = claims.setdefault(" ".join(judgement.statement.lower().split()), claim.id)
        if other != claim.id:
            raise PageError(
                f"Expected another statement for every claim on the board. Received: {other} and "
                f"{claim.id} say the same, {judgement.statement!r}. Do name in `Study.display` "
                "what sets each apart: its horizon, its protocol, its score."
            )


def corrections(report: Report, prefix: str) -> Markup:
    """Every claim whose word was corrected: what was shown, what is shown now, and why.

    Args:
        report: what the site says.
        prefix: the way from the page up to the root of the site.
    """
    rows = [
        {
            "date": CORRECTED,
            "statement": study.shown(name).statement,
            "link": prefix + claim_page(study, name),
            "shown": study.shown(name),
        }
        for study in report.studies.values()
        for name in study.verdicts
        if study.shown(name).published
    ]
    return fragment("corrections.html.j2", rows=rows)


def _html(page: str) -> str:
    return page.removesuffix(".md") + ".html"


def overview(report: Report, prefix: str) -> Markup:
    """Every study with its question and the marks of its verdicts, by chapter."""
    chapters = {
        chapter: [s for s in report.studies.values() if s.study.chapter == chapter]
        for chapter in CHAPTERS
    }
    chapters = {chapter: found for chapter, found in chapters.items() if found}
    marks = {
        s.study.name: [(v.claim.id, s.shown(name)) for name, v in s.verdicts.items()]
        for s in report.studies.values()
    }
    return fragment("overview.html.j2", chapters=chapters, marks=marks, prefix=prefix, html=_html)


def multiplicity(report: Report) -> dict[str, int]:
    """How many supported claims would stay so, were all tests of the site one family.

    "tests" counts the differences and equivalences, "supported" those that their study supports,
    "holm" and "discoveries" those that stay below .05 after Holm, and after Benjamini and Hochberg
    (1995, J. R. Statist. Soc. B 57), over all of them.
    """
    judged = [v for _, v in report.verdicts() if v.findings and v.p is not None]
    p = [verdict.findings[verdict.setting].p for verdict in judged]
    supported = np.array([verdict.word == "supported" for verdict in judged], bool)
    return {
        "tests": len(judged),
        "supported": int(supported.sum()),
        "holm": int((supported & (np.array(holm(p)) < ALPHA)).sum()),
        "discoveries": int((supported & (np.array(_controlled(p)) < ALPHA)).sum()),
    }


def _controlled(p: Sequence[float]) -> Sequence[float]:
    return stats.false_discovery_control(p).tolist() if p else ()


def tally(verdicts: Sequence[tuple[Claim, Judgement]]) -> dict[str, int]:
    """How many verdicts there are of each word shown, and how many differ from what was expected.

    "claims" and the words count statistical claims; "identities" are counted apart. Of the
    "surprises" those that the runs leave open are "surprises_undecided".
    """
    statistical = [judgement for claim, judgement in verdicts if claim.kind != "exact"]
    found = {word.replace(" ", "_"): 0 for word in MARKS}
    for judgement in statistical:
        found[judgement.word.replace(" ", "_")] += 1
    surprises = [judgement for judgement in statistical if not judgement.as_expected]
    return found | {
        "claims": len(statistical),
        "identities": len(verdicts) - len(statistical),
        "surprises": len(surprises),
        "surprises_undecided": sum(judgement.word == "undecided" for judgement in surprises),
    }
