"""Say which stories a printed curve fits, and which of them the recorded runs can tell apart.

The distance of a curve from the runs of a story is the root of the mean of its squared z. A story
fits when at least one of its own runs, left out in turn, lies as far from the others. Two stories
are told apart when nine in ten of the runs of each are refused as the other; a story that is not
told apart from one that fits stays possible.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.curves.band import EPOCHS, Band, Story, Window
from bnreport.analysis.curves.reading import PrintedRun

Floats: TypeAlias = NDArray[np.float64]
# Half of the spread that rounding to four decimals hides; no z is counted in less.
FLOOR = 1e-4
# Of the runs of each story, so many must be refused as the other.
APART = 0.9
VALIDATION = ("val_loss", "val_accuracy")


def sets(seed: int) -> bool:
    """Say whether the runs of a seed set the rules; those of the others score them."""
    return seed % 2 == 0


# ---- Distances ----


def _z(numbers: Floats, mean: Floats, sd: Floats, n: Floats | int) -> Floats:
    scaled: Floats = (numbers - mean) / (np.maximum(sd, FLOOR) * np.sqrt(1 + 1 / n))
    return scaled


def z_of(curve: Floats, runs: Floats) -> Floats:
    """The distance of each number from the runs, in SDs of one more run; (numbers,)."""
    return _z(curve, runs.mean(axis=0), runs.std(axis=0, ddof=1), len(runs))


def left_out(runs: Floats) -> Floats:
    """The same of each run among the others, (runs, numbers)."""
    n = len(runs)
    mean, squares = runs.mean(axis=0), runs.var(axis=0, ddof=1) * (n - 1)
    off = runs - mean
    others = mean - off / (n - 1)
    sd = np.sqrt(np.maximum(squares - off**2 * n / (n - 1), 0.0) / (n - 2))
    return _z(runs, others, sd, n - 1)


def root(z: Floats) -> Floats:
    """The root of the mean square over the last axis: the distance that judges."""
    squared: Floats = np.sqrt((z**2).mean(axis=-1))
    return squared


def largest(z: Floats) -> Floats:
    """The largest distance over the last axis, whichever way: what the root was chosen over."""
    most: Floats = np.abs(z).max(axis=-1)
    return most


Distance: TypeAlias = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Compared:
    """A curve compared with a story: its distance, and how many of the runs lie as far off."""

    story: Story
    distance: float
    as_far: int
    n: int

    @property
    def fits(self) -> bool:
        """Say whether at least one of the runs lies as far from the others."""
        return self.as_far > 0


class Compass:
    """The stories of a band, in the numbers that a log holds.

    Args:
        band: the band.
        metrics: which numbers the log has.
        epochs: how many epochs of it are compared.
        called: how many epochs its calls of `fit` have.
        distance: by what a curve is judged.
        stories: those of the band that are told; by default all.
    """

    def __init__(
        self,
        band: Band,
        metrics: Sequence[str],
        epochs: int,
        called: int = EPOCHS,
        distance: Distance = root,
        stories: tuple[Story, ...] | None = None,
    ) -> None:
        self.distance = distance
        asked_for = band.stories if stories is None else stories
        every = {s: band.window(s, metrics, epochs, called) for s in asked_for}
        self.windows: Mapping[Story, Window] = {s: w for s, w in every.items() if w.seeds}
        self._own = lru_cache(maxsize=None)(self._measured)
        self.told_apart = lru_cache(maxsize=None)(self._told_apart)

    def _measured(self, story: Story, without: int | None) -> tuple[Floats, Floats]:
        """The runs of a story without a seed, and the distance of each from the others."""
        window = self.windows[story]
        runs = window.numbers[[seed != without for seed in window.seeds]]
        return runs, self.distance(left_out(runs))

    def compared(self, story: Story, numbers: Floats, without: int | None = None) -> Compared:
        """Compare the numbers of a curve with a story, whose runs of a seed may be left out."""
        held = without if without in self.windows[story].seeds else None
        runs, own = self._own(story, held)
        far = float(self.distance(z_of(numbers, runs)))
        return Compared(story, far, int((own >= far).sum()), len(runs))

    def refused(self, true: Story, other: Story, seeds: Callable[[int], bool]) -> tuple[int, int]:
        """Count the runs of a story of which another one is refused, and all of them."""
        window = self.windows[true]
        runs = [
            self.compared(other, numbers, seed).fits
            for seed, numbers in zip(window.seeds, window.numbers, strict=True)
            if seeds(seed)
        ]
        return runs.count(False), len(runs)

    def _told_apart(self, one: Story, other: Story) -> bool:
        """Say whether nine in ten of the runs of each are refused as the other; seeds that set."""
        pairs = (self.refused(*pair, sets) for pair in ((one, other), (other, one)))
        return all(count >= APART * n for count, n in pairs)


# ---- The verdict ----


@dataclass(frozen=True)
class Fitted:
    """The stories that a curve may be.

    Attributes:
        outcome: "healthy", "open", "stories", "validation", "none" or "diverged".
        fitting: the stories that it fits, closest first.
        possible: those besides that our runs do not tell apart from one that fits.
        compared: it beside every story, closest first.
        honest: the healthy stories that were meant, closest first.
        epochs: how many of its epochs were compared.
        lost: the epoch in which a number of it was lost, or None.
    """

    outcome: str
    fitting: tuple[Story, ...] = ()
    possible: tuple[Story, ...] = ()
    compared: tuple[Compared, ...] = ()
    honest: tuple[Story, ...] = ()
    epochs: int = 0
    lost: int | None = None


def judge(
    curve: PrintedRun,
    band: Band,
    net: str = "",
    rate: float | None = None,
    without: int | None = None,
) -> Fitted:
    """Say which stories a curve fits.

    Args:
        curve: what was printed.
        band: our runs.
        net: "baseline", "bn", or "" where that is not known.
        rate: the learning rate that was meant, or None.
        without: a seed whose runs are left out, everywhere.
    """
    lost = lost_at(curve)
    if lost is not None:
        return Fitted("diverged", lost=curve.first + lost[0])
    epochs = min(len(curve.epochs), EPOCHS)
    candidates = tuple(story for story in band.stories if net in {"", story.net})
    closest, fitting, possible = _fit(curve, curve.metrics, band, candidates, without)
    honest = tuple(e.story for e in closest if healthy(e.story, rate, curve.first))
    if any(story in honest for story in fitting):
        outcome = "healthy"
    elif any(story in honest for story in possible):
        outcome = "open"
    elif fitting:
        outcome = "stories"
    else:
        outcome = "none"
        validated = tuple(metric for metric in VALIDATION if metric in curve.metrics)
        if validated and validated != curve.metrics:
            _, fitting, possible = _fit(curve, validated, band, candidates, without)
            outcome = "validation" if fitting else "none"
    return Fitted(outcome, fitting, possible, tuple(closest), honest, epochs)


def lost_at(curve: PrintedRun) -> tuple[int, int] | None:
    """Find the first number that is none, or has no end: its epoch and its metric, from 0 on."""
    places = np.argwhere(~np.isfinite(curve.epochs))
    return (int(places[0][0]), int(places[0][1])) if len(places) else None


def healthy(story: Story, rate: float | None, first: int = 1) -> bool:
    """Say whether a story was meant; a log that counts on from an epoch is meant to go on."""
    meant = story.kind == ("fresh" if first == 1 else "continued")
    return meant and (rate is None or rate == story.rate)


def _fit(
    curve: PrintedRun,
    metrics: Sequence[str],
    band: Band,
    stories: tuple[Story, ...],
    without: int | None,
) -> tuple[list[Compared], tuple[Story, ...], tuple[Story, ...]]:
    """Every story by its distance, those that fit, and those that stay possible."""
    epochs = min(len(curve.epochs), EPOCHS)
    called = curve.first - 1 or curve.planned or EPOCHS
    compass = compass_of(band, stories, tuple(metrics), epochs, called)
    columns = [curve.metrics.index(metric) for metric in metrics]
    numbers = np.array(curve.epochs)[:epochs, columns].ravel()
    each = [compass.compared(story, numbers, without) for story in compass.windows]
    closest = sorted(each, key=lambda entry: entry.distance)
    fitting = tuple(entry.story for entry in closest if entry.fits)
    possible = tuple(
        entry.story
        for entry in closest
        if not entry.fits and any(not compass.told_apart(entry.story, fits) for fits in fitting)
    )
    return closest, fitting, possible


@lru_cache(maxsize=64)
def compass_of(
    band: Band, stories: tuple[Story, ...], metrics: tuple[str, ...], epochs: int, called: int
) -> Compass:
    """The compass for such a log; the same is made once."""
    return Compass(band, metrics, epochs, called, stories=stories)
