"""Small and split batches: how noisy their statistics are, and what splitting a batch changes."""

from collections.abc import Callable
from functools import cache
from itertools import count

import numpy as np
from numpy.typing import NDArray

from bnreport.lessons import room
from bnreport.presentation.formats import number
from bnreport.presentation.plots import Dots, Row
from bnreport.presentation.tables import Analysis, Table, Value
from bnreport.randomness import generator
from bnreport.reference import backward, forward

Floats = NDArray[np.float64]

SIZES = (2, 4, 8, 16, 32, 128, 512)
# So many drawn batches a size stand behind the table and the figure; it shows them in so many dots.
DRAWN, SHOWN = 4000, 40

# The batch that is cut into micro-batches, the net that it goes through, and how many are averaged.
EXAMPLES, INPUTS, UNITS, BATCHES = 32, 6, 4, 20
CUTS = (16, 8, 4, 2)

# A pixel correlates with another of its image so much, for the example of the text.
ALIKE, PIXELS = 0.1, 14 * 14

# Two devices, and their two examples each.
DEVICES: Floats = np.array([[0, 1], [10, 11]], np.float64)


def mean_error(n: int) -> float:
    """The error of the mean of n normal draws, in standard deviations of a draw."""
    return float(1 / np.sqrt(n))


def variance_error(n: int) -> float:
    """The scatter of the variance of n normal draws around its mean, as a share of that mean."""
    return float(np.sqrt(2 / (n - 1)))


def numbers_for(error: float) -> int:
    """The least count of normal draws whose variance scatters by no more than a share."""
    return next(n for n in count(2) if variance_error(n) <= error)


def worth(n: int, correlation: float) -> float:
    """The number of independent numbers whose mean is as uncertain as that of n correlated ones."""
    return n / (1 + (n - 1) * correlation)


@cache
def drawn_variances(n: int) -> Floats:
    """The variances of batches of n draws from a normal distribution of variance 1, (DRAWN,)."""
    variances: Floats = generator(0, f"batches of {n}").normal(size=(DRAWN, n)).var(axis=1)
    return variances


def spread_out(values: Floats) -> Floats:
    """The middle of each of `SHOWN` equal parts of the sorted values, (SHOWN,).

    A sample of so few would scatter by itself: the medians of forty batches do not rise with the
    size of the batch, those of all do.
    """
    middles: Floats = np.quantile(values, (np.arange(SHOWN) + 0.5) / SHOWN)
    return middles


def gradient(kernel: Floats, x: Floats, target: Floats, layer: str) -> Floats:
    """The gradient of a squared error by the kernel: dense, normalizer, tanh, sum of the units.

    Args:
        kernel: (INPUTS, UNITS).
        x: a batch, (examples, INPUTS).
        target: (examples,).
        layer: "batch", "layer" or "none", the normalizer, with Keras' epsilon.
    """
    before = _turned(x @ kernel, layer)
    ones = np.ones(before.shape[1])
    normalized = forward(before, ones, 0 * ones) if layer != "none" else None
    after = np.tanh(_turned(normalized.output if normalized else before, layer))
    error = after.sum(axis=1) - target
    by_after = 2 / len(x) * error[:, None] * (1 - after**2)
    by_before = backward(_turned(by_after, layer), normalized).x if normalized else by_after
    by_kernel: Floats = x.T @ _turned(by_before, layer)
    return by_kernel


def _turned(values: Floats, layer: str) -> Floats:
    """The matrix whose columns are normalized: layer normalization takes the rows."""
    return values.T if layer == "layer" else values


def accumulated(kernel: Floats, x: Floats, target: Floats, layer: str, size: int) -> Floats:
    """The mean of the gradients of micro-batches of a size."""
    parts = range(0, len(x), size)
    mean: Floats = np.mean(
        [gradient(kernel, x[i : i + size], target[i : i + size], layer) for i in parts], axis=0
    )
    return mean


@cache
def difference(layer: str, size: int) -> tuple[float, float]:
    """The distance of the accumulated gradient from the whole batch's, the median over batches.

    Returns:
        The length of the difference as a share of the gradient, and the angle in degrees.
    """
    differences = []
    for seed in range(BATCHES):
        draw = generator(seed, "micro-batches")
        x, target = draw.normal(size=(EXAMPLES, INPUTS)), draw.normal(size=EXAMPLES)
        kernel = draw.normal(size=(INPUTS, UNITS)) / np.sqrt(INPUTS)
        whole = gradient(kernel, x, target, layer)
        parts = accumulated(kernel, x, target, layer, size)
        lengths = float(np.linalg.norm(whole)), float(np.linalg.norm(parts))
        cosine = np.clip((whole * parts).sum() / (lengths[0] * lengths[1]), -1, 1)
        differences.append(
            (np.linalg.norm(parts - whole) / lengths[0], np.degrees(np.arccos(cosine)))
        )
    share, angle = np.median(differences, axis=0)
    return float(share), float(angle)


