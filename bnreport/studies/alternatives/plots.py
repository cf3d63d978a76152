"""The figures of the page."""

import numpy as np

from bnreport.plots import Arm, Curves, Dots, Panel, Plot, Row, Series
from bnreport.samples import Floats
from bnreport.statistics import t_interval
from bnreport.studies.alternatives.runs import BATCH, EPOCHS, GRID, TUNING_EPOCHS
from bnreport.studies.alternatives.tables import LABELS, ranked, tuned
from bnreport.study import SEEDS, Records

COLOURS: dict[str, Arm] = {
    "raw": "raw",
    "std": "std",
    "bn": "bn",
    "std-bn": "std-bn",
    "ln": "ln",
    "gn": "gn",
}
# The panels of the tuning figures, two a figure, with names short enough for the end of a curve.
PANELS = {
    "normalizers": {
        "The normalizer": {
            "raw": "none",
            "bn": "batch",
            "ln": "layer",
            "gn": "group",
            "ws": "weights",
        },
        "BN and standardized inputs": {
            "raw": "neither",
            "std": "std.",
            "bn": "BN",
            "std-bn": "both",
        },
    },
    "inputs-and-starts": {
        "The inputs": {
            "raw": "raw",
            "std": "std.",
            "centred": "centred",
            "scaled": "scaled",
            "input-bn": "BN",
        },
        "The start": {"raw": "He", "glorot": "Glorot", "unit": "unit"},
    },
}
DASHED = {"scaled", "input-bn", "unit"}
# A seed below it learned little or diverged; a curve that went there would flatten all others.
FAILED = 50.0


def all_plots(records: Records) -> dict[str, Plot]:
    """The figures by name."""
    return {"ranking": _ranking(records), **{which: _tuning(records, which) for which in PANELS}}


def _ranking(records: Records) -> Dots:
    def row(of: str, values: Floats) -> Row:
        mean = t_interval(values)
        colour = COLOURS.get(of, "neutral")
        return Row(LABELS[of], colour, values, mean.low, mean.point, mean.high)

    return Dots(
        title=f"Test accuracy after {EPOCHS} epochs, the highest mean first",
        subtitle=f"300-100 ReLU net, batches of {BATCH}, tuned rates. A dot a seed (n = "
        f"{len(SEEDS)}), the mean and its 95% interval below",
        x_label="test accuracy, %",
        rows=tuple(row(of, values) for of, values in ranked(records).items()),
        decimals=2,
    )


def _tuning(records: Records, which: str) -> Curves:
    def series(of: str, label: str) -> Series:
        colour: Arm = "bn" if of == "input-bn" else COLOURS.get(of, "neutral")
        found = tuned(records, of)
        fine = (found >= FAILED).all(axis=1)
        fine = fine if fine.any() else ~fine
        return Series(label, colour, np.array(GRID)[fine], found[fine].T, of in DASHED)

    panels = {
        title: [series(of, label) for of, label in arms.items()]
        for title, arms in PANELS[which].items()
    }
    return Curves(
        title=f"Validation accuracy after {TUNING_EPOCHS} epochs, by learning rate: "
        + which.replace("-", " "),
        subtitle="Three tuning seeds, thin, and their mean, thick. Left out: rates at which a seed "
        f"stayed below {FAILED:g}%",
        x_label="learning rate",
        x_scale="log",
        panels=tuple(
            Panel(
                title=title,
                y_label="validation accuracy, %",
                # The first one sets the ticks.
                series=tuple(sorted(found, key=lambda s: -len(s.x))),
            )
            for title, found in panels.items()
        ),
    )
