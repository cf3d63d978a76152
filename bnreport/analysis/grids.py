"""Grids of settings: rates that tuning runs choose, and sweeps that are the measurement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bnreport.analysis import metrics, ranges
from bnreport.analysis.arms import Arm
from bnreport.analysis.comparisons import Sample
from bnreport.analysis.metrics import Floats
from bnreport.analysis.ranges import Flags, check_chosen
from bnreport.presentation.plots import Series
from bnreport.protocol.runs import TUNING_SEEDS, Runs
from bnreport.records.collection import Records


@dataclass(frozen=True)
class Tuned:
    """Arms that train at the rate of a grid which their tuning runs find best.

    Attributes:
        rates: what the tuning runs find best, by arm; `check` holds the study to it.
        grid: the rates that are tried.
        setting: the fields of all trials.
        tuning: those of the tuning trials, such as their epochs.
        judged: those of the trials that judge.
        seeds: the seeds of the tuning runs.
    """

    rates: Mapping[Arm, float]
    grid: tuple[float, ...]
    setting: Mapping[str, Any] = field(default_factory=dict)
    tuning: Mapping[str, Any] = field(default_factory=dict)
    judged: Mapping[str, Any] = field(default_factory=dict)
    seeds: tuple[int, ...] = TUNING_SEEDS

    @property
    def runs(self) -> tuple[Runs, ...]:
        """The tuning runs of all arms, and then those that judge."""
        return (*self.tuning_runs(*self.rates), *map(self.judged_runs, self.rates))

    def tuning_runs(self, *arms: Arm) -> tuple[Runs, ...]:
        """Every rate of the grid for each of these arms, at the tuning seeds alone."""
        return tuple(
            Runs(self._trial(arm, self.tried(arm, rate), rate, self.tuning), (), (), self.seeds)
            for arm in arms
            for rate in self.grid
        )

    def judged_runs(self, arm: Arm) -> Runs:
        """An arm at its rate."""
        return Runs(self._trial(arm, arm.name, self.rates[arm], self.judged))

    def _trial(self, arm: Arm, name: str, rate: float, more: Mapping[str, Any]) -> Any:
        return arm.trial(name, learning_rate=rate, **{**self.setting, **more})

    def tried(self, arm: Arm, rate: float) -> str:
        """The name of a tuning trial."""
        return f"{arm.name}-tuning-{rate:g}"

    def check(self, records: Records) -> None:
        """Refuse rates that the tuning runs did not find best, or that lie at an end of the grid.

        Raises:
            RecordError: when there is one.
        """
        check_chosen(
            records,
            {arm.name: rate for arm, rate in self.rates.items()},
            {arm.name: {rate: self.tried(arm, rate) for rate in self.grid} for arm in self.rates},
        )

    def accuracies(self, records: Records, arm: Arm) -> Floats:
        """The validation accuracies of an arm's tuning runs in per cent, (rates, seeds)."""
        runs = (records.tuning(self.tried(arm, rate)) for rate in self.grid)
        return np.array([100 * metrics.last(each, "val_accuracy") for each in runs])

    def best(self, records: Records, arm: Arm) -> Floats:
        """Those at the rate that was chosen, (seeds,)."""
        found: Floats = self.accuracies(records, arm)[self.grid.index(self.rates[arm])]
        return found

    def curve(self, records: Records, arm: Arm, label: str = "", floor: float = 0.0) -> Series:
        """Those of all rates, a curve a seed; without rates at which a seed is below the floor."""
        found = self.accuracies(records, arm)
        good = (found >= floor).all(axis=1)
        shown = good if good.any() else ~good
        return arm.curve(np.array(self.grid)[shown], found[shown].T, label)


@dataclass(frozen=True)
class Sweep:
    """A number at each setting of a grid, one a seed, by the setting, which rises.

    A run that diverged is a setting that does not do: it narrows a width, and is not lost.
    """

    by_setting: Mapping[float, Sample]

    def __call__(self, records: Records) -> dict[float, Floats]:
        """The numbers by setting, (seeds,) each."""
        return {setting: sample(records) for setting, sample in self.by_setting.items()}

    def curves(self, records: Records) -> Floats:
        """The numbers as curves over the settings, (seeds, settings)."""
        return np.array(list(self(records).values())).T

    @property
    def best(self) -> Sample:
        """Each seed's highest number over the settings."""
        return self._sample(ranges.peak)

    @property
    def chosen_by_others(self) -> Sample:
        """Each seed's number at the setting that is best for all other seeds."""
        return self._sample(ranges.chosen_by_others)

    def highest(self, floor: float) -> Sample:
        """The highest setting at which it is at or above the floor; infinite if it is the last."""
        return self._sample(lambda numbers: ranges.highest(numbers, floor))

    def width(self, floor: Sample) -> Sample:
        """Over how many decades of settings side by side it is at or above the floor."""
        return self._sample(ranges.width, floor)

    def covered(self, floor: Sample) -> Sample:
        """How many decades there are of all settings at which it is, side by side or not."""
        return self._sample(ranges.covered, floor)

    def good(self, records: Records, floor: Sample) -> Flags:
        """At which settings it is, (settings, seeds)."""
        return ranges.good(self(records), floor(records))

    def cut_short(self, records: Records, floor: Sample) -> int:
        """How many seeds are good at an end of the grid: their widths are lower bounds."""
        return ranges.cut_short(self(records), floor(records))

    def _sample(self, take: Callable[..., Floats], *more: Sample) -> Sample:
        every = (*self.by_setting.values(), *more)
        trials = tuple(dict.fromkeys(name for sample in every for name in sample.trials))
        return Sample(trials, lambda records: take(self(records), *(x(records) for x in more)))
