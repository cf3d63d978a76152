"""The table of the page."""

import numpy as np

from bnreport.arms import ARMS, NAMES
from bnreport.formats import number
from bnreport.samples import Floats
from bnreport.studies.landscape.estimates import at_start, beta, change, during, spread
from bnreport.studies.landscape.runs import CELLS, SHARES, name
from bnreport.study import Records, Table


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""
    return {"levels": _levels(records)}


def _levels(records: Records) -> Table:
    def cells(depth: int, of: str, rate: float) -> tuple[str, ...]:
        runs = records.trial(name(depth, of, rate))
        return (
            number(_typical(at_start(beta(runs))), 2),
            number(_typical(during(beta(runs))), 2),
            number(_typical(during(change(runs))), 2),
            number(_typical(during(spread(runs))), 3),
        )

    return Table(
        "How smooth the loss is along the steps of each net; smaller is smoother",
        (
            "net",
            "beta at the start",
            "beta in training",
            f"change by {SHARES[-1]:.0%}",
            "range of the loss, nats",
        ),
        tuple(
            (f"{where}: {NAMES[of]}", *cells(depth, of, rate))
            for where, (depth, rate) in CELLS.items()
            for of in ARMS
        ),
        note="Geometric means over seeds, and but for the start over the marks after 50, 150 and "
        "300 steps. The change is that of the gradient, relative to its norm, after a step of "
        f"{SHARES[-1]:.0%} of the kernels' norm.",
    )


def _typical(found: Floats) -> float:
    """The geometric mean over seeds, as the claims compare them."""
    return float(np.exp(np.log(found).mean()))
