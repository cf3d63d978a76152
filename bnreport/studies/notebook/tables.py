"""The tables of the page."""

import numpy as np

from bnreport.presentation.formats import between, number, p_value, quantity, with_interval
from bnreport.presentation.tables import Table
from bnreport.records.collection import Records
from bnreport.statistics.intervals import image_error, t_interval
from bnreport.statistics.significance import z_scores
from bnreport.studies.notebook.estimates import accuracy_cells, fits, slowdown
from bnreport.studies.notebook.published import (
    FIRST_TIMING,
    FIT_EPOCHS,
    METRICS,
    PRINTED_EPOCHS,
    PUBLISHED_BASELINE,
    PUBLISHED_BN,
    PUBLISHED_FINAL,
    PUBLISHED_SECONDS,
)
from bnreport.studies.notebook.textbook import textbook_table
from bnreport.studies.notebook.values import LOOPS, NETS, SPLITS, accuracy, column

FINAL_METRICS = {
    "accuracy": "training accuracy, Keras' running mean",
    "train_accuracy": "training accuracy, re-evaluated",
    "val_accuracy": "validation accuracy",
}


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""
    return {
        "rates": _rates_table(records),
        "kinds": _kinds_table(records),
        "closing": _closing_table(records),
        "accuracies": _accuracies_table(records),
        "seconds": _seconds_table(records),
        "rounds": _rounds_table(records),
        "textbook": textbook_table(records),
    }


def _rates_table(records: Records) -> Table:
    rows = []
    for epoch in range(1, PRINTED_EPOCHS + 1):
        published = PUBLISHED_BASELINE[epoch - 1, METRICS.index("loss")]
        row = [str(epoch), number(published, 4)]
        for rate in ("0.01", "0.001"):
            x = column(records.trial(f"baseline-{rate}"), "loss", epoch)
            z = float(z_scores([published], x[:, None])[0])
            row += [number(x.mean(), 4), number(z, 1, signed=True)]
        rows.append(tuple(row))
    return Table(
        caption="Training loss of the baseline, printed and at two learning rates",
        head=("epoch", "printed", "at 0.01", "z", "at 0.001", "z"),
        rows=tuple(rows),
        note="Means over seeds; z is the distance of the printed number in standard deviations of "
        "one run.",
    )


def _kinds_table(records: Records) -> Table:
    new = fits(PUBLISHED_BN, records.trial("bn-0.01"))
    replayed = fits(PUBLISHED_BN, records.trial("bn-0.01-replayed"))
    closest = min(new[1:], key=lambda fit: fit.largest_z)
    rows = [
        ("a fresh run", new[0]),
        ("new batches, second call of fit", new[FIT_EPOCHS]),
        ("new batches, closest start", closest),
        ("replayed batches, second call of fit", replayed[FIT_EPOCHS]),
    ]
    return Table(
        caption="Four stories about the published BN curve, against the same 32 printed numbers",
        head=("story", "epochs", "largest |z|", "RMS z", "runs as far off", "rank p"),
        rows=tuple(
            (
                story,
                f"{fit.offset + 1}\u2013{fit.offset + PRINTED_EPOCHS}",
                number(fit.largest_z, 1),
                number(fit.rms, 1),
                f"{round(fit.p * (fit.n + 1)) - 1} of {fit.n}",
                p_value(fit.p),
            )
            for story, fit in rows
        ),
        note="RMS z is the root of the mean squared z. “Runs as far off” counts our own runs, each "
        "left out in turn, whose largest |z| is at least that of the printed curve.",
    )


