"""What each claim is judged by, computed from the records."""

from collections.abc import Callable, Mapping

import numpy as np

from bnreport.estimates import Contrast, Estimate, paired
from bnreport.samples import CHANCE, Floats, accuracy, checked, gain, lost, marks
from bnreport.studies.dropout.claims import BY_SHARE
from bnreport.studies.dropout.runs import ANEW, EPOCHS, MOVING, SECOND, SHARES, between, last
from bnreport.study import Records


def met(records: Records, name: str) -> Floats:
    """The variance that each BN meets in inference over the one it assumes, (seeds, layers).

    A run that diverged counts as no shift.
    """
    return checked(records.trial(name), "shift_ratio", 1.0)[:, -1]


def shift(records: Records, name: str) -> Contrast:
    """The logarithm of how many times BN assumes the variance that the second block meets."""
    return paired(-np.log(met(records, name)[:, SECOND]), lost(records.trial(name)))


def repaired(records: Records, name: str) -> Contrast:
    """By how many percentage points statistics taken anew are better than moving averages."""
    found = records.trial(name)
    anew, moving = (checked(found, f"{c.name}_accuracy", CHANCE)[:, -1] for c in (ANEW, MOVING))
    return paired(100 * (anew - moving), lost(found))


def interaction(records: Records, control: str) -> Contrast:
    """By how many percentage points dropout of 0.5 costs BN more than the control.

    The interval covers seeds and images; with diverged runs, counted at chance, signs judge.
    """
    names = ("bn", between(0.5), control, f"{control}-dropout-0.5")
    arms = [records.trial(name) for name in names]
    if diverged := lost(*arms):
        bn, mixed, plain, dropped = (accuracy(found, "test", EPOCHS) for found in arms)
        return paired(100 * ((bn - mixed) - (plain - dropped)), diverged)
    bn, mixed, plain, dropped = (marks(found, "test", EPOCHS) for found in arms)
    cells = 100 * ((bn - mixed) - (plain - dropped))
    return paired(cells.mean(axis=1), cells=cells)


def _by_share(
    estimate: Callable[[Records, float], Contrast],
) -> Callable[[Records], Mapping[str, Contrast]]:
    return lambda records: {
        setting: estimate(records, share) for setting, share in zip(BY_SHARE, SHARES, strict=True)
    }


def _gain(records: Records, treated: str, control: str) -> Contrast:
    return gain(records.trial(treated), records.trial(control), EPOCHS)


ESTIMATES: Mapping[str, Callable[[Records], Estimate]] = {
    "dropout-shift-between": _by_share(lambda records, p: shift(records, between(p))),
    "dropout-shift-last": _by_share(lambda records, p: shift(records, last(p))),
    "dropout-anew": _by_share(lambda records, p: repaired(records, between(p))),
    "dropout-place": _by_share(lambda records, p: _gain(records, last(p), between(p))),
    "dropout-cost": _by_share(lambda records, p: _gain(records, "bn", between(p))),
    "dropout-last": _by_share(lambda records, p: _gain(records, last(p), "bn")),
    "dropout-more-raw": lambda records: interaction(records, "raw"),
    "dropout-more-std": lambda records: interaction(records, "std"),
}
