"""Show how well stories are told apart, and whose curves fit which, for the page on curves."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from bnreport.analysis.arms import NOTEBOOK
from bnreport.analysis.charts import panels
from bnreport.analysis.curves.band import EPOCHS, Band, Shelf, Story
from bnreport.analysis.curves.judging import Fitted, judge, largest, root
from bnreport.analysis.curves.reading import METRICS, PrintedRun
from bnreport.analysis.curves.scoring import Accused, Confusion, accused, confusions, separated
from bnreport.analysis.curves.telling import NETS, label, tell
from bnreport.analysis.printed import Printed
from bnreport.presentation.formats import counted
from bnreport.presentation.plots import Curves
from bnreport.presentation.tables import Analysis, Table, Value
from bnreport.studies.notebook.published import PUBLISHED_BASELINE, PUBLISHED_BN
from bnreport.studies.notebook.textbook import CURVES

# As many epochs as the notebook shows of each net; and how few or many a log may hold.
PRINTED = 8
LENGTHS = (1, 3, PRINTED, EPOCHS)
# The rate in the code above every printed curve.
MEANT = 0.001
COLUMNS = {
    "continued": "continued",
    "replayed": "replayed",
    "bar": "bar",
    "undivided": "undivided",
    "softmax": "softmax",
    "sorted": "sorted",
}


def comparison(band: Band, held: Mapping[Story, Shelf]) -> Analysis:
    """The numbers, tables and the figure of the page.

    Args:
        band: our runs.
        held: fresh runs that it does not hold.
    """
    many = {net: confusions(band, net, PRINTED) for net in NETS}
    few = {net: confusions(band, net, 1) for net in NETS}
    blamed = {epochs: accused(band, held, epochs) for epochs in LENGTHS}
    chosen = {
        epochs: {net: [separated(band, net, epochs, by) for by in (root, largest)] for net in NETS}
        for epochs in LENGTHS
    }
    return Analysis(
        values=_values(many, blamed, chosen),
        tables={
            **{f"confusions-{net}": _confusions_table(net, many[net], PRINTED) for net in NETS},
            "confusions-few": _confusions_table("bn", few["bn"], 1),
            "accused": _accused_table(blamed),
            "chosen": _chosen_table(chosen),
            "printed": _printed_table(band),
        },
        plots={"laid": _plot(band)},
    )


def example() -> str:
    """The notebook's printed numbers with the code that matters, as a log."""
    code = "model = Sequential([{}Dense(300), ...])\nmodel.compile(optimizer=SGD(lr=1e-3))"
    parts = []
    for net, numbers in (("", PUBLISHED_BASELINE), ("BatchNormalization(), ", PUBLISHED_BN)):
        parts.append(code.format(net))
        for epoch, row in enumerate(numbers, 1):
            shown = " - ".join(f"{m}: {x:.4f}" for m, x in zip(METRICS, row, strict=True))
            parts += [f"Epoch {epoch}/{EPOCHS}", f"1719/1719 - {shown}"]
    return "\n".join(parts)


def short(story: Story) -> str:
    """A story as the head of a column."""
    return COLUMNS.get(story.kind, label(story))


def _confusions_table(net: str, rows: Sequence[Confusion], epochs: int) -> Table:
    def named(story: Story) -> Callable[[Confusion], str]:
        return lambda row: str(row.named[story])

    return Table.by_column(
        f"The net {NETS[net]}, logs of {counted(epochs, 'epoch')}: how often each story was named",
        "true story",
        {short(each.story): each for each in rows},
        {
            "logs": lambda row: str(row.n),
            **{short(each.story): named(each.story) for each in rows},
        },
        note="Logs of odd seeds with all four numbers an epoch, each compared without the runs of "
        "its seed. More than one story can be named. Bar: an older progress bar; undivided: pixels "
        "from 0 to 255; softmax: taken twice.",
    )


def _accused_table(blamed: Mapping[int, Sequence[Accused]]) -> Table:
    def after(epochs: int) -> Callable[[int], str]:
        return lambda at: str(blamed[epochs][at].count)

    nets = [f"{NETS[each.story.net]}, {each.story.rate:g}" for each in blamed[PRINTED]]
    return Table.by_column(
        "Healthy logs that were called anything but healthy",
        "net, rate",
        {name: at for at, name in enumerate(nets)},
        {
            "logs": lambda at: str(blamed[PRINTED][at].n),
            **{counted(epochs, "epoch"): after(epochs) for epochs in LENGTHS},
        },
        note="Neither net nor rate was told. Runs at 0.01 are those that are in no band, and those "
        "of odd seeds; at 0.001 those of odd seeds alone.",
    )


