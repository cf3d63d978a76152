"""The table of the page."""

import math

import numpy as np

from bnreport.analysis.arms import NAMES
from bnreport.analysis.metrics import Floats, last
from bnreport.presentation.formats import number
from bnreport.presentation.tables import Table
from bnreport.records.collection import Records
from bnreport.studies.shift.estimates import ahead, in_one_step, level, outputs, received
from bnreport.studies.shift.runs import CELLS, NOISY, SHIFT_ARMS, STEPS, name


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""
    return {"levels": _levels(records)}


def _levels(records: Records) -> Table:
    def cells(depth: int, of: str, rate: float) -> tuple[str, ...]:
        runs = records.trial(name(depth, of, rate))
        return (
            "–" if of == NOISY else _typical(level(ahead(runs))),
            _typical(level(in_one_step(received(runs)))),
            _typical(level(in_one_step(outputs(runs)))),
            number(100 * float(last(runs, "val_accuracy").mean()), 1),
        )

    names = NAMES | {NOISY: "noisy BN"}
    return Table(
        "How much each net shifts in a step of training, and how accurate it is in the end",
        (
            "net",
            "gradient change",
            "drift, received",
            "drift, before BN",
            "accuracy, %",
        ),
        tuple(
            (f"{where}: {names[of]}", *cells(depth, of, rate))
            for where, (depth, rate) in CELLS.items()
            for of in SHIFT_ARMS
        ),
        note="The change of a layer's gradient is relative to it. The drifts, of what activation "
        "functions receive and of the dense outputs before BN, are in standard deviations of a "
        "unit; without BN the two are one. Accuracy: validation, at the end. Means over layers and "
        f"the steps {STEPS[1]} to {STEPS[-1]}, and the geometric mean over seeds. Gradients under "
        "noise were not looked at.",
    )


def _typical(found: Floats) -> str:
    """The geometric mean over seeds, as the claims compare them, with two digits that count."""
    mean = float(np.exp(np.log(found).mean()))
    return number(mean, max(0, 1 - math.floor(math.log10(mean))) if math.isfinite(mean) else 0)
