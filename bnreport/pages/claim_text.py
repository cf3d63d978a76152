"""The numbers of a claim as text: effect, interval, margin, p, and what the seeds can tell."""

import re
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.display import Judgement, nothing
from bnreport.analysis.verdicts import ALPHA, Finding, Verdict, margin_of
from bnreport.presentation.formats import (
    interval_name,
    number,
    p_value,
    plain,
    quantity,
    scientific,
)
from bnreport.protocol.claims import Claim
from bnreport.statistics.power import tost_reach

# Decimals that an effect is printed with, by its unit; three for others.
DECIMALS = {"pp": 2, "%": 0, "loss": 3, "largest |z|": 1, "x": 2, "decades": 2, "steps": 1}
# What an exact claim counts, one a check.
COUNTED = {"batches", "descents", "facts", "fits", "uses"}
# Ratios from here on are printed as whole numbers.
LARGE = 100
# An end of an interval gets at most so many decimals.
MOST = 6
# Words for the two sides on which a difference can lie, by the name that prose has for the pair.
SIDES = {
    "side": ("ahead", "behind"),
    "ahead_of": ("ahead of", "behind"),
    "more": ("more", "less"),
    "above": ("above", "below"),
}
# Words that say what is measured, not in what unit: a number stands alone.
BARE = {"loss", "error"}


