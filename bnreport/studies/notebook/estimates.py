"""From records to what the claims are judged by."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from bnreport.errors import RecordError
from bnreport.records.collection import Records
from bnreport.records.record import Record
from bnreport.statistics.estimates import Contrast, Estimate, Fit, fit_of, paired
from bnreport.studies.notebook.published import (
    FIT_EPOCHS,
    METRICS,
    PRINTED_EPOCHS,
    PUBLISHED_BASELINE,
    PUBLISHED_BN,
)
from bnreport.studies.notebook.runs import SWEEP_RATES


def window(records: Sequence[Record], offset: int) -> NDArray[np.float64]:
    """The printed values that each run would have shown after `offset` epochs.

    Returns:
        Shape (runs, 32): eight epochs by four metrics, in the order of the published arrays.

    Raises:
        RecordError: when a run diverged: it has no distance, and it may not be dropped.
    """
    for record in records:
        if record.diverged:
            raise RecordError(
                f"Expected runs of {record.identity.trial.name} that a printed curve can be "
                f"compared with. Received: run {record.id}, which diverged. Do judge this trial by "
                "another rule, in a claim of its own."
            )
    span = slice(offset, offset + PRINTED_EPOCHS)
    return np.array(
        [np.stack([record.epochs(m)[span] for m in METRICS], axis=1).ravel() for record in records]
    )


def training_fit(published: NDArray[np.float64], records: Sequence[Record]) -> Fit:
    """How well the published training loss and accuracy fit fresh runs, validation aside."""
    columns = [METRICS.index("loss"), METRICS.index("accuracy")]
    runs = window(records, 0).reshape(len(records), PRINTED_EPOCHS, len(METRICS))
    return fit_of(published[:, columns].ravel(), runs[:, :, columns].reshape(len(records), -1))


def fits(published: NDArray[np.float64], records: Sequence[Record]) -> list[Fit]:
    """How well the published curve fits the runs at each possible offset, from 0 up."""
    last = len(records[0].history["loss"]) - PRINTED_EPOCHS
    return [fit_of(published.ravel(), window(records, k), k) for k in range(last + 1)]


def best(candidates: Sequence[Fit]) -> Fit:
    """The fit that is hardest to refuse: the largest p, then the smallest |z|."""
    return max(candidates, key=lambda fit: (fit.p, -fit.largest_z))


def accuracy_cells(records: Records, split: str) -> NDArray[np.float64]:
    """BN minus baseline after ten fresh epochs, in pp, by seed and image: (seeds, images)."""
    return 100.0 * np.array(
        [
            bn.score(FIT_EPOCHS).marks(split).astype(float)
            - baseline.score(FIT_EPOCHS).marks(split)
            for bn, baseline in zip(
                records.trial("bn-0.01"), records.trial("baseline-0.01"), strict=True
            )
        ]
    )


def accuracy_gain(records: Records, split: str) -> Contrast:
    """BN minus baseline after ten fresh epochs, in percentage points, over seeds and images."""
    cells = accuracy_cells(records, split)
    return paired(cells.mean(axis=1), cells=cells)


def first_losses(records: Records) -> dict[float, NDArray[np.float64]]:
    """The loss of the first epoch of fresh BN runs, by learning rate, one number a seed."""
    names = {0.001: "bn-0.001", 0.01: "bn-0.01"} | {
        rate: f"bn-one-epoch-{rate:g}" for rate in SWEEP_RATES
    }
    seeds = sorted(records.of[f"bn-one-epoch-{SWEEP_RATES[0]:g}"])
    return {
        rate: np.array([records.of[names[rate]][seed].epochs("loss")[0] for seed in seeds])
        for rate in sorted(names)
    }


def slowdown(record: Record, loop: str) -> NDArray[np.float64]:
    """By how many per cent an epoch of the BN net takes longer, one number a round."""
    return 100.0 * (record.epochs(f"{loop}_bn") / record.epochs(f"{loop}_baseline") - 1.0)


def _fit(trial: str, offset: int, published: NDArray[np.float64]) -> Callable[[Records], Fit]:
    return lambda records: fits(published, records.trial(trial))[offset]


def _above_printed(records: Records) -> Contrast:
    # A diverged run has no loss to compare; it cannot have reached the published one.
    lowest = np.nanmin(np.array(list(first_losses(records).values())), axis=0)
    return paired(lowest - PUBLISHED_BN[0, 0])


def _slower(loop: str) -> Callable[[Records], Contrast]:
    return lambda records: paired(slowdown(records.trial("timing")[0], loop))


# What the claims are judged by, by claim id.
ESTIMATES: dict[str, Callable[[Records], Estimate]] = {
    "a-rate-0.01": _fit("baseline-0.01", 0, PUBLISHED_BASELINE),
    "a-rate-0.001": _fit("baseline-0.001", 0, PUBLISHED_BASELINE),
    "a-follow-up": _fit("baseline-0.01-follow-up", 0, PUBLISHED_BASELINE),
    "a-follow-up-training": lambda records: training_fit(
        PUBLISHED_BASELINE, records.trial("baseline-0.01-follow-up")
    ),
    "b-fresh": _fit("bn-0.01", 0, PUBLISHED_BN),
    "b-any-rate": _above_printed,
    "b-new-batches": lambda records: best(fits(PUBLISHED_BN, records.trial("bn-0.01"))[1:]),
    "b-replayed-batches": _fit("bn-0.01-replayed", FIT_EPOCHS, PUBLISHED_BN),
    "c-validation": lambda records: accuracy_gain(records, "val"),
    "c-test": lambda records: accuracy_gain(records, "test"),
    "c-printed-gap": lambda records: accuracy_gain(records, "test"),
    "d-fit-time": _slower("fit"),
    "d-compiled-time": _slower("compiled"),
}
