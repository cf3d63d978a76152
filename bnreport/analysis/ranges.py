"""Measure how wide a range of settings trains, and check that records tune to the study's own."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.metrics import Floats, last
from bnreport.errors import RecordError
from bnreport.records.collection import Records
from bnreport.records.record import Record

Flags = NDArray[np.bool_]


def good(by_setting: Mapping[float, Floats], floor: float | Floats) -> Flags:
    """Mark the settings at which a run's number stays at or above the floor, (settings, seeds).

    Args:
        by_setting: by the setting, rising, one number a seed.
        floor: what counts as good, for all seeds or for each, (seeds,).
    """
    return np.array(list(by_setting.values())) >= floor


def cut_short(by_setting: Mapping[float, Floats], floor: float | Floats) -> int:
    """The number of runs good at the first or last setting: their widths are lower bounds."""
    return int(good(by_setting, floor)[[0, -1]].any(axis=0).sum())


def spans(settings: Sequence[float]) -> Floats:
    """The decades that each setting stands for: half the way to its neighbours, (settings,)."""
    places = np.log10(np.array(settings))
    middles = (places[1:] + places[:-1]) / 2
    return np.diff(np.concatenate([places[:1], middles, places[-1:]]))


def width(by_setting: Mapping[float, Floats], floor: float | Floats) -> Floats:
    """The decades of a setting over which a run's number stays at or above the floor, (seeds,).

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


def fraction(setting: float) -> str:
    """A setting in print; what is 1/2, 1/4, 1/8 and so on, is said so."""
    halved = setting < 1 and np.log2(setting).is_integer()
    return f"1/{1 / setting:g}" if halved else f"{setting:g}"


def stretch(settings: Sequence[float], fine: Flags) -> str:
    """The longest unbroken row of settings that are fine, in words; the first of equally long."""
    ends = range(len(settings) + 1)
    rows = [
        settings[first:after]
        for first in ends
        for after in ends[first + 1 :]
        if fine[first:after].all()
    ]
    longest = max(rows, key=len, default=())
    # The first and the last, or the one that is both.
    return " to ".join(map(fraction, dict.fromkeys((*longest[:1], *longest[-1:])))) or "none"


def covered(by_setting: Mapping[float, Floats], floor: float | Floats) -> Floats:
    """The decades that the good settings stand for, side by side or not, (seeds,)."""
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
    highest: Floats = np.max(list(by_setting.values()), axis=0)
    return highest


def best_setting(by_setting: Mapping[float, Sequence[Record]], metric: str) -> float:
    """The setting with the highest mean of a metric over its seeds, chance where a run diverged."""
    return max(by_setting, key=lambda value: float(last(by_setting[value], metric).mean()))


def least_of_the_best(by_setting: Mapping[float, Floats]) -> float:
    """The smallest setting whose mean lies within a standard error of the highest mean.

    The error is that of the highest mean itself.

    Args:
        by_setting: by the setting, rising, one number a seed, at least two.
    """
    top = by_setting[_highest_mean(by_setting)]
    enough = top.mean() - top.std(ddof=1) / np.sqrt(len(top))
    return min(setting for setting, numbers in by_setting.items() if numbers.mean() >= enough)


def _highest_mean(by_setting: Mapping[float, Floats]) -> float:
    means = {setting: float(numbers.mean()) for setting, numbers in by_setting.items()}
    return max(means, key=means.__getitem__)


def refuse_other_choices(arm: str, chosen: float, by_setting: Mapping[float, Floats]) -> None:
    """Refuse a setting that tuning runs do not choose, and a best one at an end of their grid.

    Args:
        arm: its name.
        chosen: the setting that the study has for it.
        by_setting: what chooses: by the setting, rising, one number a tuning seed.

    Raises:
        RecordError: when `least_of_the_best` is another setting, or no setting lies beyond it or
            beyond the one with the highest mean.
    """
    best, grid = least_of_the_best(by_setting), sorted(by_setting)
    if best != chosen:
        raise RecordError(
            f"Expected {arm} to train at the setting that its tuning runs choose, {best}. "
            f"Received: {chosen}. Set it in the study before the runs that judge."
        )
    if {best, _highest_mean(by_setting)} & {grid[0], grid[-1]}:
        raise RecordError(
            f"Expected a best setting of {arm} inside its grid. Received: {best} of {grid}, where "
            f"{_highest_mean(by_setting)} has the highest mean. Extend the grid by two settings "
            "for all arms, and tune once more."
        )


def check_chosen(
    records: Records,
    chosen: Mapping[str, float],
    names: Mapping[str, Mapping[float, str]],
    ends: bool = False,
) -> None:
    """Refuse settings that are not what the tuning runs say, or that lie at the edge of the grid.

    Args:
        records: with tuning runs.
        chosen: the setting of each arm, as the study has it.
        names: by arm and setting, the name of the tuning trial.
        ends: whether the best setting may be the first or the last of the grid.

    Raises:
        RecordError: when another setting is best, or the best is where it may not be.
    """
    for arm, grid in names.items():
        tried = {value: records.tuning(name) for value, name in grid.items()}
        best = best_setting(tried, "val_accuracy")
        if best != chosen[arm] or (not ends and best in {min(grid), max(grid)}):
            where = "of" if ends else "inside"
            raise RecordError(
                f"Expected {arm} to train at the setting that its tuning runs found best, {where} "
                f"their grid {sorted(grid)}. Received: {chosen[arm]} where {best} is best. Set "
                "it in the study, or extend the grid, before the confirmation runs."
            )
