"""The figures of the page, as values."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bnreport.presentation.plots import Crosses, Curves, Dots, Panel, Plot, Row, Series
from bnreport.records.collection import Records
from bnreport.statistics.intervals import t_interval
from bnreport.studies.notebook.estimates import first_losses, fits
from bnreport.studies.notebook.published import (
    FIT_EPOCHS,
    METRICS,
    PRINTED_EPOCHS,
    PUBLISHED_BASELINE,
    PUBLISHED_BN,
    PUBLISHED_FINAL,
    PUBLISHED_SECONDS,
)
from bnreport.studies.notebook.values import LOOPS, NETS


def all_plots(records: Records) -> dict[str, Plot]:
    """The figures by name."""
    return {
        "rates": _rates_plot(records),
        "dips": _dips_plot(records),
        "kinds": _kinds_plot(records),
        "offsets": _offsets_plot(records),
        "first-losses": _first_losses_plot(records),
        "accuracies": _accuracies_plot(records),
        "seconds": _seconds_plot(records),
    }


def _series(label: str, records: Records, trial: str, metric: str, dashed: bool = False) -> Series:
    y = np.array([record.epochs(metric) for record in records.trial(trial)])
    return Series(
        label=label,
        arm="bn" if trial.startswith("bn") else "raw",
        x=np.arange(1, y.shape[1] + 1, dtype=float),
        y=y,
        dashed=dashed,
    )


def _setting(records: Records, n: int) -> str:
    data = "Fashion-MNIST, 784" if records.profile == "full" else "quick profile, digits, 64"
    return f"{data}-300-100-10, batch size 32, SGD; n = {n} seeds"


def _printed(published: NDArray[np.float64], metric: str, start: int = 1) -> Crosses:
    epochs = np.arange(start, start + PRINTED_EPOCHS, dtype=float)
    return Crosses("printed", epochs, published[:, METRICS.index(metric)])


def _rates_plot(records: Records) -> Curves:
    def panel(metric: str, word: str) -> Panel:
        return Panel(
            title=word,
            y_label=metric,
            series=(
                _series("rate 0.01", records, "baseline-0.01", metric),
                _series("rate 0.001", records, "baseline-0.001", metric, dashed=True),
            ),
            marks=(_printed(PUBLISHED_BASELINE, metric),),
        )

    return Curves(
        title="The printed baseline curve beside fresh runs at 0.01 and 0.001",
        subtitle="Baseline net; "
        + _setting(records, len(records.trial("baseline-0.01")))
        + " a rate",
        x_label="epoch",
        panels=(panel("loss", "Training loss"), panel("val_accuracy", "Validation accuracy")),
    )


def _dips_plot(records: Records) -> Curves:
    metric = "val_accuracy"
    first, more = (
        _series(label, records, trial, metric)
        for label, trial in (
            ("first seeds", "baseline-0.01"),
            ("new seeds", "baseline-0.01-follow-up"),
        )
    )
    return Curves(
        title="Validation accuracy of the baseline, run by run",
        subtitle="Baseline at 0.01; "
        + _setting(records, len(first.y))
        + f" and {len(more.y)} more",
        x_label="epoch",
        panels=tuple(
            Panel(
                title=series.label.capitalize(),
                y_label=metric,
                series=(series,),
                marks=(_printed(PUBLISHED_BASELINE, metric),),
            )
            for series in (first, more)
        ),
    )


def _kinds_plot(records: Records) -> Curves:
    def panel(metric: str, word: str) -> Panel:
        shown = slice(PRINTED_EPOCHS, None)
        new = _series("new batches", records, "bn-0.01", metric, dashed=True)
        replayed = _series("replayed", records, "bn-0.01-replayed", metric)
        return Panel(
            title=word,
            y_label=metric,
            series=tuple(replace(s, x=s.x[shown], y=s.y[:, shown]) for s in (new, replayed)),
            marks=(_printed(PUBLISHED_BN, metric, FIT_EPOCHS + 1),),
        )

    return Curves(
        title="The printed BN curve, laid over the second call of fit",
        subtitle="BN net at 0.01; " + _setting(records, len(records.trial("bn-0.01"))),
        x_label="epoch",
        panels=(panel("loss", "Training loss"), panel("accuracy", "Training accuracy")),
    )


def _offsets_plot(records: Records) -> Curves:
    def profile(label: str, trial: str, dashed: bool) -> Series:
        found = fits(PUBLISHED_BN, records.trial(trial))
        return Series(
            label=label,
            arm="bn",
            x=np.array([fit.offset + 1.0 for fit in found]),
            y=np.array([[fit.largest_z for fit in found]]),
            dashed=dashed,
        )

    return Curves(
        title="Where in a run could the printed BN curve start?",
        subtitle="Largest |z| over 32 printed numbers; "
        + _setting(records, len(records.trial("bn-0.01"))),
        x_label="first epoch of the printout",
        panels=(
            Panel(
                title="",
                y_label="largest |z|",
                series=(
                    profile("new batches", "bn-0.01", dashed=True),
                    profile("replayed", "bn-0.01-replayed", dashed=False),
                ),
                y_scale="log",
            ),
        ),
    )


def _first_losses_plot(records: Records) -> Curves:
    losses = first_losses(records)
    rates = np.array(list(losses))
    runs = np.array(list(losses.values())).T
    return Curves(
        title="No learning rate starts a fresh BN run where the printout starts"
        if np.nanmin(runs) > PUBLISHED_BN[0, 0]
        else "First-epoch loss of fresh BN runs by learning rate",
        subtitle="BN net, epoch 1; " + _setting(records, len(runs)) + " a rate",
        x_label="learning rate",
        x_scale="log",
        panels=(
            Panel(
                title="",
                y_label="loss of epoch 1",
                series=(Series("fresh BN runs", "bn", rates, runs),),
                level=(float(PUBLISHED_BN[0, 0]), "printed"),
            ),
        ),
    )


def _accuracies_plot(records: Records) -> Dots:
    rows = []
    for net, label in NETS.items():
        x = np.array(
            [r.score(FIT_EPOCHS).marks("test").mean() for r in records.trial(f"{net}-0.01")]
        )
        interval = t_interval(x)
        rows.append(
            Row(
                label=label,
                arm="bn" if net == "bn" else "raw",
                values=x,
                low=interval.low,
                point=interval.point,
                high=interval.high,
                published=(PUBLISHED_FINAL[net],),
            )
        )
    return Dots(
        title="Ten fresh epochs, and what the notebook printed",
        subtitle="Test accuracy, inference mode, 95% interval over seeds; "
        + _setting(records, len(rows[0].values)),
        x_label="test accuracy",
        rows=tuple(rows),
        paired=True,
    )


def _seconds_plot(records: Records) -> Dots:
    (timing,) = records.trial("timing")
    rows = []
    for loop in LOOPS:
        for net, label in NETS.items():
            x = timing.epochs(f"{loop}_{net}")
            interval = t_interval(x)
            rows.append(
                Row(
                    label=f"{label}, {loop}",
                    arm="bn" if net == "bn" else "raw",
                    values=x,
                    low=interval.low,
                    point=interval.point,
                    high=interval.high,
                    published=tuple(sorted(set(PUBLISHED_SECONDS[net]))) if loop == "fit" else (),
                )
            )
    return Dots(
        title="Seconds per epoch of both nets, in two training loops",
        subtitle=f"With validation; n = {len(rows[0].values)} interleaved rounds in one process, "
        f"{timing.provenance.threads} threads",
        x_label="seconds per epoch",
        rows=tuple(rows),
        from_zero=True,
        decimals=2,
    )
