"""The figures, tables and numbers of the page."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from bnreport.analysis.arms import NOTEBOOK
from bnreport.analysis.cells import mean_of, means_of, values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.ends import DEPLOYED, FRESH
from bnreport.analysis.findings import means
from bnreport.analysis.printed import Printed, passing
from bnreport.presentation.plots import Curves, Plot, Series
from bnreport.presentation.tables import Table, Value
from bnreport.records.collection import Records
from bnreport.studies.mistakes.runs import EPOCHS, MISTAKES, PAIRED, SHARED, bar, ended, run_in
from bnreport.studies.mistakes.runs import FRESH as ALL

WORDS = {
    "fresh": "fresh",
    "continued": "continued",
    "replayed": "replayed",
    "undivided": "not divided",
    "softmax": "softmax twice",
    "sorted": "sorted",
}
METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")
# As many epochs as the notebook shows of each net; of a run that goes on, those that follow.
PRINTED = 8
BEHIND = {"continued": EPOCHS}
HOW = "Rate 0.01, batches of 32, all 55,000 images"


# Per cent: a net that has fallen below has failed, however far.
SHELF = 50.0


def _curve(records: Records, net: str, story: str, metric: str, label: str, dashed: bool) -> Series:
    """A metric of the runs of a story by epoch in per cent, at the seeds of the mistakes."""
    values = 100 * run_in(net, story).history(metric)(records)[: len(PAIRED), :EPOCHS]
    return NOTEBOOK[net].curve(1 + np.arange(EPOCHS), values, label, dashed)


def _expected(records: Records, net: str) -> Series:
    """The mean validation accuracy of the runs without a mistake, as a line of its own."""
    label = f"{NOTEBOOK[net].label}, no mistake"
    curve = _curve(records, net, "fresh", "val_accuracy", label, True)
    return replace(curve, y=curve.y.mean(axis=0, keepdims=True))


def _accuracies_plot(records: Records) -> Curves:
    by_title = {
        WORDS[mistake].capitalize(): [
            curve
            for net, arm in NOTEBOOK.items()
            for curve in (
                _curve(records, net, mistake, "val_accuracy", arm.label, False),
                _expected(records, net),
            )
        ]
        for mistake in MISTAKES
    }
    return Curves(
        title="Validation accuracy with a mistake, and without",
        subtitle=f"{HOW}, n = {len(PAIRED)} seeds. Dashed: the mean without the mistake. Gray: "
        f"below {SHELF:g}%, squeezed",
        x_label="epoch",
        panels=panels(by_title, "validation accuracy, %", shelf=SHELF),
    )


def _sorted_plot(records: Records) -> Curves:
    shown = {"accuracy": "training, as printed", "val_accuracy": "validation"}
    by_title = {
        arm.label: [
            _curve(records, net, "sorted", metric, label, metric == "val_accuracy")
            for metric, label in shown.items()
        ]
        for net, arm in NOTEBOOK.items()
    }
    drawn = panels(by_title, "accuracy, %")
    printed, other = ([*means(drawn[:1], label)[0].values()][-1] for label in shown.values())
    return Curves(
        title=f"Sorted images: a net without BN prints {printed:.1f}% and scores {other:.1f}%",
        subtitle=f"{HOW}, class by class, the same each epoch; n = {len(PAIRED)} seeds",
        x_label="epoch",
        panels=drawn,
    )


def _accuracies_table(records: Records) -> Table:
    def row(net: str, story: str) -> tuple[str, ...]:
        runs = run_in(net, story)
        printed = 100 * runs.history("accuracy")(records)[: len(PAIRED)]
        lost = runs.history("val_accuracy").lost(records)
        return (
            f"{NOTEBOOK[net].label}, {WORDS[story]}",
            mean_of(printed[:, 0], 1),
            mean_of(printed[:, -1], 1),
            *(mean_of(ended(net, story, by)(records), 2) for by in (DEPLOYED, FRESH)),
            f"{lost} of {len(runs.history('accuracy')(records))}",
        )

    return Table(
        "What mistakes do to the printed and to the real accuracy, per cent",
        (
            "net, mistake",
            "printed, epoch 1",
            "epoch 10",
            "validation",
            "fresh statistics",
            "diverged",
        ),
        tuple(row(net, story) for net in NOTEBOOK for story in ("fresh", *MISTAKES)),
        note=f"Means over the {len(PAIRED)} seeds that all rows have, while the last column counts "
        "all runs of a row; one that diverged counts as chance, 10%. Printed: "
        "the training accuracy of an epoch, as History has it. The baseline keeps no averages, so "
        "its two scores are one.",
    )


def _bars_table(records: Records) -> Table:
    def cell(epoch: int, shown: tuple[str, str]) -> str:
        net, metric = shown
        return mean_of(100 * run_in(net, "fresh").history(metric)(records)[:, epoch - 1], 1)

    return Table.crossed(
        "Training accuracy of the same epochs, per cent: History, and a mean of running means",
        "epoch",
        {str(epoch): epoch for epoch in (1, 2, 3, 5, EPOCHS)},
        {
            f"{arm.label}, {words}": (net, metric)
            for net, arm in NOTEBOOK.items()
            for metric, words in (("accuracy", "History"), ("bar_accuracy", "bar"))
        },
        cell,
        note=f"Means over {len(ALL)} fresh runs.",
    )


def _windows(records: Records, net: str, story: str) -> np.ndarray | None:
    """The numbers that each run prints, (runs, epochs, metrics); None where a run diverged."""
    runs = records.trial(f"{net}-{story}")
    printed = Printed(METRICS, np.zeros((PRINTED, len(METRICS))))
    return None if any(r.diverged for r in runs) else printed.window(runs, BEHIND.get(story, 0))


def _passing(net: str) -> Callable[[Records], Table]:
    """The table of how many curves of each story pass for one of another."""

    def table(records: Records) -> Table:
        shown = {story: _windows(records, net, story) for story in WORDS}

        def cell(true: str, other: str) -> str:
            curves, runs = shown[true], shown[other]
            if curves is None or runs is None:
                return "\u2013"
            passed = len(curves) if true == other else passing(curves, runs)
            return f"{passed} of {len(curves)}"

        return Table.crossed(
            f"{NOTEBOOK[net].label}: how many curves of a story fit runs of another",
            "true story",
            {words: story for story, words in WORDS.items()},
            {words: story for story, words in WORDS.items()},
            cell,
            note=f"Curves of {PRINTED} epochs, {len(METRICS)} numbers each, judged as the "
            f"notebook's own was. Continued and replayed: epochs {EPOCHS + 1} to "
            f"{EPOCHS + PRINTED}. A story whose runs diverge prints no numbers.",
        )

    return table


def values(records: Records) -> Mapping[str, Value]:
    """The numbers of the prose that no claim judges."""
    late = {f"bar.{net}.{EPOCHS}": bar(net, EPOCHS) for net in NOTEBOOK}
    printed = {
        f"printed.{net}.{story}": 100 * run_in(net, story).history("accuracy")[: len(PAIRED), -1]
        for net in NOTEBOOK
        for story in ("fresh", "sorted")
    }
    real = {
        f"real.{net}.{story}": ended(net, story, DEPLOYED)
        for net in NOTEBOOK
        for story in ("fresh", *MISTAKES)
    }
    return {
        **means_of(records, "History minus progress bar", late, 2, unit="pp", signed=True),
        **means_of(records, "training accuracy as printed after the last epoch", printed, 1),
        **means_of(records, "validation accuracy at the end, as deployed", real, 1),
        **values_of(
            "counted",
            {
                f"diverged.{net}": str(run_in(net, "undivided").history("accuracy").lost(records))
                for net in NOTEBOOK
            },
        ),
        # The likeliest second softmax: of a one among nine zeros.
        "least": Value(f"{math.log(1 + 9 / math.e):.2f}", "least loss of ten classes, calculated"),
        **values_of(
            "set before the runs",
            {
                "runs": str(len(PAIRED)),
                "epochs": str(EPOCHS),
                "rate": f"{SHARED['learning_rate']:g}",
            },
        ),
    }


TABLES: dict[str, Callable[[Records], Table]] = {
    "accuracies": _accuracies_table,
    "bars": _bars_table,
    **{f"passing-{net}": _passing(net) for net in NOTEBOOK},
}
PLOTS: dict[str, Callable[[Records], Plot]] = {
    "accuracies": _accuracies_plot,
    "sorted": _sorted_plot,
}
