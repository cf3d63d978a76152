"""From estimates to verdicts: a pure function of the claims and what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from bnreport.analysis.interval_rule import by_interval
from bnreport.analysis.verdicts import (
    ALPHA,
    LEAST_RUNS,
    LEAST_SEEDS,
    ONLY,
    Finding,
    Verdict,
    detectable_in,
    margin_of,
    shown_at,
)
from bnreport.protocol.claims import Claim, Word
from bnreport.protocol.datasets import Profile
from bnreport.statistics.estimates import Contrast, Estimate, Exact, Fit
from bnreport.statistics.significance import equivalence_p, holm

T = TypeVar("T")


def judge(
    claims: Sequence[Claim], estimates: Mapping[str, Estimate], profile: Profile
) -> dict[str, Verdict]:
    """The verdict on every claim of a family, by id.

    Where tests decide, Holm adjusts over the differences and equivalences; a claim on several
    settings enters with its largest p (an intersection-union test). An equivalence with a lost run
    has p 1: it is never supported, whatever the frozen text of its rule says of a sign test. Where
    intervals decide, all of them share the level of 5% equally. Fits stand outside: each asks
    whether a set of runs can be refused, and is refused at p < .05. Identities have no chance in
    them.

    Raises:
        KeyError: when a claim has no estimate.
        TypeError: when an estimate is not of its claim's kind.
        ValueError: when the settings of a claim and of its estimate differ, or when tests decide
            one claim of the family and an interval another.
    """
    _refuse_mixture(claims)
    contrasts = {
        claim.id: _settings(claim, estimates[claim.id])
        for claim in claims
        if claim.kind in {"difference", "equivalence"}
    }
    by_id = {claim.id: claim for claim in claims}
    each = {
        name: {setting: _p(by_id[name], contrast) for setting, contrast in settings.items()}
        for name, settings in contrasts.items()
    }
    # Intersection-union: a claim on several settings holds only where its weakest one does.
    largest = {name: max(ps.values()) for name, ps in each.items()}
    adjusted = dict(zip(largest, holm(list(largest.values())), strict=True))
    verdicts: dict[str, Verdict] = {}
    for claim in claims:
        estimate = estimates[claim.id]
        if claim.kind == "fit":
            verdict = _fit(claim, _of_kind(Fit, estimate))
        elif claim.kind == "exact":
            verdict = _exact(claim, _of_kind(Exact, estimate))
        elif claim.decided == "interval":
            verdict = by_interval(claim, contrasts[claim.id], len(contrasts))
        else:
            ps = each[claim.id]
            verdict = _contrasted(claim, contrasts[claim.id], ps, adjusted[claim.id], len(each))
        verdicts[claim.id] = verdict if profile == "full" else _not_judged(verdict)
    return verdicts


def _contrasted(
    claim: Claim,
    settings: Mapping[str, Contrast],
    ps: Mapping[str, float],
    adjusted: float,
    family: int,
) -> Verdict:
    # Nobody singled a setting out beforehand, so that alone it is judged by Bonferroni, over all
    # claims of the family and all settings of this one.
    tests = family * len(settings)
    findings = {
        name: Finding(
            word=_word(claim, contrast, min(1.0, tests * ps[name])),
            interval=contrast.interval,
            p=ps[name],
            diverged=contrast.diverged,
            censored=contrast.censored,
            detectable=detectable_in(contrast, family),
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
    weakest = max(settings, key=lambda name: (ps[name], -settings[name].interval.point))
    return shown_at(weakest, findings, claim, word, family, adjusted)


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


def _refuse_mixture(claims: Sequence[Claim]) -> None:
    deciders = {claim.decided for claim in claims if claim.kind in {"difference", "equivalence"}}
    if len(deciders) > 1:
        raise ValueError(
            "Expected one way of deciding for all claims of a family. Received: "
            f"{' and '.join(sorted(deciders))}. Give them the same `decided`, or two families."
        )


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
