"""The numbers that the prose of the page names beside its claims; no claim judges them."""

from collections.abc import Mapping

import numpy as np

from bnreport.estimates import Contrast, paired
from bnreport.formats import number, p_value
from bnreport.samples import Floats, unjudged
from bnreport.statistics import holm
from bnreport.studies.rates.estimates import ESTIMATES, by_rate, highest
from bnreport.studies.rates.runs import EPOCHS, RATES
from bnreport.study import Records, Value

CONTROLS = {"raw": "raw pixels", "std": "standardized inputs"}


def by_the_others(by_setting: Mapping[float, Floats]) -> Floats:
    """Each seed's number at the setting with the highest mean over all other seeds, (seeds,).

    So no seed takes part in the choice that scores it, as it does where each takes its own best.

    Args:
        by_setting: by the setting, one number a seed.
    """
    found = np.array(list(by_setting.values()))
    others = found.sum(axis=1, keepdims=True) - found
    chosen: Floats = found[others.argmax(axis=0), np.arange(found.shape[1])]
    return chosen


def ahead(records: Records, control: str) -> Contrast:
    """By how many percentage points BN is ahead, each seed's rate chosen by the other seeds."""
    bn, other = (by_the_others(by_rate(records, of)) for of in ("bn", control))
    return paired(100 * (bn - other))


def by_signs(records: Records) -> dict[str, float]:
    """By claim, the p of the sign test after Holm: what judges where a lost run is set aside."""
    found = {
        name: paired(estimate(records).values, diverged=1).p for name, estimate in ESTIMATES.items()
    }
    return dict(zip(found, holm([*found.values()]), strict=True))


def bounds(records: Records, control: str) -> tuple[float, float]:
    """Between which ratios that of the rates lies at which BN and a control stop learning.

    A net that learns at one rate of the grid and not at the next stops between the two. The bounds
    hold for every seed.
    """
    pairs = [
        (_stops(float(bn)), _stops(float(other)))
        for bn, other in zip(highest(records, "bn"), highest(records, control), strict=True)
    ]
    least = min(bn[0] / other[1] for bn, other in pairs)
    most = max(bn[1] / other[0] if other[0] else np.inf for bn, other in pairs)
    return least, most


def _stops(top: float) -> tuple[float, float]:
    """Between which rates an arm stops learning whose highest rate in the grid is `top`."""
    if np.isinf(top):
        return max(RATES), np.inf
    above = [rate for rate in RATES if rate > top]
    return top, above[0]


def all_values(records: Records) -> dict[str, Value]:
    """What BN gains where other seeds choose the rate, and what a grid of rates can say, by name.

    "others-std" is BN minus standardized inputs with the rate of each seed chosen by the others,
    with "others-std.interval"; "limit-std.least" and ".most" bound the ratio of highest rates, and
    "signs.CLAIM" is the p of the sign test.
    """
    found: dict[str, Value] = {
        "rates": Value(str(len(RATES)), "set before the runs"),
        "epochs": Value(str(EPOCHS), "set before the runs"),
        "others": Value(str(len(highest(records, "bn")) - 1), "all seeds but the one scored"),
    }
    for name, p in by_signs(records).items():
        found[f"signs.{name}"] = Value(
            p_value(p), f"claim {name}, p of the sign test after Holm; unjudged"
        )
    for of, name in CONTROLS.items():
        found |= unjudged(
            f"others-{of}",
            ahead(records, of).interval,
            f"validation accuracy after {EPOCHS} epochs, BN less {name}, the rate of each seed "
            "chosen by the mean of the others",
        )
        for end, bound in zip(("least", "most"), bounds(records, of), strict=True):
            found[f"limit-{of}.{end}"] = Value(
                number(bound, 0),
                f"ratio of the rates at which BN and {name} stop learning, by the grid's steps",
            )
    return found
