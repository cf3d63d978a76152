"""The runs that can have printed the notebook's curves, and its closing accuracies."""

from typing import Any

import numpy as np

from bnreport.analysis.arms import NOTEBOOK
from bnreport.analysis.cells import mean_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import runs_of
from bnreport.analysis.printed import ALPHA, Printed
from bnreport.presentation.plots import Curves
from bnreport.presentation.tables import Table, Value
from bnreport.records.collection import Records
from bnreport.studies.notebook.protocol import (
    BASELINE_CURVE,
    BN_CURVE,
    CLAIMS,
    FIRST_LOSSES,
    after,
)
from bnreport.studies.notebook.published import (
    FIT_EPOCHS,
    METRICS,
    PRINTED_EPOCHS,
    PUBLISHED_BN,
    PUBLISHED_FINAL,
)
from bnreport.studies.notebook.textbook import farther

NEW, REPLAYED = "bn-0.01", "bn-0.01-replayed"


def curve_values(records: Records) -> dict[str, Value]:
    """The numbers in the prose on both curves, each with its origin."""
    return _starts(records) | _dips(records) | _kinds(records) | _fits(records)


def _starts(records: Records) -> dict[str, Value]:
    """The losses of the first epoch, of fresh runs and as printed."""
    each = {
        trial: after(1, trial)(records) for trial in ("baseline-0.01", "baseline-0.001", "bn-0.01")
    }
    scatter = mean_of(each["baseline-0.01"].std(ddof=1), 4)
    return {
        f"{trial}.loss.1": Value(mean_of(x, 3), f"mean loss of epoch 1, {len(x)} runs of {trial}")
        for trial, x in each.items()
    } | {
        "baseline-0.01.loss.1.sd": Value(scatter, "SD of the loss of epoch 1 between seeds"),
        "printed.baseline.loss.1": _first(BASELINE_CURVE),
        "printed.bn.loss.1": _first(BN_CURVE),
    }


def _first(curve: Any) -> Value:
    return Value(mean_of(curve.column("loss")[0], 4), "printed loss of epoch 1")


def _dips(records: Records) -> dict[str, Value]:
    """The epoch of the printed baseline that is odd, and how low our runs fall."""
    runs = records.trial("baseline-0.01")
    both = (*runs, *records.trial("baseline-0.01-follow-up"))
    dip = min(run.epochs("val_accuracy")[2:PRINTED_EPOCHS].min() for run in both)
    z = np.abs(BASELINE_CURVE.z(runs))
    odd = int(z.max(axis=1).argmax())
    accuracy = mean_of(BASELINE_CURVE.column("val_accuracy")[odd], 4)
    z[odd, METRICS.index("val_loss") :] = 0.0
    slow = np.mean([run.epochs("val_accuracy")[odd] for run in records.trial("baseline-0.001")])
    others = "largest |z| of the other 30 printed numbers at 0.01"
    lowest = f"lowest validation accuracy of epochs 3-8, {len(both)} runs"
    return {
        "baseline.odd-epoch": Value(str(odd + 1), "the epoch of the largest |z| at 0.01"),
        "baseline.odd-slow": Value(mean_of(slow, 4), "mean of the runs at 0.001 in that epoch"),
        "baseline.odd-accuracy": Value(accuracy, "printed validation accuracy of that epoch"),
        "baseline.rest.z": Value(mean_of(z.max(), 1), others),
        "baseline.dip": Value(mean_of(dip, 4), lowest),
        "baseline.dip.runs": Value(str(len(both)), "fresh runs at 0.01, both sets of seeds"),
    }


def _kinds(records: Records) -> dict[str, Value]:
    losses = FIRST_LOSSES.curves(records)
    fits = BN_CURVE.fits(records.trial("bn-0.01"))
    passing = ", ".join(str(fit.offset + 1) for fit in fits if fit.p >= ALPHA)
    second = fits[FIT_EPOCHS]
    least = f"the lowest first-epoch loss of {losses.size} runs"
    z = mean_of(second.largest_z, 1)
    return {
        "first-loss.lowest": Value(mean_of(np.nanmin(losses), 3), least),
        "first-loss.runs": Value(str(losses.size), "fresh BN runs over all rates"),
        "first-loss.rates": Value(str(losses.shape[1]), "learning rates"),
        "new.passing": Value(passing or "no epoch", f"of {len(fits)} starting epochs"),
        "new.second": Value(str(second.offset + 1), "where a second call of fit starts"),
        "new.second.z": Value(z, "largest |z| there, on new batches"),
    }


