"""The one axis of the board: effects in margins of their own claims, so that all compare."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from markupsafe import Markup

from bnreport.analysis.verdicts import Finding, Verdict, margin_of
from bnreport.pages.fragments import fragment
from bnreport.pages.strips import EDGE, WIDTH, apart
from bnreport.presentation.formats import number
from bnreport.protocol.claims import Claim

# Where the axis has names, the most important first; those that have no room are left out.
TICKS = (0, 1, 3, 10, 100, -3, 30, -1, -10)


@dataclass(frozen=True)
class MarginAxis:
    """The effects from one end to the other, in margins; see `at`.

    Attributes:
        low: the least effect, in margins.
        high: the largest.
        margin: one margin, on the scale that is judged.
    """

    low: float
    high: float
    margin: float = 1.0

    def for_claim(self, claim: Claim) -> "MarginAxis":
        """The same axis for effects of a claim, on the scale on which it is judged."""
        return replace(self, margin=margin_of(claim))

    def at(self, value: float) -> float:
        """The place of an effect, in pixels from the left.

        Up to about a margin places are as effects, and farther out as their logarithms, on either
        side of zero: this is the inverse hyperbolic sine. What never arrived lies at an end.
        """
        within = min(max(value / self.margin, self.low), self.high)
        first, last = math.asinh(self.low), math.asinh(self.high)
        share = (math.asinh(within) - first) / (last - first)
        return round(EDGE + share * (WIDTH - 2 * EDGE), 1)

    @property
    def breaks(self) -> tuple[float, ...]:
        """No effect: the scale changes nowhere at once."""
        return ()


def axis_of_all(verdicts: Iterable[Verdict]) -> MarginAxis:
    """The axis that holds the intervals of all claims that have a margin."""
    ends = [
        end / margin_of(verdict.claim)
        for verdict in verdicts
        if (finding := drawn(verdict))
        for end in (finding.interval.low, finding.interval.high)
        if math.isfinite(end)
    ]
    # One margin on either side of zero is on every axis; the last bits of an end are on none.
    low, high = min([*ends, -1.0]), max([*ends, 1.0])
    return MarginAxis(math.floor(10 * low) / 10, math.ceil(10 * high) / 10)


def drawn(verdict: Verdict) -> Finding | None:
    """The setting of a claim that is drawn; none where nothing is paired, or there is no margin."""
    return verdict.findings.get(verdict.setting) if margin_of(verdict.claim) > 0 else None


def scale(axis: MarginAxis) -> Markup:
    """The axis by itself, with names in margins."""
    names: list[tuple[float, str, str]] = []
    for tick in TICKS:
        name = axis.at(tick), number(tick, 0), "middle"
        if axis.low <= tick <= axis.high and all(apart(name, other) for other in names):
            names.append(name)
    left, right = EDGE, WIDTH - EDGE
    return fragment(
        "scale.html.j2", width=WIDTH, names=sorted(names), edge=EDGE, left=left, right=right
    )
