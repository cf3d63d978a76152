"""What the page shows beside the claims: numbers of its prose, tables and figures."""

from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.printed import Printed
from bnreport.presentation.plots import Curves, Dots
from bnreport.presentation.tables import Analysis, Table
from bnreport.records.collection import Records
from bnreport.studies.notebook.protocol import (
    BASELINE_CURVE,
    BN,
    BN_CURVE,
    CLAIMS,
    GAIN,
    NETS,
    PARTS,
    RIGHT,
    first_losses,
    seconds,
    slowdown,
)
from bnreport.studies.notebook.published import (
    FIRST_TIMING,
    FIT_EPOCHS,
    METRICS,
    PRINTED_EPOCHS,
    PUBLISHED_BN,
    PUBLISHED_FINAL,
    PUBLISHED_RUNTIME,
    PUBLISHED_SECONDS,
)
from bnreport.studies.notebook.textbook import farther, textbook_table, textbook_texts

# A story whose rank p is smaller is refused.
ALPHA = 0.05
LOOPS = {"fit": "Keras' fit", "compiled": "one compiled program an epoch"}
# How many times longer an epoch of the BN net takes, by round.
RATIO = {loop: slowdown(loop) / 100 + 1 for loop in LOOPS}
PRINTED_RATIO = PUBLISHED_SECONDS["bn"] / PUBLISHED_SECONDS["baseline"]
FIRST_RATIO = FIRST_TIMING["bn"] / FIRST_TIMING["baseline"]
PRINTED_GAP = 100 * (PUBLISHED_FINAL["bn"] - PUBLISHED_FINAL["baseline"])
# Numbers of the prose by name, each with its origin.
Texts: TypeAlias = dict[str, tuple[str, str]]


def analyse(records: Records) -> Analysis:
    """Everything that the page of this study shows."""
    texts: Texts = {}
    for part in (_rates, _kinds, _fits, _accuracies, _times, _stalled, textbook_texts):
        texts |= part(records)
    values = (values_of(origin, {name: text}) for name, (text, origin) in texts.items())
    return Analysis(
        values={name: value for each in values for name, value in each.items()},
        tables={
            "rates": _rates_table(records),
            "kinds": _kinds_table(records),
            "closing": _closing_table(records),
            "accuracies": _accuracies_table(records),
            "seconds": _seconds_table(records),
            "rounds": _rounds_table(records),
            "textbook": textbook_table(records),
        },
        plots={
            "rates": _rates_plot(records),
            "dips": _dips_plot(records),
            "kinds": _kinds_plot(records),
            "offsets": _offsets_plot(records),
            "first-losses": _first_losses_plot(records),
            "accuracies": _accuracies_plot(records),
            "seconds": _seconds_plot(records),
        },
    )


def after(records: Records, epoch: int, trial: str, metric: str = "loss") -> NDArray[np.float64]:
    """A metric after an epoch, one number a run."""
    return np.array([run.epochs(metric)[epoch - 1] for run in records.trial(trial)])


def _rates(records: Records) -> Texts:
    runs = records.trial("baseline-0.01")
    starts = {rate: after(records, 1, f"baseline-{rate}") for rate in ("0.01", "0.001")}
    z = np.abs(BASELINE_CURVE.z(runs))
    odd = int(z.max(axis=1).argmax())
    rest = z.copy()
    rest[odd, METRICS.index("val_loss") :] = 0.0
    both = (*runs, *records.trial("baseline-0.01-follow-up"))
    dip = min(run.epochs("val_accuracy")[2:PRINTED_EPOCHS].min() for run in both)
    texts = {
        f"baseline-{rate}.loss.1": (
            mean_of(x, 3),
            f"mean loss of epoch 1, {len(x)} runs of baseline-{rate}",
        )
        for rate, x in starts.items()
    }
    scatter = mean_of(starts["0.01"].std(ddof=1), 4)
    accuracy = mean_of(BASELINE_CURVE.column("val_accuracy")[odd], 4)
    lowest = f"lowest validation accuracy of epochs 3-8, {len(both)} runs"
    return texts | {
        "baseline-0.01.loss.1.sd": (scatter, "SD of the loss of epoch 1 between seeds"),
        "baseline.odd-epoch": (str(odd + 1), "the epoch of the largest |z| at 0.01"),
        "baseline.odd-accuracy": (accuracy, "printed validation accuracy of that epoch"),
        "baseline.rest.z": (
            mean_of(rest.max(), 1),
            "largest |z| of the other 30 printed numbers at 0.01",
        ),
        "baseline.dip": (mean_of(dip, 4), lowest),
        "baseline.dip.runs": (str(len(both)), "fresh runs at 0.01, both sets of seeds"),
    }


