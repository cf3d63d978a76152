"""Grids of settings: rates that tuning runs choose, and sweeps that are the measurement."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bnreport.analysis import metrics, ranges
from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import mean_of
from bnreport.analysis.charts import curves_of, panels
from bnreport.analysis.comparisons import Sample
from bnreport.analysis.metrics import Floats
from bnreport.analysis.ranges import Flags, check_chosen
from bnreport.presentation.plots import Panel, Row, Series
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
        check_chosen(records, *self._choices)

    def check_to_the_ends(self, records: Records) -> None:
        """Refuse rates that the tuning runs did not find best, and let the grid's ends be best.

        Raises:
            RecordError: when there is one.
        """
        check_chosen(records, *self._choices, ends=True)

    @staticmethod
    def check_each(nets: Iterable["Tuned"]) -> Callable[[Records], None]:
        """Refuses rates that the tuning runs of any of these did not find best."""
        every = tuple(nets)

        def check(records: Records) -> None:
            for tuned in every:
                tuned.check(records)

        return check

    @property
    def _choices(self) -> tuple[dict[str, float], dict[str, dict[float, str]]]:
        """Each arm's rate, and the names of its tuning trials by their rate, by the arm's name."""
        return (
            {arm.name: rate for arm, rate in self.rates.items()},
            {arm.name: {rate: self.tried(arm, rate) for rate in self.grid} for arm in self.rates},
        )

    def accuracies(self, records: Records, arm: Arm) -> Floats:
        """The validation accuracies of an arm's tuning runs in per cent, (rates, seeds)."""
        runs = (records.tuning(self.tried(arm, rate)) for rate in self.grid)
        return np.array([100 * metrics.last(each, "val_accuracy") for each in runs])

    def best(self, records: Records, arm: Arm) -> Floats:
        """The accuracies at the rate that was chosen, (seeds,)."""
        accuracies: Floats = self.accuracies(records, arm)[self.grid.index(self.rates[arm])]
        return accuracies

    def curve(self, records: Records, arm: Arm, label: str = "", floor: float = 0.0) -> Series:
        """The accuracies at all rates, a curve a seed, without rates with a seed below a floor."""
        accuracies = self.accuracies(records, arm)
        good = (accuracies >= floor).all(axis=1)
        shown = good if good.any() else ~good
        return arm.curve(np.array(self.grid)[shown], accuracies[shown].T, label)

    def panels(
        self,
        records: Records,
        by_title: Mapping[str, Mapping[Arm, str]],
        floor: float = 0.0,
        **more: Any,
    ) -> tuple[Panel, ...]:
        """Panels of these curves: which arms each shows, and what it calls them.

        `floor` is that of `curve`; `more` are other fields of `Panel`.
        """
        curves = curves_of(by_title, lambda arm, label: self.curve(records, arm, label, floor))
        return panels(curves, "validation accuracy, %", longest_first=True, **more)


@dataclass(frozen=True)
class Sweep:
    """A number at each setting of a grid, one a seed, by the setting, which rises.

    A run that diverged is a setting that does not do: it narrows a width, and is not lost.
    """

    by_setting: Mapping[float, Sample]

    def __call__(self, records: Records) -> dict[float, Floats]:
        """The numbers by setting, (seeds,) each."""
        return {setting: sample(records) for setting, sample in self.by_setting.items()}

    def __getitem__(self, setting: float) -> Sample:
        """The number at a setting."""
        return self.by_setting[setting]

    def __rmul__(self, factor: float) -> "Sweep":
        """The same with numbers that are so many times as large: 100 makes them per cent."""
        return Sweep({setting: factor * sample for setting, sample in self.by_setting.items()})

    def curve(self, records: Records, arm: Arm, label: str = "") -> Series:
        """The numbers as an arm's curves over the settings, one a seed."""
        return arm.curve(list(self.by_setting), self.curves(records), label)

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

    def top(self, records: Records, floor: float) -> str:
        """The highest setting at which more than half of the seeds are above the floor, if any."""
        good = [s for s, numbers in self(records).items() if (numbers > floor).mean() > 1 / 2]
        return f"{max(good):g}" if good else "none"

    def above(self, floor: Sample) -> "Range":
        """The settings at which it is at or above a floor that each seed has of its own."""
        return Range(self, floor)

    def _sample(self, take: Callable[..., Floats]) -> Sample:
        return Sample(self.trials, lambda records: take(self(records)))

    @property
    def trials(self) -> tuple[str, ...]:
        """The trials of all settings."""
        every = self.by_setting.values()
        return tuple(dict.fromkeys(name for sample in every for name in sample.trials))


@dataclass(frozen=True)
class Range:
    """The settings of a sweep that are good: at which its number is at or above a floor."""

    sweep: Sweep
    floor: Sample

    @property
    def width(self) -> Sample:
        """The decades of settings side by side over which a run is good."""
        return self._sample(ranges.width)

    @property
    def covered(self) -> Sample:
        """The decades of all good settings, side by side or not."""
        return self._sample(ranges.covered)

    def good(self, records: Records) -> Flags:
        """Mark the settings that are good, (settings, seeds)."""
        return ranges.good(self.sweep(records), self.floor(records))

    def stretch(self, records: Records) -> str:
        """The longest row of settings at which more than half of the seeds are good, in words."""
        most = self.good(records).mean(axis=1) > 1 / 2
        return ranges.stretch(tuple(self.sweep.by_setting), most)

    def cut_short(self, records: Records) -> int:
        """The number of seeds good at an end of the grid: their widths are lower bounds."""
        return ranges.cut_short(self.sweep(records), self.floor(records))

    def cell(self, records: Records) -> str:
        """The mean width and its interval for a table; a ≥ stands where it is a lower bound."""
        least = "≥ " if self.cut_short(records) else ""
        return least + mean_of(self.width(records), 2, interval=True)

    def row(self, records: Records, arm: Arm, label: str = "") -> Row:
        """The widths as an arm's row of dots, which says where they are lower bounds."""
        least = ", at least" if self.cut_short(records) else ""
        return arm.row(self.width(records), (label or arm.label) + least)

    def level(self, records: Records) -> tuple[float, str]:
        """The line above which a figure shows what is good: the mean floor, in per cent."""
        return round(100 * float(self.floor(records).mean()), 1), "good from"

    def _sample(self, take: Callable[..., Floats]) -> Sample:
        trials = tuple(dict.fromkeys((*self.sweep.trials, *self.floor.trials)))
        return Sample(trials, lambda records: take(self.sweep(records), self.floor(records)))
