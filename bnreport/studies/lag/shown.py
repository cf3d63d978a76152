"""The numbers, tables and figures of the page on lagging averages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import scipy

from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import runs_of
from bnreport.analysis.findings import means
from bnreport.analysis.reimplementations import side_by_side
from bnreport.presentation.formats import number
from bnreport.presentation.plots import Curves, Dots, Panel, Plot
from bnreport.presentation.tables import Table, Value
from bnreport.protocol.optimization import SCHEDULES
from bnreport.records.collection import Records
from bnreport.studies.lag.runs import (
    ARMS,
    COURSES,
    EPOCHS,
    GROUPS,
    IMAGES,
    KERAS,
    LABELS,
    MARKS,
    MOMENTA,
    PICTURED,
    RATE,
    RATES,
    RAW,
    SETTINGS,
    SIZES,
    STD,
    cost,
    length,
    named,
    offset,
    scored,
    step,
    swing,
)


def in_pytorch(records: Records) -> Any:
    """The costs at a constant rate beside those that replicas/lag_torch.py measured."""

    def costs(words: str, by: str, called: str) -> Any:
        return {(words, size, called): cost(RAW, size, by) for size in SIZES}

    return side_by_side(
        records,
        "PyTorch",
        costs("momentum 0.99", KERAS, "m0.99"),
        costs("momentum 0.9", "m0.9", "m0.9")
        | costs("plain means (update_bn)", "means", "update_bn"),
        margin=0.5,
    )


def _ranks(records: Records) -> list[float]:
    """Correlate the ranks of predicted offsets and measured costs, seed by seed."""
    settings = [(*setting, momentum) for setting in SETTINGS for momentum in MOMENTA.values()]
    predicted = np.array([offset(*setting)(records)[:PICTURED] for setting in settings])
    measured = np.array(
        [
            cost(arm, size, f"m{momentum:g}-corrected", schedule, rate)(records)[:PICTURED]
            for arm, size, schedule, rate, momentum in settings
        ]
    )
    pairs = zip(predicted.T, measured.T, strict=True)
    return [float(scipy.stats.spearmanr(x, y).statistic) for x, y in pairs]


def values(records: Records) -> dict[str, Value]:
    """Costs that no claim judges: "cost.bn.128.linear" at the rate of the claims, and "….short".

    The latter are those by averages of momentum 0.9.
    """
    costs = (
        {
            f"cost.{arm}.{size}.{schedule}": mean_of(
                cost(arm, size, schedule=schedule)(records), 2, unit="pp"
            )
            for arm in ARMS
            for size in SIZES
            for schedule in SCHEDULES
        }
        | {
            f"cost.{RAW}.{size}.{schedule}.short": mean_of(
                cost(RAW, size, "m0.9", schedule)(records), 2, unit="pp"
            )
            for size in SIZES
            for schedule in SCHEDULES
        }
        | {
            f"cost.bn.{size}.low": mean_of(cost(RAW, size, rate=min(RATES))(records), 2, unit="pp")
            for size in SIZES
        }
    )
    given = {
        "rate": f"{RATE:g}",
        "low": f"{min(RATES):g}",
        "epochs": str(EPOCHS),
        "images": f"{IMAGES:,}",
        **{f"steps.{size}": f"{length(size):,}" for size in SIZES},
        **{f"start.{size}": f"{100 * 0.99 ** length(size):.2g}%" for size in SIZES},
    }
    return {
        **values_of("accuracy by fresh statistics minus that by moving averages, mean", costs),
        **values_of("set before the runs", given),
        **values_of(
            "change of the validation loss from 40% to 60% and from 60% to 80% of a run, batches "
            "of 128, constant rate of 1, mean of both and of the seeds; unjudged",
            {f"swing.{by}": mean_of(swing(by)(records), 2) for by in ("fresh", KERAS)},
        ),
        **values_of(
            "rank correlation of predicted offset and measured cost over 240 averages, mean of the "
            "first six seeds and its 95% interval; unjudged",
            {"rank": mean_of(_ranks(records), 2, interval=True)},
        ),
    }


def _costs(records: Records) -> Table:
    def cell(arm: str, size: int, schedule: str, by: str) -> str:
        return mean_of(cost(arm, size, by, schedule)(records), 2, signed=True)

    ways = {
        "Keras' averages, 0.99": KERAS,
        "PyTorch's, 0.9": "m0.9",
        "plain means": "means",
    }
    return Table(
        "What to normalize by: points of accuracy lost against fresh statistics",
        ("inputs", "rate", "images in a batch", *ways),
        tuple(
            (
                LABELS[arm],
                COURSES[schedule],
                str(size),
                *(cell(arm, size, schedule, by) for by in ways.values()),
            )
            for arm in ARMS
            for schedule in SCHEDULES
            for size in SIZES
        ),
        note=f"Means over the seeds, at rate {RATE:g}. PyTorch says momentum=0.1 where Keras says "
        "0.9. Plain means: unweighted means of the statistics of whole batches, taken after the "
        "training as update_bn does.",
    )


def _momenta(records: Records) -> Table:
    def best(arm: str, size: int, schedule: str, rate: float) -> str:
        means = {
            momentum: scored(arm, size, by, schedule, rate)(records).mean()
            for by, momentum in MOMENTA.items()
        }
        return f"{max(means, key=means.__getitem__):g}"

    return Table(
        "The best of five momenta, by rate",
        ("inputs", "rate", "images in a batch", *(f"{rate:g}" for rate in RATES)),
        tuple(
            (
                LABELS[arm],
                COURSES[schedule],
                str(size),
                *(best(arm, size, schedule, rate) for rate in RATES),
            )
            for arm in ARMS
            for schedule in SCHEDULES
            for size in SIZES
        ),
        note="By mean accuracy; neighbors often differ by less than the seeds do.",
    )


CURVES = {
    "raw, constant": (RAW, "constant"),
    "raw, falling": (RAW, "linear"),
    "std., constant": (STD, "constant"),
    "std., falling": (STD, "linear"),
}


def _by_setting(records: Records) -> Dots:
    return Dots(
        title="What Keras' moving averages cost",
        subtitle="Accuracy by fresh statistics minus that by averages of momentum 0.99, one net. "
        f"Rate {RATE:g}, constant or falling to zero, {EPOCHS} epochs in batches of 32, "
        "128 or 512",
        x_label="percentage points lost",
        rows=tuple(
            ARMS[arm].row(
                cost(arm, size, schedule=schedule)(records),
                f"{LABELS[arm]}, {COURSES[schedule]}, {size}",
            )
            for arm in ARMS
            for schedule in SCHEDULES
            for size in SIZES
        ),
        nothing=0.0,
        decimals=2,
        narrow=True,
    )


def _by_momentum(records: Records) -> Curves:
    def costs(arm: str, size: int, schedule: str) -> np.ndarray:
        return np.array([cost(arm, size, by, schedule)(records) for by in MOMENTA]).T

    places = 1 / (1 - np.array([*MOMENTA.values()]))
    by_size = {
        f"batches of {size}": [
            replace(ARMS[arm], dashed=schedule == "linear").curve(
                places, costs(arm, size, schedule), label
            )
            for label, (arm, schedule) in CURVES.items()
        ]
        for size in SIZES
    }
    return Curves(
        title="The cost by momentum",
        subtitle=f"Points lost against fresh statistics at rate {RATE:g}. Momenta 0.9, 0.97, 0.99, "
        "0.997 and 0.999 remember 1 / (1 - momentum) steps, 10 to 1,000",
        x_label="steps remembered",
        x_scale="log",
        panels=panels(by_size, "percentage points lost"),
    )


def _on_the_way(records: Records) -> Curves:
    ways = {
        KERAS: (ARMS[RAW], "0.99"),
        "m0.99-corrected": (replace(ARMS[RAW], dashed=True), "0.99, corrected"),
        "m0.9": (ARMS[STD], "0.9"),
    }

    def costs(by: str, size: int) -> np.ndarray:
        runs = runs_of(named(RAW, size, "constant", RATE))
        return (100 * (runs.scored("path_fresh_val") - runs.scored(f"path_{by}_val")))(records)

    by_size = {
        f"batches of {size}": [
            arm.curve([step(share, size) for share in MARKS], costs(by, size), label)
            for by, (arm, label) in ways.items()
        ]
        for size in SIZES
    }
    return Curves(
        title="The cost along the run",
        subtitle=f"Raw pixels, constant rate {RATE:g}, 2,000 validation images; fresh statistics "
        "of 2,048 training images",
        x_label="step",
        x_scale="log",
        panels=panels(by_size, "percentage points lost"),
    )


def in_groups(arm: str, offsets: np.ndarray, costs: np.ndarray) -> Any:
    """A curve of costs over offsets, averages of like offset together, so that no cloud shows.

    Args:
        arm: the inputs.
        offsets: how far each average is predicted to be off, SD, (averages,).
        costs: what it costs, in points, (averages, seeds).
    """
    groups = np.array_split(np.argsort(offsets, kind="stable"), GROUPS)
    places = [offsets[group].mean() for group in groups]
    return ARMS[arm].curve(
        places, np.array([costs[group].mean(axis=0) for group in groups]).T, LABELS[arm]
    )


def by_offset(
    curve: Callable[[str, int], Any], subtitle: str, finding: Callable[[Sequence[Panel]], str]
) -> Curves:
    """The figure of costs over predicted offsets, a panel a batch size.

    Args:
        curve: that of inputs at a batch size; see `in_groups`.
        subtitle: which averages those are, and how their offset is predicted.
        finding: the title, of what is drawn.
    """
    by_size = {f"batches of {size}": [curve(arm, size) for arm in ARMS] for size in SIZES}
    drawn = panels(by_size, "percentage points lost")
    return Curves(finding(drawn), subtitle, "predicted offset, SD", drawn)


def _farthest(drawn: Sequence[Panel]) -> str:
    """Say what the averages lose that are predicted to be farthest off, in each panel."""
    lost = [each[max(each)] for each in means(drawn, LABELS[RAW])]
    return (
        "On raw pixels, averages predicted farthest off lose "
        f"{number(min(lost), 1)} to {number(max(lost), 1)} points"
    )


def _predicted(records: Records) -> Curves:
    def curve(arm: str, size: int) -> Any:
        settings = [
            (schedule, rate, momentum)
            for schedule in SCHEDULES
            for rate in RATES
            for momentum in MOMENTA.values()
        ]
        offsets = [offset(arm, size, *setting)(records)[:PICTURED] for setting in settings]
        costs = [
            cost(arm, size, f"m{momentum:g}-corrected", schedule, rate)(records)[:PICTURED]
            for schedule, rate, momentum in settings
        ]
        return in_groups(arm, np.mean(offsets, axis=1), np.array(costs))

    return by_offset(
        curve,
        "Two schedules, four rates and five momenta, in groups of like prediction. "
        "Across: how far the means are predicted to be off, from drift, momentum and batch size",
        _farthest,
    )


TABLES: Mapping[str, Callable[[Records], Table]] = {"costs": _costs, "momenta": _momenta}
PLOTS: Mapping[str, Callable[[Records], Plot]] = {
    "costs": _by_setting,
    "momenta": _by_momentum,
    "path": _on_the_way,
    "predicted": _predicted,
}
