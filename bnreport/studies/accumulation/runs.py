"""The runs of the study: steps of 128 images, taken at once, in parts, or as ghost batches."""

from collections.abc import Mapping
from typing import Any

from bnreport.analysis.arms import Arm, usual
from bnreport.protocol.optimization import CONSTANT, LINEAR, Schedule
from bnreport.protocol.runs import Runs
from bnreport.protocol.scorings import DEPLOYED, Average, Scoring

RAW, STD, BN, STD_BN, LN = usual("raw", "std", "bn", "std-bn", "ln")
BATCH, IMAGES, EPOCHS = 128, 20_480, 2
STEPS = EPOCHS * IMAGES // BATCH
# Images in a part of a step.
SIZES = (32, 8, 2)
# Of nine rates the best for one batch in three of four such nets: see the study `batchsize`. Nets
# with BN are also shown at the others.
RATE = 0.3
RATES = (0.03, 0.1, RATE, 1.0)
# What a pilot of ten seeds asked for: to tell from nothing a fifth of a point between averages of
# one net, half a point between nets, and five points where parts hold two images.
MOST = tuple(range(200, 248))
MANY, FEW = MOST[:24], MOST[:12]
# Settings that no claim asks about are pictures.
PICTURED = MOST[:6]


def matched(size: int) -> Average:
    """The moving average that forgets in a step of parts what Keras' forgets in one batch."""
    return Average(momentum=DEPLOYED.momentum ** (size / BATCH))


def part(arm: Arm, size: int) -> Arm:
    """An arm that takes its batches in parts of so many images."""
    named, words = f"{arm.name}-{size}", f"{arm.label}, {BATCH // size} × {size}"
    return arm.variant(named, words, fields={"micro_batch": size})


# Ghost batches: the statistics of parts, in one pass and one step, and one move of the averages.
GHOSTS = {
    size: BN.variant(
        f"ghost-{size}",
        f"ghost batches of {size}",
        {"normalizer": "ghost", "groups": size},
        colour="neutral",
    )
    for size in SIZES
}
PARTED = {size: part(BN, size) for size in SIZES}
# Without BN, parts must make no difference.
OTHERS = {"raw": RAW, "standardized": STD, "LN": LN}
STANDARDIZED = {"one batch": STD_BN, **{f"parts of {size}": part(STD_BN, size) for size in SIZES}}


def at_rate(arm: Arm, rate: float) -> Arm:
    """The same at another rate."""
    if rate == RATE:
        return arm
    return arm.variant(f"{arm.name}-at-{rate:g}", fields={"learning_rate": rate})


def at_constant_rate(arm: Arm) -> Arm:
    """The same without a fall."""
    return arm.variant(f"{arm.name}-constant")


def _runs(arm: Arm, seeds: tuple[int, ...], schedule: Schedule = LINEAR) -> Runs:
    size = arm.fields.get("micro_batch", 0)
    averages = (matched(size),) if size and arm.net.get("normalizer") == "batch" else ()
    given: Mapping[str, Any] = {
        "learning_rate": RATE,
        "epochs": EPOCHS,
        "batch_size": BATCH,
        "images": IMAGES,
        "evaluated": (),
        **arm.fields,
    }
    by = ("deployed", "fresh", *(average.name for average in averages))
    return arm.variant(arm.name, fields=given).recipes(
        seeds, schedule=schedule, averages=averages, measures=(Scoring(name="end", by=by),)
    )


SEEDS = {32: MOST, 8: MOST, 2: FEW}
RUNS = (
    _runs(BN, MANY),
    *(_runs(arm, SEEDS[size]) for size, arm in PARTED.items()),
    *(_runs(arm, PICTURED if size == 2 else MANY) for size, arm in GHOSTS.items()),
    *(_runs(each, MANY) for arm in OTHERS.values() for each in (arm, part(arm, 8))),
    _runs(part(STD, 2), PICTURED),
    *(
        _runs(at_constant_rate(arm), seeds, CONSTANT)
        for arm, seeds in ((BN, PICTURED), (PARTED[32], MOST), (PARTED[8], PICTURED))
    ),
    *(
        _runs(at_rate(arm, rate), PICTURED)
        for arm in (BN, *PARTED.values())
        for rate in RATES
        if rate != RATE
    ),
    *(_runs(arm, PICTURED) for arm in STANDARDIZED.values()),
)
