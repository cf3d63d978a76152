"""Intervals for few seeds: arrays in, numbers out."""

import math
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

LEVEL = 0.95
# How the interval between two order statistics is made.
MEDIAN = "median, sign test"


@dataclass(frozen=True)
class Interval:
    """An interval: its ends, its point, from how many seeds, how it was made and at which level."""

    low: float
    point: float
    high: float
    n: int
    method: str
    level: float = LEVEL


def t_interval(values: ArrayLike, level: float = LEVEL) -> Interval:
    """The t interval of a mean.

    Args:
        values: one number a seed, shape (seeds,), at least two.
        level: how often it covers the true mean.

    Source: Student 1908; any textbook. With few seeds it covers at its level where a percentile
    bootstrap does not.
    """
    x = np.asarray(values, float)
    # The quantile of `scipy.stats.t`, which takes long to import and to call.
    quantile = scipy.special.stdtrit(len(x) - 1, 0.5 + level / 2)
    half = quantile * x.std(ddof=1) / math.sqrt(len(x))
    low, high = float(x.mean() - half), float(x.mean() + half)
    return Interval(low, float(x.mean()), high, len(x), "t", level)


@dataclass(frozen=True)
class MeanSquares:
    """The mean squares of numbers by seed and image, and how many images there are."""

    seeds: float
    images: float
    rest: float
    n_images: int


def mean_squares(cells: ArrayLike) -> MeanSquares:
    """The mean squares of a two-way table without replication.

    Args:
        cells: one number a seed and image, shape (seeds, images).
    """
    x = np.asarray(cells, float)
    n, m = x.shape
    of_seeds, of_images = m * x.mean(axis=1).var(ddof=1), n * x.mean(axis=0).var(ddof=1)
    total = float(((x - x.mean()) ** 2).sum())
    of_rest = max(total - (n - 1) * of_seeds - (m - 1) * of_images, 0.0)
    return MeanSquares(float(of_seeds), float(of_images), of_rest / ((n - 1) * (m - 1)), m)


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
    grand, rows = x.mean(), x.mean(axis=1)
    squares = mean_squares(x)
    ms_rows, ms_columns, ms_rest = squares.seeds, squares.images, squares.rest
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
    half = scipy.stats.t.ppf(0.5 + LEVEL / 2, freedom) * math.sqrt(parts / (n * m))
    # With fewer than seven seeds the added freedom can weigh more than the added variance.
    seeds = t_interval(rows)
    half = max(half, seeds.high - seeds.point)
    low, high = float(grand - half), float(grand + half)
    return Interval(low, float(grand), high, n, "seeds and images")


def median_interval(values: ArrayLike, level: float = LEVEL) -> Interval:
    """The interval of a median between two order statistics; infinite values may take part.

    Args:
        values: one number a seed, shape (seeds,).
        level: how often it covers the true median, or oftener.

    Source: inversion of the sign test; Conover, Practical Nonparametric Statistics, on quantiles.
    """
    x = np.sort(np.asarray(values, float))
    n = len(x)
    below = int(scipy.stats.binom.ppf((1 - level) / 2, n, 0.5))
    if scipy.stats.binom.cdf(below - 1, n, 0.5) > (1 - level) / 2:
        below -= 1
    low, high = (x[below - 1], x[n - below]) if below >= 1 else (-math.inf, math.inf)
    with np.errstate(invalid="ignore"):
        middle = float(np.median(x))
    # Half of the runs lost on either side: neither is ahead.
    point = 0.0 if math.isnan(middle) else middle
    return Interval(float(low), point, float(high), n, MEDIAN, level)
