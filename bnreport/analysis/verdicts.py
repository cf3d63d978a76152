"""Verdicts: the word on a claim, and what each of its settings shows."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from bnreport.protocol.claims import Claim, Word
from bnreport.statistics.estimates import Contrast
from bnreport.statistics.intervals import Interval
from bnreport.statistics.power import detectable

ALPHA = 0.05
# Twelve pairs: the smallest p of the sign-flip test survives Holm over a study's contrasts.
LEAST_SEEDS = 12
# A rank p is at least 1 / (n + 1): with fewer than 20 runs nothing could be refused.
LEAST_RUNS = 20
# The name of the one setting of a claim that speaks of no others.
ONLY = ""


@dataclass(frozen=True)
class Finding:
    """The result in one setting of a claim: its word, were it alone, and its numbers.

    `p` is not adjusted, and None where an interval decides. `detectable` is the smallest effect
    that this number of seeds, with this spread, detects with a power of 80% after Holm, or at the
    level that decides; None where signs judge. `values` are the differences by seed.
    """

    word: Word
    interval: Interval
    p: float | None
    diverged: int = 0
    censored: int = 0
    detectable: float | None = None
    values: tuple[float, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """The word on a claim with the numbers that it rests on.

    `p` is adjusted by Holm for a difference and an equivalence, and the plain rank p for a fit; it
    is None where an interval decides. `low` and `high` are None for a fit and an identity: their
    effect has no interval. Of several settings the numbers are those of the one that is hardest to
    support, `setting`; all are in `findings`. `family` is the number of claims that share the level
    of 5%.
    """

    claim: Claim
    word: Word
    effect: float | None
    low: float | None
    high: float | None
    p: float | None
    n: int
    reversed: bool = False
    diverged: int = 0
    censored: int = 0
    setting: str = ONLY
    findings: Mapping[str, Finding] = field(default_factory=dict)
    family: int = 1


def shown_at(
    setting: str,
    findings: Mapping[str, Finding],
    claim: Claim,
    word: Word,
    family: int,
    p: float | None = None,
) -> Verdict:
    """The verdict on a contrast, with the numbers of one of its settings."""
    shown = findings[setting]
    return Verdict(
        claim=claim,
        word=word,
        effect=shown.interval.point,
        low=shown.interval.low,
        high=shown.interval.high,
        p=p,
        n=min(finding.interval.n for finding in findings.values()),
        reversed=word == "not supported"
        and claim.kind == "difference"
        and all(finding.interval.high < 0 for finding in findings.values()),
        diverged=max(finding.diverged for finding in findings.values()),
        censored=max(finding.censored for finding in findings.values()),
        setting=setting,
        findings=findings,
        family=family,
    )


def margin_of(claim: Claim) -> float:
    """The margin on the scale of the estimates: a ratio's is its natural logarithm."""
    margin = claim.margin or 0.0
    return math.log(margin) if claim.scale == "ratio" and margin else margin


def detectable_in(contrast: Contrast, family: int) -> float | None:
    """The smallest effect that these pairs detect, as one of so many; None where signs judge."""
    if contrast.diverged or contrast.censored or len(contrast.values) < LEAST_SEEDS:
        return None
    return detectable(contrast.values, ALPHA / family)
