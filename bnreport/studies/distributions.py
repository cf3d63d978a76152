"""What do the numbers inside a trained net look like, before and after batch normalization?

A picture, with no claim and no verdict.
"""

from collections.abc import Iterator, Sequence
from statistics import NormalDist
from typing import cast

import numpy as np

from bnreport.analysis.arms import ARMS, NAMES, arm
from bnreport.analysis.metrics import Floats, checked
from bnreport.analysis.study import Study
from bnreport.presentation.formats import number
from bnreport.presentation.plots import Arm, Dots, Row
from bnreport.presentation.tables import Analysis, Table, Value
from bnreport.protocol.checks import Probe
from bnreport.protocol.runs import SEEDS, Runs
from bnreport.records.collection import Records

EPOCHS = 5
STEPS_OF_EPOCH = 1719
# Before the first step and after the last one.
SPREAD = Probe(
    name="spread", steps=(0, EPOCHS * STEPS_OF_EPOCH), probe="distribution", images=2_000
)
TIMES = ("start", "end")
WHEN = {"start": "at the start", "end": "trained"}
LAYERS, UNITS = 2, 8
# A unit with so many of its numbers on one side of zero hardly uses the bend of its ReLU.
SIDED = 0.9
# Short enough for the rows of a figure.
SHORT = NAMES | {"std-bn": "standardized and BN"}
# The record holds 25 quantiles of each distribution, which draw its density.
NET = "ReLU net, batches of 32, rate 0.01, 2,000 images; humps are high where most numbers lie"

RUNS = tuple(
    Runs(
        arm(
            of,
            learning_rate=0.01,
            epochs=EPOCHS,
            split="seed",
            evaluated=("val",),
            checks=(SPREAD,),
        ),
        # Nothing is judged here; three seeds show how much a picture depends on the seed.
        full=SEEDS[:3],
    )
    for of in ARMS
)


def quantiles(records: Records, of: str, place: str) -> Floats:
    """The quantiles of an arm, (seeds, times, layers, levels), or units in place of layers.

    Args:
        records: those of the study.
        of: the arm.
        place: "outputs" before the normalizer, what is "entering" the activation, or "units".
    """
    found = checked(records.trial(of), f"{SPREAD.name}_{place}")
    return found.reshape(*found.shape[:2], UNITS if place == "units" else LAYERS, -1)


def analyse(records: Records) -> Analysis:
    """The spread of the numbers by layer, and unit by unit."""
    entering = {of: quantiles(records, of, "entering") for of in ARMS}
    outputs = {of: quantiles(records, of, "outputs") for of in ARMS}
    units = {of: quantiles(records, of, "units")[0, 1] for of in ("raw", "bn")}
    return Analysis(
        values=dict(_values(entering, outputs)) | dict(_sided(units)),
        tables={"spread": _table(entering)},
        plots={
            "entering": _entering(entering),
            "before": _before(outputs["bn"], entering["bn"]),
            "units": _units(units),
        },
    )


def _row(label: str, of: str, levels: Floats) -> Row:
    low, middle, high = (float(levels[place]) for place in (0, len(levels) // 2, -1))
    return Row(label, cast(Arm, of), levels, low, middle, high)


def _dots(title: str, subtitle: str, rows: Sequence[Row]) -> Dots:
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


def _entering(entering: dict[str, Floats]) -> Dots:
    rows = [
        _row(f"{SHORT[of]}, {WHEN[when]}", of, entering[of][:, time, -1].mean(axis=0))
        for of in ARMS
        for time, when in enumerate(TIMES)
    ]
    return _dots(
        "What enters the last activation", f"Second hidden layer, 100 units. {NET}; 3 seeds", rows
    )


def _before(outputs: Floats, entering: Floats) -> Dots:
    rows = [
        _row(f"layer {layer + 1}, {WHEN[when]}, {side} BN", of, levels[:, time, layer].mean(axis=0))
        for layer in range(LAYERS)
        for time, when in enumerate(TIMES)
        for side, of, levels in (("before", "neutral", outputs), ("after", "bn", entering))
    ]
    return _dots("Before BN and after it", f"All units of both hidden layers. {NET}; 3 seeds", rows)


def _units(units: dict[str, Floats]) -> Dots:
    rows = [
        _row(f"{NAMES[of]}, unit {place + 1}", of, levels)
        for of, rows in units.items()
        for place, levels in enumerate(rows)
    ]
    return _dots(
        "Every unit has a centre and a width of its own",
        f"The first {UNITS} units of the last hidden layer, trained, before any BN. {NET}; seed "
        f"{SEEDS[0]}",
        rows,
    )


def _span(levels: Floats) -> Floats:
    """The width of the middle of a distribution, over the last axis."""
    return np.asarray(levels[..., -1] - levels[..., 0], float)


def _values(entering: dict[str, Floats], outputs: dict[str, Floats]) -> Iterator[tuple[str, Value]]:
    share = 100 * (1 - 1 / entering["raw"].shape[-1])
    yield "share", Value(f"{share:.0f}%", "from the first to the last quantile that is recorded")
    bell = 2 * NormalDist().inv_cdf(0.5 + share / 200)
    yield "bell", Value(number(bell, 1), "quantiles of the normal distribution")
    widest = 0.0
    for place, found in (("entering", entering), ("outputs", outputs)):
        for of, levels in found.items():
            spans = _span(levels)
            widest = max(widest, float((np.ptp(spans, axis=0) / spans.mean(axis=0)).max()))
            for time, when in enumerate(TIMES):
                for layer in range(LAYERS):
                    yield (
                        f"{place}.{of}.{when}.{layer + 1}",
                        Value(
                            number(float(spans[:, time, layer].mean()), 1),
                            f"{NAMES[of]}, mean of {len(spans)} seeds",
                        ),
                    )
    yield "seeds", Value(f"{100 * widest:.0f}%", "the largest difference of a width over the seeds")


def _sided(units: dict[str, Floats]) -> Iterator[tuple[str, Value]]:
    for of, rows in units.items():
        above = (rows > 0).mean(axis=1)
        count = int((np.maximum(above, 1 - above) >= SIDED).sum())
        yield (
            f"sided.{of}",
            Value(str(count), f"of {len(rows)} units, {SIDED:g} of the quantiles on one side of 0"),
        )


def _table(entering: dict[str, Floats]) -> Table:
    def cell(levels: Floats) -> str:
        low, middle, high = (number(float(levels[p]), 1) for p in (0, levels.shape[-1] // 2, -1))
        return f"{middle} [{low}, {high}]"

    return Table(
        "What enters the activations: the median, and in brackets the ends of the middle 96%",
        ("inputs and normalizer", *(f"layer {n + 1}, {WHEN[w]}" for n in (0, 1) for w in TIMES)),
        tuple(
            (
                NAMES[of],
                *(
                    cell(levels[:, time, layer].mean(axis=0))
                    for layer in range(LAYERS)
                    for time in (0, 1)
                ),
            )
            for of, levels in entering.items()
        ),
        "Means of three seeds.",
    )


STUDY = Study(
    name="distributions",
    title="Inside a net",
    page="studies/distributions.md",
    chapter="Mechanisms",
    question="What do the numbers inside a net look like, before and after batch normalization?",
    runs=RUNS,
    analyse=analyse,
)
