"""Say in a title what a figure shows that no claim judges: worked out from what is drawn."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from bnreport.presentation.formats import number
from bnreport.presentation.plots import Panel, Series


def reach(
    drawn: Sequence[Panel],
    floor: float,
    subject: str,
    named: Collection[str],
    others: str,
    beside: Collection[str] = (),
) -> str:
    """Say up to which rates nets learn: "BN still reaches 80% at a rate of 3, others up to 0.3".

    Args:
        drawn: the panels, with curves over learning rates.
        floor: what a run is to reach.
        subject: the subject and the verb.
        named: the names of the curves of which all runs reach it at the first rate.
        others: what the title calls the rest.
        beside: the names of the curves of which one at least reaches it up to the second rate with
            all its runs; by default those of all other curves.
    """
    curves = [curve for panel in drawn for curve in panel.series]
    first = [_reached(curve, floor) for curve in curves if curve.label in named]
    rest = [
        _reached(curve, floor)
        for curve in curves
        if (curve.label in beside if beside else curve.label not in named)
    ]
    together, any_of_them = set.intersection(*first), set.union(*rest)
    at = f"a rate of {max(together):g}" if together else "no rate"
    up_to = f"up to {max(any_of_them):g}" if any_of_them else "at none"
    return f"{subject} {floor:g}% at {at}, {others} {up_to}"


def above(drawn: Sequence[Panel], floor: float) -> str:
    """Say beyond which rate no curve drawn has all its runs at or above a floor."""
    reached = set.union(*(_reached(curve, floor) for panel in drawn for curve in panel.series))
    return f"above a rate of {max(reached):g}" if reached else "at any rate"


def _reached(curve: Series, floor: float) -> set[float]:
    """The places at which all runs of a curve are at or above a floor."""
    return {*np.asarray(curve.x)[(np.atleast_2d(curve.y) >= floor).all(axis=0)].tolist()}


def means(drawn: Sequence[Panel], name: str) -> list[dict[float, float]]:
    """The means of the runs of each curve of that name, by place."""
    return [
        dict(zip(np.asarray(curve.x).tolist(), np.mean(curve.y, axis=0).tolist(), strict=True))
        for panel in drawn
        for curve in panel.series
        if curve.label == name
    ]


def best_at(drawn: Sequence[Panel], names: Collection[str]) -> str:
    """The places at which the means of these curves are highest, in words."""
    best = {max(each, key=each.__getitem__) for name in names for each in means(drawn, name)}
    return spanned(best)


def spanned(numbers: Iterable[float]) -> str:
    """The least and the most of some settings: "0.03 to 0.3", or the one that all are."""
    chosen = sorted({*numbers})
    return " to ".join(f"{each:g}" for each in dict.fromkeys((chosen[0], chosen[-1])))


def at_least(numbers: ArrayLike, decimals: int = 0) -> str:
    """A number that all of these reach, with so many decimals."""
    scale = 10**decimals
    return number(float(np.floor(np.min(numbers) * scale) / scale), decimals)


def at_most(numbers: ArrayLike, decimals: int = 0) -> str:
    """A number that none of these passes."""
    scale = 10**decimals
    return number(float(np.ceil(np.max(numbers) * scale) / scale), decimals)
