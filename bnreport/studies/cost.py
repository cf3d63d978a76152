"""What does batch normalization cost in time, and does it earn the time back?"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.cells import arrivals, mean_of, values_of
from bnreport.analysis.comparisons import runs_of
from bnreport.analysis.design import claim_form, study
from bnreport.analysis.timings import LOOPS, Timed
from bnreport.presentation.plots import Dots
from bnreport.presentation.tables import Table
from bnreport.protocol.checks import Score
from bnreport.protocol.directions import Direction, check, history, read
from bnreport.records.collection import Records
from bnreport.statistics.estimates import paired
from bnreport.studies.second.cost import SECOND

RAW, STD, BN, STD_BN, LN, GN = usual("raw", "std", "bn", "std-bn", "ln", "gn")
# Four nets are timed, an epoch each in one process, and four arms train.
NETS = (replace(RAW, label="no normalizer"), BN, LN, GN)
ARMS = (RAW, STD, BN, STD_BN)
# A part of an epoch is enough to time a step, and keeps the sixteen contenders close in time.
IMAGES, ROUNDS, SIZES = 16_500, 12, (32, 128)
STEPS_OF_TIMED = -(-IMAGES // SIZES[0])
RATE, EPOCHS, STEPS_OF_EPOCH = 0.01, 6, 1719
TIMED = Timed(NETS, SIZES, IMAGES, ROUNDS, RATE)
# Every arm reached it within these epochs in the pilots, the net on raw pixels, too.
THRESHOLD = 0.85
EVERY = 200
CHECK = Score(name="val", steps=tuple(range(0, EPOCHS * STEPS_OF_EPOCH, EVERY)))

RUNS = (
    TIMED.runs,
    *(
        arm.runs(learning_rate=RATE, epochs=EPOCHS, split="seed", evaluated=(), checks=(CHECK,))
        for arm in ARMS
    ),
)


def arrival(arm: str, loop: str) -> Any:
    """The seconds after which an arm reaches the threshold.

    A step takes its share of a timed epoch. Standardized inputs cost nothing a step: they are
    standardized once, before the training.
    """
    net = "bn" if arm.endswith("bn") else "raw"
    pace = TIMED.typical(net, loop, SIZES[0]) / STEPS_OF_TIMED
    return pace * runs_of(arm).steps_until(CHECK.name, THRESHOLD)


def sooner(with_bn: str, without: str) -> Callable[[str], Any]:
    """Judges how many times earlier the arm with BN arrives, by loop."""
    return lambda loop: arrival(without, loop).ratio(arrival(with_bn, loop), lost=False)


def earlier(with_bn: str, without: str) -> Callable[[str], Direction]:
    """The arm with BN arrives after fewer steps; so it does when its steps take less time.

    The inputs cost no time: what is timed is the net on raw pixels, with BN and without.
    """
    curve = check("val_accuracy")
    return lambda loop: Direction(
        read(with_bn, curve) + read("timing", history(f"{loop}_bn_32"), more=False),
        read(without, curve) + read("timing", history(f"{loop}_raw_32"), more=False),
        measure="arrival",
        level=THRESHOLD,
    )


BOTH = {loop: loop for loop in LOOPS}
epochs_claim = claim_form(
    "cost",
    question="What does a normalizer cost in time?",
    source="Gitman and Ginsburg 2017 (arXiv 1709.08145), abstract: BN is a significant fraction of "
    "the time of training; keras issue 1309: 561 against 186 seconds an epoch on a processor",
    scale="ratio",
    metric=f"seconds of {IMAGES:,} training images and 5,000 validation images",
    unit="x",
    margin=1.05,
    seeds=f"{ROUNDS} interleaved rounds in one process",
    lost=False,
    interval="A pair is a round, in which every net is timed once in each loop; the interval "
    "covers the rounds of one process on one machine.",
)
arrivals_claim = claim_form(
    "cost",
    question="Does BN earn its time back?",
    statement=f"At learning rate {RATE:g}, {{}}",
    source="Ioffe and Szegedy 2015 (arXiv 1502.03167), figure 3: 13.3 against 31.0 million "
    "steps at the same rate; they count steps, not seconds",
    scale="ratio",
    arms=f"{{}}, at {RATE:g} and batches of 32",
    metric=f"steps until the validation accuracy, in inference mode every {EVERY} steps and "
    f"smoothed over three marks, reaches {THRESHOLD:.0%}, times the seconds of a step",
    unit="x",
    margin=1.25,
    interval="The interval covers the seeds, which also draw the images. The interval covers the "
    "seeds; the seconds of a step are the median of the rounds on one machine, and count as known.",
)

CLAIMS = (
    *(
        epochs_claim(
            f"bn-{loop}",
            in_each={f"batch {size}": (loop, size) for size in SIZES},
            by=TIMED.slower("bn", "raw"),
            ahead=TIMED.longer("bn", "raw"),
            label=f"BN over raw, {loop}",
            statement=f"In {where}, an epoch takes longer with BN than without.",
            arms="BN and no normalizer",
            expected="supported",
        )
        for loop, where in (("fit", "Keras' fit"), ("compiled", "one compiled program an epoch"))
    ),
    epochs_claim(
        "ln",
        in_each=TIMED.settings,
        by=TIMED.slower("ln", "bn"),
        ahead=TIMED.longer("ln", "bn"),
        label="layer norm over BN",
        statement="An epoch takes longer with layer normalization than with BN.",
        source="tensorflow pull request 6205, a user's report: layer normalization takes nearly "
        "twice the time of BN at a small batch",
        arms="layer normalization and BN",
        expected="mixed",
    ),
    epochs_claim(
        "gn",
        in_each=TIMED.settings,
        by=TIMED.slower("gn", "bn"),
        ahead=TIMED.longer("gn", "bn"),
        label="group norm over BN",
        statement="An epoch takes longer with group normalization than with BN.",
        source="mmdetection issue 317, a user's report: 5.4 images a second with group "
        "normalization against 7.7 with BN, in inference on a GPU",
        arms="group normalization (10 groups) and BN",
        expected="mixed",
    ),
    arrivals_claim(
        "wall-raw",
        in_each=BOTH,
        by=sooner("bn", "raw"),
        ahead=earlier("bn", "raw"),
        label="BN over raw, in seconds",
        statement="BN reaches 85% in less time than the net on raw pixels.",
        arms="BN and raw pixels",
        expected="supported",
    ),
    arrivals_claim(
        "wall-std",
        in_each=BOTH,
        by=sooner("bn", "std"),
        ahead=earlier("bn", "std"),
        label="BN over standardized, in seconds",
        statement="BN reaches 85% in less time than standardized inputs without BN.",
        arms="BN and standardized inputs without BN",
        expected="not supported",
    ),
    arrivals_claim(
        "wall-std-bn",
        in_each=BOTH,
        by=sooner("std-bn", "std"),
        ahead=earlier("std-bn", "std"),
        label="BN on standardized, in seconds",
        statement="standardized inputs with BN reach 85% in less time than standardized inputs "
        "without.",
        arms="standardized inputs with and without BN",
        expected="not supported",
    ),
)

NEVER = "; at the end of the axis, runs that never arrived; their rows show the median"


def _values(records: Records) -> dict[str, Any]:
    fit, compiled = (
        np.array([TIMED.typical("raw", loop, size)(records) for size in SIZES]) for loop in LOOPS
    )
    loops = {f"loops.{size}": mean_of(x, 1) for size, x in zip(SIZES, fit / compiled, strict=True)}
    given = {"images": f"{IMAGES:,}", "rate": f"{RATE:g}", "every": str(EVERY)}
    given["threshold"] = f"{THRESHOLD:.0%}"
    origin = f"fit over compiled, medians of {ROUNDS} rounds without a normalizer"
    return values_of(origin, loops) | values_of("set before the runs", given)


def _epochs_table(records: Records) -> Table:
    def ratios(net: Arm, loop: str, size: int) -> Any:
        return (TIMED.seconds(net, loop, size) / TIMED.seconds(RAW, loop, size))(records)

    return Table.by_column(
        f"Seconds for {IMAGES:,} training and 5,000 validation images",
        "loop, batch, net",
        TIMED.every_net,
        {
            "seconds": lambda timed: mean_of(TIMED.typical(*timed)(records), 3),
            "ratio, judged": lambda timed: mean_of(np.log(ratios(*timed)), 2, log=True),
            "ratio, median": lambda timed: mean_of(np.median(ratios(*timed)), 2),
        },
        note=f"Seconds: the median of {ROUNDS} rounds. Ratios are over the net without a "
        "normalizer in the same round. Judged: the geometric mean of the rounds, which disturbed "
        "rounds move. Median: that of the rounds' ratios, unjudged, which need not be the ratio of "
        f"the medians. {TIMED.disturbances(records)}",
    )


def _arrivals_table(records: Records) -> Table:
    def row(arm: Arm) -> tuple[str, ...]:
        steps, reached = arrivals(runs_of(arm).steps_until(CHECK.name, THRESHOLD)(records))
        times = (np.median(arrival(arm.name, loop)(records)) for loop in LOOPS)
        return (arm.label, steps, *(mean_of(time, 1) for time in times), reached)

    return Table(
        f"When the validation accuracy reaches {THRESHOLD:.0%}, in the median of the seeds",
        ("arm", "steps", "fit, seconds", "compiled, seconds", "runs that reached it"),
        tuple(map(row, ARMS)),
        note=f"A step takes the seconds of a timed epoch over its {STEPS_OF_TIMED} steps.",
    )


def _epochs(records: Records) -> Dots:
    return Dots(
        title=f"Seconds for {IMAGES:,} training and 5,000 validation images",
        subtitle="300-100 ReLU net, by loop, batch size and normalizer. A dot a round, a bar the "
        "median",
        x_label="seconds, on a logarithmic axis",
        rows=tuple(
            timed[0].median_row(TIMED.seconds(*timed)(records), label)
            for label, timed in TIMED.every_net.items()
        ),
        centre="median",
        x_scale="log",
    )


def _arrivals(records: Records) -> Dots:
    times = {(loop, arm): arrival(arm.name, loop)(records) for loop in LOOPS for arm in ARMS}
    late = {timed: int(np.isinf(each).sum()) for timed, each in times.items()}
    rows = (
        arm.row(paired(each, censored=late[loop, arm]), f"{loop}: {arm.label}")
        for (loop, arm), each in times.items()
    )
    return Dots(
        title=f"Seconds until the validation accuracy reaches {THRESHOLD:.0%}",
        subtitle=f"Learning rate {RATE:g}, batches of 32. A dot a seed (n = {records.n_seeds}), "
        "the mean and its 95% interval below" + NEVER * any(late.values()),
        x_label="seconds, on a logarithmic axis",
        rows=tuple(rows),
        decimals=1,
        x_scale="log",
    )


STUDY = study(
    "cost",
    CLAIMS,
    RUNS,
    title="The cost of BN",
    chapter="Cost",
    question="What does batch normalization cost in time, and does it earn the time back?",
    values=_values,
    tables={"epochs": _epochs_table, "arrivals": _arrivals_table},
    plots={"epochs": _epochs, "arrivals": _arrivals},
    later=(SECOND,),
)
