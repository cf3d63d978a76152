"""Curves that somebody printed, and whether they pass for runs of ours: what judges a fit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bnreport.analysis.metrics import Floats
from bnreport.errors import RecordError
from bnreport.presentation.plots import Crosses
from bnreport.records.collection import Records
from bnreport.records.record import Record
from bnreport.statistics.estimates import Fit, fit_of, oddities
from bnreport.statistics.significance import z_scores

# A curve whose rank p among runs is smaller does not pass for one of them.
ALPHA = 0.05


@dataclass(frozen=True)
class Printed:
    """Epochs that were printed.

    Attributes:
        metrics: what was printed of each.
        epochs: the numbers, (epochs, metrics).
    """

    metrics: tuple[str, ...]
    epochs: Floats

    def column(self, metric: str) -> Floats:
        """A metric by epoch, (epochs,)."""
        return self.epochs[:, self.metrics.index(metric)]

    def only(self, *metrics: str) -> "Printed":
        """The same epochs, these metrics alone."""
        return Printed(metrics, np.stack([self.column(metric) for metric in metrics], axis=1))

    def window(self, runs: Sequence[Record], skipped: int = 0) -> Floats:
        """The numbers each run would have printed behind its first epochs, (runs, epochs, metrics).

        Raises:
            RecordError: when a run diverged: it has no distance, and it may not be dropped.
        """
        for run in runs:
            if run.diverged:
                raise RecordError(
                    f"Expected runs of {run.identity.trial.name} that a printed curve can be "
                    f"compared with. Received: run {run.id}, which diverged. Judge this trial by "
                    "another rule, in a claim of its own."
                )
        span = slice(skipped, skipped + len(self.epochs))
        shown = [np.stack([run.epochs(m)[span] for m in self.metrics], axis=1) for run in runs]
        return np.array(shown)

    def z(self, runs: Sequence[Record], skipped: int = 0) -> Floats:
        """The distance of each number from the runs, in SDs of one more, (epochs, metrics)."""
        shown = self.window(runs, skipped).reshape(len(runs), -1)
        return z_scores(self.epochs.ravel(), shown).reshape(self.epochs.shape)

    def fit(self, runs: Sequence[Record], skipped: int = 0) -> Fit:
        """Compare the numbers, behind the first epochs, with those of one more of these runs."""
        shown = self.window(runs, skipped).reshape(len(runs), -1)
        return fit_of(self.epochs.ravel(), shown, skipped)

    def fits(self, runs: Sequence[Record]) -> list[Fit]:
        """The fit behind no epoch, one, and so on, as long as all numbers have one beside them."""
        starts = len(runs[0].epochs(self.metrics[0])) - len(self.epochs) + 1
        return [self.fit(runs, skipped) for skipped in range(starts)]

    def passes(self, trial: str, skipped: int = 0) -> Callable[[Records], Fit]:
        """Judges whether the numbers pass for those of a trial, behind its first epochs."""
        return lambda records: self.fit(records.trial(trial), skipped)

    def marks(self, metric: str, start: int = 1) -> Crosses:
        """The numbers of a metric as crosses, from an epoch on."""
        numbers = self.column(metric)
        return Crosses("printed", np.arange(start, start + len(numbers), dtype=float), numbers)


def passing(curves: Floats, runs: Floats) -> int:
    """The number of curves, (curves, epochs, metrics), that pass for one more of these runs."""
    flat = runs.reshape(len(runs), -1)
    own = oddities(flat)
    farthest = np.array([np.abs(z_scores(curve.ravel(), flat)).max() for curve in curves])
    beyond = (own >= farthest[:, None]).sum(axis=1)
    return int(((1 + beyond) / (len(runs) + 1) >= ALPHA).sum())
