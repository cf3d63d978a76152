"""A number in a sentence leads to what it rests on, and shows its interval before one goes there.

The drawing is a few numbers in an attribute, of which assets/numbers.js makes a picture. Without
scripts the link is all that there is.
"""

import re
from collections.abc import Iterable

import numpy as np
from markupsafe import Markup

from bnreport.analysis.report import StudyReport
from bnreport.analysis.verdicts import Finding, Verdict
from bnreport.pages.data.links import claim_page
from bnreport.pages.fragments import inert
from bnreport.pages.strips import band_of
from bnreport.presentation.formats import NARROW, THIN
from bnreport.presentation.tables import Value

# A longer number may break between its words, or a phone could not show it.
SHORT = 28
# Two words: a measured fact need not be a number.
_WORDS = re.compile(r"[a-z]{3,} [a-z]{3,}")
# The places of a drawing, from its left to its right.
PLACES = 100

_LINK = (
    r'<a class="value(?: value--long)?" href="(?P<{0}to>[^"]+)" (?P<{0}said>[^>]*?)>'
    "(?P<{0}text>[^<]*)</a>"
)
# Two numbers of one claim with hardly a word between them are one link.
_TWO = re.compile(_LINK.format("a") + "(?P<between>,? (?:and |to )?)" + _LINK.format("b"))
# Brackets of a text that Markdown leaves alone (`fragments.inert`).
_INTERVAL = re.compile(r"&#91;.*?&#93;")
_BAR = re.compile(r' ?data-bar="([^"]*)"')


def plain(value: Value) -> Markup:
    """A number with its origin as a hint."""
    return Markup('<span class="{}" title="{}">{}</span>').format(
        _kind(value.text), inert(value.origin), inert(value.text)
    )


def linked(value: Value, address: str) -> Markup:
    """A number that leads to an address, with its origin as a hint."""
    return Markup('<a class="{}" href="{}" title="{}">{}</a>').format(
        _kind(value.text), address, inert(value.origin), inert(value.text)
    )


def of_claim(text: str, study: StudyReport, claim: str, setting: str, prefix: str) -> Markup:
    """A number of a claim that leads to its card.

    Args:
        text: the number.
        study: the report of the edition that has the claim.
        claim: its id.
        setting: the setting that the number is of, where the claim speaks of several.
        prefix: the way from the page up to the root of the site.
    """
    verdict, shown = study.verdicts[claim], study.shown(claim)
    counted = "checks" if verdict.claim.kind == "exact" else "runs of ours"
    if verdict.findings:
        counted = "rounds" if "rounds" in verdict.claim.seeds else "pairs"
    called = (shown.label or shown.statement).replace("`", "")
    hint = f"{called}: {shown.text}, {verdict.n:,} {counted}"
    finding = verdict.findings.get(setting or verdict.setting)
    bar = Markup(' data-bar="{}"').format(_bar(verdict, finding)) if finding else ""
    return Markup('<a class="{}" href="{}{}" data-said="{}"{}>{}</a>').format(
        _kind(text), prefix, claim_page(study, claim), inert(hint), bar, inert(text)
    )


def joined(page: str) -> str:
    """The page with one link where two numbers of a claim stand side by side."""
    joint = _TWO.sub(_merged, page)
    while joint != page:
        page, joint = joint, _TWO.sub(_merged, joint)
    return page


def _merged(two: re.Match[str]) -> str:
    """The link that takes the place of two, if both lead to one claim or come from one measure."""
    bars = [_BAR.search(two[group]) for group in ("asaid", "bsaid")]
    hint, other = (_BAR.sub("", two[group]) for group in ("asaid", "bsaid"))
    if (two["ato"], hint) != (two["bto"], other):
        return two[0]
    if rows := [row for bar in bars if bar for row in bar[1].split(";")]:
        hint += f' data-bar="{";".join(dict.fromkeys(rows))}"'
    text = two["atext"] + two["between"] + two["btext"]
    # It may break between a number and its interval, and nowhere within them.
    text = _INTERVAL.sub(lambda ends: ends[0].replace(" ", "\u00a0"), text).replace(THIN, NARROW)
    return f'<a class="value value--long" href="{two["ato"]}" {hint}>{text}</a>'


def _kind(text: str) -> str:
    """The classes of a value: a number stays with its unit, and words break between them."""
    return "value value--long" if len(text) > SHORT or _WORDS.search(text) else "value"


def _bar(verdict: Verdict, finding: Finding) -> str:
    """The places of zero, the margins and an interval, in hundredths of a drawing.

    Settings of one claim are drawn on one axis, so that their intervals can be compared.
    """
    claim = verdict.claim
    ends = [end for each in verdict.findings.values() for end in _ends(each)]
    numbers = np.array([*ends, *band_of(claim), 0.0])
    known = numbers[np.isfinite(numbers)]
    low, high = float(known.min()), float(known.max())
    room = 0.06 * (high - low) or 1.0

    def at(value: float) -> str:
        share = (value - low + room) / (high - low + 2 * room)
        return f"{PLACES * min(max(share, 0.0), 1.0):.0f}"

    return ";".join(_places(map(at, row)) for row in ((0.0, *band_of(claim)), _ends(finding)))


def _ends(finding: Finding) -> tuple[float, float, float]:
    interval = finding.interval
    return interval.low, interval.point, interval.high


def _places(row: Iterable[str]) -> str:
    return " ".join(row)
