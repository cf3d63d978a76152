"""Take from records what studies need: one number a seed, paired by the seed."""

from collections.abc import Sequence

import numpy as np
import scipy
from numpy.typing import NDArray

from bnreport.presentation.formats import between, quantity
from bnreport.presentation.tables import Value
from bnreport.protocol.trials import checks_of
from bnreport.records.record import Record
from bnreport.statistics.intervals import Interval

Floats = NDArray[np.float64]

# The accuracy of a net that has diverged: it names one class of ten.
CHANCE = 0.1
# A curve must stay above a threshold for a moment: the median of so many marks counts.
SMOOTH = 3


def last(records: Sequence[Record], metric: str, lost: float = CHANCE, epochs: int = 1) -> Floats:
    """The mean of a metric over the last epochs, (seeds,); `lost` for a run that diverged."""
    return np.array([lost if r.diverged else r.epochs(metric)[-epochs:].mean() for r in records])


def by_epoch(records: Sequence[Record], metric: str, lost: float = CHANCE) -> Floats:
    """A metric after every epoch, (seeds, epochs); `lost` from where a run diverged."""
    epochs = records[0].identity.trial.length
    return _filled([record.epochs(metric) for record in records], (epochs,), lost)


def checked(records: Sequence[Record], name: str, lost: float = np.nan) -> Floats:
    """The numbers of a check, (seeds, steps) or (seeds, steps, layers); `lost` once diverged."""
    trial = records[0].identity.trial
    if not (checks := checks_of(trial)):
        raise TypeError(f"Expected records of training runs. Received: a {trial.kind} trial.")
    rows = [r.steps(name) if name in r.checks else np.zeros(0) for r in records]
    longest = max(rows, key=len)
    steps = next(len(check.steps) for check in checks if name.startswith(check.name + "_"))
    return _filled(rows, (steps, *longest.shape[1:]), lost)


def _filled(rows: Sequence[Floats], shape: tuple[int, ...], lost: float) -> Floats:
    """The runs' numbers, (seeds, *shape); `lost` where a run has none or none that is finite."""
    numbers = np.full((len(rows), *shape), lost)
    for row, values in zip(numbers, rows, strict=True):
        # A run that diverged before the first check has no layers either.
        if len(values):
            row[: len(values)] = values
    numbers[~np.isfinite(numbers)] = lost
    return numbers


def steps_of(records: Sequence[Record], check: str) -> Floats:
    """The steps after which a check was made, (steps,); also of a part of one, "path_fresh_val"."""
    trial = records[0].identity.trial
    steps = next(c.steps for c in checks_of(trial) if f"{check}_".startswith(f"{c.name}_"))
    return np.array(steps, float)


def lost(*arms: Sequence[Record]) -> int:
    """The number of seeds with a diverged run in any of the arms, of those that all arms have."""
    diverged = [{record.identity.seed: record.diverged for record in arm} for arm in arms]
    shared = set(diverged[0]).intersection(*diverged[1:])
    return sum(any(each[seed] for each in diverged) for seed in shared)


def accuracy(records: Sequence[Record], part: str, epoch: int) -> Floats:
    """The share of images that were right after an epoch, (seeds,); chance where a run diverged."""
    return np.array([CHANCE if r.diverged else r.score(epoch).marks(part).mean() for r in records])


def correct(records: Sequence[Record], part: str, epoch: int) -> Floats:
    """Mark the images right after an epoch, (seeds, images); chance for a diverged run."""
    images = next((r.score(epoch).marks(part).size for r in records if not r.diverged), 1)
    chance = np.full(images, CHANCE)
    return np.array([chance if r.diverged else r.score(epoch).marks(part) for r in records], float)


