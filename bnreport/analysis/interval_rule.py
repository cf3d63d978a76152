"""Verdicts by one interval: it decides every word, and figures show it, so that both agree.

The rule of the second edition. The claims of a family share the level of 5% equally (Bonferroni),
so that each has an interval of its own, which no other claim's result moves.
"""

from collections.abc import Mapping

from bnreport.analysis.verdicts import (
    ALPHA,
    LEAST_SEEDS,
    Finding,
    Verdict,
    detectable_in,
    margin_of,
    shown_at,
)
from bnreport.protocol.claims import Claim, Word
from bnreport.statistics.estimates import Contrast
from bnreport.statistics.intervals import Interval, median_interval, t_interval


def by_interval(claim: Claim, settings: Mapping[str, Contrast], family: int) -> Verdict:
    """The verdict on a difference or an equivalence.

    Args:
        claim: the claim.
        settings: the contrast of each of its settings.
        family: how many claims share the level of 5%.

    Returns:
        The verdict, without p. A claim on several settings is supported where each of them
        supports it; one that refutes it is enough, at the level that it has as one of them. An
        equivalence with a lost run is never supported, whatever the frozen text of its rule says
        of the median: a run that is lost is not equivalent to another, not even to a lost one.
    """
    alpha = ALPHA / family
    findings = {
        name: Finding(
            word=_word(claim, contrast, alpha, alpha / len(settings)),
            interval=_deciding(claim, contrast, alpha),
            p=None,
            diverged=contrast.diverged,
            censored=contrast.censored,
            detectable=None if claim.centre == "median" else detectable_in(contrast, family),
            values=contrast.values,
        )
        for name, contrast in settings.items()
    }
    weakest = min(findings, key=lambda name: _room(claim, settings[name], alpha))
    words = {finding.word for finding in findings.values()}
    word: Word = "underpowered"
    if "not supported" in words:
        word = "not supported"
    elif words == {"supported"}:
        word = "supported"
    return shown_at(weakest, findings, claim, word, family)


def _word(claim: Claim, contrast: Contrast, alpha: float, alone: float) -> Word:
    """The word on a setting: supported at the first level, and refuted at the second."""
    if contrast.interval.n < LEAST_SEEDS:
        return "underpowered"
    margin = margin_of(claim)
    inner, outer = _deciding(claim, contrast, alpha), _interval(claim, contrast, alone)
    if claim.kind == "equivalence":
        supported = not _lost(contrast) and -margin <= inner.low and inner.high <= margin
        refuted = outer.low > margin or outer.high < -margin
    else:
        supported = inner.low > 0 and inner.point >= margin
        refuted = outer.high < margin
    if supported:
        return "supported"
    return "not supported" if refuted else "underpowered"


def _deciding(claim: Claim, contrast: Contrast, alpha: float) -> Interval:
    """The interval that supports a claim, which is the one to show.

    Two one-sided tests at a level are the interval that leaves that much out on either side.
    """
    return _interval(claim, contrast, 2 * alpha if claim.kind == "equivalence" else alpha)


def _interval(claim: Claim, contrast: Contrast, alpha: float) -> Interval:
    # Infinite differences have no mean; ranks judge as soon as a run is lost.
    ranks = claim.centre == "median" or _lost(contrast)
    return (median_interval if ranks else t_interval)(contrast.values, 1 - alpha)


def _lost(contrast: Contrast) -> bool:
    return bool(contrast.diverged or contrast.censored)


def _room(claim: Claim, contrast: Contrast, alpha: float) -> tuple[bool, float]:
    """The distance of an interval inside what supports the claim; negative if it reaches out.

    A lost run comes before any distance in a claim of equality, which it cannot support.
    """
    interval = _deciding(claim, contrast, alpha)
    if claim.kind == "equivalence":
        inside = margin_of(claim) - max(interval.high, -interval.low)
        return not _lost(contrast), inside
    return True, interval.low
