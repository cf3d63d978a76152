"""A claim in one line: the effect of every seed as a dot, the interval, and the margin, as SVG.

Colours come from the style sheet, so that one drawing serves both palettes.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, TypeAlias

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from bnreport.analysis.verdicts import Finding, Verdict
from bnreport.pages.claim_text import effect_of, tick_of
from bnreport.pages.fragments import fragment
from bnreport.protocol.claims import Claim

# Pixels: the drawing, what it leaves free at both ends, and where dots and interval lie.
WIDTH, HEIGHT, EDGE = 240, 26, 5
DOTS, BAR = 8, 19
# The same of a strip without dots.
LOW, MIDST = 18, 9
# Of a dot; so far apart dots of one place still show how many they are.
RADIUS = 3
# A letter of the axis' names, the least room between two of them, and how near to an end the name
# of no effect does not fit around it.
LETTER, ROOM, MIDDLE = 7, 2, 24
# How far the axis goes on where runs never arrived, as a share of its length.
BEYOND = 0.1
# Claims are near if their effects go at most this share of the way of the farthest, and the next
# claim goes this many times as far; what lies beyond is drawn on a coarser scale, on so many
# pixels, if at least so many claims are near, and this share of all.
NEAR, GAP, FAR, FEWEST, SHARE = 0.4, 2.0, 70, 2, 0.3


Key: TypeAlias = tuple[str, str, str]


class Placing(Protocol):
    """An axis, as a strip needs it."""

    def at(self, value: float) -> float:
        """The place of an effect, in pixels from the left."""

    @property
    def breaks(self) -> tuple[float, ...]:
        """The effects at which the scale changes."""


@dataclass(frozen=True)
class Axis:
    """The effects from one end of the strips to the other, on the scale that is judged.

    Attributes:
        low: the least effect.
        high: the largest.
        near: between which effects the scale is fine, if it is coarser beyond them.
    """

    low: float
    high: float
    near: tuple[float, float] | None = None

    def at(self, value: float) -> float:
        """The place of an effect, in pixels from the left; beyond an end at that end."""
        low, high = self.near or (self.low, self.high)
        left = EDGE + FAR * (low > self.low)
        right = WIDTH - EDGE - FAR * (high < self.high)
        effects = self.low, low, high, self.high
        return round(float(np.interp(value, effects, (EDGE, left, right, WIDTH - EDGE))), 1)

    @property
    def breaks(self) -> tuple[float, ...]:
        """The effects at which the scale changes."""
        return tuple(end for end in self.near or () if end not in (self.low, self.high))


def axes(verdicts: Iterable[Verdict]) -> Mapping[Key, Axis]:
    """One axis for all claims that share a key, so that their strips can be compared.

    It is that of the settings which their lines draw; see `axis_of` for the others.
    """
    claims_by: dict[Key, list[NDArray[np.float64]]] = {}
    for verdict in verdicts:
        if finding := verdict.findings.get(verdict.setting):
            claims_by.setdefault(key(verdict.claim), []).append(_drawn(verdict.claim, [finding]))
    return {shared: _axis(claims) for shared, claims in claims_by.items()}


def axis_of(verdict: Verdict) -> Axis:
    """The axis of all settings of one claim, which its card draws."""
    return _axis([_drawn(verdict.claim, verdict.findings.values())])


def _drawn(claim: Claim, findings: Iterable[Finding]) -> NDArray[np.float64]:
    """The effects that strips of these findings show."""
    numbers = [
        number
        for finding in findings
        for number in (*finding.values, finding.interval.low, finding.interval.high)
    ]
    return np.array([*numbers, *band_of(claim), 0.0])


def _axis(claims: Sequence[NDArray[np.float64]]) -> Axis:
    """From the least to the largest, and a little beyond where runs never arrived."""
    numbers = np.concatenate(claims)
    known = numbers[np.isfinite(numbers)]
    low, high = float(known.min()), float(known.max())
    beyond = BEYOND * (high - low)
    low -= beyond * bool(np.isneginf(numbers).any())
    high += beyond * bool(np.isposinf(numbers).any())
    return Axis(low, high, _near(low, high, claims))


def _near(
    low: float, high: float, claims: Sequence[NDArray[np.float64]]
) -> tuple[float, float] | None:
    """The ends of what many claims reach, if the others go far beyond them.

    They end at the widest gap between one claim's reach and the next.
    """
    reaches = np.sort([np.abs(claim[np.isfinite(claim)]).max() for claim in claims])
    least = max(FEWEST, math.ceil(SHARE * len(reaches)))
    gaps = {
        reach: farther / reach
        for reach, farther in pairwise(reaches[least - 1 :])
        if 0 < reach <= NEAR * reaches[-1]
    }
    if not gaps or max(gaps.values()) < GAP:
        return None
    # An end that is little farther is no reason for another scale.
    limit = float(max(gaps, key=gaps.__getitem__))
    return low if low >= -2 * limit else -limit, high if high <= 2 * limit else limit


def key(claim: Claim) -> Key:
    """The unit and scale that claims drawn on one axis share, and whether they compare times."""
    return claim.unit, claim.scale, "rounds" if "rounds" in claim.seeds else "seeds"


def strip(claim: Claim, finding: Finding, axis: Placing, *, seeds: bool = True) -> Markup:
    """Draw what one setting of a claim found; the words beside it say the same.

    Args:
        claim: the claim.
        finding: what its seeds found.
        axis: the axis of its unit.
        seeds: whether each seed has its dot, or the interval is drawn alone.
    """
    interval = finding.interval
    left, right = map(axis.at, band_of(claim))
    return fragment(
        "strip.html.j2",
        width=WIDTH,
        height=HEIGHT if seeds else LOW,
        band=(left, round(right - left, 1)) if right > left else None,
        zero=axis.at(0.0),
        breaks=[axis.at(end) for end in axis.breaks],
        dots=_stacked([axis.at(value) for value in sorted(finding.values)]) if seeds else [],
        low=axis.at(interval.low),
        point=axis.at(interval.point),
        high=axis.at(interval.high),
        bar=BAR if seeds else MIDST,
    )


def _stacked(places: Sequence[float]) -> list[tuple[float, float]]:
    """Place dots: those that would hide one another, one above the other.

    A measure with few values, a count of learning rates say, has many seeds in one place.
    """
    counts = Counter(places)
    # Above the interval, with the radius of a dot to spare.
    room = 2 * (DOTS - RADIUS) / max(1, max(counts.values(), default=1) - 1)
    step = min(RADIUS, room)
    return [
        (place, round(DOTS + step * (level - (count - 1) / 2), 1))
        for place, count in sorted(counts.items())
        for level in range(count)
    ]


def scale(claim: Claim, axis: Axis) -> Markup:
    """The axis of some strips: its ends, the effect that is none, and where its scale changes."""
    zero = axis.at(0.0)
    middle = "start" if zero < MIDDLE else "end" if zero > WIDTH - MIDDLE else "middle"
    names = [(zero, effect_of(claim, 0.0), middle)]
    # What matters least is left out where there is no room.
    inner = ((end, "end" if end < 0 else "start") for end in axis.breaks)
    for end, anchor in ((axis.high, "end"), (axis.low, "start"), *inner):
        name = axis.at(end), tick_of(claim, end), anchor
        if all(apart(name, other) for other in names):
            names.append(name)
    left, right = map(axis.at, axis.near or (axis.low, axis.high))
    return fragment(
        "scale.html.j2", width=WIDTH, names=sorted(names), edge=EDGE, left=left, right=right
    )


def apart(one: tuple[float, str, str], other: tuple[float, str, str]) -> bool:
    """Say whether two names of an axis, each with its place and its anchor, leave room between."""
    ends = []
    for place, text, anchor in (one, other):
        width = LETTER * len(text)
        start = place - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * width
        ends.append((start, start + width))
    (low, high), (other_low, other_high) = ends
    return high + ROOM < other_low or other_high + ROOM < low


def band_of(claim: Claim) -> tuple[float, float]:
    """The effects that are too small to matter, on the scale that is judged."""
    if not claim.margin:
        return 0.0, 0.0
    margin = float(np.log(claim.margin)) if claim.scale == "ratio" else claim.margin
    return (-margin if claim.kind == "equivalence" else 0.0), margin
