"""From estimates to verdicts: a pure function of the claims and what was measured."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bnreport.protocol.claims import Claim, Word
from bnreport.protocol.datasets import Profile
from bnreport.statistics.estimates import Contrast, Estimate, Exact, Fit
from bnreport.statistics.intervals import Interval
from bnreport.statistics.power import detectable
from bnreport.statistics.significance import equivalence_p, holm

T = TypeVar("T")

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

    `p` is not adjusted. `detectable` is the smallest effect that this number of seeds, with this
    spread, detects with a power of 80% after Holm; None where signs judge. `values` are the
    differences by seed.
    """

    word: Word
    interval: Interval
    p: float
    diverged: int = 0
    censored: int = 0
    detectable: float | None = None
    values: tuple[float, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """The word on a claim with the numbers that it rests on.

    `p` is adjusted by Holm for a difference and an equivalence, and the plain rank p for a fit.
    `low` and `high` are None for a fit and an identity: their effect has no interval. Of several
    settings the numbers are those of the one with the largest p, `setting`; all are in `findings`.
    `family` is the number of claims that Holm adjusted over.
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


def judge(
    claims: Sequence[Claim], estimates: Mapping[str, Estimate], profile: Profile
) -> dict[str, Verdict]:
    """The verdict on every claim, by id.

    Holm adjusts over the study's differences and equivalences; a claim on several settings enters
    with its largest p (an intersection-union test). An equivalence with a lost run has p 1: it is
    never supported, whatever the frozen text of its rule says of a sign test. Fits stand outside:
    each asks whether a set of runs can be refused, and is refused at p < .05. Identities have no
    chance in them.

    Raises:
        KeyError: when a claim has no estimate.
        TypeError: when an estimate is not of its claim's kind.
        ValueError: when the settings of a claim and of its estimate differ.
    """
    contrasts = {
        claim.id: _settings(claim, estimates[claim.id])
        for claim in claims
        if claim.kind in {"difference", "equivalence"}
    }
    by_id = {claim.id: claim for claim in claims}
    # Intersection-union: a claim on several settings holds only where its weakest one does.
    largest = {
        name: max(_p(by_id[name], contrast) for contrast in settings.values())
        for name, settings in contrasts.items()
    }
    adjusted = dict(zip(largest, holm(list(largest.values())), strict=True))
    verdicts: dict[str, Verdict] = {}
    for claim in claims:
        estimate = estimates[claim.id]
        if claim.kind == "fit":
            verdict = _fit(claim, _of_kind(Fit, estimate))
        elif claim.kind == "exact":
            verdict = _exact(claim, _of_kind(Exact, estimate))
        else:
            verdict = _contrasted(claim, contrasts[claim.id], adjusted[claim.id], len(contrasts))
        verdicts[claim.id] = verdict if profile == "full" else _not_judged(verdict)
    return verdicts


def _contrasted(
    claim: Claim, settings: Mapping[str, Contrast], adjusted: float, family: int
) -> Verdict:
    # Nobody singled a setting out beforehand, so that alone it is judged by Bonferroni, over all
    # claims of the family and all settings of this one.
    tests = family * len(settings)
    findings = {
        name: Finding(
            word=_word(claim, contrast, min(1.0, tests * _p(claim, contrast))),
            interval=contrast.interval,
            p=_p(claim, contrast),
            diverged=contrast.diverged,
            censored=contrast.censored,
            detectable=_detectable(contrast, family),
            values=contrast.values,
        )
        for name, contrast in settings.items()
    }
    # Together the settings are judged by the p of the weakest, which Holm has adjusted: the claim
    # gets a word only where all settings say the same. It is mixed where single ones contradict
    # each other, and undecided in all other cases.
    together = {_word(claim, contrast, adjusted) for contrast in settings.values()}
    alone = {finding.word for finding in findings.values()}
    word: Word = "underpowered"
    if len(together) == 1:
        (word,) = together
    elif {"supported", "not supported"} <= alone:
        word = "mixed"
    # Of equal p, the setting with the smaller effect is shown.
    weakest = max(findings, key=lambda name: (findings[name].p, -findings[name].interval.point))
    shown = findings[weakest]
    return Verdict(
        claim=claim,
        word=word,
        effect=shown.interval.point,
        low=shown.interval.low,
        high=shown.interval.high,
        p=adjusted,
        n=min(contrast.interval.n for contrast in settings.values()),
        reversed=word == "not supported"
        and claim.kind == "difference"
        and all(contrast.interval.high < 0 for contrast in settings.values()),
        diverged=max(contrast.diverged for contrast in settings.values()),
        censored=max(contrast.censored for contrast in settings.values()),
        setting=weakest,
        findings=findings,
        family=family,
    )


def margin_of(claim: Claim) -> float:
    """The margin on the scale of the estimates: a ratio's is its natural logarithm."""
    margin = claim.margin or 0.0
    return math.log(margin) if claim.scale == "ratio" and margin else margin


def _p(claim: Claim, contrast: Contrast) -> float:
    if claim.kind == "difference":
        return contrast.p
    if contrast.diverged or contrast.censored:
        # Infinite differences have no t test, and a lost run is not equivalent to a finished one.
        return 1.0
    return equivalence_p(contrast.values, margin_of(claim))


def _word(claim: Claim, contrast: Contrast, p: float) -> Word:
    # A difference is supported where chance is excluded, the interval lies above zero and the
    # estimate reaches the margin; not supported where even the upper end stays below the margin.
    # What lies between the two is undecided, whatever p says.
    interval, margin = contrast.interval, margin_of(claim)
    if interval.n < LEAST_SEEDS:
        return "underpowered"
    if claim.kind == "equivalence":
        if p < ALPHA:
            return "supported"
        outside = interval.low > margin or interval.high < -margin
        return "not supported" if outside else "underpowered"
    if p < ALPHA and interval.low > 0 and interval.point >= margin:
        return "supported"
    return "not supported" if interval.high < margin else "underpowered"


def _detectable(contrast: Contrast, family: int) -> float | None:
    if contrast.diverged or contrast.censored or len(contrast.values) < LEAST_SEEDS:
        return None
    return detectable(contrast.values, ALPHA / family)


def _exact(claim: Claim, exact: Exact) -> Verdict:
    holds = exact.largest <= (claim.margin or 0.0)
    word: Word = "supported" if holds else "not supported"
    return Verdict(claim, word, exact.largest, None, None, None, exact.checks)


def _fit(claim: Claim, fit: Fit) -> Verdict:
    word: Word = "supported" if fit.p >= ALPHA else "not supported"
    if fit.n < LEAST_RUNS:
        word = "underpowered"
    return Verdict(claim, word, fit.largest_z, None, None, fit.p, fit.n)


def _not_judged(verdict: Verdict) -> Verdict:
    # Quick records are for a first look: they can never answer a claim about the full data.
    return replace(verdict, word="not judged", p=None, reversed=False)


def _settings(claim: Claim, estimate: Estimate) -> dict[str, Contrast]:
    if not claim.settings:
        return {ONLY: _of_kind(Contrast, estimate)}
    contrasts = dict(estimate) if isinstance(estimate, Mapping) else {}
    if tuple(contrasts) != claim.settings:
        raise ValueError(
            f"Expected contrasts of claim {claim.id} for {claim.settings}. Received: "
            f"{tuple(contrasts)}. Estimate each setting of the claim, in its order."
        )
    return contrasts


def _of_kind(kind: type[T], estimate: Estimate) -> T:
    if not isinstance(estimate, kind):
        raise TypeError(f"Expected an estimate that is a {kind.__name__}. Received: {estimate!r}.")
    return estimate
