"""The numbers that the prose of the page may name."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bnreport.presentation.formats import number, quantity, with_interval
from bnreport.presentation.tables import Value
from bnreport.records.collection import Records
from bnreport.records.record import Record
from bnreport.statistics.estimates import Estimate, Fit
from bnreport.statistics.intervals import Interval, t_interval
from bnreport.statistics.significance import z_scores
from bnreport.studies.notebook.estimates import (
    accuracy_cells,
    accuracy_gain,
    first_losses,
    fits,
    slowdown,
    window,
)
from bnreport.studies.notebook.published import (
    FIRST_TIMING,
    FIT_EPOCHS,
    METRICS,
    PRINTED_EPOCHS,
    PUBLISHED_BASELINE,
    PUBLISHED_BN,
    PUBLISHED_FINAL,
    PUBLISHED_RUNTIME,
    PUBLISHED_SECONDS,
)
from bnreport.studies.notebook.textbook import textbook_values

# A story whose rank p is smaller is refused.
ALPHA = 0.05
NETS = {"baseline": "baseline", "bn": "BN"}
SPLITS = {"val": "validation", "test": "test"}
LOOPS = {"fit": "Keras' fit", "compiled": "one compiled program an epoch"}


def column(records: Sequence[Record], metric: str, epoch: int) -> NDArray[np.float64]:
    """A metric after an epoch, one number a run."""
    return np.array([record.epochs(metric)[epoch - 1] for record in records])


def _rate_values(records: Records) -> dict[str, Value]:
    starts = {
        rate: column(records.trial(f"baseline-{rate}"), "loss", 1) for rate in ("0.01", "0.001")
    }
    values = {
        f"baseline-{rate}.loss.1": Value(
            number(x.mean(), 3), f"mean loss of epoch 1, {len(x)} runs of baseline-{rate}"
        )
        for rate, x in starts.items()
    }
    values["baseline-0.01.loss.1.sd"] = Value(
        number(starts["0.01"].std(ddof=1), 4), "SD of the loss of epoch 1 between seeds"
    )
    z = np.abs(z_scores(PUBLISHED_BASELINE.ravel(), window(records.trial("baseline-0.01"), 0)))
    epoch, _ = divmod(int(z.argmax()), len(METRICS))
    rest = z.reshape(PUBLISHED_BASELINE.shape).copy()
    rest[epoch, METRICS.index("val_loss") :] = 0.0
    values["baseline.odd-epoch"] = Value(str(epoch + 1), "the epoch of the largest |z| at 0.01")
    values["baseline.odd-accuracy"] = Value(
        number(PUBLISHED_BASELINE[epoch, METRICS.index("val_accuracy")], 4),
        "printed validation accuracy of that epoch",
    )
    values["baseline.rest.z"] = Value(
        number(float(rest.max()), 1), "largest |z| of the other 30 printed numbers at 0.01"
    )
    dips = np.array(
        [
            record.epochs("val_accuracy")[2:PRINTED_EPOCHS].min()
            for trial in ("baseline-0.01", "baseline-0.01-follow-up")
            for record in records.trial(trial)
        ]
    )
    values["baseline.dip"] = Value(
        number(float(dips.min()), 4), f"lowest validation accuracy of epochs 3-8, {len(dips)} runs"
    )
    values["baseline.dip.runs"] = Value(str(len(dips)), "fresh runs at 0.01, both sets of seeds")
    return values


def _kind_values(records: Records) -> dict[str, Value]:
    fresh = column(records.trial("bn-0.01"), "loss", 1)
    losses = first_losses(records)
    every = np.concatenate(list(losses.values()))
    return {
        "bn-0.01.loss.1": Value(
            number(fresh.mean(), 3), f"mean loss of epoch 1, {len(fresh)} runs of bn-0.01"
        ),
        "first-loss.lowest": Value(
            number(float(np.nanmin(every)), 3), f"the lowest first-epoch loss of {len(every)} runs"
        ),
        "first-loss.runs": Value(str(len(every)), "fresh BN runs over all rates"),
        "first-loss.rates": Value(str(len(losses)), "learning rates"),
    }


def _fit_values(found: Mapping[str, Estimate]) -> dict[str, Value]:
    """The same four numbers of every claim that is a fit."""
    values: dict[str, Value] = {}
    for name, fit in found.items():
        if not isinstance(fit, Fit):
            continue
        beyond = round(fit.p * (fit.n + 1)) - 1
        origin = f"claim {name}, {fit.n} runs"
        values[f"{name}.z"] = Value(number(fit.largest_z, 1), f"largest |z|, {origin}")
        values[f"{name}.beyond"] = Value(str(beyond), f"runs at least as far off, {origin}")
        values[f"{name}.n"] = Value(str(fit.n), origin)
        values[f"{name}.start"] = Value(str(fit.offset + 1), f"first epoch of the window, {origin}")
    return values


def accuracy(records: Records, net: str, split: str) -> Interval:
    """The mean accuracy of a net after ten fresh epochs, with its interval over seeds."""
    scores = [r.score(FIT_EPOCHS).marks(split).mean() for r in records.trial(f"{net}-0.01")]
    return t_interval(scores)


def _accuracy_values(records: Records) -> dict[str, Value]:
    values = {
        f"{net}.test": Value(
            number(accuracy(records, net, "test").point, 4),
            f"mean test accuracy after epoch {FIT_EPOCHS}",
        )
        for net in NETS
    }
    values["gain.test"] = Value(
        with_interval(accuracy_gain(records, "test").interval, 2, "pp", signed=True),
        "BN minus baseline, test images; 95% interval over seeds and images",
    )
    for split, word in SPLITS.items():
        gain = t_interval(accuracy_cells(records, split).mean(axis=1))
        values[f"gain.{split}.seeds"] = Value(
            with_interval(gain, 2, "pp", signed=True),
            f"{word} gain with the interval over seeds alone",
        )
    printed = 100 * (PUBLISHED_FINAL["bn"] - PUBLISHED_FINAL["baseline"])
    values["printed.gap"] = Value(quantity(printed, 1, "pp", signed=True), "0.9430 minus 0.8710")
    for net, curve in {"baseline": PUBLISHED_BASELINE, "bn": PUBLISHED_BN}.items():
        values[f"printed.{net}.loss.1"] = Value(
            number(curve[0, METRICS.index("loss")], 4), "printed loss of epoch 1"
        )
    for net, closing in PUBLISHED_FINAL.items():
        values[f"printed.{net}"] = Value(number(closing, 4), "printed by the notebook")
    return values


def _timing_values(records: Records) -> dict[str, Value]:
    (timing,) = records.trial("timing")
    values: dict[str, Value] = {}
    for loop, how in LOOPS.items():
        for net in NETS:
            seconds = timing.epochs(f"{loop}_{net}")
            values[f"seconds.{loop}.{net}"] = Value(
                quantity(float(np.median(seconds)), 2, "s"),
                f"median of {len(seconds)} epochs, {how}",
            )
        ratio = t_interval(1 + slowdown(timing, loop) / 100)
        values[f"ratio.{loop}"] = Value(
            with_interval(ratio, 2), f"BN over baseline, {ratio.n} rounds, {how}"
        )
    printed = PUBLISHED_SECONDS["bn"] / PUBLISHED_SECONDS["baseline"]
    values["ratio.printed"] = Value(
        number(float(printed.mean()), 2), "mean of the printed epochs' ratios"
    )
    return values | _stalled_values(timing) | _runtime_values()


def _stalled_values(timing: Record) -> dict[str, Value]:
    """The round of `fit` whose ratio is the largest, and the ratio without it."""
    ratios = 1 + slowdown(timing, "fit") / 100
    worst = int(ratios.argmax())
    rest = np.delete(ratios, worst)
    seconds = timing.epochs("fit_bn")
    others = np.delete(seconds, worst)
    return {
        "ratio.fit.median": Value(
            number(float(np.median(ratios)), 2), f"median of {len(ratios)} rounds"
        ),
        "first.fit": Value(
            with_interval(t_interval(FIRST_TIMING["bn"] / FIRST_TIMING["baseline"]), 2),
            "mean of the rounds timed first",
        ),
        "stalled.round": Value(str(worst + 1), "the round of fit with the largest ratio"),
        "stalled.seconds": Value(quantity(float(seconds[worst]), 2, "s"), "an epoch with BN"),
        "stalled.others": Value(
            f"{number(float(others.min()), 2)} to {quantity(float(others.max()), 2, 's')}",
            f"an epoch with BN in the other {len(others)} rounds",
        ),
        "ratio.fit.rest": Value(
            with_interval(t_interval(rest), 2), f"mean of the other {len(rest)} rounds"
        ),
    }


def _runtime_values() -> dict[str, Value]:
    """What the notebook's clock says, and how long ten epochs take at the printed times."""
    values = {
        f"printed.runtime.{net}": Value(quantity(seconds, 2, "s"), "printed by the notebook")
        for net, seconds in PUBLISHED_RUNTIME.items()
    }
    for net, seconds in PUBLISHED_SECONDS.items():
        values[f"printed.epochs.{net}"] = Value(
            quantity(FIT_EPOCHS * float(seconds.mean()), 0, "s"),
            f"{FIT_EPOCHS} epochs at the mean of {len(seconds)} printed times",
        )
    return values


def _start_values(records: Records) -> dict[str, Value]:
    """At which starting epochs the printed BN curve passes for a run on new batches."""
    found = fits(PUBLISHED_BN, records.trial("bn-0.01"))
    passing = [str(fit.offset + 1) for fit in found if fit.p >= ALPHA]
    second = found[FIT_EPOCHS]
    return {
        "new.passing": Value(", ".join(passing) or "no epoch", f"of {len(found)} starting epochs"),
        "new.second": Value(str(second.offset + 1), "where a second call of fit starts"),
        "new.second.z": Value(number(second.largest_z, 1), "largest |z| there, on new batches"),
    }


def all_values(records: Records, found: Mapping[str, Estimate]) -> dict[str, Value]:
    """Every number that the prose may name, by name."""
    return (
        _rate_values(records)
        | _kind_values(records)
        | _accuracy_values(records)
        | _timing_values(records)
        | _start_values(records)
        | textbook_values(records)
        | _fit_values(found)
    )
