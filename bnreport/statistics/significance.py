"""Exact p values for few seeds, and Holm's adjustment."""

import math
from collections.abc import Sequence

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray


def equivalence_p(values: Sequence[float], margin: float) -> float:
    """The p of two one-sided t tests: how well the runs refuse a mean outside ± margin.

    Source: Schuirmann 1987, J. Pharmacokinetics and Biopharmaceutics 15, the two one-sided tests
    procedure; it is below alpha where the (1 - 2 alpha) interval lies within the margin.
    """
    x = np.asarray(values, float)
    above = scipy.stats.ttest_1samp(x, -margin, alternative="greater").pvalue
    below = scipy.stats.ttest_1samp(x, margin, alternative="less").pvalue
    return float(max(above, below))


# All 2^n sign patterns are counted; above this many seeds that is too many.
MOST_SEEDS = 24


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
    # Patterns that tie with the observed one must count as ties despite rounding.
    edge = abs(d.sum()) - 1e-9 * np.abs(d).sum()
    # The sum of a pattern is one of the first half's and one of the other half's.
    half = len(d) // 2
    first, other = _sums(d[:half]), np.sort(_sums(d[half:]))
    reach = len(other) * len(first) - np.searchsorted(other, edge - first).sum()
    # With every pattern comes the opposite one, so that as many reach the edge below.
    return float(min(1.0, 2 * reach / 2 ** len(d)))


def _sums(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of the values under each pattern of signs, shape (2^values,)."""
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums + value, sums - value])
    return sums


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


def discovery_rates(p_values: Sequence[float]) -> list[float]:
    """P values adjusted so that the rate of false discoveries is held, in the order given.

    Source: Benjamini and Hochberg 1995, J. R. Statist. Soc. B 57, as adjusted p values.
    """
    n = len(p_values)
    adjusted = [1.0] * n
    lowest = 1.0
    for rank, i in enumerate(sorted(range(n), key=lambda i: p_values[i], reverse=True)):
        lowest = min(lowest, n / (n - rank) * p_values[i])
        adjusted[i] = lowest
    return adjusted


def z_scores(published: ArrayLike, runs: ArrayLike) -> NDArray[np.float64]:
    """The distance of published numbers from fresh runs, in standard deviations of one new run.

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