def _chosen_table(chosen: Mapping[int, Mapping[str, Sequence[tuple[int, int]]]]) -> Table:
    def cell(epochs: int, column: tuple[str, int]) -> str:
        net, at = column
        return "{} of {}".format(*chosen[epochs][net][at])

    return Table.crossed(
        "Pairs of stories that are told apart, by two distances; even seeds",
        "epochs",
        {str(epochs): epochs for epochs in chosen},
        {
            f"{NETS[net]}, {name}": (net, at)
            for net in NETS
            for at, name in enumerate(("root mean square", "largest |z|"))
        },
        cell,
        note="This is how the root mean square was chosen.",
    )


def _laid(net: str, epochs: np.ndarray, band: Band) -> tuple[Fitted, str]:
    """The verdict on a printed curve whose code says 0.001, and the stories that it fits."""
    curve = PrintedRun(METRICS, tuple(map(tuple, epochs.tolist())), planned=EPOCHS)
    verdict = judge(curve, band, net, MEANT)
    named = " or ".join(map(label, verdict.fitting + verdict.possible))
    if verdict.outcome == "validation":
        named += ", by its validation alone"
    return verdict, named or tell(curve, verdict, band, net, MEANT).title


def _printed_table(band: Band) -> Table:
    curves = {
        "the notebook, without BN": ("baseline", PUBLISHED_BASELINE),
        "the notebook, with BN": ("bn", PUBLISHED_BN),
        **{f"{c.date:%B %Y}, {NETS[c.net]}": (c.net, c.epochs) for c in CURVES},
    }
    rows = {name: _laid(net, epochs, band) for name, (net, epochs) in curves.items()}
    return Table.by_column(
        "Curves that others printed, whose code sets a rate of 0.001",
        "printed by",
        rows,
        {
            "fits": lambda row: row[1],
            "closest": lambda row: label(row[0].compared[0].story),
            "distance": lambda row: f"{row[0].compared[0].distance:.2f}",
            "runs as far off": lambda row: "{0.as_far} of {0.n}".format(row[0].compared[0]),
        },
        note="Below the notebook: revisions of the textbook's, of which the first ten epochs are "
        "laid over ours.",
    )


def _values(
    confused: Mapping[str, Sequence[Confusion]],
    blamed: Mapping[int, Sequence[Accused]],
    chosen: Mapping[int, Mapping[str, Sequence[tuple[int, int]]]],
) -> Mapping[str, Value]:
    logs = [each for rows in confused.values() for each in rows]
    right = sum(each.named[each.story] for each in logs)
    alone = sum(each.alone for each in logs)
    n = sum(each.n for each in logs)
    origin = f"logs of {PRINTED} epochs, odd seeds, each without the runs of its seed"
    counts = {
        epochs: (sum(each.count for each in groups), sum(each.n for each in groups))
        for epochs, groups in blamed.items()
    }
    worst = max(counts, key=lambda epochs: counts[epochs])
    apart = [chosen[PRINTED][net][0] for net in NETS]
    return {
        "logs": Value(str(n), origin),
        "named": Value(str(right), f"in which the true story was named, {origin}"),
        "alone": Value(str(alone), f"in which it was named alone, {origin}"),
        "pairs": Value(str(sum(pairs for _, pairs in apart)), "pairs of stories of a net"),
        "apart": Value(str(sum(pairs for pairs, _ in apart)), "told apart, by even seeds"),
        "healthy": Value(str(counts[PRINTED][1]), f"healthy logs, {origin}"),
        "accused": Value(str(counts[PRINTED][0]), f"called anything but healthy, {origin}"),
        "worst": Value(str(counts[worst][0]), f"the most, at logs of {worst} epochs"),
        "epochs": Value(str(PRINTED), "as many as the notebook shows"),
    }


def _plot(band: Band) -> Curves:
    """The notebook's curve with BN beside fresh runs and runs that meet the same batches again."""
    printed = Printed(METRICS, PUBLISHED_BN)
    x = 1 + np.arange(PRINTED)

    def panel(metric: str, title: str) -> Any:
        series = [
            NOTEBOOK["bn"].curve(
                x,
                band.shelves[f"bn-{name}"].runs[:, :PRINTED, METRICS.index(metric)],
                words,
                dashed,
            )
            for name, words, dashed in (
                ("fresh", "fresh", True),
                ("replayed", "second call, replayed", False),
            )
        ]
        shown = metric.removeprefix("val_")
        return panels({title: series}, shown, marks=(printed.marks(metric),))

    return Curves(
        title="A printed curve, laid over runs of ours",
        subtitle="The notebook's net with BN at 0.01 on Fashion-MNIST; crosses: its printed epochs",
        x_label="epoch",
        panels=(*panel("loss", "Training loss"), *panel("val_accuracy", "Validation accuracy")),
    )
