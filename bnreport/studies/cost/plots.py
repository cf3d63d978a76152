"""The figures of the page."""

import numpy as np

from bnreport.analysis.arms import NAMES
from bnreport.presentation.plots import Arm, Dots, Plot, Row
from bnreport.protocol.runs import SEEDS
from bnreport.records.collection import Records
from bnreport.statistics.intervals import median_interval, t_interval
from bnreport.studies.cost.estimates import arrival, seconds, typical
from bnreport.studies.cost.runs import IMAGES, LOOPS, RATE, SIZES, THRESHOLD

LAYERS: dict[Arm, str] = {
    "raw": "no normalizer",
    "bn": "BN",
    "ln": "layer normalization",
    "gn": "group normalization",
}
NEVER = "at the end of the axis, runs that never arrived; their rows show the median"
BY_ARM: tuple[Arm, ...] = ("raw", "std", "bn", "std-bn")


def all_plots(records: Records) -> dict[str, Plot]:
    """The figures by name."""
    return {"epochs": _epochs(records), "arrivals": _arrivals(records)}


def _epochs(records: Records) -> Dots:
    def row(loop: str, size: int, net: Arm) -> Row:
        found = seconds(records, loop, net, size)
        label = f"{loop}, {size}: {LAYERS[net]}"
        middle = typical(records, loop, size, net)
        return Row(label, net, found, float(found.min()), middle, float(found.max()))

    return Dots(
        title=f"Seconds for {IMAGES:,} training and 5,000 validation images",
        subtitle="300-100 ReLU net, by loop, batch size and normalizer. A dot a round, a bar the "
        "median",
        x_label="seconds, on a logarithmic axis",
        rows=tuple(row(loop, size, net) for loop in LOOPS for size in SIZES for net in LAYERS),
        centre="median",
        x_scale="log",
    )


def _arrivals(records: Records) -> Dots:
    def row(loop: str, of: Arm) -> Row:
        found = arrival(records, of, loop)
        middle = t_interval(found) if np.isfinite(found).all() else median_interval(found)
        return Row(f"{loop}: {NAMES[of]}", of, found, middle.low, middle.point, middle.high)

    rows = tuple(row(loop, of) for loop in LOOPS for of in BY_ARM)
    lost = not all(np.isfinite(row.values).all() for row in rows)

    return Dots(
        title=f"Seconds until the validation accuracy reaches {THRESHOLD:.0%}",
        subtitle=f"Learning rate {RATE:g}, batches of 32. A dot a seed (n = {len(SEEDS)}), the "
        "mean and its 95% interval below" + (f"; {NEVER}" if lost else ""),
        x_label="seconds, on a logarithmic axis",
        rows=rows,
        decimals=1,
        x_scale="log",
    )
