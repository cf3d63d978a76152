"""Show which stories the curves fit that others printed, for the page on curves."""

from typing import Any

import numpy as np

from bnreport.analysis.arms import NOTEBOOK
from bnreport.analysis.charts import panels
from bnreport.analysis.curves.band import EPOCHS, Band
from bnreport.analysis.curves.judging import Fitted, judge
from bnreport.analysis.curves.reading import METRICS, PrintedRun
from bnreport.analysis.curves.telling import NETS, label, tell
from bnreport.analysis.printed import Printed
from bnreport.presentation.plots import Curves
from bnreport.presentation.tables import Analysis, Table
from bnreport.studies.notebook.published import PUBLISHED_BASELINE, PUBLISHED_BN
from bnreport.studies.notebook.textbook import CURVES

# The rate in the code above every printed curve.
MEANT = 0.001


def comparison(band: Band) -> Analysis:
    """The table and the figure of curves that others printed, laid over a band of our runs."""
    return Analysis(tables={"printed": _printed_table(band)}, plots={"laid": _plot(band)})


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


def _plot(band: Band) -> Curves:
    """The notebook's curve with BN beside fresh runs and runs that meet the same batches again."""
    printed = Printed(METRICS, PUBLISHED_BN)
    epochs = len(PUBLISHED_BN)
    x = 1 + np.arange(epochs)

    def panel(metric: str, title: str) -> Any:
        series = [
            NOTEBOOK["bn"].curve(
                x,
                band.shelves[f"bn-{name}"].runs[:, :epochs, METRICS.index(metric)],
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

    verdict, named = _laid("bn", np.array(PUBLISHED_BN), band)
    count = len(verdict.fitting + verdict.possible)
    fits = f"{count} of our stories: {named}" if count else "none of our stories"
    return Curves(
        title=f"The notebook's curve with BN fits {fits}",
        subtitle="The notebook's net with BN at 0.01 on Fashion-MNIST; crosses: its printed epochs",
        x_label="epoch",
        panels=(*panel("loss", "Training loss"), *panel("val_accuracy", "Validation accuracy")),
    )
