"""What studies take from their records: one number a seed, paired by the seed."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bnreport.errors import RecordError
from bnreport.estimates import Contrast, log_ratio, paired
from bnreport.formats import between, quantity
from bnreport.records import Record
from bnreport.statistics import Interval
from bnreport.study import Records, Value
from bnreport.trials import Trial

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# The accuracy of a net that has diverged: it names one class of ten.
CHANCE = 0.1
# A curve must stay above a threshold for a moment: the median of so many marks counts.
SMOOTH = 3


def last(records: Sequence[Record], metric: str, lost: float = CHANCE) -> Floats:
    """A metric after the last epoch, (seeds,); `lost` for a run that diverged."""
    return np.array([lost if r.diverged else r.epochs(metric)[-1] for r in records])


def checked(records: Sequence[Record], name: str, lost: float = np.nan) -> Floats:
    """What a check found, (seeds, steps) or (seeds, steps, layers); `lost` where a run diverged."""
    trial = records[0].identity.trial
    if not isinstance(trial, Trial):
        raise TypeError(f"Expected records of training runs. Received: a {trial.kind} trial.")
    rows = [r.steps(name) if name in r.checks else np.zeros(0) for r in records]
    longest = max(rows, key=len)
    steps = next(len(check.steps) for check in trial.checks if name.startswith(check.name + "_"))
    found = np.full((len(rows), steps, *longest.shape[1:]), lost)
    for row, values in zip(found, rows, strict=True):
        # A run that diverged before the first check has no layers either.
        if len(values):
            row[: len(values)] = np.where(np.isfinite(values), values, lost)
    return found


def steps_of(records: Sequence[Record], check: str) -> Floats:
    """The steps after which a check was made, (steps,)."""
    trial = records[0].identity.trial
    checks = trial.checks if isinstance(trial, Trial) else ()
    return np.array(next(c.steps for c in checks if c.name == check), float)


def lost(*arms: Sequence[Record]) -> int:
    """How many seeds hold a diverged run in any of the arms, which are paired by seed."""
    return sum(any(r.diverged for r in pair) for pair in zip(*arms, strict=True))


def marks(records: Sequence[Record], part: str, epoch: int) -> Floats:
    """Which images were right after an epoch, 0 or 1, (seeds, images)."""
    return np.array([r.score(epoch).marks(part) for r in records], float)


def accuracy(records: Sequence[Record], part: str, epoch: int) -> Floats:
    """The share of images that were right after an epoch, (seeds,); chance where a run diverged."""
    return np.array([CHANCE if r.diverged else r.score(epoch).marks(part).mean() for r in records])


def correct(records: Sequence[Record], part: str, epoch: int) -> Floats:
    """Which images were right after an epoch, (seeds, images); chance where a run diverged."""
    images = next((r.score(epoch).marks(part).size for r in records if not r.diverged), 1)
    chance = np.full(images, CHANCE)
    return np.array([chance if r.diverged else r.score(epoch).marks(part) for r in records], float)


def gain(
    treated: Sequence[Record], control: Sequence[Record], epoch: int, part: str = "test"
) -> Contrast:
    """By how many percentage points the treated arm is more accurate.

    The interval covers seeds and images; with diverged runs, counted at chance, signs judge.
    """
    if diverged := lost(treated, control):
        difference = accuracy(treated, part, epoch) - accuracy(control, part, epoch)
        return paired(100 * difference, diverged)
    cells = 100 * (marks(treated, part, epoch) - marks(control, part, epoch))
    return paired(cells.mean(axis=1), cells=cells)


def lead(ahead: Sequence[Record], behind: Sequence[Record]) -> Contrast:
    """By how many percentage points of final validation accuracy one arm is ahead of another.

    With diverged runs, counted at chance, signs judge.
    """
    difference = last(ahead, "val_accuracy") - last(behind, "val_accuracy")
    return paired(100 * difference, lost(ahead, behind))


def unjudged(name: str, found: Interval, origin: str, unit: str = "pp") -> dict[str, Value]:
    """A number that no claim judges and its interval, as values for prose.

    They are NAME, NAME.interval, and NAME.where, which says in words on which side of zero the
    interval lies.

    Args:
        name: the name of the value.
        found: what the runs say, in the unit.
        origin: what it is, for the hint; the number of pairs and "unjudged" are added.
        unit: the unit of both.
    """
    hint = f"{origin}; 95% interval over {found.n} seeds ({found.method}); unjudged"
    if found.low <= 0 <= found.high:
        where = "on both sides of zero"
    else:
        where = "above zero" if found.low > 0 else "below zero"
    return {
        name: Value(quantity(found.point, 2, unit, signed=True), hint),
        f"{name}.interval": Value(between(found.low, found.high, 2, signed=True), hint),
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
    there = curves >= threshold
    return np.where(there.any(axis=1), steps[there.argmax(axis=1)], np.inf)


def speedup(
    fast: Sequence[Record], slow: Sequence[Record], check: str, threshold: float
) -> Contrast:
    """The logarithm of how many times more steps the slow arm needs to reach the threshold."""
    slower, faster = steps_to(slow, check, threshold), steps_to(fast, check, threshold)
    return log_ratio(slower, faster)


def good(by_setting: Mapping[float, Floats], floor: float | Floats) -> Flags:
    """At which settings a run's number stays at or above the floor, (settings, seeds).

    Args:
        by_setting: by the setting, rising, one number a seed.
        floor: what counts as good, for all seeds or for each, (seeds,).
    """
    return np.array(list(by_setting.values())) >= floor


def cut_short(by_setting: Mapping[float, Floats], floor: float | Floats) -> int:
    """How many runs are good at the first or the last setting: their widths are lower bounds."""
    return int(good(by_setting, floor)[[0, -1]].any(axis=0).sum())


def spans(settings: Sequence[float]) -> Floats:
    """For how many decades each setting stands: half the way to its neighbours, (settings,)."""
    places = np.log10(np.array(settings))
    middles = (places[1:] + places[:-1]) / 2
    return np.diff(np.concatenate([places[:1], middles, places[-1:]]))


def width(by_setting: Mapping[float, Floats], floor: float | Floats) -> Floats:
    """Over how many decades of a setting a run's number stays at or above the floor, (seeds,).

    Counted is the longest unbroken stretch of settings.

    Args:
        by_setting: by the setting, rising, one number a seed.
        floor: what counts as good, for all seeds or for each, (seeds,).
    """
    fine = good(by_setting, floor)
    stretch = longest = np.zeros(fine.shape[1])
    for row, span in zip(fine, spans(list(by_setting)), strict=True):
        stretch = np.where(row, stretch + span, 0.0)
        longest = np.maximum(longest, stretch)
    # Without the rounding of logarithms: half a decade reaches a margin of half a decade.
    return np.round(longest, 9)


def covered(by_setting: Mapping[float, Floats], floor: float | Floats) -> Floats:
    """For how many decades the good settings stand, side by side or not, (seeds,)."""
    decades: Floats = spans(list(by_setting)) @ good(by_setting, floor)
    return decades


def highest(by_setting: Mapping[float, Floats], floor: float) -> Floats:
    """The highest setting at which a run's number is at or above the floor, (seeds,).

    Infinite where that is the last setting, zero where it is none.

    Args:
        by_setting: by the setting, rising, one number a seed.
        floor: what counts as good.
    """
    settings = np.array(list(by_setting))
    top = np.where(good(by_setting, floor), settings[:, None], 0.0).max(axis=0)
    return np.where(top == settings[-1], np.inf, top)


def chosen_by_others(by_setting: Mapping[float, Floats]) -> Floats:
    """Each seed's number at the setting with the highest mean over all other seeds, (seeds,).

    So no seed takes part in the choice that scores it, as it does where each takes its own best.

    Args:
        by_setting: by the setting, one number a seed.
    """
    numbers = np.array(list(by_setting.values()))
    others = numbers.sum(axis=1, keepdims=True) - numbers
    chosen: Floats = numbers[others.argmax(axis=0), np.arange(numbers.shape[1])]
    return chosen


def peak(by_setting: Mapping[float, Floats]) -> Floats:
    """The highest number of each seed over the settings, (seeds,)."""
    found: Floats = np.max(list(by_setting.values()), axis=0)
    return found


def best_setting(by_setting: Mapping[float, Sequence[Record]], metric: str) -> float:
    """The setting with the highest mean of a metric over its seeds, chance where a run diverged."""
    return max(by_setting, key=lambda value: float(last(by_setting[value], metric).mean()))


def check_chosen(
    records: Records, chosen: Mapping[str, float], names: Mapping[str, Mapping[float, str]]
) -> None:
    """Refuse settings that are not what the tuning runs say, or that lie at the edge of the grid.

    Args:
        records: with tuning runs.
        chosen: the setting of each arm, as the study has it.
        names: by arm and setting, the name of the tuning trial.

    Raises:
        RecordError: when another setting is best, or the best is the first or last of the grid.
    """
    for arm, grid in names.items():
        tried = {value: records.tuning(name) for value, name in grid.items()}
        best = best_setting(tried, "val_accuracy")
        if best != chosen[arm] or best in {min(grid), max(grid)}:
            raise RecordError(
                f"Expected {arm} to train at the setting that its tuning runs found best, inside "
                f"their grid {sorted(grid)}. Received: {chosen[arm]} where {best} is best. Do set "
                "it in the study, or extend the grid, before the confirmation runs."
            )