def _kinds(records: Records) -> Texts:
    fresh = after(records, 1, "bn-0.01")
    losses = np.array(list(first_losses(records).values()))
    fits = BN_CURVE.fits(records.trial("bn-0.01"))
    passing = ", ".join(str(fit.offset + 1) for fit in fits if fit.p >= ALPHA)
    second = fits[FIT_EPOCHS]
    least = f"the lowest first-epoch loss of {losses.size} runs"
    return {
        "bn-0.01.loss.1": (
            mean_of(fresh, 3),
            f"mean loss of epoch 1, {len(fresh)} runs of bn-0.01",
        ),
        "first-loss.lowest": (mean_of(np.nanmin(losses), 3), least),
        "first-loss.runs": (str(losses.size), "fresh BN runs over all rates"),
        "first-loss.rates": (str(len(losses)), "learning rates"),
        "new.passing": (passing or "no epoch", f"of {len(fits)} starting epochs"),
        "new.second": (str(second.offset + 1), "where a second call of fit starts"),
        "new.second.z": (mean_of(second.largest_z, 1), "largest |z| there, on new batches"),
    }


def _fits(records: Records) -> Texts:
    """The same four numbers of every claim that is a fit."""
    texts: Texts = {}
    for judged in CLAIMS:
        if judged.claim.kind == "fit":
            fit: Any = judged.by(records)
            name, origin = judged.claim.id, f"claim {judged.claim.id}, {fit.n} runs"
            texts |= {
                f"{name}.z": (mean_of(fit.largest_z, 1), f"largest |z|, {origin}"),
                f"{name}.beyond": (str(fit.as_far), f"runs at least as far off, {origin}"),
                f"{name}.n": (str(fit.n), origin),
                f"{name}.start": (str(fit.offset + 1), f"first epoch of the window, {origin}"),
            }
    return texts


def _accuracies(records: Records) -> Texts:
    gain = mean_of(GAIN["test"].contrast(lost=False)(records), 2, signed=True, unit="pp")
    texts = {
        "gain.test": (gain, "BN minus baseline, test images; 95% interval over seeds and images"),
        "printed.gap": (mean_of(PRINTED_GAP, 1, signed=True, unit="pp"), "0.9430 minus 0.8710"),
    }
    for part, words in PARTS.items():
        by_seed = GAIN[part](records).mean(axis=1)
        texts[f"gain.{part}.seeds"] = (
            mean_of(by_seed, 2, signed=True, interval=True, unit="pp"),
            f"{words} gain with the interval over seeds alone",
        )
    for net, curve in {"baseline": BASELINE_CURVE, "bn": BN_CURVE}.items():
        accuracy = mean_of(RIGHT[net, "test"](records).mean(axis=1), 4)
        texts |= {
            f"{net}.test": (accuracy, f"mean test accuracy after epoch {FIT_EPOCHS}"),
            f"printed.{net}.loss.1": (
                mean_of(curve.column("loss")[0], 4),
                "printed loss of epoch 1",
            ),
            f"printed.{net}": (mean_of(PUBLISHED_FINAL[net], 4), "printed by the notebook"),
        }
    return texts


