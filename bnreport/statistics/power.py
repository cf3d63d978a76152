"""Compute what so many seeds can tell apart."""

import math

import numpy as np
import scipy
from numpy.typing import ArrayLike
from scipy import special

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
    critical = scipy.stats.t.ppf(1 - alpha / 2, n - 1)

    def lacking(effect: float) -> float:
        # The other tail finds it the wrong way round, all but never.
        return float(scipy.stats.nct.sf(critical, n - 1, effect * math.sqrt(n)) - power)

    # An effect that lies five standard errors beyond the critical one is found all but surely.
    return spread * float(scipy.optimize.brentq(lacking, 0.0, (critical + 5) / math.sqrt(n)))


def tost_reach(values: ArrayLike, alpha: float = 1 - LEVEL) -> float:
    """The reach of the (1 - 2 alpha) interval of two one-sided t tests to either side.

    Args:
        values: one difference a seed, shape (seeds,), at least two.
        alpha: the level of each test.

    Source: Schuirmann 1987; the tests refuse a mean outside a margin where this interval lies
    within it.
    """
    x = np.asarray(values, float)
    return float(special.stdtrit(len(x) - 1, 1 - alpha) * x.std(ddof=1) / math.sqrt(len(x)))


# How many pairs a claim may be judged by; more would cost more than the answer is worth.
SIZES = (12, 24, 48)
# How often the true spread is to lie below the limit that a pilot sets it.
ASSURANCE = 0.8


def spread_limit(values: ArrayLike, assurance: float = ASSURANCE) -> float:
    """The upper limit of a standard deviation: the true one lies below it that often.

    Args:
        values: one difference a seed, shape (seeds,), at least two, of a pilot say.
        assurance: how often it does; for ten seeds and 80% the limit is 1.29 times their own.

    Source: the chi-squared interval of a variance; Browne 1995 on the size of pilots (Statistics
    in Medicine 14, 1933).
    """
    x = np.asarray(values, float)
    freedom = len(x) - 1
    return float(x.std(ddof=1) * math.sqrt(freedom / scipy.stats.chi2.ppf(1 - assurance, freedom)))


def pairs_needed(spread: float, margin: float, claims: int = 1, power: float = 0.8) -> int | None:
    """The least of `SIZES` at which a difference as large as the margin is told from none.

    Args:
        spread: the standard deviation of the paired differences, its upper limit after a pilot.
        margin: the difference, in the same unit.
        claims: how many claims share the level of 5%.
        power: how often it is told.

    Returns:
        The number of pairs; None where even the largest does not do.

    Source: (t(1 - .05 / 2K; n - 1) + t(power; n - 1)) s / sqrt(n) <= margin; Cohen 1988, chapter 2,
    with t for the normal distribution.
    """
    for n in SIZES:
        reach = scipy.stats.t.ppf(1 - 0.05 / (2 * claims), n - 1) + scipy.stats.t.ppf(power, n - 1)
        if reach * spread / math.sqrt(n) <= margin:
            return n
    return None