def _closing_table(records: Records) -> Table:
    candidates = [
        ("baseline", "baseline-0.01", PRINTED_EPOCHS),
        ("baseline", "baseline-0.01", FIT_EPOCHS),
        ("bn", "bn-0.01", FIT_EPOCHS),
        ("bn", "bn-0.01-replayed", 2 * FIT_EPOCHS),
    ]
    rows = []
    for net, trial, epoch in candidates:
        for metric, word in FINAL_METRICS.items():
            x = column(records.trial(trial), metric, epoch)
            printed = PUBLISHED_FINAL[net]
            z = float(z_scores([printed], x[:, None])[0])
            batches = ", replayed batches" if trial.endswith("replayed") else ""
            rows.append(
                (
                    f"{NETS[net]}, epoch {epoch}{batches}",
                    word,
                    number(printed, 4),
                    f"{number(x.mean(), 4)} ± {number(x.std(ddof=1), 4)}",
                    number(z, 1, signed=True),
                )
            )
    return Table(
        caption="What the two closing accuracies could be",
        head=("net and epoch", "measure", "printed", "our runs, mean ± SD", "z"),
        rows=tuple(rows),
        note="Exploratory: no claim rests on this table.",
    )


def _accuracies_table(records: Records) -> Table:
    rows = []
    for split, word in SPLITS.items():
        for net, label in NETS.items():
            cells = np.array(
                [r.score(FIT_EPOCHS).marks(split) for r in records.trial(f"{net}-0.01")], float
            )
            mean = accuracy(records, net, split)
            rows.append(
                (
                    f"{label}, {word}",
                    number(mean.point, 4),
                    between(mean.low, mean.high, 4),
                    number(image_error(cells), 4),
                    number(PUBLISHED_FINAL[net], 4),
                )
            )
        gain = t_interval(accuracy_cells(records, split).mean(axis=1))
        rows.append(
            (
                f"BN minus baseline, {word}",
                quantity(gain.point, 2, "pp", signed=True),
                between(gain.low, gain.high, 2, signed=True),
                quantity(image_error(accuracy_cells(records, split)), 2, "pp"),
                quantity(
                    100 * (PUBLISHED_FINAL["bn"] - PUBLISHED_FINAL["baseline"]), 1, "pp", True
                ),
            )
        )
    return Table(
        caption="What the notebook should have printed: accuracy after ten fresh epochs",
        head=("net and images", "mean", "95% interval, seeds", "SE, images", "printed"),
        rows=tuple(rows),
        note="The interval covers the choice of seed alone, the standard error (SE) beside it the "
        "choice of images. The verdicts use an interval that covers both.",
    )


def _seconds_table(records: Records) -> Table:
    (timing,) = records.trial("timing")
    rows = []
    for loop, word in LOOPS.items():
        medians = {net: float(np.median(timing.epochs(f"{loop}_{net}"))) for net in NETS}
        ratios = 1 + slowdown(timing, loop) / 100
        rows.append(
            (
                f"{word}, here",
                quantity(medians["baseline"], 2, "s"),
                quantity(medians["bn"], 2, "s"),
                number(float(np.median(ratios)), 2),
                with_interval(t_interval(ratios), 2),
            )
        )
    printed = {net: float(np.median(s)) for net, s in PUBLISHED_SECONDS.items()}
    ratios = PUBLISHED_SECONDS["bn"] / PUBLISHED_SECONDS["baseline"]
    rows.append(
        (
            "the notebook, as printed",
            quantity(printed["baseline"], 1, "s"),
            quantity(printed["bn"], 1, "s"),
            number(float(np.median(ratios)), 2),
            number(float(ratios.mean()), 2),
        )
    )
    return Table(
        caption="Seconds per epoch, with validation",
        head=("loop", "baseline", "BN", "median ratio", "mean ratio, as judged"),
        rows=tuple(rows),
        note=f"Seconds: medians of {len(timing.epochs('fit_bn'))} interleaved rounds in one "
        f"process on {timing.provenance.device}. Ratios: BN over baseline in each round (of the "
        "notebook: in each printed epoch), their median, and their mean with its 95% interval. "
        "The notebook's machine is not known.",
    )


def _rounds_table(records: Records) -> Table:
    (timing,) = records.trial("timing")
    ratios = {word: 1 + slowdown(timing, loop) / 100 for loop, word in LOOPS.items()}
    ratios["Keras' fit, timed first"] = FIRST_TIMING["bn"] / FIRST_TIMING["baseline"]
    return Table(
        caption="BN over baseline, round by round",
        head=("round", *ratios),
        rows=tuple(
            (str(k + 1), *(number(float(found[k]), 2) for found in ratios.values()))
            for k in range(len(timing.epochs("fit_bn")))
        ),
    )
