"""The numbers, tables and figures of the page on predicted costs."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import scipy

from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.charts import differences
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.presentation.plots import Plot
from bnreport.records.collection import Records
from bnreport.studies.lag.runs import ARMS, MOMENTA, RAW
from bnreport.studies.lag.shown import by_offset, in_groups
from bnreport.studies.prediction.averages import (
    AVERAGES,
    COSTS,
    PICKED,
    PYTORCH,
    SEEDS,
    THIRDS,
    gain,
)


def _ranks(records: Records) -> list[float]:
    """Correlate the ranks of predicted offsets and measured costs, seed by seed."""
    offsets = [average.offset for average in AVERAGES]
    costs = np.array([average.cost(records) for average in AVERAGES])
    return [float(scipy.stats.spearmanr(offsets, seed).statistic) for seed in costs.T]


def values(records: Records) -> dict[str, Value]:
    """The numbers of the prose that no claim judges."""
    given = {
        "averages": str(len(AVERAGES)),
        "settings": str(len(PICKED)),
        "third": str(len(THIRDS["least"])),
    }
    costs = {f"cost.{name}": mean_of(cost(records), 2, unit="pp") for name, cost in COSTS.items()}
    return {
        **values_of("set before the runs", given),
        **values_of("accuracy by fresh statistics minus that by averages; unjudged", costs),
        **values_of(
            "mean over the seeds; unjudged",
            {
                "gain.pytorch": mean_of(gain(PYTORCH)(records), 2, unit="pp", signed=True),
                "rank": mean_of(_ranks(records), 2, interval=True),
            },
        ),
    }


def _thirds(records: Records) -> Table:
    return Table.by_column(
        "Predicted offsets and measured costs, by third",
        "predicted offset",
        {name: name for name in THIRDS},
        {
            "from, SD": lambda name: f"{THIRDS[name][0].offset:.3f}",
            "to, SD": lambda name: f"{THIRDS[name][-1].offset:.3f}",
            "measured cost, pp": lambda name: mean_of(COSTS[name](records), 2),
        },
        f"{len(THIRDS['least'])} settings each, means over {len(SEEDS)} seeds.",
    )


def _costs(records: Records) -> Dots:
    return differences(
        title="The cost by third of predicted offset",
        subtitle="Accuracy by fresh statistics minus that by moving averages, the mean of "
        f"{len(THIRDS['least'])} averages. A dot a seed",
        x_label="percentage points lost",
        rows=tuple(ARMS[RAW].row(cost(records), f"{name} off") for name, cost in COSTS.items()),
    )


def _momenta(records: Records) -> Dots:
    return differences(
        title="The momentum with the least predicted offset, minus one for all",
        subtitle=f"Accuracy in the mean of {len(PICKED)} settings. A dot a seed",
        x_label="percentage points by which the predicted momentum is more accurate",
        rows=tuple(
            ARMS[RAW].row(gain(momentum)(records), f"over {momentum:g}")
            for momentum in MOMENTA.values()
        ),
    )


def _each(records: Records) -> Curves:
    def curve(arm: str, size: int) -> Any:
        averages = [average for average in AVERAGES if (average.arm, average.size) == (arm, size)]
        offsets = np.array([average.offset for average in averages])
        return in_groups(arm, offsets, np.array([average.cost(records) for average in averages]))

    rank = mean_of(_ranks(records), 2)
    return by_offset(
        curve,
        "Two courses, four rates and five momenta, in groups of like prediction. Across: "
        "how far the means were predicted to be off, from drift, momentum and batch size",
        lambda _: f"Predicted offset and cost have a rank correlation of {rank}",
    )


TABLES: Mapping[str, Callable[[Records], Table]] = {"thirds": _thirds}
PLOTS: Mapping[str, Callable[[Records], Plot]] = {
    "costs": _costs,
    "momenta": _momenta,
    "each": _each,
}
