"""What do the numbers inside a trained net look like, before and after batch normalization?

A picture, with no claim and no verdict.
"""

from collections.abc import Callable, Iterable, Mapping
from statistics import NormalDist

import numpy as np

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.comparisons import runs_of
from bnreport.analysis.design import study
from bnreport.analysis.metrics import Floats
from bnreport.presentation.plots import Dots, Row
from bnreport.presentation.tables import Analysis, Table, Value
from bnreport.protocol.checks import Probe
from bnreport.protocol.runs import SEEDS, Runs
from bnreport.records.collection import Records

RAW, STD, BN, STD_BN = ARMS = usual()
EPOCHS, STEPS_OF_EPOCH = 5, 1719
# Before the first step and after the last one.
SPREAD = Probe(
    name="spread", steps=(0, EPOCHS * STEPS_OF_EPOCH), probe="distribution", images=2_000
)
# When the numbers are looked at, in names of values and in words.
TIMES = {"start": "at the start", "end": "trained"}
LAYERS, UNITS = 2, 8
# A unit with so many of its numbers on one side of zero hardly uses the bend of its ReLU.
SIDED = 0.9
# The record holds 25 quantiles of each distribution, which draw its density.
NET = "ReLU net, batches of 32, rate 0.01, 2,000 images; humps are high where most numbers lie"

RUNS = tuple(
    Runs(
        arm.trial(
            learning_rate=0.01, epochs=EPOCHS, split="seed", evaluated=("val",), checks=(SPREAD,)
        ),
        # Nothing is judged here; three seeds show how much a picture depends on the seed.
        full=SEEDS[:3],
    )
    for arm in ARMS
)


def quantiles(records: Records, arm: Arm, place: str) -> Floats:
    """The quantiles of an arm, (seeds, times, layers, levels), or units in place of layers.

    Args:
        records: those of the study.
        arm: the arm.
        place: "outputs" before the normalizer, what is "entering" the activation, or "units".
    """
    levels = runs_of(arm).measured(f"{SPREAD.name}_{place}")(records)
    return levels.reshape(*levels.shape[:2], UNITS if place == "units" else LAYERS, -1)


def analyse(records: Records) -> Analysis:
    """The spread of the numbers by layer, and unit by unit."""
    entering = {arm: quantiles(records, arm, "entering") for arm in ARMS}
    outputs = {arm: quantiles(records, arm, "outputs") for arm in ARMS}
    units = {arm: quantiles(records, arm, "units")[0, 1] for arm in (RAW, BN)}
    return Analysis(
        values=_widths(entering, outputs) | _sided(units),
        tables={"spread": _table(entering)},
        plots={
            "entering": _entering(entering),
            "before": _before(outputs[BN], entering[BN]),
            "units": _units(units),
        },
    )


def _widths(entering: Mapping[Arm, Floats], outputs: Mapping[Arm, Floats]) -> dict[str, Value]:
    """The width of the middle of each distribution, and how much that depends on the seed."""
    share = 100 * (1 - 1 / entering[RAW].shape[-1])
    bell = 2 * NormalDist().inv_cdf(0.5 + share / 200)
    values = {
        "share": Value(f"{share:.0f}%", "from the first to the last quantile that is recorded"),
        "bell": Value(mean_of(bell, 1), "quantiles of the normal distribution"),
    }
    differences = []
    for place, by_arm in {"entering": entering, "outputs": outputs}.items():
        for arm, levels in by_arm.items():
            widths = levels[..., -1] - levels[..., 0]
            differences.append((np.ptp(widths, axis=0) / widths.mean(axis=0)).max())
            means = {
                f"{place}.{arm.name}.{when}.{layer + 1}": mean_of(widths[:, time, layer], 1)
                for time, when in enumerate(TIMES)
                for layer in range(LAYERS)
            }
            values |= values_of(f"{arm.label}, mean of {len(widths)} seeds", means)
    origin = "the largest difference of a width over the seeds"
    return values | values_of(origin, {"seeds": f"{100 * max(differences):.0f}%"})


def _sided(units: Mapping[Arm, Floats]) -> dict[str, Value]:
    """The number of units with nearly all of their numbers on one side of zero."""
    above = {arm.name: (levels > 0).mean(axis=1) for arm, levels in units.items()}
    return values_of(
        f"of {UNITS} units, {SIDED:g} of the quantiles on one side of 0",
        {f"sided.{arm}": str((np.maximum(x, 1 - x) >= SIDED).sum()) for arm, x in above.items()},
    )


def _table(entering: Mapping[Arm, Floats]) -> Table:
    def cell(levels: Floats) -> str:
        low, middle, high = (mean_of(levels[p], 1) for p in (0, len(levels) // 2, -1))
        return f"{middle} [{low}, {high}]"

    def column(time: int, layer: int) -> Callable[[Arm], str]:
        return lambda arm: cell(entering[arm][:, time, layer].mean(axis=0))

    return Table.by_column(
        "What enters the activations: the median, and in brackets the ends of the middle 96%",
        "inputs and normalizer",
        {arm.label: arm for arm in ARMS},
        {
            f"layer {layer + 1}, {words}": column(time, layer)
            for layer in range(LAYERS)
            for time, words in enumerate(TIMES.values())
        },
        "Means of three seeds.",
    )


def _dots(title: str, subtitle: str, rows: Iterable[Row]) -> Dots:
    return Dots(
        title=title,
        subtitle=subtitle,
        x_label="value; the bar and the number are the median",
        rows=tuple(rows),
        decimals=2,
        centre="median",
        nothing=0.0,
        humps=True,
    )


def _entering(entering: Mapping[Arm, Floats]) -> Dots:
    # Short enough for the rows of a figure.
    shown = {**{arm: arm.label for arm in ARMS}, STD_BN: "standardized and BN"}
    rows = (
        arm.median_row(entering[arm][:, time, -1].mean(axis=0), f"{label}, {words}")
        for arm, label in shown.items()
        for time, words in enumerate(TIMES.values())
    )
    return _dots(
        "Training widens what enters the activations of layer 2, but hardly with BN",
        f"Second hidden layer, 100 units. {NET}; 3 seeds",
        rows,
    )


def _before(outputs: Floats, entering: Floats) -> Dots:
    # What BN has not touched yet has no arm's colour.
    sides = (Arm("", "before"), outputs), (Arm("", "after", colour="bn"), entering)
    rows = (
        side.median_row(
            levels[:, time, layer].mean(axis=0), f"layer {layer + 1}, {words}, {side.label} BN"
        )
        for layer in range(LAYERS)
        for time, words in enumerate(TIMES.values())
        for side, levels in sides
    )
    return _dots(
        "On raw pixels BN widens what it receives in layer 1",
        f"All units of both hidden layers. {NET}; 3 seeds",
        rows,
    )


def _units(units: Mapping[Arm, Floats]) -> Dots:
    rows = (
        arm.median_row(levels, f"{arm.label}, unit {unit}")
        for arm, each in units.items()
        for unit, levels in enumerate(each, 1)
    )
    return _dots(
        "Every unit has a center and a width of its own",
        f"The first {UNITS} units of layer 2, trained, before any BN. {NET}; seed {SEEDS[0]}",
        rows,
    )


STUDY = study(
    "distributions",
    (),
    RUNS,
    title="Inside a net",
    chapter="Mechanisms",
    question="What do the numbers inside a net look like, before and after batch normalization?",
    analyse=analyse,
)