def _fits(records: Records) -> dict[str, Value]:
    """The same four numbers of every claim that is a fit."""
    values: dict[str, Value] = {}
    for judged in CLAIMS:
        if judged.claim.kind == "fit":
            fit: Any = judged.by(records)
            name, origin = judged.claim.id, f"claim {judged.claim.id}, {fit.n} runs"
            start = f"first epoch of the window, {origin}"
            values |= {
                f"{name}.z": Value(mean_of(fit.largest_z, 1), f"largest |z|, {origin}"),
                f"{name}.beyond": Value(str(fit.as_far), f"runs at least as far off, {origin}"),
                f"{name}.n": Value(str(fit.n), origin),
                f"{name}.start": Value(str(fit.offset + 1), start),
            }
    return values


def _rates_table(records: Records) -> Table:
    loss = METRICS.index("loss")
    columns = [[f"{number:.4f}" for number in BASELINE_CURVE.column("loss")]]
    for rate in ("0.01", "0.001"):
        runs = records.trial(f"baseline-{rate}")
        means = BASELINE_CURVE.window(runs)[:, :, loss].mean(axis=0)
        columns.append([mean_of(mean, 4) for mean in means])
        columns.append([mean_of(z, 1, signed=True) for z in BASELINE_CURVE.z(runs)[:, loss]])
    return Table(
        "Training loss of the baseline, printed and at two learning rates",
        ("epoch", "printed", "at 0.01", "z", "at 0.001", "z"),
        tuple((str(epoch), *row) for epoch, row in enumerate(zip(*columns, strict=True), 1)),
        note="Means over seeds; z is the distance of the printed number in standard deviations of "
        "one run.",
    )


def _kinds_table(records: Records) -> Table:
    new, replayed = (BN_CURVE.fits(records.trial(trial)) for trial in (NEW, REPLAYED))
    stories = {
        "a fresh run": new[0],
        "new batches, second call of fit": new[FIT_EPOCHS],
        "new batches, closest start": min(new[1:], key=lambda fit: fit.largest_z),
        "replayed batches, second call of fit": replayed[FIT_EPOCHS],
    }
    return Table.by_column(
        "Four stories about the published BN curve, against the same 32 printed numbers",
        "story",
        stories,
        {
            "epochs": lambda fit: f"{fit.offset + 1}\u2013{fit.offset + PRINTED_EPOCHS}",
            "largest |z|": lambda fit: mean_of(fit.largest_z, 1),
            "RMS z": lambda fit: mean_of(fit.rms, 1),
            "runs as far off": farther,
            "rank p": lambda fit: mean_of(fit.p, 3).removeprefix("0"),
        },
        note="RMS z is the root of the mean squared z. “Runs as far off” counts our own runs, each "
        "left out in turn, whose largest |z| is at least that of the printed curve.",
    )


def _closing_table(records: Records) -> Table:
    metrics = {
        "accuracy": "training accuracy, Keras' running mean",
        "train_accuracy": "training accuracy, re-evaluated",
        "val_accuracy": "validation accuracy",
    }

    def row(net: str, trial: str, epoch: int, batches: str, metric: str) -> tuple[str, ...]:
        ours = after(epoch, trial, metric)(records)
        closing = Printed((metric,), np.array([[PUBLISHED_FINAL[net]]]))
        return (
            f"{NOTEBOOK[net].label}, epoch {epoch}{batches}",
            metrics[metric],
            mean_of(PUBLISHED_FINAL[net], 4),
            f"{mean_of(ours, 4)} ± {mean_of(ours.std(ddof=1), 4)}",
            mean_of(closing.z(records.trial(trial), epoch - 1), 1, signed=True),
        )

    candidates = (
        ("baseline", "baseline-0.01", PRINTED_EPOCHS, ""),
        ("baseline", "baseline-0.01", FIT_EPOCHS, ""),
        ("bn", NEW, FIT_EPOCHS, ""),
        ("bn", REPLAYED, 2 * FIT_EPOCHS, ", replayed batches"),
    )
    return Table(
        "What the two closing accuracies could be",
        ("net and epoch", "measure", "printed", "our runs, mean ± SD", "z"),
        tuple(row(*candidate, metric) for candidate in candidates for metric in metrics),
        note="Exploratory: no claim rests on this table.",
    )