def shown(claim: Claim, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Effects of a claim as people read them: the logarithm of a ratio becomes the ratio."""
    return np.exp(values) if claim.scale == "ratio" else values


def claim_numbers(verdict: Verdict) -> dict[str, str]:
    """The numbers of a verdict that prose may name, by name."""
    claim = verdict.claim
    numbers = {"n": f"{verdict.n:,}"}
    if verdict.setting:
        numbers["setting"] = verdict.setting
    if verdict.p is not None:
        numbers["p"] = p_value(verdict.p)
    if margin := margin_text(claim):
        numbers["margin"] = margin
    if verdict.effect is not None:
        numbers |= _effects(claim, verdict.effect)
    if verdict.low is not None and verdict.high is not None:
        numbers |= _intervals(claim, verdict.low, verdict.high)
    if verdict.setting:
        words = Counter(finding.word for finding in verdict.findings.values())
        numbers |= {
            "settings": str(len(verdict.findings)),
            "supported": str(words["supported"]),
            "not_supported": str(words["not supported"]),
            "undecided": str(words["underpowered"]),
            # Settings in which the effect is surely the other way round.
            "opposite": str(sum(each.interval.high < 0 for each in verdict.findings.values())),
        }
    for name, finding in verdict.findings.items():
        if name:
            interval = finding.interval
            in_setting = _effects(claim, interval.point)
            in_setting |= _intervals(claim, interval.low, interval.high)
            numbers |= {f"{name}.{field}": text for field, text in in_setting.items()}
    return numbers


def _intervals(claim: Claim, low: float, high: float) -> dict[str, str]:
    """An interval as prose may need it: signed, or turned to go with the size of the effect.

    A loss is told by its size, "behind by 0.75 pp [0.45, 1.05]"; the interval of the signed effect
    would not hold that number.
    """
    sized = (-high, -low) if low + high < 0 else (low, high)
    return {
        "interval": _interval(claim, low, high),
        "interval_of_size": _interval(claim, *sized, signed=False),
        **{name: _side(low, high, *words) for name, words in SIDES.items()},
    }


def _side(low: float, high: float, over: str, under: str) -> str:
    """The side on which an interval of differences lies: a sentence can name a sure loss as one."""
    if low > 0:
        return over
    return under if high < 0 else f"neither surely {over} nor {under}"


def _effects(claim: Claim, value: float) -> dict[str, str]:
    """An effect as prose may need it: plain, signed, by its size alone, of a ratio the inverse."""
    forms = {
        "effect": _effect(claim, value, signed=False),
        "signed": _effect(claim, value, signed=True),
        "size": _effect(claim, abs(value), signed=False),
    }
    if claim.scale == "ratio":
        forms["inverse"] = _effect(claim, -value, signed=False)
    return forms


def numbers(verdict: Verdict, judgement: Judgement | None = None) -> str:
    """The numbers of a verdict in one line.

    Args:
        verdict: the verdict.
        judgement: the same as readers see it, which has words for its settings.
    """
    setting = judgement.setting(verdict.setting) if judgement else verdict.setting
    claim = verdict.claim
    parts = []
    if claim.kind == "fit" and verdict.effect is not None:
        parts.append(f"largest |z| {number(verdict.effect, 1)}")
    elif claim.kind == "exact" and verdict.effect is not None:
        parts.append(_missed(claim, verdict.effect, verdict.n))
    elif effect := effect_text(verdict):
        parts.append(f"{setting}: {effect}" if setting else effect)
    if effect_text(verdict) and claim.margin:
        parts.append(f"margin {margin_text(claim)}")
        if _barely_beyond(verdict):
            wider = 1 - ALPHA / verdict.family / len(verdict.findings)
            parts.append(f"the {interval_name(wider)}, which would refute a tie, reaches within it")
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


def _barely_beyond(verdict: Verdict) -> bool:
    """Say whether the interval shown of an undecided equality lies beyond its margin.

    It is the one that could support it; a wider one would have to refute it.
    """
    claim, finding = verdict.claim, verdict.findings[verdict.setting]
    interval, margin = finding.interval, margin_of(claim)
    beyond = interval.low > margin or interval.high < -margin
    open_tie = claim.kind == "equivalence" and finding.word == "underpowered"
    return beyond and open_tie and claim.decided == "interval"


def _missed(claim: Claim, error: float, checks: int) -> str:
    """The size of an identity's error, or the number of counted cases that miss it."""
    if claim.unit in COUNTED:
        # The metric of such a claim names what is counted: "fits that raise an error; the layer …".
        counted = re.split(r"[;:]|, of |\. ", claim.metric)[0].replace(" that ", " ", 1)
        return f"{error:.0f} of {checks:,} {counted}"
    text = f"{scientific(error)} {claim.unit}".strip()
    return f"largest error {text}; {checks:,} checks"


def _rank(p: float, n: int) -> str:
    """The number of n runs as far from the others as the published one, and the p of that."""
    farther = round(p * (n + 1)) - 1
    text = f"{farther} of {n} runs of ours as far off; rank p {p_value(p)}"
    return text if farther else f"{text}, the least that {n} runs can give (1 in {n + 1})"


def effect_text(verdict: Verdict) -> str:
    """The effect and its interval; of several settings the one that is hardest to support."""
    if verdict.effect is None or verdict.low is None or verdict.high is None:
        return ""
    claim, interval = verdict.claim, verdict.findings[verdict.setting].interval
    return (
        f"{_effect(claim, verdict.effect, signed=True)}, {interval_name(interval.level)} "
        f"{_interval(claim, verdict.low, verdict.high)}"
    )


def finding_text(claim: Claim, finding: Finding) -> str:
    """The result in one setting of a claim, as text."""
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


def tick_of(claim: Claim, value: float) -> str:
    """The same for an axis that names its unit elsewhere, with two digits; a ratio keeps its ×."""
    if claim.scale == "ratio":
        return effect_of(claim, value)
    return number(value, 2 if abs(value) < 1 else 1 if abs(value) < LARGE else 0, signed=True)


def _effect(claim: Claim, value: float, signed: bool) -> str:
    (value,) = shown(claim, np.array([value]))
    text = _digits(claim, value, signed and claim.scale == "linear")
    if claim.unit in BARE:
        return text
    return f"{text}\u2009×" if claim.unit == "x" else f"{text}\u2009{claim.unit}"


def _interval(claim: Claim, low: float, high: float, signed: bool = True) -> str:
    signed &= claim.scale == "linear"
    low_text, high_text = (_end(claim, end, signed) for end in (low, high))
    return f"[{low_text}, {high_text}]"


def _end(claim: Claim, value: float, signed: bool) -> str:
    """The end of an interval, with as many digits as show on which side of no effect it lies."""
    end, none = map(float, shown(claim, np.array([value, 0.0])))
    decimals = DECIMALS.get(claim.unit, 3)
    text, of_none = (_digits(claim, each, signed) for each in (end, none))
    while value and text == of_none and decimals < MOST:
        decimals += 1
        text, of_none = (number(each, decimals, signed) for each in (end, none))
    return text


def margin_text(claim: Claim) -> str:
    """The margin of a claim as text; none where it has none."""
    if claim.margin is None:
        return ""
    if claim.kind == "exact":
        return plain(claim.margin)
    decimals = DECIMALS.get(claim.unit, 3)
    if claim.unit in BARE:
        return number(claim.margin, decimals)
    return quantity(claim.margin, decimals, claim.unit.replace("x", "×"))


def power_text(verdict: Verdict) -> str:
    """Say what so many seeds, scattering so much, could have shown."""
    finding = verdict.findings.get(verdict.setting)
    if finding is None or finding.detectable is None:
        return ""
    claim, n = verdict.claim, finding.interval.n
    pairs = "rounds" if "rounds" in claim.seeds else "seeds"
    if claim.kind == "equivalence" and claim.decided == "interval":
        half = tost_reach(finding.values, alpha=ALPHA / verdict.family)
        reach = _effect(claim, half, signed=False)
        return (
            f"With runs as variable as these, the interval of {n} {pairs} extends {reach} to "
            "either side of the mean; the claim is supported only if the whole interval lies "
            "within the margin."
        )
    if claim.kind == "equivalence":
        half = tost_reach(finding.values)
        reach = _effect(claim, half, signed=False)
        return (
            f"With runs as variable as these, the two one-sided tests of {n} {pairs} extend "
            f"{reach} to either side of the mean, before Holm; the claim is supported only if all "
            "of that lies within the margin."
        )
    kind = "ratio" if claim.scale == "ratio" else "difference"
    aim = f"a true {kind} of {_effect(claim, finding.detectable, signed=False)}"
    shared = "Holm over" if claim.decided == "tests" else "sharing the level of 5% among"
    return (
        f"With runs as variable as these, {n} {pairs} distinguish {aim} from {nothing(claim)} in "
        f"four of five cases, after {shared} {verdict.family} claims; to be supported, the claim "
        "must reach its margin as well."
    )
