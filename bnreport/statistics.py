"""Intervals and tests for few seeds: arrays in, numbers out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

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


@dataclass(frozen=True)
class Contrast:
    """What a paired comparison says: the interval of its effect and its two-sided p."""

    interval: Interval
    p: float
    diverged: int = 0


@dataclass(frozen=True)
class Fit:
    """How well published numbers fit a set of runs: the largest |z| and its rank p.

    `offset` is the number of epochs by which the runs were shifted for the best fit, and
    `rms` the root of the mean squared z at that offset.
    """

    largest_z: float
    rms: float
    p: float
    n: int
    offset: int


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
    return Interval(float(low), float(np.median(x)), float(high), n, "median, sign test")


def paired(differences: ArrayLike, diverged: int = 0, cells: ArrayLike | None = None) -> Contrast:
    """The contrast of paired differences.

    Args:
        differences: one number a seed, shape (seeds,).
        diverged: how many seeds hold a diverged run; with any, signs and the median judge.
        cells: for accuracies, the differences by seed and image; the interval then covers both.

    Raises:
        ValueError: for NaN, and for an infinite difference when no run diverged.
    """
    d = np.asarray(differences, float)
    if diverged:
        if np.isnan(d).any():
            raise ValueError(f"Expected a sign of every difference. Received: {d.tolist()}.")
        signs = d[d != 0]
        p = stats.binomtest(int((signs > 0).sum()), len(signs)).pvalue if len(signs) else 1.0
        return Contrast(median_interval(d), float(p), diverged)
    interval = t_interval(d) if cells is None else crossed_interval(cells)
    return Contrast(interval, sign_flip_p(d))


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


def fit_of(published: ArrayLike, runs: ArrayLike, offset: int = 0) -> Fit:
    """How well the published numbers pass for one more run.

    The statistic is the largest |z|. Each fresh run, left out in turn and compared with the
    others, shows how large it gets by chance; p is the rank of the published one among them.
    Epochs of a run correlate, and the rank does not mind.

    Args:
        published: shape (values,).
        runs: shape (seeds, values).
        offset: kept in the result.

    Raises:
        ValueError: when a run diverged: it has no distance, and it may not be dropped. Also when
            a published value is not finite.
    """
    x = np.asarray(runs, float)
    if not np.isfinite(np.asarray(published, float)).all():
        raise ValueError(f"Expected finite published values. Received: {published!r}.")
    if not np.isfinite(x).all():
        raise ValueError("Expected finite values of every run. Received: a run that diverged.")
    z = z_scores(published, x)
    own = [np.abs(z_scores(x[i], np.delete(x, i, axis=0))).max() for i in range(len(x))]
    largest = float(np.abs(z).max())
    p = (1 + sum(value >= largest for value in own)) / (len(x) + 1)
    return Fit(largest, float(np.sqrt(np.mean(z**2))), float(p), len(x), offset)