def _times(records: Records) -> Texts:
    mean = mean_of(PRINTED_RATIO, 2)
    texts = {"ratio.printed": (mean, "mean of the printed epochs' ratios")}
    for loop, how in LOOPS.items():
        for net in NETS:
            rounds = seconds(loop, net)(records)
            median = mean_of(np.median(rounds), 2, unit="s")
            texts[f"seconds.{loop}.{net}"] = (median, f"median of {len(rounds)} epochs, {how}")
        ratios = RATIO[loop](records)
        origin = f"BN over baseline, {len(ratios)} rounds, {how}"
        texts[f"ratio.{loop}"] = (mean_of(ratios, 2, interval=True), origin)
    for net, printed in PUBLISHED_SECONDS.items():
        clock = mean_of(PUBLISHED_RUNTIME[net], 2, unit="s")
        texts[f"printed.runtime.{net}"] = (clock, "printed by the notebook")
        texts[f"printed.epochs.{net}"] = (
            mean_of(FIT_EPOCHS * printed, 0, unit="s"),
            f"{FIT_EPOCHS} epochs at the mean of {len(printed)} printed times",
        )
    return texts


def _stalled(records: Records) -> Texts:
    """The round of `fit` whose ratio is the largest, and the ratio without it."""
    ratios, rounds = RATIO["fit"](records), seconds("fit", "bn")(records)
    worst = int(ratios.argmax())
    rest, others = np.delete(ratios, worst), np.delete(rounds, worst)
    first = mean_of(FIRST_RATIO, 2, interval=True)
    return {
        "ratio.fit.median": (mean_of(np.median(ratios), 2), f"median of {len(ratios)} rounds"),
        "first.fit": (first, "mean of the rounds timed first"),
        "stalled.round": (str(worst + 1), "the round of fit with the largest ratio"),
        "stalled.seconds": (mean_of(rounds[worst], 2, unit="s"), "an epoch with BN"),
        "stalled.others": (
            f"{mean_of(others.min(), 2)} to {mean_of(others.max(), 2, unit='s')}",
            f"an epoch with BN in the other {len(others)} rounds",
        ),
        "ratio.fit.rest": (
            mean_of(rest, 2, interval=True),
            f"mean of the other {len(rest)} rounds",
        ),
    }


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
    new, replayed = (
        BN_CURVE.fits(records.trial(trial)) for trial in ("bn-0.01", "bn-0.01-replayed")
    )
    stories = {
        "a fresh run": new[0],
        "new batches, second call of fit": new[FIT_EPOCHS],
        "new batches, closest start": min(new[1:], key=lambda fit: fit.largest_z),
        "replayed batches, second call of fit": replayed[FIT_EPOCHS],
    }
    return Table(
        "Four stories about the published BN curve, against the same 32 printed numbers",
        ("story", "epochs", "largest |z|", "RMS z", "runs as far off", "rank p"),
        tuple(
            (
                story,
                f"{fit.offset + 1}\u2013{fit.offset + PRINTED_EPOCHS}",
                mean_of(fit.largest_z, 1),
                mean_of(fit.rms, 1),
                farther(fit),
                mean_of(fit.p, 3).removeprefix("0"),
            )
            for story, fit in stories.items()
        ),
        note="RMS z is the root of the mean squared z. “Runs as far off” counts our own runs, each "
        "left out in turn, whose largest |z| is at least that of the printed curve.",
    )


def _closing_table(records: Records) -> Table:
    metrics = {
        "accuracy": "training accuracy, Keras' running mean",
        "train_accuracy": "training accuracy, re-evaluated",
        "val_accuracy": "validation accuracy",
    }
    candidates = (
        ("baseline", "baseline-0.01", PRINTED_EPOCHS, ""),
        ("baseline", "baseline-0.01", FIT_EPOCHS, ""),
        ("bn", "bn-0.01", FIT_EPOCHS, ""),
        ("bn", "bn-0.01-replayed", 2 * FIT_EPOCHS, ", replayed batches"),
    )
    return Table(
        "What the two closing accuracies could be",
        ("net and epoch", "measure", "printed", "our runs, mean ± SD", "z"),
        tuple(
            (
                f"{NETS[net].label}, epoch {epoch}{batches}",
                words,
                mean_of(PUBLISHED_FINAL[net], 4),
                f"{mean_of(ours, 4)} ± {mean_of(ours.std(ddof=1), 4)}",
                mean_of(closing.z(records.trial(trial), epoch - 1), 1, signed=True),
            )
            for net, trial, epoch, batches in candidates
            for metric, words in metrics.items()
            for ours in [after(records, epoch, trial, metric)]
            for closing in [Printed((metric,), np.array([[PUBLISHED_FINAL[net]]]))]
        ),
        note="Exploratory: no claim rests on this table.",
    )


