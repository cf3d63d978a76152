"""Compare arms where they fit the training images equally well: accuracies at levels of a loss."""

from collections.abc import Sequence

import numpy as np

from bnreport.analysis.comparisons import Judge, Named, Sample, runs_of
from bnreport.analysis.metrics import CHANCE, Floats
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Contrast, paired


def at_loss(trial: Named, loss: str, accuracy: str, levels: Sequence[float]) -> Sample:
    """The mean accuracy at which each run's loss has fallen to levels, NaN if to one it never does.

    Chance where the run diverged before it did. Between marks the accuracy is read on a line over
    the loss's logarithm.

    Args:
        trial: the runs.
        loss: what a check found that falls along them, "<check>_<what>".
        accuracy: what is read there.
        levels: of the loss; several of them even out what one mark happens to show.
    """
    runs = runs_of(trial)
    fits, scores = runs.measured(loss), runs.measured(accuracy)

    def read(records: Records) -> Floats:
        diverged = [run.diverged for run in records.trial(runs.trial)]
        each = zip(fits(records), scores(records), diverged, strict=True)
        return np.array([_at_levels(fit, score, levels, lost) for fit, score, lost in each])

    return Sample((runs.trial,), read)


def _at_levels(loss: Floats, accuracy: Floats, levels: Sequence[float], diverged: bool) -> float:
    # Spikes in a falling curve say nothing about the net that a level describes.
    falls = loss < np.fmin.accumulate(np.append(np.inf, loss[:-1]))
    if not (loss[falls] <= min(levels)).any():
        return CHANCE if diverged else np.nan
    places, fallen = -np.log(levels), -np.log(loss[falls])
    return float(np.interp(places, fallen, accuracy[falls]).mean())


def ahead_at_loss(treated: Sample, control: Sample) -> Judge:
    """Judges by percentage points; a pair with a run that has no accuracy is a tie."""
    differences = 100 * (treated - control)

    def judge(records: Records) -> Contrast:
        values = differences(records)
        ties = np.isnan(values)
        lost = differences.lost(records)
        return paired(np.where(ties, 0.0, values), lost, censored=int(ties.sum()))

    return judge


def runs_at(values: Floats) -> tuple[Floats, str]:
    """The accuracies, in per cent, of the runs that fell to the level, and their number if few."""
    accuracies = 100 * values[np.isfinite(values)]
    return accuracies, f"{len(accuracies)} of {len(values)}" if len(accuracies) < len(
        values
    ) else ""
