"""What the textbook notebook printed from which the student's descends: the same two nets."""

import datetime as dt
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bnreport.presentation.formats import number
from bnreport.presentation.tables import Table, Value
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Fit, fit_of
from bnreport.studies.notebook.estimates import window
from bnreport.studies.notebook.published import METRICS, PRINTED_EPOCHS

FILE = Path(__file__).with_name("textbook.toml")
NAMES = {"baseline": "without BN", "bn": "with BN"}
RATES = ("0.001", "0.01")
# Which columns of a printed epoch are compared.
PARTS = {"all": slice(None), "validation": slice(METRICS.index("val_loss"), None)}


@dataclass(frozen=True)
class Curve:
    """A printed curve: its net, where it stands, and loss, accuracy and both of the validation.

    `epochs` has the shape (epochs, 4), in the order of `METRICS`; `again` holds later commits that
    print the same curve.
    """

    net: str
    date: dt.date
    commit: str
    progress_bar: str
    epochs: NDArray[np.float64]
    again: Sequence[str] = ()


def curves(path: Path = FILE) -> tuple[Curve, ...]:
    """The printed curves of the file, in its order."""
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(
        Curve(**(curve | {"epochs": np.array(curve["epochs"], float)})) for curve in found["curve"]
    )


def compared(curve: Curve, records: Records, rate: str, part: str) -> Fit:
    """How well the first eight printed epochs pass for one more fresh run of ours at that rate."""
    runs = window(records.trial(f"{curve.net}-{rate}"), 0)
    shape = (len(runs), PRINTED_EPOCHS, len(METRICS))
    columns = PARTS[part]
    ours = runs.reshape(shape)[:, :, columns].reshape(len(runs), -1)
    return fit_of(curve.epochs[:PRINTED_EPOCHS, columns].ravel(), ours)


def farther(fit: Fit) -> str:
    """How many of our runs lie as far from the others as the printed curve does."""
    return f"{round(fit.p * (fit.n + 1)) - 1} of {fit.n}"


def textbook_table(records: Records) -> Table:
    """Every distinct printed curve against our runs at both rates."""
    return Table(
        caption="The textbook's printed epochs 1 to 8, put to the same test; not judged",
        head=(
            "printed by",
            "largest |z| at 0.001",
            "of our runs as far off",
            "validation alone",
            "largest |z| at 0.01",
        ),
        rows=tuple(_row(curve, records) for curve in curves()),
        note="Each curve is of its own run. One that a later revision prints again has one row. "
        "The revisions differ in TensorFlow's version, and that of 2021 in what the progress bar "
        "prints. A curve with 0 of 20 is one that our rule would refuse.",
    )


def _row(curve: Curve, records: Records) -> tuple[str, ...]:
    own, validation = (compared(curve, records, "0.001", part) for part in PARTS)
    other = compared(curve, records, "0.01", "all")
    return (
        f"{NAMES[curve.net]}, {curve.date:%B %Y}" + (" and later" if curve.again else ""),
        number(own.largest_z, 1),
        farther(own),
        farther(validation),
        number(other.largest_z, 1),
    )


def textbook_values(records: Records) -> dict[str, Value]:
    """First losses that two progress bars print, and how far off each curve is."""
    values: dict[str, Value] = {}
    for curve in curves():
        key = f"textbook.{curve.date.year}.{curve.net}"
        origin = f"printed at commit {curve.commit[:7]}"
        loss = float(curve.epochs[0, METRICS.index("loss")])
        values[f"{key}.loss.1"] = Value(number(loss, 2), f"loss of epoch 1, {origin}")
        for part in PARTS:
            fit = compared(curve, records, "0.001", part)
            values[f"{key}.{part}"] = Value(
                farther(fit), f"runs of {curve.net}-0.001 as far off, {part}, {origin}"
            )
    return values
