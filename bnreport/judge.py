"""From estimates to verdicts: a pure function of the claims and what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bnreport.statistics import Contrast, Fit, holm
from bnreport.study import Claim, Word
from bnreport.trials import Profile

ALPHA = 0.05
# Twelve pairs: the smallest p of the sign-flip test survives Holm over a study's contrasts.
LEAST_SEEDS = 12
# A rank p is at least 1 / (n + 1): with fewer than 20 runs nothing could be refused.
LEAST_RUNS = 20

MARKS: dict[Word, str] = {
    "supported": "✓",
    "not supported": "✗",
    "mixed": "±",
    "underpowered": "?",
    "not judged": "–",
}


@dataclass(frozen=True)
class Verdict:
    """The word on a claim with the numbers that it rests on.

    `p` is adjusted by Holm for a difference, and the plain rank p for a fit. `low` and `high`
    are None for a fit: its effect is the largest |z|, which has no interval.
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

    @property
    def mark(self) -> str:
        """The sign that goes with the word."""
        return MARKS[self.word]

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the one that was written down before the runs."""
        return self.word == self.claim.expected


def judge(
    claims: Sequence[Claim], estimates: Mapping[str, Contrast | Fit], profile: Profile
) -> dict[str, Verdict]:
    """The verdict on every claim, by id.

    Holm adjusts over the study's differences. Fits stand outside: each asks whether a set of runs
    can be refused, and is refused at p < .05.

    Raises:
        KeyError: when a claim has no estimate.
        TypeError: when an estimate is not of its claim's kind.
    """
    contrasts = {
        claim.id: _contrast(estimates[claim.id]) for claim in claims if claim.kind == "difference"
    }
    adjusted = dict(zip(contrasts, holm([c.p for c in contrasts.values()]), strict=True))
    verdicts: dict[str, Verdict] = {}
    for claim in claims:
        if claim.kind == "difference":
            verdict = _difference(claim, contrasts[claim.id], adjusted[claim.id])
        else:
            verdict = _fit(claim, _as_fit(estimates[claim.id]))
        verdicts[claim.id] = verdict if profile == "full" else _not_judged(verdict)
    return verdicts


def _difference(claim: Claim, contrast: Contrast, p: float) -> Verdict:
    interval = contrast.interval
    margin = claim.margin or 0.0
    word: Word = "underpowered"
    if interval.n >= LEAST_SEEDS:
        if p < ALPHA and interval.low > 0 and interval.point >= margin:
            word = "supported"
        elif interval.high < margin:
            word = "not supported"
    return Verdict(
        claim=claim,
        word=word,
        effect=interval.point,
        low=interval.low,
        high=interval.high,
        p=p,
        n=interval.n,
        reversed=word == "not supported" and interval.high < 0,
        diverged=contrast.diverged,
    )


def _fit(claim: Claim, fit: Fit) -> Verdict:
    word: Word = "supported" if fit.p >= ALPHA else "not supported"
    if fit.n < LEAST_RUNS:
        word = "underpowered"
    return Verdict(claim, word, fit.largest_z, None, None, fit.p, fit.n)


def _not_judged(verdict: Verdict) -> Verdict:
    # Quick records are for a first look: they can never answer a claim about the full data.
    return Verdict(
        claim=verdict.claim,
        word="not judged",
        effect=verdict.effect,
        low=verdict.low,
        high=verdict.high,
        p=None,
        n=verdict.n,
        diverged=verdict.diverged,
    )


def _contrast(estimate: Contrast | Fit) -> Contrast:
    if not isinstance(estimate, Contrast):
        raise TypeError(f"Expected a Contrast for a difference. Received: {estimate!r}.")
    return estimate


def _as_fit(estimate: Contrast | Fit) -> Fit:
    if not isinstance(estimate, Fit):
        raise TypeError(f"Expected a Fit for a fit. Received: {estimate!r}.")
    return estimate
