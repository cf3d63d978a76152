"""The figures of the page."""

from collections.abc import Sequence

import numpy as np

from bnreport.arms import NAMES
from bnreport.plots import Arm, Curves, Dots, Panel, Plot, Row, Series
from bnreport.records import Record
from bnreport.samples import CHANCE
from bnreport.statistics import t_interval
from bnreport.studies.memorization.claims import CLAIMS
from bnreport.studies.memorization.estimates import MEASURES, Floats, gain, measures_of
from bnreport.studies.memorization.runs import BATCH_SIZE, EPOCHS, RATE
from bnreport.study import Records

NET = f"300-100 ReLU net, learning rate {RATE}, batches of {BATCH_SIZE}"
EVERY_ARM: tuple[Arm, ...] = ("raw", "std", "bn", "std-bn", "ln")
# With BN first.
ORDERED: tuple[Arm, ...] = ("bn", "std-bn", "ln", "raw", "std")
SHORT: dict[Arm, str] = {
    "raw": "raw",
    "std": "standardized",
    "bn": "BN",
    "std-bn": "standardized, BN",
    "ln": "layer norm",
}


def all_plots(records: Records) -> dict[str, Plot]:
    """The figures by name."""
    return {
        "gain": _gain(records),
        "curves": _curves(records),
        "measures": _measures(records),
    }


def by_epoch(records: Sequence[Record], metric: str) -> Floats:
    """A metric in per cent, (seeds, epochs); chance from where a run diverged."""
    found = np.full((len(records), EPOCHS), CHANCE)
    for row, record in zip(found, records, strict=True):
        values = record.epochs(metric)
        row[: len(values)] = np.where(np.isfinite(values), values, CHANCE)
    return 100 * found


def _gain(records: Records) -> Curves:
    def series(of: Arm) -> Series:
        repeated, fresh = (
            by_epoch(records.trial(f"{of}-{order}"), "accuracy") for order in ("fixed", "fresh")
        )
        return Series(NAMES[of], of, _epochs(), repeated - fresh)

    return Curves(
        title="Training accuracy with repeated batches, less that with new ones",
        subtitle=f"{NET}; as Keras prints it. {_lines(records)}",
        x_label="epoch",
        panels=(
            Panel(
                title="",
                y_label="difference, pp",
                series=tuple(series(of) for of in EVERY_ARM),
                level=(CLAIMS[0].margin or 0.0, "margin"),
            ),
        ),
    )


def _curves(records: Records) -> Curves:
    def series(of: Arm, order: str, metric: str) -> Series:
        label = f"{SHORT[of]}, {'repeated' if order == 'fixed' else 'new'}"
        y = by_epoch(records.trial(f"{of}-{order}"), metric)
        return Series(label, of, _epochs(), y, dashed=order == "fixed")

    def panel(title: str, metric: str, *arms: Arm) -> Panel:
        found = tuple(series(of, order, metric) for of in arms for order in ("fresh", "fixed"))
        return Panel(title, "accuracy, %", found)

    return Curves(
        title="Accuracy with new and with repeated batches, raw pixels",
        subtitle=f"300-100 ReLU net, rate {RATE}. Dashed: repeated batches. {_lines(records)}",
        x_label="epoch",
        panels=(
            panel("training, as Keras prints it", "accuracy", "raw", "bn"),
            panel("validation", "val_accuracy", "bn"),
        ),
    )


def _measures(records: Records) -> Dots:
    def row(of: Arm, name: str) -> Row:
        values = np.array(gain(of, MEASURES[name])(records).values)
        mean = t_interval(values)
        return Row(f"{SHORT[of]}: {name}", of, values, mean.low, mean.point, mean.high)

    return Dots(
        title="What repeated batches add to the accuracy, by how it is measured",
        subtitle=f"After {EPOCHS} epochs, repeated less new batches. A dot a seed (n = "
        f"{_seeds(records)}), mean, 95% interval",
        x_label="difference, pp",
        rows=tuple(row(of, name) for of in ORDERED for name in measures_of(of)),
        narrow=True,
        nothing=0.0,
        decimals=2,
    )


def _epochs() -> Floats:
    return np.arange(1.0, EPOCHS + 1)


def _lines(records: Records) -> str:
    return f"Thin: {_seeds(records)} seeds; thick: mean"


def _seeds(records: Records) -> int:
    return len(records.trial("bn-fresh"))
