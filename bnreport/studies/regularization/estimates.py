"""What each claim is judged by, computed from the records."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from bnreport.estimates import Contrast, Estimate, log_ratio, paired
from bnreport.records import Record
from bnreport.samples import CHANCE, Floats, checked, gain, lost
from bnreport.studies.regularization.claims import BY_SIZE
from bnreport.studies.regularization.runs import GHOST_BATCH, LEVEL, SIZES
from bnreport.study import Records


def matched(found: Sequence[Record], level: float = LEVEL) -> Floats:
    """The test accuracy at which each run's training loss has fallen to a level, (seeds,).

    NaN where it never does, chance where the run diverged before it did.
    """
    losses, accuracies = checked(found, "train_loss"), checked(found, "test_accuracy")
    values = []
    for record, loss, accuracy in zip(found, losses, accuracies, strict=True):
        # Spikes in a falling curve say nothing about the net that the level describes.
        falls = loss < np.fmin.accumulate(np.append(np.inf, loss[:-1]))
        if not (loss[falls] <= level).any():
            values.append(CHANCE if record.diverged else np.nan)
            continue
        depth = -np.log(loss[falls])
        values.append(float(np.interp(-np.log(level), depth, accuracy[falls])))
    return np.array(values)


def compare(treated: Floats, control: Floats, diverged: int) -> Contrast:
    """The contrast in percentage points; a pair with a run that has no accuracy is a tie."""
    differences = 100 * (treated - control)
    missing = np.isnan(differences)
    return paired(np.where(missing, 0.0, differences), diverged, censored=int(missing.sum()))


def _same(treated: str, control: str) -> Callable[[Records, int], Contrast]:
    def estimate(records: Records, images: int) -> Contrast:
        mine, other = (records.trial(f"{of}-{images}") for of in (treated, control))
        return compare(matched(mine), matched(other), lost(mine, other))

    return estimate


def _in_the_end(control: str) -> Callable[[Records, int], Contrast]:
    return lambda records, images: gain(
        records.trial(f"bn-{images}"), records.trial(f"{control}-{images}"), SIZES[images]
    )


def _test_loss(control: str) -> Callable[[Records, int], Contrast]:
    def estimate(records: Records, images: int) -> Contrast:
        arms = [records.trial(f"{of}-{images}") for of in ("bn", control)]
        bn, other = (checked(found, "test_loss", np.inf)[:, -1] for found in arms)
        return log_ratio(bn, other, lost(*arms))

    return estimate


def _by_size(
    estimate: Callable[[Records, int], Contrast],
) -> Callable[[Records], Mapping[str, Contrast]]:
    return lambda records: {
        setting: estimate(records, images) for setting, images in zip(BY_SIZE, SIZES, strict=True)
    }


def ghosts(records: Records) -> Contrast:
    """By how many percentage points small ghost batches are better than whole batches."""
    arms = [records.trial(f"ghost-{size}") for size in (8, 32, GHOST_BATCH)]
    eight, thirty_two, whole = (matched(found) for found in arms)
    return compare((eight + thirty_two) / 2, whole, lost(*arms))


ESTIMATES: Mapping[str, Callable[[Records], Estimate]] = {
    **{
        f"regularization-{name}-{control}": _by_size(estimate(control))
        for control in ("raw", "std")
        for name, estimate in (
            ("same", lambda control: _same("bn", control)),
            ("end", _in_the_end),
            ("loss", _test_loss),
        )
    },
    "regularization-dropout": _by_size(_same("dropout", "raw")),
    "regularization-ghosts": ghosts,
}
