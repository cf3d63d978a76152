"""The curves of the textbook's notebook, from which the student's descends: the same two nets."""

import datetime as dt
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.cells import mean_of
from bnreport.analysis.printed import Printed
from bnreport.presentation.tables import Table, Value
from bnreport.records.collection import Records
from bnreport.studies.notebook.published import METRICS, PRINTED_EPOCHS

FILE = Path(__file__).with_name("textbook.toml")
NAMES = {"baseline": "without BN", "bn": "with BN"}
# Which metrics of a printed epoch are compared.
PARTS = {"all": METRICS, "validation": METRICS[METRICS.index("val_loss") :]}


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


# The printed curves of the file, in its order.
CURVES = tuple(
    Curve(**{**each, "epochs": np.array(each["epochs"])})
    for each in tomllib.loads(FILE.read_text(encoding="utf-8"))["curve"]
)


def compared(curve: Curve, records: Records, rate: str, part: str = "all") -> Any:
    """The fit of the first eight printed epochs to fresh runs of ours at that rate."""
    first = Printed(METRICS, curve.epochs[:PRINTED_EPOCHS])
    return first.only(*PARTS[part]).fit(records.trial(f"{curve.net}-{rate}"))


def farther(fit: Any) -> str:
    """The number of our runs that lie as far from the others as the printed curve does."""
    return f"{fit.as_far} of {fit.n}"


def textbook_table(records: Records) -> Table:
    """Every distinct printed curve against our runs at both rates."""
    return Table.by_column(
        "The textbook's printed epochs 1 to 8, put to the same test; not judged",
        "printed by",
        {f"{NAMES[c.net]}, {c.date:%B %Y}" + (" and later" if c.again else ""): c for c in CURVES},
        {
            "largest |z| at 0.001": lambda c: mean_of(compared(c, records, "0.001").largest_z, 1),
            "of our runs as far off": lambda c: farther(compared(c, records, "0.001")),
            "validation alone": lambda c: farther(compared(c, records, "0.001", "validation")),
            "largest |z| at 0.01": lambda c: mean_of(compared(c, records, "0.01").largest_z, 1),
        },
        note="Each curve is of its own run. One that a later revision prints again has one row. "
        "The revisions differ in TensorFlow's version, and that of 2021 in what the progress bar "
        "prints. A curve with 0 of 20 is one that our rule would refuse.",
    )


def textbook_values(records: Records) -> dict[str, Value]:
    """First losses that two progress bars print, and how far off each curve is, with origins."""
    values = {}
    for curve in CURVES:
        name = f"textbook.{curve.date.year}.{curve.net}"
        origin = f"printed at commit {curve.commit[:7]}"
        values[f"{name}.loss.1"] = Value(
            mean_of(curve.epochs[0, 0], 2), f"loss of epoch 1, {origin}"
        )
        for part in PARTS:
            values[f"{name}.{part}"] = Value(
                farther(compared(curve, records, "0.001", part)),
                f"runs of {curve.net}-0.001 as far off, {part}, {origin}",
            )
    return values
