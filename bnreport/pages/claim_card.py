"""A verdict as a badge, and a claim as a card with all that it rests on."""

from collections.abc import Mapping

from markupsafe import Markup

from bnreport.analysis.display import CORRECTED, Judgement, part, shown_word
from bnreport.analysis.verdicts import Verdict
from bnreport.pages.claim_text import finding_text, margin_text, numbers, power_text
from bnreport.pages.data.links import anchor
from bnreport.pages.fragments import fragment


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
    verdict: Verdict,
    judgement: Judgement,
    errata: str,
    drawing: Markup | None,
    strips: Mapping[str, Markup],
) -> Markup:
    """The same as a line with its seeds, which opens to the card.

    Args:
        verdict: the verdict as the frozen rule gives it.
        judgement: the same as readers see it.
        errata: the address of the errata, for a word that was corrected.
        drawing: its seeds, if it has any; of several settings the one that is hardest to support.
        strips: a drawing of the seeds of each of several settings.
    """
    claim, finding = verdict.claim, verdict.findings.get(verdict.setting)
    return fragment(
        "line.html.j2",
        **_card(verdict, judgement, errata),
        strip=drawing,
        strips=strips,
        found=finding_text(claim, finding) if finding else numbers(verdict, judgement),
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
        "setting": judgement.setting(verdict.setting),
        "anchor": anchor(claim.id),
        "numbers": numbers(verdict, judgement),
        "margin": margin_text(claim),
        "settings": [
            (name, judgement.setting(name), part(claim, finding), finding_text(claim, finding))
            for name, finding in verdict.findings.items()
            if name
        ],
        "power": power_text(verdict),
    }
