"""The balance of steps and weight decay: the length of scale-invariant weights, and their turn."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# A unit whose gradient has length 1 where its weights have length 1, step after step.
SLOPE, START = 1.0, 1.0


def lengths(rate: float, decay: float, steps: int, slope: float = SLOPE) -> Floats:
    """The length of the weights before each step and after the last, (steps + 1,).

    The gradient of length `slope` / length is at right angles to the weights, which shrink by
    `rate` times `decay` first.
    """
    squared = [START**2]
    for _ in range(steps):
        squared.append((1 - rate * decay) ** 2 * squared[-1] + rate**2 * slope**2 / squared[-1])
    return np.sqrt(squared)


def settled(rate: float, decay: float, slope: float = SLOPE) -> float:
    """The length at which the recursion stays."""
    return float((rate**2 * slope**2 / (1 - (1 - rate * decay) ** 2)) ** 0.25)


def turns(length: Floats | float, rate: float, slope: float = SLOPE) -> Floats:
    """The angle by which a step turns weights of that length, in degrees."""
    return np.degrees(np.arctan(rate * slope / np.square(length)))
