"""Least squares by gradient descent, plain (GD) and batch-normalized (BNGD), at many rates."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnreport.protocol.measurements import ToyTrial
from bnreport.randomness import generator

Floats: TypeAlias = NDArray[np.float64]

# Beyond these a loss is as good as zero, or lost; the logarithm stays finite.
LOWEST, HIGHEST = -16.0, 6.0


@dataclass(frozen=True)
class Problem:
    """The loss (w - optimum)' H (w - optimum) / 2 of weights w, and where they start.

    It is the expected squared error of w'x for inputs x of mean 0 and covariance H, less its least
    value. `hessian` is (dimensions, dimensions), `optimum` and `start` are (dimensions,).
    """

    hessian: Floats
    optimum: Floats
    start: Floats

    def excess(self, weights: Floats) -> Floats:
        """The loss above its least value, (rates,), of weights (rates, dimensions)."""
        away = weights - self.optimum
        excess: Floats = 0.5 * np.sum(away @ self.hessian * away, axis=1)
        return excess


def draw(trial: ToyTrial, seed: int) -> Problem:
    """The seed's problem: eigenvalues from 1 down to 1 / condition, evenly in their logarithm.

    Their directions are a random orthogonal basis; optimum and start are normal.
    """
    rng = generator(seed, "least squares")
    basis, _ = np.linalg.qr(rng.standard_normal((trial.dimensions, trial.dimensions)))
    values = np.geomspace(1.0, 1.0 / trial.condition, trial.dimensions)
    optimum, start = rng.standard_normal((2, trial.dimensions))
    return Problem((basis * values) @ basis.T, optimum, start)


def descend(problem: Problem, rates: Floats, steps: int) -> Floats:
    """The weights that plain gradient descent ends at, (rates, dimensions).

    One step is w - rate (H w - g), with g = H optimum. It converges below a rate of 2 over the
    largest eigenvalue. Source: Cai, Li and Shen 2019 (arXiv 1810.00122), GD for least squares.
    """
    weights = np.tile(problem.start, (len(rates), 1))
    for _ in range(steps):
        weights = weights - rates[:, None] * ((weights - problem.optimum) @ problem.hessian)
    return weights


def descend_normalized(problem: Problem, rates: Floats, steps: int) -> Floats:
    """The weights a w / s that gradient descent by w and a ends at, (rates, dimensions).

    The inputs' product with w is divided by its standard deviation s = sqrt(w' H w) and multiplied
    by a. One step takes both gradients of the loss of a w / s at once:

        a + (w'g / s - a)    and    w + rate (a / s) (g - (w'g / s^2) H w).

    The rate of a is 1, the rates are those of w. At the start a = s, so that both ways to descend
    start as the same function. Source: Cai, Li and Shen 2019 (arXiv 1810.00122), BNGD for least
    squares; the start of a is ours.
    """
    g = problem.hessian @ problem.optimum
    weights = np.tile(problem.start, (len(rates), 1))
    scale = _deviation(problem, weights)
    for _ in range(steps):
        deviation = _deviation(problem, weights)
        along = weights @ g / deviation
        slope = g - (along / deviation)[:, None] * (weights @ problem.hessian)
        scale, weights = along, weights + (rates * scale / deviation)[:, None] * slope
    return (scale / _deviation(problem, weights))[:, None] * weights


def _deviation(problem: Problem, weights: Floats) -> Floats:
    deviation: Floats = np.sqrt(np.sum(weights @ problem.hessian * weights, axis=1))
    return deviation


def solve(trial: ToyTrial, seed: int) -> dict[str, list[float]]:
    """The excess loss that is left, as a decimal logarithm, by rate; "gd" and "bngd".

    It is relative to the start, between LOWEST and HIGHEST; a descent that overflowed is at
    HIGHEST.
    """
    problem, rates = draw(trial, seed), np.array(trial.rates)
    first = problem.excess(problem.start[None])
    found = {}
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for name, way in (("gd", descend), ("bngd", descend_normalized)):
            left = np.log10(problem.excess(way(problem, rates, trial.steps)) / first)
            finite = np.clip(np.nan_to_num(left, nan=HIGHEST), LOWEST, HIGHEST)
            found[name] = np.round(finite, 6).tolist()
    return found