def image_error(cells: ArrayLike) -> float:
    """The standard error of a mean over seeds and images that the choice of images brings.

    Args:
        cells: one number a seed and image, shape (seeds, images).
    """
    means = np.asarray(cells, float).mean(axis=0)
    return float(means.std(ddof=1) / np.sqrt(len(means)))


def _accuracies_table(records: Records) -> Table:
    rows = []
    for part, words in PARTS.items():
        for net, arm in NETS.items():
            right = RIGHT[net, part](records)
            # The mean, and its interval.
            mean = mean_of(right.mean(axis=1), 4, interval=True).split(" ", 1)
            closing = mean_of(PUBLISHED_FINAL[net], 4)
            rows.append((f"{arm.label}, {words}", *mean, mean_of(image_error(right), 4), closing))
        gain = GAIN[part](records)
        rows.append(
            (
                f"BN minus baseline, {words}",
                *mean_of(gain.mean(axis=1), 2, True, interval=True, unit="pp").split(" ", 1),
                mean_of(image_error(gain), 2, unit="pp"),
                mean_of(PRINTED_GAP, 1, signed=True, unit="pp"),
            )
        )
    return Table(
        "What the notebook should have printed: accuracy after ten fresh epochs",
        ("net and images", "mean", "95% interval, seeds", "SE, images", "printed"),
        tuple(rows),
        note="The interval covers the choice of seed alone, the standard error (SE) beside it the "
        "choice of images. The verdicts use an interval that covers both.",
    )


def _seconds_table(records: Records) -> Table:
    (timing,) = records.trial("timing")

    def row(loop: str, words: str) -> tuple[str, ...]:
        ratios = RATIO[loop](records)
        medians = (np.median(seconds(loop, net)(records)) for net in NETS)
        return (
            f"{words}, here",
            *(mean_of(median, 2, unit="s") for median in medians),
            mean_of(np.median(ratios), 2),
            mean_of(ratios, 2, interval=True),
        )

    as_printed = (
        "the notebook, as printed",
        *(mean_of(np.median(PUBLISHED_SECONDS[net]), 1, unit="s") for net in NETS),
        mean_of(np.median(PRINTED_RATIO), 2),
        mean_of(PRINTED_RATIO, 2),
    )
    return Table(
        "Seconds per epoch, with validation",
        ("loop", "baseline", "BN", "median ratio", "mean ratio, as judged"),
        (*(row(loop, words) for loop, words in LOOPS.items()), as_printed),
        note=f"Seconds: medians of {len(timing.epochs('fit_bn'))} interleaved rounds in one "
        f"process on {timing.provenance.device}. Ratios: BN over baseline in each round (of the "
        "notebook: in each printed epoch), their median, and their mean with its 95% interval. "
        "The notebook's machine is not known.",
    )


def _rounds_table(records: Records) -> Table:
    ratios = {words: RATIO[loop](records) for loop, words in LOOPS.items()}
    ratios["Keras' fit, timed first"] = FIRST_RATIO
    rounds = zip(*ratios.values(), strict=False)
    return Table(
        "BN over baseline, round by round",
        ("round", *ratios),
        tuple((str(k), *(mean_of(x, 2) for x in row)) for k, row in enumerate(rounds, 1)),
    )


def _curve(
    records: Records, trial: str, metric: str, label: str, dashed: bool = False, first: int = 1
) -> Any:
    """A metric of the runs of a trial by epoch, from one on."""
    arm = NETS["bn" if trial.startswith("bn") else "baseline"]
    values = np.array([run.epochs(metric) for run in records.trial(trial)])[:, first - 1 :]
    return replace(arm, dashed=dashed).curve(first + np.arange(values.shape[1]), values, label)


def _setting(records: Records, n: int) -> str:
    data = "Fashion-MNIST, 784" if records.profile == "full" else "quick profile, digits, 64"
    return f"{data}-300-100-10, batch size 32, SGD; n = {n} seeds"


