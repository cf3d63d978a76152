"""Moving averages that chase a mean: the training that the piece `averages` shows, and why it lags.

One feature, normal and of fixed spread, is seen batch by batch while the weights below it move its
mean. The draws come from integers alone, so that a browser draws the same.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bnreport.presentation.formats import number
from bnreport.reference import MOMENTUM, Floats, Trained, inference, moved

# A feature whose batches have this mean and this standard deviation, as the example has it; the
# images of a batch, and the notebook's training images.
MEAN, DEVIATION, SIZE, IMAGES = 5.0, 0.5, 512, 55_000
# Images from which statistics are taken anew.
FRESH = 4096

# A number, or many.
Value = TypeVar("Value", float, Floats)


@dataclass(frozen=True)
class Settings:
    """The settings of a training.

    Attributes:
        momentum: the weight of what was, as Keras has it.
        size: the images of a batch.
        speed: how far a batch's step moves the feature's mean, in deviations of the feature.
        falling: whether that falls to zero, straight, as a learning rate may.
        epochs: passes over the images.
        anew: the number of batches after which averages are taken anew; -1 for never.
        seed: of the draws.
    """

    momentum: float = MOMENTUM
    size: int = SIZE
    speed: float = 0.0
    falling: bool = False
    epochs: int = 1
    anew: int = -1
    seed: int = 1

    @property
    def steps(self) -> int:
        """The number of batches."""
        return self.epochs * math.ceil(IMAGES / self.size)


@dataclass(frozen=True)
class Point:
    """The averages after a batch, and why they differ from the truth.

    Attributes:
        truth: the feature's mean under the weights of now.
        mean: the average of means.
        variance: the average of variances.
        start: the part of `truth - mean` that is due to the initial value.
        lag: the part that is due to means of earlier weights.
        chance: the part that is due to who was in the batches.
        batch: the mean of the last batch.
    """

    truth: float
    mean: float
    variance: float
    start: float
    lag: float
    chance: float
    batch: float = math.nan


def uniform(counter: NDArray[np.uint32]) -> Floats:
    """Uniform numbers in [0, 1) for counters, by integers of 32 bits.

    Source: Tommy Ettinger's `mulberry32` (public domain), whose state a counter replaces.
    """
    with np.errstate(over="ignore"):
        t = (counter ^ (counter >> 15)) * (counter | 1)
        t ^= t + (t ^ (t >> 7)) * (t | 61)
    return np.asarray((t ^ (t >> 14)) / 2**32, np.float64)


def uniforms(seed: int, count: int) -> Floats:
    """Draw uniform numbers in [0, 1) of a seed, (count,)."""
    counter = np.arange(1, count + 1, dtype=np.uint64)
    mixed = (seed * 0x9E3779B9 + counter * 0x6D2B79F5) & 0xFFFFFFFF
    return uniform(mixed.astype(np.uint32))


def paired(u: Floats, w: Floats) -> tuple[Floats, Floats]:
    """Make two independent standard normal numbers of two uniform ones, by Box and Muller."""
    length, angle = np.sqrt(-2 * np.log(1 - u)), 2 * np.pi * w
    return length * np.cos(angle), length * np.sin(angle)


def normals(seed: int, count: int) -> Floats:
    """Draw standard normal numbers of a seed, an even count of them."""
    return np.stack(paired(*uniforms(seed, count).reshape(-1, 2).T), axis=1).ravel()


def path(settings: Settings) -> list[Point]:
    """The averages before the first batch and after each."""
    draws = normals(settings.seed, settings.epochs * IMAGES)
    point = Point(MEAN, 0.0, 1.0, MEAN, 0.0, 0.0)
    points = []
    for step, batch in enumerate(_batches(draws, settings)):
        if step == settings.anew:
            point = _fresh(point, draws)
        points.append(point)
        rate = 1 - step / settings.steps if settings.falling else 1.0
        point = _after(point, batch, DEVIATION * settings.speed * rate, settings.momentum)
    return [*points, _fresh(point, draws) if settings.anew == settings.steps else point]


def _batches(draws: Floats, settings: Settings) -> Iterator[Floats]:
    """Yield the draws of each batch; the last of an epoch may be smaller."""
    for epoch in draws.reshape(settings.epochs, IMAGES):
        for first in range(0, IMAGES, settings.size):
            yield epoch[first : first + settings.size]


def _after(last: Point, batch: Floats, way: float, momentum: float) -> Point:
    truth, off = last.truth + way, DEVIATION * float(batch.mean())
    return Point(
        truth=truth,
        mean=float(moved(last.mean, truth + off, momentum)),
        variance=float(moved(last.variance, DEVIATION**2 * batch.var(), momentum)),
        start=momentum * last.start,
        lag=momentum * (last.lag + way),
        chance=momentum * last.chance - (1 - momentum) * off,
        batch=truth + off,
    )


def _fresh(point: Point, draws: Floats) -> Point:
    """The statistics of weights that stand still."""
    off, variance = DEVIATION * float(draws[:FRESH].mean()), float(draws[:FRESH].var())
    mean = point.truth + off
    return Point(point.truth, mean, DEVIATION**2 * variance, 0.0, 0.0, -off, point.batch)


def served(point: Point) -> tuple[float, float]:
    """The place at which an example at the true mean is served, and the spread around it."""
    layer = Trained(np.ones(1), np.zeros(1), np.array([point.mean]), np.array([point.variance]))
    center, further = inference([[point.truth], [point.truth + DEVIATION]], layer)[:, 0]
    return float(center), float(further - center)


def gap(settings: Settings) -> float:
    """The place at which an example at the true mean is served after the last batch; right is 0."""
    return served(path(settings)[-1])[0]


def ended(settings: Settings) -> list[float]:
    """The last point of a path without its batch, and how it serves."""
    last = path(settings)[-1]
    return [*astuple(last)[:-1], *served(last)]


def drawing() -> dict[str, object]:
    """Work the picture of one epoch: its points in the picture's units, and its numbers in words.

    The places are those of docs/assets/pieces/averages.js.
    """
    settings = Settings()
    points = path(settings)
    center, spread = served(points[-1])

    def up(value: float) -> float:
        return 176 - 126 * value / (1.2 * MEAN)

    across = np.linspace(24, 322, len(points))
    places = [*zip(across, points, strict=True)]
    after = points[round(0.4 * settings.steps)]
    return {
        "steps": settings.steps,
        "size": settings.size,
        "momentum": f"{settings.momentum:g}",
        "other": f"{1 - settings.momentum:g}",
        "mean": f"{MEAN:g}",
        "level": up(MEAN),
        "named": (float(24 + 0.4 * 298 + 6), up(after.mean) + 14),
        "truth": _line((x, up(point.truth)) for x, point in places),
        "average": _line((x, up(point.mean)) for x, point in places),
        "batches": [(float(x), up(point.batch)) for x, point in places[1::2]],
        "end": (float(across[-1]), up(points[-1].mean)),
        "humps": {"bn": _hump(0.0, 1.0), "std": _hump(center, spread)},
        "served": _output(center + spread) + 4,
        "remembered": number(points[-1].mean, 2),
        "gap": number(center, 2),
    }


def _output(value: Value) -> Value:
    return 10 + 308 * (value + 4) / 13


def _hump(center: float, spread: float) -> str:
    """A normal density around a place of the axis of outputs."""
    distances = (np.arange(41) - 20) / 6
    tall = 80 * np.exp(-(distances**2) / 2) / (spread * math.sqrt(2 * math.pi))
    places = _output(center + spread * distances)
    return f"{_line(zip(places, 276 - tall, strict=True))}Z"


def _line(places: Iterable[tuple[float, float]]) -> str:
    return "M" + " ".join(f"{x:.1f} {y:.1f}" for x, y in places)