def _curve(
    records: Records, trial: str, metric: str, label: str, dashed: bool = False, first: int = 1
) -> Any:
    """A metric of the runs of a trial by epoch, from one on."""
    arm = NOTEBOOK["bn" if trial.startswith("bn") else "baseline"]
    values = runs_of(trial).history(metric, np.nan)(records)[:, first - 1 :]
    return arm.curve(first + np.arange(values.shape[1]), values, label, dashed)


def setting(records: Records, trial: str) -> str:
    """The data, the net and the seeds of a trial, as subtitles say them."""
    data = "Fashion-MNIST, 784" if records.profile == "full" else "quick profile, digits, 64"
    return f"{data}-300-100-10, batch size 32, SGD; n = {len(records.trial(trial))} seeds"


def _rates_plot(records: Records) -> Curves:
    def panel(metric: str, title: str) -> Any:
        own = _curve(records, "baseline-0.01", metric, "rate 0.01")
        other = _curve(records, "baseline-0.001", metric, "rate 0.001", dashed=True)
        return panels(
            {title: [own, other]},
            metric.removeprefix("val_"),
            marks=(BASELINE_CURVE.marks(metric),),
        )

    return Curves(
        title="The printed baseline curve beside fresh runs at 0.01 and 0.001",
        subtitle=f"Baseline net; {setting(records, 'baseline-0.01')} a rate",
        x_label="epoch",
        panels=panel("loss", "Training loss") + panel("val_accuracy", "Validation accuracy"),
    )


def _dips_plot(records: Records) -> Curves:
    metric, trial, more = "val_accuracy", "baseline-0.01", "baseline-0.01-follow-up"
    first = _curve(records, trial, metric, "first seeds")
    new = _curve(records, more, metric, "new seeds")
    return Curves(
        title="Validation accuracy of the baseline, run by run",
        subtitle=f"Baseline at 0.01; {setting(records, trial)} and {len(new.y)} more",
        x_label="epoch",
        panels=panels(
            {"First seeds": [first], "New seeds": [new]},
            metric.removeprefix("val_"),
            marks=(BASELINE_CURVE.marks(metric),),
        ),
    )


def _kinds_plot(records: Records) -> Curves:
    def panel(metric: str, title: str) -> Any:
        start = PRINTED_EPOCHS + 1
        new = _curve(records, NEW, metric, "new batches", True, start)
        replayed = _curve(records, REPLAYED, metric, "replayed", False, start)
        marks = BN_CURVE.marks(metric, FIT_EPOCHS + 1)
        return panels({title: [new, replayed]}, metric, marks=(marks,))

    return Curves(
        title="The printed BN curve, laid over the second call of fit",
        subtitle="BN net at 0.01; " + setting(records, NEW),
        x_label="epoch",
        panels=panel("loss", "Training loss") + panel("accuracy", "Training accuracy"),
    )


def _offsets_plot(records: Records) -> Curves:
    def curve(label: str, trial: str, dashed: bool) -> Any:
        fits = BN_CURVE.fits(records.trial(trial))
        starts, z = [fit.offset + 1 for fit in fits], [[fit.largest_z for fit in fits]]
        return NOTEBOOK["bn"].curve(starts, z, label, dashed)

    curves = [curve("new batches", NEW, True), curve("replayed", REPLAYED, False)]
    return Curves(
        title="Where in a run could the printed BN curve start?",
        subtitle="Largest |z| over 32 printed numbers; " + setting(records, NEW),
        x_label="first epoch of the printout",
        panels=panels({"": curves}, "largest |z|", y_scale="log"),
    )


def _first_losses_plot(records: Records) -> Curves:
    curve = FIRST_LOSSES.curve(records, NOTEBOOK["bn"], "fresh BN runs")
    printed = float(PUBLISHED_BN[0, 0])
    return Curves(
        title="First-epoch loss of fresh BN runs by learning rate",
        subtitle=f"BN net, epoch 1; {setting(records, 'bn-one-epoch-0.1')} a rate",
        x_label="learning rate",
        x_scale="log",
        panels=panels({"": [curve]}, "loss of epoch 1", level=(printed, "printed")),
    )


CURVE_TABLES = {"rates": _rates_table, "kinds": _kinds_table, "closing": _closing_table}
CURVE_PLOTS = {
    "rates": _rates_plot,
    "dips": _dips_plot,
    "kinds": _kinds_plot,
    "offsets": _offsets_plot,
    "first-losses": _first_losses_plot,
}
