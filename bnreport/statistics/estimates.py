"""Hold what claims are judged by: paired contrasts, fits of published numbers, exact identities."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from bnreport.statistics.intervals import (
    Interval,
    MeanSquares,
    crossed_interval,
    mean_squares,
    median_interval,
    t_interval,
)
from bnreport.statistics.significance import MOST_SEEDS, sign_flip_p, z_scores


@dataclass(frozen=True)
class Contrast:
    """The result of a paired comparison: the interval of its effect and its two-sided p.

    `values` are the differences, one a seed, and `squares` the mean squares where the interval
    covers images, too. With `diverged` or `censored` runs, counted in seeds, signs and the median
    judge.
    """

    interval: Interval
    p: float
    diverged: int = 0
    censored: int = 0
    values: tuple[float, ...] = ()
    squares: MeanSquares | None = None


@dataclass(frozen=True)
class Fit:
    """The fit of published numbers to a set of runs: the largest |z| and its rank p.

    `offset` is the number of epochs by which the runs were shifted for the best fit, and
    `rms` the root of the mean squared z at that offset. `oddities` are the largest |z| of the runs
    themselves, each among the others.
    """

    largest_z: float
    rms: float
    p: float
    n: int
    offset: int
    oddities: tuple[float, ...] = ()

    @property
    def as_far(self) -> int:
        """The number of runs that lie as far from the others as the published numbers do."""
        return round(self.p * (self.n + 1)) - 1


@dataclass(frozen=True)
class Exact:
    """The error of an identity: the largest over `checks` checks."""

    largest: float
    checks: int


# A contrast for each setting of a claim that speaks of several.
Settings: TypeAlias = Mapping[str, Contrast]
Estimate: TypeAlias = Contrast | Fit | Exact | Settings


def paired(
    differences: ArrayLike, diverged: int = 0, cells: ArrayLike | None = None, censored: int = 0
) -> Contrast:
    """The contrast of paired differences.

    Args:
        differences: one number a seed, shape (seeds,).
        diverged: how many seeds hold a diverged run; with any, signs and the median judge.
        cells: for accuracies, the differences by seed and image; the interval then covers both.
        censored: how many seeds hold a run that ended before what is measured came; its difference
            is infinite, or zero when both ended.

    Raises:
        ValueError: for NaN, and for an infinite difference when no run diverged or was censored.
    """
    d = np.asarray(differences, float)
    values = tuple(float(value) for value in d)
    if diverged or censored:
        if np.isnan(d).any():
            raise ValueError(f"Expected a sign of every difference. Received: {d.tolist()}.")
        signs = d[d != 0]
        p = scipy.stats.binomtest(int((signs > 0).sum()), len(signs)).pvalue if len(signs) else 1.0
        return Contrast(median_interval(d), float(p), diverged, censored, values)
    interval = t_interval(d) if cells is None else crossed_interval(cells)
    # The signs of more pairs cannot all be flipped; of so many the t test says the same.
    p = sign_flip_p(d) if len(d) <= MOST_SEEDS else float(scipy.stats.ttest_1samp(d, 0.0).pvalue)
    squares = None if cells is None else mean_squares(cells)
    return Contrast(interval, p, values=values, squares=squares)


def log_ratio(over: ArrayLike, under: ArrayLike, diverged: int = 0) -> Contrast:
    """The contrast of the natural logarithms of two positive quantities, paired by seed.

    An infinite quantity is one that a run did not reach: it is censored.

    Args:
        over: the quantity that the claim predicts to be larger, shape (seeds,).
        under: the other one, shape (seeds,).
        diverged: how many seeds hold a diverged run.
    """
    a, b = np.asarray(over, float), np.asarray(under, float)
    both = np.isinf(a) & np.isinf(b)
    with np.errstate(invalid="ignore"):
        differences = np.where(both, 0.0, np.log(a) - np.log(b))
    return paired(differences, diverged, censored=int((np.isinf(a) | np.isinf(b)).sum()))


def fit_of(published: ArrayLike, runs: ArrayLike, offset: int = 0) -> Fit:
    """Compare the published numbers with one more run.

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
    largest = float(np.abs(z).max())
    own = oddities(x)
    p = (1 + int((own >= largest).sum())) / (len(x) + 1)
    rms = float(np.sqrt(np.mean(z**2)))
    return Fit(largest, rms, float(p), len(x), offset, tuple(own.tolist()))


def oddities(runs: ArrayLike) -> NDArray[np.float64]:
    """The largest |z| of each run among the others, (seeds,); `runs` is (seeds, values)."""
    x = np.asarray(runs, float)
    others = (np.delete(x, i, axis=0) for i in range(len(x)))
    return np.array([np.abs(z_scores(*pair)).max() for pair in zip(x, others, strict=True)])
