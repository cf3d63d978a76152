"""Compute what so many seeds can tell apart."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, stats

from bnreport.statistics.intervals import LEVEL


def detectable(values: ArrayLike, alpha: float, power: float = 0.8) -> float:
    """The mean difference that a two-sided paired t test of as many seeds finds with that power.

    Args:
        values: one difference a seed, shape (seeds,); their spread is taken for the true one.
        alpha: the level of the test, after any adjustment.
        power: how often the test finds it.

    Source: the noncentral t distribution; Cohen 1988, Statistical Power Analysis, chapter 2.
    """
    x = np.asarray(values, float)
    n, spread = len(x), float(x.std(ddof=1))
    critical = stats.t.ppf(1 - alpha / 2, n - 1)

    def lacking(effect: float) -> float:
        # The other tail finds it the wrong way round, all but never.
        return float(stats.nct.sf(critical, n - 1, effect * math.sqrt(n)) - power)

    # An effect that lies five standard errors beyond the critical one is found all but surely.
    return spread * float(optimize.brentq(lacking, 0.0, (critical + 5) / math.sqrt(n)))


def tost_reach(values: ArrayLike, alpha: float = 1 - LEVEL) -> float:
    """The reach of the (1 - 2 alpha) interval of two one-sided t tests to either side.

    Args:
        values: one difference a seed, shape (seeds,), at least two.
        alpha: the level of each test.

    Source: Schuirmann 1987; the tests refuse a mean outside a margin where this interval lies
    within it.
    """
    x = np.asarray(values, float)
    return float(stats.t.ppf(1 - alpha, len(x) - 1) * x.std(ddof=1) / math.sqrt(len(x)))