def _percent(share: float) -> str:
    """A share in percent; what is left of rounding is zero."""
    return "0%" if share < 1e-9 else f"{number(100 * share, 0 if share >= 0.1 else 1)}%"


def _noise() -> Table:
    rows = []
    for n in SIZES:
        drawn = drawn_variances(n)
        far = float(((drawn < 0.25) | (drawn > 4)).mean())
        rows.append(
            (
                f"{n}",
                _percent(mean_error(n)),
                _percent((n - 1) / n),
                _percent(variance_error(n)),
                _percent(float(drawn.std() / drawn.mean())),
                _percent(far),
            )
        )
    head = (
        "numbers in the pool",
        "mean off by",
        "variance, on average",
        "variance off by",
        "in drawn batches",
        "twofold off",
    )
    return Table(
        "Statistics of a batch of normal draws",
        head,
        tuple(rows),
        "Mean: its standard error, in standard deviations of a draw. Variance: that of the batch, "
        "which divides by N, as a share of the true one; its standard error as a share of its own "
        f"average, by the formula and over {DRAWN:,} drawn batches. Twofold off counts drawn "
        "batches whose standard deviation is less than half or more than twice the true one.",
    )


def _spread() -> Dots:
    rows = []
    for n in SIZES:
        values = spread_out(drawn_variances(n))
        rows.append(
            Row(
                f"{n} numbers",
                "bn",
                values,
                float(values.min()),
                float(np.median(drawn_variances(n))),
                float(values.max()),
            )
        )
    return Dots(
        "The smaller the batch, the less its variance says",
        f"Each mark stands for {DRAWN // SHOWN} of {DRAWN:,} batches of normal draws, from the "
        "lowest variance to the highest. The line is the true variance, the bar the median",
        "variance of the batch",
        tuple(rows),
        from_zero=True,
        decimals=2,
        centre="median",
        nothing=1.0,
    )


def _accumulation() -> Table:
    rows = tuple(
        (
            f"{EXAMPLES // size} of {size}",
            _percent(difference("batch", size)[0]),
            f"{number(difference('batch', size)[1], 0)}°",
            _percent(difference("layer", size)[0]),
            _percent(difference("none", size)[0]),
        )
        for size in CUTS
    )
    head = ("micro-batches", "BatchNorm, off by", "angle", "LayerNorm", "no normalizer")
    return Table(
        f"The gradient of {EXAMPLES} examples, accumulated over micro-batches",
        head,
        rows,
        "Off by: the length of the difference to the gradient of the whole batch, as a share of "
        f"that gradient's length; medians of {BATCHES} random batches and kernels.",
    )


def _values() -> dict[str, Value]:
    origin = "worked by this page's code"
    each = DEVICES.var(axis=1)
    texts: dict[str, Callable[[], str]] = {
        "tenth": lambda: f"{numbers_for(0.1)}",
        "two": lambda: _percent(variance_error(2)),
        "thirty-two": lambda: _percent(variance_error(32)),
        "worth": lambda: number(worth(PIXELS, ALIKE), 1),
        "pixels": lambda: f"{PIXELS}",
        "alike": lambda: f"{ALIKE:g}",
        "first": lambda: " and ".join(f"{v:g}" for v in DEVICES[0]),
        "second": lambda: " and ".join(f"{v:g}" for v in DEVICES[1]),
        "each": lambda: f"{each.mean():g}",
        "between": lambda: f"{DEVICES.mean(axis=1).var():g}",
        "all": lambda: f"{DEVICES.var():g}",
        "mean": lambda: f"{DEVICES.mean():g}",
        "first-mean": lambda: f"{DEVICES[0].mean():g}",
        "cut": lambda: _percent(difference("batch", 4)[0]),
    }
    worked = {name: text() for name, text in texts.items()}
    worked |= {f"room.{name}": text for name, text in room.counted().items()}
    return {name: Value(text, origin) for name, text in worked.items()}


def analyse() -> Analysis:
    """Work the numbers, tables and pictures of the page."""
    return Analysis(
        values=_values(),
        tables={"noise": _noise(), "accumulation": _accumulation()},
        plots={"spread": _spread()},
        pictures={"room": room.drawing()},
    )
