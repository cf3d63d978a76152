"""Intervals and tests for few seeds: arrays in, numbers out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

LEVEL = 0.95
# All 2^n sign patterns are counted; above this many seeds that is too many.
MOST_SEEDS = 24


@dataclass(frozen=True)
class Interval:
    """A 95% interval: its ends, its point, how it was made and from how many seeds."""

    low: float
    point: float
    high: float
    n: int
    method: str


def t_interval(values: ArrayLike) -> Interval:
    """The t interval of a mean.

    Args:
        values: one number a seed, shape (seeds,), at least two.

    Source: Student 1908; any textbook. With few seeds it covers at its level where a percentile
    bootstrap does not.
    """
    x = np.asarray(values, float)
    half = stats.t.ppf(0.5 + LEVEL / 2, len(x) - 1) * x.std(ddof=1) / math.sqrt(len(x))
    return Interval(float(x.mean() - half), float(x.mean()), float(x.mean() + half), len(x), "t")


def crossed_interval(cells: ArrayLike) -> Interval:
    """The interval of a mean over seeds and images when both are samples.

    Every seed scores the same images, so the two sources of chance cross: the variance of the
    grand mean is that of the seed means plus that of the image means, less what both count twice.
    The degrees of freedom are Satterthwaite's.

    Args:
        cells: one number a seed and image, shape (seeds, images); for accuracy the difference of
            two 0/1 marks.

    Returns:
        The interval, in the unit of the cells, with n = seeds.

    Source: the moment estimator of the two-way random-effects model without replication
    (mean squares of rows, columns and residual). The tests compare it with a bootstrap that
    resamples seeds and images.
    """
    x = np.asarray(cells, float)
    n, m = x.shape
    grand = x.mean()
    rows, columns = x.mean(axis=1), x.mean(axis=0)
    ms_rows = m * rows.var(ddof=1)
    ms_columns = n * columns.var(ddof=1)
    total = float(((x - grand) ** 2).sum())
    ss_rest = max(total - (n - 1) * ms_rows - (m - 1) * ms_columns, 0.0)
    ms_rest = ss_rest / ((n - 1) * (m - 1))
    # Never narrower than the seeds alone: a negative component of variance is chance.
    parts = max(ms_rows + max(ms_columns - ms_rest, 0.0), 0.0)
    if parts == 0.0:
        return Interval(float(grand), float(grand), float(grand), n, "seeds and images")
    freedom = parts**2 / (
        ms_rows**2 / (n - 1)
        + ms_columns**2 / (m - 1)
        + (ms_rest**2 / ((n - 1) * (m - 1)) if ms_columns > ms_rest else 0.0)
    )
    # The subtracted square can push the approximation below what the seeds alone have.
    freedom = max(freedom, n - 1.0)
    half = stats.t.ppf(0.5 + LEVEL / 2, freedom) * math.sqrt(parts / (n * m))
    # With fewer than seven seeds the added freedom can weigh more than the added variance.
    seeds = t_interval(rows)
    half = max(half, seeds.high - seeds.point)
    low, high = float(grand - half), float(grand + half)
    return Interval(low, float(grand), high, n, "seeds and images")


def image_error(cells: ArrayLike) -> float:
    """The standard error of a mean over seeds and images that the choice of images brings.

    Args:
        cells: one number a seed and image, shape (seeds, images).
    """
    means = np.asarray(cells, float).mean(axis=0)
    return float(means.std(ddof=1) / math.sqrt(len(means)))


def sign_flip_p(differences: ArrayLike) -> float:
    """The exact two-sided p of a paired mean difference under flips of every sign.

    Args:
        differences: one number a seed, shape (seeds,), at most 24 seeds.

    Raises:
        ValueError: for more seeds, whose sign patterns cannot all be counted, or for a difference
            that is not finite.

    Source: Fisher's randomization test for paired differences, all 2^n patterns.
    """
    d = np.asarray(differences, float)
    if len(d) > MOST_SEEDS:
        raise ValueError(f"Expected at most {MOST_SEEDS} seeds. Received: {len(d)}.")
    if not np.isfinite(d).all():
        raise ValueError(f"Expected finite differences. Received: {d.tolist()}.")
    sums = np.zeros(1)
    for value in d:
        sums = np.concatenate([sums + value, sums - value])
    # Patterns that tie with the observed one must count as ties despite rounding.
    edge = abs(d.sum()) - 1e-9 * np.abs(d).sum()
    return float(np.mean(np.abs(sums) >= edge))


def median_interval(values: ArrayLike) -> Interval:
    """The interval of a median between two order statistics; infinite values may take part.

    Args:
        values: one number a seed, shape (seeds,).

    Source: inversion of the sign test; Conover, Practical Nonparametric Statistics, on quantiles.
    """
    x = np.sort(np.asarray(values, float))
    n = len(x)
    below = int(stats.binom.ppf((1 - LEVEL) / 2, n, 0.5))
    if stats.binom.cdf(below - 1, n, 0.5) > (1 - LEVEL) / 2:
        below -= 1
    low, high = (x[below - 1], x[n - below]) if below >= 1 else (-math.inf, math.inf)
    with np.errstate(invalid="ignore"):
        middle = float(np.median(x))
    # Half of the runs lost on either side: neither is ahead.
    point = 0.0 if math.isnan(middle) else middle
    return Interval(float(low), point, float(high), n, "median, sign test")


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p values, in the order given.

    Source: Holm 1979, the sequentially rejective procedure, as adjusted p values.
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = highest
    return adjusted


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
    """How far the (1 - 2 alpha) interval of two one-sided t tests reaches to either side.

    Args:
        values: one difference a seed, shape (seeds,), at least two.
        alpha: the level of each test.

    Source: Schuirmann 1987; the tests refuse a mean outside a margin where this interval lies
    within it.
    """
    x = np.asarray(values, float)
    return float(stats.t.ppf(1 - alpha, len(x) - 1) * x.std(ddof=1) / math.sqrt(len(x)))


def z_scores(published: ArrayLike, runs: ArrayLike) -> NDArray[np.float64]:
    """How far published numbers lie from fresh runs, in standard deviations of one new run.

    Args:
        published: shape (values,).
        runs: shape (seeds, values).

    Returns:
        (published - mean) / (sd * sqrt(1 + 1/n)), shape (values,).
    """
    x = np.asarray(runs, float)
    spread = x.std(axis=0, ddof=1) * math.sqrt(1 + 1 / len(x))
    distance = np.asarray(published, float) - x.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        scores: NDArray[np.float64] = np.where(distance == 0, 0.0, distance / spread)
    return scores
