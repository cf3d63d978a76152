"""MNIST-1D: signals of 40 values, made by its published recipe.

Source: Greydanus 2020, "Scaling down deep learning" (arXiv 2011.14439), and the recipe as it is
published at github.com/greydanus/mnist1d (`data.py`, `transform.py`), with its constants. Written
anew here; the numbers are drawn in its order, from the same generator at the same seed, so that
these are its 5,000 signals.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

Signal = NDArray[np.float64]

SEED = 42
SIGNALS, TRAINED = 5_000, 4_000
LENGTH = 40
# Zeros that are put after a pattern: at least, and at most.
PADDING = (36, 60)
# The spread of the sizes, the slope across a signal, and by how many places it is moved at most.
SIZES, SLOPE, MOVED = 0.4, 0.75, 48
# Noise where no pattern is, which is then smoothed over two places, and noise everywhere.
BACKGROUND, SMOOTH, EVERYWHERE = 0.25, 2.0, 0.02
# Tells the zeros of a pattern from those around it.
TINY = 1e-8
# What a signal is rounded to, so that rounding errors of a processor leave its digest alone.
DECIMALS = 4

# A pattern of twelve values for each digit, as published.
PATTERNS = (
    (5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5),
    (5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5),
    (5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5),
    (5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5),
    (5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5),
    (5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5),
    (5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5),
    (5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5),
    (5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5),
    (5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5),
)


def templates() -> Signal:
    """The patterns, (10, 12): each of variance 1/36, moved so that it begins and ends at 0."""
    x = np.array(PATTERNS)
    x = (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)
    return np.asarray((x - x[:, :1]) / 6.0)


@lru_cache(maxsize=1)
def signals() -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """All signals, (5000, 40), and their labels, (5000,), in the published order.

    They have mean 0 and standard deviation 1 over all values of all signals. The first 4,000 are
    the published training signals.
    """
    # The published generator. NumPy keeps its numbers as they are.
    draw = np.random.RandomState(SEED)
    labels = np.repeat(np.arange(10), SIGNALS // 10)
    signals = np.stack([_signal(pattern, draw) for pattern in templates()[labels]])
    order = draw.permutation(SIGNALS)
    x = signals[order]
    x = np.round((x - x.mean()) / x.std(), DECIMALS)
    return x.astype(np.float32), labels[order].astype(np.int32)


def _signal(pattern: Signal, draw: np.random.RandomState) -> Signal:
    """A pattern stretched, sized and moved by chance, in noise, on a slope, at `LENGTH` places."""
    low, high = PADDING
    zeros = low + int(draw.rand() * (high - low + 1))
    padded = np.concatenate([pattern + TINY, np.zeros(zeros)])
    x = _resampled(padded, len(pattern) + high)
    x = x * (1.0 + SIZES * (draw.rand() - 0.5))
    # By 0 places the published code moves nothing, either.
    x = np.roll(x, draw.choice(MOVED))
    background = gaussian_filter1d(BACKGROUND * draw.randn(len(x)), SMOOTH)
    x = np.where(x != 0.0, x, background)
    x = x + EVERYWHERE * draw.randn(len(x))
    x = x - SLOPE * (draw.rand() - 0.5) * np.linspace(-0.5, 0.5, len(x))
    return _resampled(x, LENGTH)


def _resampled(x: Signal, places: int) -> Signal:
    """The signal at so many places, evenly from its first to its last, by straight lines."""
    return np.interp(np.linspace(0, 1, places), np.linspace(0, 1, len(x)), x)
