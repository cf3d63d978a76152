"""Numbers that runs have, one a seed, computed seed by seed, and the judges that compare them."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np

from bnreport.analysis import metrics
from bnreport.analysis.metrics import CHANCE, Floats
from bnreport.records.collection import Records
from bnreport.records.record import Record
from bnreport.statistics.estimates import Contrast, log_ratio, paired
from bnreport.statistics.significance import holm

Judge: TypeAlias = Callable[[Records], Contrast]
Key = TypeVar("Key")


class _Named(Protocol):
    @property
    def name(self) -> str: ...


# A trial by its name, or whatever bears it: an arm, or the trial itself.
Named: TypeAlias = str | _Named


def name_of(trial: Named) -> str:
    """The name of a trial."""
    return trial if isinstance(trial, str) else trial.name


@dataclass(frozen=True)
class Sample:
    """A number that runs have, one a seed; adding and subtracting samples pairs their seeds.

    Called with records it gives the numbers, (seeds,), or with further axes for the steps, layers
    or images that they were measured at; an index picks some of them.

    Attributes:
        trials: the names of the trials whose runs have it.
        read: takes it out of the records.
    """

    trials: tuple[str, ...]
    read: Callable[[Records], Floats]

    def __call__(self, records: Records) -> Floats:
        """The numbers that these records hold."""
        return self.read(records)

    def lost(self, records: Records) -> int:
        """The number of seeds with a diverged run."""
        return metrics.lost(*(records.trial(name) for name in self.trials))

    def map(self, function: Callable[[Floats], Floats]) -> "Sample":
        """A function of the numbers."""
        return Sample(self.trials, lambda records: function(self(records)))

    def contrast(self, lost: bool = True, ties: bool = False) -> Judge:
        """Judges a claim by these differences; where each has images, they vary, too.

        Args:
            lost: whether signs judge where a run of its trials diverged; not where a diverged run
                is a part of what is measured.
            ties: whether a pair with a run that has no number is a tie; signs judge then, too.
        """

        def judge(records: Records) -> Contrast:
            differences, diverged = self(records), self.lost(records) if lost else 0
            if ties:
                missing = np.isnan(differences)
                return paired(
                    np.where(missing, 0.0, differences), diverged, censored=int(missing.sum())
                )
            if differences.ndim == 1:
                return paired(differences, diverged)
            return paired(differences.mean(axis=1), diverged, cells=differences)

        return judge

    def ratio(self, under: "Sample", lost: bool = True) -> Judge:
        """Judges a claim by how many times larger it is than another, on logarithms.

        A number that is infinite was not reached. `lost` is that of `contrast`.
        """
        both = self + under
        return lambda records: log_ratio(
            self(records), under(records), both.lost(records) if lost else 0
        )

    def _with(self, other: "Sample | float", compute: Callable[[Any, Any], Any]) -> "Sample":
        if not isinstance(other, Sample):
            return self.map(lambda values: np.asarray(compute(values, other)))
        trials = tuple(dict.fromkeys(self.trials + other.trials))
        return Sample(trials, lambda records: np.asarray(compute(self(records), other(records))))

    def __add__(self, other: "Sample | float") -> "Sample":
        return self._with(other, operator.add)

    def __sub__(self, other: "Sample | float") -> "Sample":
        return self._with(other, operator.sub)

    def __mul__(self, factor: "Sample | float") -> "Sample":
        return self._with(factor, operator.mul)

    __rmul__ = __mul__

    def __truediv__(self, divisor: "Sample | float") -> "Sample":
        return self._with(divisor, operator.truediv)

    def __neg__(self) -> "Sample":
        return self.map(np.negative)

    def __abs__(self) -> "Sample":
        return self.map(np.abs)

    def __getitem__(self, place: Any) -> "Sample":
        return self.map(lambda values: values[place])


@dataclass(frozen=True)
class RunsOf:
    """The runs of a trial, whose numbers are samples: see `runs_of`."""

    trial: str

    def take(self, function: Callable[[Sequence[Record]], Floats]) -> Sample:
        """Take from the runs what a function finds in them."""
        return Sample((self.trial,), lambda records: function(records.trial(self.trial)))

    def final(self, metric: str = "val_accuracy", lost: float = CHANCE, epochs: int = 1) -> Sample:
        """The mean of a metric over the last epochs, by default one; `lost` for a diverged run."""
        return self.take(lambda runs: metrics.last(runs, metric, lost, epochs))

    def history(self, metric: str, lost: float = CHANCE) -> Sample:
        """A metric after every epoch, (seeds, epochs); `lost` from where a run diverged."""
        return self.take(lambda runs: metrics.by_epoch(runs, metric, lost))

    def accuracy(self, epoch: int, part: str = "test") -> Sample:
        """The share of images that are right after an epoch; chance where a run diverged."""
        return self.take(lambda runs: metrics.accuracy(runs, part, epoch))

    def correct(self, epoch: int, part: str = "test") -> Sample:
        """Mark the images right after an epoch, (seeds, images); chance for a diverged run."""
        return self.take(lambda runs: metrics.correct(runs, part, epoch))

    def measured(self, quantity: str, lost: float = np.nan) -> Sample:
        """The numbers of a check, "<check>_<what>", (seeds, steps) or (seeds, steps, layers).

        `lost` stands where a run diverged.
        """
        return self.take(lambda runs: metrics.checked(runs, quantity, lost))

    def scored(self, check: str) -> Sample:
        """The accuracies that a check scored, (seeds, steps); chance where a run diverged."""
        return self.measured(f"{check}_accuracy", lost=CHANCE)

    def steps_until(self, check: str, threshold: float) -> Sample:
        """The first step at which the smoothed accuracy of a check reaches the threshold.

        Infinite where it never does.
        """
        return self.take(lambda runs: metrics.steps_to(runs, check, threshold))

    def at_loss(self, loss: str, accuracy: str, levels: Sequence[float]) -> Sample:
        """The mean accuracy where a loss has fallen to levels, NaN if not; see `metrics`."""
        return self.take(lambda runs: metrics.at_loss(runs, loss, accuracy, levels))

    def passed(self, score: str, threshold: float) -> Sample:
        """The step at which a score that can only rise passes the threshold; see `metrics`."""
        return self.take(lambda runs: metrics.passed(runs, score, threshold))


def runs_of(trial: Named) -> RunsOf:
    """The runs of a trial: of its name, of an arm's name, or of the trial itself."""
    return RunsOf(name_of(trial))