def _rates_plot(records: Records) -> Curves:
    def panel(metric: str, title: str) -> Any:
        own = _curve(records, "baseline-0.01", metric, "rate 0.01")
        other = _curve(records, "baseline-0.001", metric, "rate 0.001", dashed=True)
        return panels({title: [own, other]}, metric, marks=(BASELINE_CURVE.marks(metric),))

    seeds = len(records.trial("baseline-0.01"))
    return Curves(
        title="The printed baseline curve beside fresh runs at 0.01 and 0.001",
        subtitle=f"Baseline net; {_setting(records, seeds)} a rate",
        x_label="epoch",
        panels=panel("loss", "Training loss") + panel("val_accuracy", "Validation accuracy"),
    )


def _dips_plot(records: Records) -> Curves:
    metric = "val_accuracy"
    first = _curve(records, "baseline-0.01", metric, "first seeds")
    new = _curve(records, "baseline-0.01-follow-up", metric, "new seeds")
    return Curves(
        title="Validation accuracy of the baseline, run by run",
        subtitle=f"Baseline at 0.01; {_setting(records, len(first.y))} and {len(new.y)} more",
        x_label="epoch",
        panels=panels(
            {"First seeds": [first], "New seeds": [new]},
            metric,
            marks=(BASELINE_CURVE.marks(metric),),
        ),
    )


def _kinds_plot(records: Records) -> Curves:
    def panel(metric: str, title: str) -> Any:
        start = PRINTED_EPOCHS + 1
        new = _curve(records, "bn-0.01", metric, "new batches", True, start)
        replayed = _curve(records, "bn-0.01-replayed", metric, "replayed", False, start)
        marks = BN_CURVE.marks(metric, FIT_EPOCHS + 1)
        return panels({title: [new, replayed]}, metric, marks=(marks,))

    return Curves(
        title="The printed BN curve, laid over the second call of fit",
        subtitle="BN net at 0.01; " + _setting(records, len(records.trial("bn-0.01"))),
        x_label="epoch",
        panels=panel("loss", "Training loss") + panel("accuracy", "Training accuracy"),
    )


def _offsets_plot(records: Records) -> Curves:
    trials = {"new batches": ("bn-0.01", True), "replayed": ("bn-0.01-replayed", False)}
    curves = []
    for label, (trial, dashed) in trials.items():
        fits = BN_CURVE.fits(records.trial(trial))
        starts, z = [fit.offset + 1 for fit in fits], [[fit.largest_z for fit in fits]]
        curves.append(replace(BN, dashed=dashed).curve(starts, z, label))
    return Curves(
        title="Where in a run could the printed BN curve start?",
        subtitle="Largest |z| over 32 printed numbers; "
        + _setting(records, len(records.trial("bn-0.01"))),
        x_label="first epoch of the printout",
        panels=panels({"": curves}, "largest |z|", y_scale="log"),
    )


def _first_losses_plot(records: Records) -> Curves:
    losses = first_losses(records)
    runs = np.array(list(losses.values())).T
    printed = float(PUBLISHED_BN[0, 0])
    return Curves(
        title="No learning rate starts a fresh BN run where the printout starts"
        if np.nanmin(runs) > printed
        else "First-epoch loss of fresh BN runs by learning rate",
        subtitle=f"BN net, epoch 1; {_setting(records, len(runs))} a rate",
        x_label="learning rate",
        x_scale="log",
        panels=panels(
            {"": [BN.curve(list(losses), runs, "fresh BN runs")]},
            "loss of epoch 1",
            level=(printed, "printed"),
        ),
    )


def _accuracies_plot(records: Records) -> Dots:
    rows = [
        arm.row(RIGHT[net, "test"](records).mean(axis=1), published=(PUBLISHED_FINAL[net],))
        for net, arm in NETS.items()
    ]
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
    rows = [
        arm.row(
            seconds(loop, net)(records),
            f"{arm.label}, {loop}",
            published=tuple(sorted(set(PUBLISHED_SECONDS[net]))) if loop == "fit" else (),
        )
        for loop in LOOPS
        for net, arm in NETS.items()
    ]
    return Dots(
        title="Seconds per epoch of both nets, in two training loops",
        subtitle=f"With validation; n = {len(rows[0].values)} interleaved rounds in one process, "
        f"{timing.provenance.threads} threads",
        x_label="seconds per epoch",
        rows=tuple(rows),
        from_zero=True,
        decimals=2,
    )