def unjudged(
    name: str, interval: Interval, origin: str, unit: str = "pp", signed: bool = True
) -> dict[str, Value]:
    """A number that no claim judges and its interval, as values for prose.

    They are NAME, NAME.interval, and NAME.where, which says in words on which side of zero the
    interval lies.

    Args:
        name: the name of the value.
        interval: what the runs say, in the unit.
        origin: what it is, for the hint; the number of pairs and "unjudged" are added.
        unit: the unit of both.
        signed: whether a gain has its plus; one that is told as a cost does without.
    """
    hint = f"{origin}; 95% interval over {interval.n} seeds ({interval.method}); unjudged"
    if interval.low <= 0 <= interval.high:
        where = "on both sides of zero"
    else:
        where = "above zero" if interval.low > 0 else "below zero"
    return {
        name: Value(quantity(interval.point, 2, unit, signed=signed), hint),
        f"{name}.interval": Value(between(interval.low, interval.high, 2, signed=True), hint),
        f"{name}.where": Value(where, hint),
    }


def smoothed(curves: Floats) -> Floats:
    """The running median of three marks, (seeds, steps); the ends keep the nearest two."""
    padded = np.pad(curves, ((0, 0), (SMOOTH // 2, SMOOTH // 2)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, SMOOTH, axis=1)
    return np.asarray(np.median(windows, axis=2), float)


def steps_to(records: Sequence[Record], check: str, threshold: float) -> Floats:
    """The first step at which the smoothed accuracy of a check reaches the threshold, (seeds,).

    Infinite where it never does: such a run is censored.
    """
    steps = steps_of(records, check)
    curves = smoothed(checked(records, f"{check}_accuracy", CHANCE))
    reached = curves >= threshold
    return np.where(reached.any(axis=1), steps[reached.argmax(axis=1)], np.inf)


def passed(records: Sequence[Record], score: str, threshold: float) -> Floats:
    """The step at which the rising curve of an accuracy passes the threshold, (seeds,).

    It is the curve nearest to the smoothed accuracies that never falls (isotonic regression), and
    is read between marks on a line over the logarithm of the step. More marks count than the first
    above the threshold, so that it scatters less. Infinite where the curve stays below.
    """
    places = np.log(steps_of(records, score))
    curves = smoothed(checked(records, f"{score}_accuracy", CHANCE))
    return np.array([_passed(places, curve, threshold) for curve in curves])


def swiftness(records: Sequence[Record], score: str, threshold: float, most: int) -> Floats:
    """The logarithm of the steps to an accuracy, negative, so that high is soon, (seeds,).

    A run that never arrives took all the steps that there are.
    """
    swift: Floats = -np.log(np.minimum(passed(records, score, threshold), most))
    return swift


def _passed(places: Floats, curve: Floats, threshold: float) -> float:
    rising = scipy.optimize.isotonic_regression(curve).x
    if rising[-1] < threshold:
        return np.inf
    above = int(np.argmax(rising >= threshold))
    pair = slice(max(above - 1, 0), above + 1)
    return float(np.exp(np.interp(threshold, rising[pair], places[pair])))


def at_loss(records: Sequence[Record], loss: str, accuracy: str, levels: Sequence[float]) -> Floats:
    """The mean accuracy at which each run's loss has fallen to levels, (seeds,).

    NaN where it never falls to one of them; chance where the run diverged before it did. Between
    marks the accuracy is read on a line over the loss's logarithm.

    Args:
        records: the runs.
        loss: what a check found that falls along them, "<check>_<what>".
        accuracy: what is read there.
        levels: of the loss; several of them even out what one mark happens to show.
    """
    each = zip(checked(records, loss), checked(records, accuracy), records, strict=True)
    return np.array([_at_levels(fit, score, levels, run.diverged) for fit, score, run in each])


def _at_levels(loss: Floats, accuracy: Floats, levels: Sequence[float], diverged: bool) -> float:
    # Spikes in a falling curve say nothing about the net that a level describes.
    falls = loss < np.fmin.accumulate(np.append(np.inf, loss[:-1]))
    if not (loss[falls] <= min(levels)).any():
        return CHANCE if diverged else np.nan
    places, fallen = -np.log(levels), -np.log(loss[falls])
    return float(np.interp(places, fallen, accuracy[falls]).mean())