def ranked(records: Records, by_arm: Mapping[Key, Sample]) -> dict[Key, Floats]:
    """The numbers of several arms, (seeds,) each, the highest mean first."""
    numbers = {arm: sample(records) for arm, sample in by_arm.items()}
    return dict(sorted(numbers.items(), key=lambda item: -float(item[1].mean())))


def sign_tests(records: Records, judges: Mapping[str, Callable[..., Any]]) -> dict[str, float]:
    """The p of the sign test after Holm, by claim: it asks how many seeds, and not how far.

    Args:
        records: those of the claims' study.
        judges: what judges each claim, a contrast of the records.
    """
    each = {name: paired(judge(records).values, diverged=1).p for name, judge in judges.items()}
    return dict(zip(each, holm([*each.values()]), strict=True))


def gain(treated: Named, control: Named, epoch: int, part: str = "test") -> Judge:
    """Judges by how many percentage points the treated arm is more accurate after an epoch.

    The interval covers seeds and images; with diverged runs, counted at chance, signs judge.
    """
    with_it, without = (runs_of(trial).correct(epoch, part) for trial in (treated, control))
    return (100 * (with_it - without)).contrast()


def lead(ahead: Named, behind: Named) -> Judge:
    """Judges by how many percentage points of final validation accuracy an arm is ahead."""
    return (100 * (runs_of(ahead).final() - runs_of(behind).final())).contrast()


def sooner(fast: Named, slow: Named, check: str, threshold: float) -> Judge:
    """Judges how many times more steps the slow arm needs to reach the threshold."""
    late, early = (runs_of(trial).steps_until(check, threshold) for trial in (slow, fast))
    return late.ratio(early, lost=False)
