"""The accuracies and times of both nets, which the notebook should have printed."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bnreport.analysis.arms import NOTEBOOK
from bnreport.analysis.cells import mean_of
from bnreport.presentation.plots import Dots
from bnreport.presentation.tables import Table, Value
from bnreport.records.collection import Records
from bnreport.studies.notebook.curves import setting
from bnreport.studies.notebook.protocol import GAIN, NETS, PARTS, RIGHT, seconds, slowdown
from bnreport.studies.notebook.published import (
    FIRST_TIMING,
    FIT_EPOCHS,
    PUBLISHED_FINAL,
    PUBLISHED_RUNTIME,
    PUBLISHED_SECONDS,
)

LOOPS = {"fit": "Keras' fit", "compiled": "one compiled program an epoch"}
# How many times longer an epoch of the BN net takes, by round, and as printed by epoch.
RATIO = {loop: slowdown(loop) / 100 + 1 for loop in LOOPS}
PRINTED_RATIO = PUBLISHED_SECONDS["bn"] / PUBLISHED_SECONDS["baseline"]
FIRST_RATIO = FIRST_TIMING["bn"] / FIRST_TIMING["baseline"]
PRINTED_GAP = 100 * (PUBLISHED_FINAL["bn"] - PUBLISHED_FINAL["baseline"])
PRINTED = "printed by the notebook"


def gain_values(records: Records) -> dict[str, Value]:
    """The numbers in the prose on accuracies and times, each with its origin."""
    return _accuracies(records) | _times(records) | _stalled(records)


def _accuracies(records: Records) -> dict[str, Value]:
    gain = mean_of(GAIN["test"].contrast(lost=False)(records), 2, signed=True, unit="pp")
    gap = mean_of(PRINTED_GAP, 1, signed=True, unit="pp")
    both = "BN minus baseline, test images; 95% interval over seeds and images"
    values = {"gain.test": Value(gain, both), "printed.gap": Value(gap, "0.9430 minus 0.8710")}
    for part, words in PARTS.items():
        seeds = mean_of(GAIN[part](records).mean(axis=1), 2, signed=True, interval=True, unit="pp")
        origin = f"{words} gain with the interval over seeds alone"
        values[f"gain.{part}.seeds"] = Value(seeds, origin)
    for net in NETS:
        accuracy = mean_of(RIGHT[net, "test"](records).mean(axis=1), 4)
        values[f"{net}.test"] = Value(accuracy, f"mean test accuracy after epoch {FIT_EPOCHS}")
        values[f"printed.{net}"] = Value(mean_of(PUBLISHED_FINAL[net], 4), PRINTED)
    return values


def _times(records: Records) -> dict[str, Value]:
    mean = mean_of(PRINTED_RATIO, 2)
    values = {"ratio.printed": Value(mean, "mean of the printed epochs' ratios")}
    for loop, how in LOOPS.items():
        for net in NETS:
            rounds = seconds(loop, net)(records)
            median = mean_of(np.median(rounds), 2, unit="s")
            origin = f"median of {len(rounds)} epochs, {how}"
            values[f"seconds.{loop}.{net}"] = Value(median, origin)
        ratios = RATIO[loop](records)
        origin = f"BN over baseline, {len(ratios)} rounds, {how}"
        values[f"ratio.{loop}"] = Value(mean_of(ratios, 2, interval=True), origin)
    for net, printed in PUBLISHED_SECONDS.items():
        clock, whole = mean_of(PUBLISHED_RUNTIME[net], 2, unit="s"), FIT_EPOCHS * printed
        origin = f"{FIT_EPOCHS} epochs at the mean of {len(printed)} printed times"
        values[f"printed.runtime.{net}"] = Value(clock, PRINTED)
        values[f"printed.epochs.{net}"] = Value(mean_of(whole, 0, unit="s"), origin)
    return values


def _stalled(records: Records) -> dict[str, Value]:
    """The round of `fit` whose ratio is the largest, and the ratio without it."""
    ratios, rounds = RATIO["fit"](records), seconds("fit", "bn")(records)
    worst = int(ratios.argmax())
    rest, others = np.delete(ratios, worst), np.delete(rounds, worst)
    between = f"{mean_of(others.min(), 2)} to {mean_of(others.max(), 2, unit='s')}"
    without = mean_of(rest, 2, interval=True)
    first = mean_of(FIRST_RATIO, 2, interval=True)
    median = mean_of(np.median(ratios), 2)
    return {
        "ratio.fit.median": Value(median, f"median of {len(ratios)} rounds"),
        "first.fit": Value(first, "mean of the rounds timed first"),
        "stalled.round": Value(str(worst + 1), "the round of fit with the largest ratio"),
        "stalled.seconds": Value(mean_of(rounds[worst], 2, unit="s"), "an epoch with BN"),
        "stalled.others": Value(between, f"an epoch with BN in the other {len(others)} rounds"),
        "ratio.fit.rest": Value(without, f"mean of the other {len(rest)} rounds"),
    }


def image_error(cells: ArrayLike) -> float:
    """The standard error of a mean over seeds and images that the choice of images brings.

    Args:
        cells: one number a seed and image, shape (seeds, images).
    """
    means = np.asarray(cells, float).mean(axis=0)
    return float(means.std(ddof=1) / np.sqrt(len(means)))


def _accuracies_table(records: Records) -> Table:
    def row(cells: Any, decimals: int, **how: Any) -> tuple[str, ...]:
        mean, interval = mean_of(cells.mean(axis=1), decimals, interval=True, **how).split(" ", 1)
        unit = how.get("unit", "")
        return mean, interval, mean_of(image_error(cells), decimals, unit=unit)

    rows = []
    for part, words in PARTS.items():
        for net, arm in NOTEBOOK.items():
            cells, closing = RIGHT[net, part](records), mean_of(PUBLISHED_FINAL[net], 4)
            rows.append((f"{arm.label}, {words}", *row(cells, 4), closing))
        gap = mean_of(PRINTED_GAP, 1, signed=True, unit="pp")
        gain = row(GAIN[part](records), 2, signed=True, unit="pp")
        rows.append((f"BN minus baseline, {words}", *gain, gap))
    return Table(
        "What the notebook should have printed: accuracy after ten fresh epochs",
        ("net and images", "mean", "95% interval, seeds", "SE, images", "printed"),
        tuple(rows),
        note="The interval covers the choice of seed alone, the standard error (SE) beside it the "
        "choice of images. The verdicts use an interval that covers both.",
    )


def _seconds_table(records: Records) -> Table:
    (timing,) = records.trial("timing")

    def row(words: str, decimals: int, each: Any, ratios: Any, **how: Any) -> tuple[str, ...]:
        medians = (mean_of(np.median(x), decimals, unit="s") for x in each)
        return (words, *medians, mean_of(np.median(ratios), 2), mean_of(ratios, 2, **how))

    ours = (
        row(
            f"{words}, here",
            2,
            [seconds(loop, net)(records) for net in NOTEBOOK],
            RATIO[loop](records),
            interval=True,
        )
        for loop, words in LOOPS.items()
    )
    printed = row("the notebook, as printed", 1, PUBLISHED_SECONDS.values(), PRINTED_RATIO)
    return Table(
        "Seconds per epoch, with validation",
        ("loop", "baseline", "BN", "median ratio", "mean ratio, as first judged"),
        (*ours, printed),
        note=f"Seconds: medians of {len(timing.epochs('fit_bn'))} interleaved rounds in one "
        f"process on {timing.provenance.device}. Ratios: BN over baseline in each round (of the "
        "notebook: in each printed epoch), their median, and their mean with its 95% interval. "
        "The notebook's machine is not known.",
    )


def _rounds_table(records: Records) -> Table:
    ratios = {words: RATIO[loop](records) for loop, words in LOOPS.items()}
    ratios["Keras' fit, timed first"] = FIRST_RATIO
    return Table.crossed(
        "BN over baseline, round by round",
        "round",
        {str(place + 1): place for place in range(min(map(len, ratios.values())))},
        ratios,
        lambda place, rounds: mean_of(rounds[place], 2),
    )


def _accuracies_plot(records: Records) -> Dots:
    return Dots(
        title="Ten fresh epochs, and what the notebook printed",
        subtitle="Test accuracy, inference mode, 95% interval over seeds; "
        + setting(records, "bn-0.01"),
        x_label="test accuracy",
        rows=tuple(
            arm.row(RIGHT[net, "test"](records).mean(axis=1), published=(PUBLISHED_FINAL[net],))
            for net, arm in NOTEBOOK.items()
        ),
        paired=True,
    )


def _seconds_plot(records: Records) -> Dots:
    (timing,) = records.trial("timing")
    printed = {("fit", net): tuple(sorted(set(x))) for net, x in PUBLISHED_SECONDS.items()}
    rows = [
        arm.row(
            seconds(loop, net)(records),
            f"{arm.label}, {loop}",
            published=printed.get((loop, net), ()),
        )
        for loop in LOOPS
        for net, arm in NOTEBOOK.items()
    ]
    return Dots(
        title="Seconds per epoch of both nets, in two training loops",
        subtitle=f"With validation; n = {len(rows[0].values)} interleaved rounds in one process, "
        f"{timing.provenance.threads} threads",
        x_label="seconds per epoch",
        rows=tuple(rows),
        from_zero=True,
        decimals=2,
    )


GAIN_TABLES = {"accuracies": _accuracies_table, "seconds": _seconds_table, "rounds": _rounds_table}
GAIN_PLOTS = {"accuracies": _accuracies_plot, "seconds": _seconds_plot}
