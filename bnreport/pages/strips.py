"""A claim in one line: the effect of every seed as a dot, the interval, and the margin, as SVG.

Colours come from the style sheet, so that one drawing serves both palettes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from bnreport.analysis.verdicts import Finding, Verdict
from bnreport.pages.claim_text import effect_of
from bnreport.pages.fragments import fragment
from bnreport.protocol.claims import Claim

# Pixels: the drawing, what it leaves free at both ends, and where dots and interval lie.
WIDTH, HEIGHT, EDGE = 240, 26, 5
DOTS, BAR = 8, 19
# Names of the axis that are closer would touch.
APART = 62
# How far the axis goes on where runs never arrived, as a share of its length.
BEYOND = 0.1


@dataclass(frozen=True)
class Axis:
    """The effects from one end of the strips to the other, on the scale that is judged."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """The place of an effect, in pixels from the left; beyond an end at that end."""
        share = (float(np.clip(value, self.low, self.high)) - self.low) / (self.high - self.low)
        return round(EDGE + share * (WIDTH - 2 * EDGE), 1)


def axes(verdicts: Iterable[Verdict]) -> Mapping[tuple[str, str], Axis]:
    """One axis for all claims in a unit and on a scale, so that their strips can be compared."""
    numbers_by: dict[tuple[str, str], list[float]] = {}
    for verdict in verdicts:
        for finding in verdict.findings.values():
            ends = [finding.interval.low, finding.interval.high, *_band(verdict.claim)]
            numbers_by.setdefault(key(verdict.claim), []).extend([*finding.values, *ends, 0.0])
    return {
        unit_and_scale: _axis(np.array(numbers)) for unit_and_scale, numbers in numbers_by.items()
    }


def _axis(numbers: NDArray[np.float64]) -> Axis:
    """From the least to the largest, and a little beyond where runs never arrived."""
    known = numbers[np.isfinite(numbers)]
    low, high = float(known.min()), float(known.max())
    beyond = BEYOND * (high - low)
    return Axis(
        low - beyond if np.isneginf(numbers).any() else low,
        high + beyond if np.isposinf(numbers).any() else high,
    )


def key(claim: Claim) -> tuple[str, str]:
    """The unit and scale that claims drawn on one axis share."""
    return claim.unit, claim.scale


def strip(claim: Claim, finding: Finding, axis: Axis) -> Markup:
    """Draw what one setting of a claim found; the words beside it say the same.

    Args:
        claim: the claim.
        finding: what its seeds found.
        axis: the axis of its unit.
    """
    interval = finding.interval
    left, right = map(axis.at, _band(claim))
    return fragment(
        "strip.html.j2",
        width=WIDTH,
        height=HEIGHT,
        band=(left, round(right - left, 1)) if right > left else None,
        zero=axis.at(0.0),
        dots=[axis.at(value) for value in sorted(finding.values)],
        low=axis.at(interval.low),
        point=axis.at(interval.point),
        high=axis.at(interval.high),
        at=(DOTS, BAR),
    )


def scale(claim: Claim, axis: Axis) -> Markup:
    """The axis of some strips with its two ends and the effect that is none."""
    zero = axis.at(0.0)
    names = [
        (axis.at(end), effect_of(claim, end), anchor)
        for end, anchor in ((axis.low, "start"), (axis.high, "end"))
        if abs(axis.at(end) - zero) > APART
    ]
    middle = "start" if zero < APART else "end" if zero > WIDTH - APART else "middle"
    names.append((zero, effect_of(claim, 0.0), middle))
    return fragment("scale.html.j2", width=WIDTH, names=sorted(names), edge=EDGE)


def _band(claim: Claim) -> tuple[float, float]:
    """The effects that are too small to matter, on the scale that is judged."""
    if not claim.margin:
        return 0.0, 0.0
    margin = float(np.log(claim.margin)) if claim.scale == "ratio" else claim.margin
    return (-margin if claim.kind == "equivalence" else 0.0), margin
