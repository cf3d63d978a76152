"""What the textbook notebook printed from which the student's descends: the same two nets."""

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
from bnreport.presentation.tables import Table
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


def curves(path: Path = FILE) -> tuple[Curve, ...]:
    """The printed curves of the file, in its order."""
    each = tomllib.loads(path.read_text(encoding="utf-8"))["curve"]
    return tuple(Curve(**(curve | {"epochs": np.array(curve["epochs"], float)})) for curve in each)


def compared(curve: Curve, records: Records, rate: str, part: str) -> Any:
    """How well the first eight printed epochs pass for one more fresh run of ours at that rate."""
    first = Printed(METRICS, curve.epochs[:PRINTED_EPOCHS])
    return first.only(*PARTS[part]).fit(records.trial(f"{curve.net}-{rate}"))


def farther(fit: Any) -> str:
    """How many of our runs lie as far from the others as the printed curve does."""
    return f"{fit.as_far} of {fit.n}"


def textbook_table(records: Records) -> Table:
    """Every distinct printed curve against our runs at both rates."""

    def row(curve: Curve) -> tuple[str, ...]:
        own, validation = (compared(curve, records, "0.001", part) for part in PARTS)
        return (
            f"{NAMES[curve.net]}, {curve.date:%B %Y}" + (" and later" if curve.again else ""),
            mean_of(own.largest_z, 1),
            farther(own),
            farther(validation),
            mean_of(compared(curve, records, "0.01", "all").largest_z, 1),
        )

    return Table(
        "The textbook's printed epochs 1 to 8, put to the same test; not judged",
        (
            "printed by",
            "largest |z| at 0.001",
            "of our runs as far off",
            "validation alone",
            "largest |z| at 0.01",
        ),
        tuple(map(row, curves())),
        note="Each curve is of its own run. One that a later revision prints again has one row. "
        "The revisions differ in TensorFlow's version, and that of 2021 in what the progress bar "
        "prints. A curve with 0 of 20 is one that our rule would refuse.",
    )


def textbook_texts(records: Records) -> dict[str, tuple[str, str]]:
    """First losses that two progress bars print, and how far off each curve is, with origins."""
    texts = {}
    for curve in curves():
        name = f"textbook.{curve.date.year}.{curve.net}"
        origin = f"printed at commit {curve.commit[:7]}"
        texts[f"{name}.loss.1"] = (mean_of(curve.epochs[0, 0], 2), f"loss of epoch 1, {origin}")
        for part in PARTS:
            texts[f"{name}.{part}"] = (
                farther(compared(curve, records, "0.001", part)),
                f"runs of {curve.net}-0.001 as far off, {part}, {origin}",
            )
    return texts
