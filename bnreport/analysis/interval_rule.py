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
        supports it; one that refutes it is enough, at the level that it has as one of them.
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
    weakest = min(findings, key=lambda name: _room(claim, findings[name].interval))
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
        supported = -margin <= inner.low and inner.high <= margin
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
    ranks = claim.centre == "median" or contrast.diverged or contrast.censored
    return (median_interval if ranks else t_interval)(contrast.values, 1 - alpha)


def _room(claim: Claim, interval: Interval) -> float:
    """The distance of an interval inside what supports the claim; negative if it reaches out."""
    if claim.kind == "equivalence":
        return margin_of(claim) - max(interval.high, -interval.low)
    return interval.low
