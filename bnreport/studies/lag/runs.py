"""The runs of the study of lagging averages, and what is measured of them."""

from typing import Any

import numpy as np

from bnreport.analysis.arms import usual
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.protocol.directions import Direction, check, read
from bnreport.protocol.optimization import SCHEDULES
from bnreport.protocol.scorings import Drift, Scoring

RAW, STD = "bn", "std-bn"
ARMS = dict(zip((RAW, STD), usual(RAW, STD), strict=True))
SIZES = (32, 128, 512)
RATES = (0.03, 0.1, 0.3, 1.0)
IMAGES, EPOCHS = 20_480, 4
# The rate of the claims that do not ask about rates.
RATE = 0.1

# What a pilot of ten seeds asked for: 48 seeds tell half a point from nothing at a constant rate,
# and 12 do under a fall, where runs scatter less.
MANY, FEW = tuple(range(200, 248)), tuple(range(200, 212))
FALLING = (32, 128)
# Settings that no claim asks about are pictures.
PICTURED = 6

KERAS = "deployed"
MOMENTA = {"m0.9": 0.9, "m0.97": 0.97, KERAS: 0.99, "m0.997": 0.997, "m0.999": 0.999}
AVERAGES = tuple(
    {"momentum": momentum, "corrected": corrected}
    for corrected in (False, True)
    for name, momentum in MOMENTA.items()
    if corrected or name != KERAS
)
CORRECTED = {f"m{momentum:g}-corrected": momentum for momentum in MOMENTA.values()}
LABELS = {RAW: "raw", STD: "standardized"}
COURSES = {"constant": "constant", "linear": "falling"}
# Groups of settings of like prediction in a figure.
GROUPS = 8
# Shares of the run after which it is scored on the way.
MARKS = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8)
EARLY = MARKS[1]


def length(size: int) -> int:
    """The number of steps of a run."""
    return EPOCHS * IMAGES // size


def step(share: float, size: int) -> int:
    """The step after which that share of a run is over."""
    return round(share * length(size))


def age(momentum: float, steps: int) -> float:
    """The mean age in steps of the batches in a corrected moving average after so many steps."""
    ages = np.arange(steps)
    return float(np.average(ages, weights=momentum**ages))


def window(momentum: float, size: int) -> int:
    """Return that age at the end of a run, in whole steps."""
    return round(age(momentum, length(size)))


def _measures(size: int) -> tuple[Any, ...]:
    """Score at the end and on the way, and how far the statistics moved before the end."""
    return (
        Scoring(name="end", by=("fresh", "means", *MOMENTA, *CORRECTED)),
        Scoring(
            name="path",
            steps=tuple(step(share, size) for share in MARKS),
            by=("fresh", KERAS, "m0.9", "m0.99-corrected"),
            images=2_000,
        ),
        *(
            Drift(name=f"drift-{back}", steps=(length(size) - back,), windows=(back,))
            for back in sorted({window(momentum, size) for momentum in MOMENTA.values()})
        ),
    )


def named(arm: str, size: int, schedule: str, rate: float) -> str:
    """The name of a trial."""
    return f"{arm}-{size}-{schedule}-{rate:g}"


def _seeds(arm: str, size: int, schedule: str, rate: float) -> tuple[int, ...]:
    """The seeds that a claim on the setting asks for, or as many as a picture needs."""
    if schedule == "constant" and (rate == RATE or (arm, size, rate) == (RAW, 128, 1.0)):
        return MANY
    falls = (arm, schedule, rate) == (RAW, "linear", RATE) and size in FALLING
    return FEW if falls else MANY[:PICTURED]


SETTINGS = tuple(
    (arm, size, schedule, rate)
    for arm in ARMS
    for size in SIZES
    for schedule in SCHEDULES
    for rate in RATES
)
RUNS = tuple(
    ARMS[arm].recipes(
        _seeds(arm, size, schedule, rate),
        named(arm, size, schedule, rate),
        learning_rate=rate,
        schedule=SCHEDULES[schedule],
        batch_size=size,
        epochs=EPOCHS,
        images=IMAGES,
        averages=AVERAGES,
        measures=_measures(size),
        evaluated=(),
    )
    for arm, size, schedule, rate in SETTINGS
)


def scored(arm: str, size: int, by: str, schedule: str = "constant", rate: float = RATE) -> Sample:
    """Validation accuracy at the end in per cent, by those statistics."""
    runs = runs_of(named(arm, size, schedule, rate))
    return 100 * runs.scored(f"end_{by}_val")[:, -1]


def cost(
    arm: str, size: int, by: str = KERAS, schedule: str = "constant", rate: float = RATE
) -> Sample:
    """The percentage points by which fresh statistics beat those, in one net."""
    return scored(arm, size, "fresh", schedule, rate) - scored(arm, size, by, schedule, rate)


def halved(size: int) -> Sample:
    """The points by which correction gets beyond half the way from averages to fresh ones."""
    runs = runs_of(named(RAW, size, "constant", RATE))
    corrected, lagging, fresh = (
        100 * runs.scored(f"path_{by}_val")[:, MARKS.index(EARLY)]
        for by in ("m0.99-corrected", KERAS, "fresh")
    )
    return corrected - 0.5 * (lagging + fresh)


def swing(by: str) -> Sample:
    """Measure how far the validation loss moves late in a run, from one fifth to the next."""
    losses = runs_of(named(RAW, 128, "constant", 1.0)).measured(f"path_{by}_val_loss")
    return losses.map(lambda loss: np.abs(np.diff(loss[:, MARKS.index(0.4) :])).mean(axis=1))


def end(arm: str, size: int, by: str, schedule: str = "constant", rate: float = RATE) -> Any:
    """The reading of such an accuracy."""
    trial = named(arm, size, schedule, rate)
    return read(trial, check(f"end_{by}_val_accuracy", length(size)))


def fresher(arm: str, size: int, schedule: str = "constant", rate: float = RATE) -> Direction:
    """Fresh statistics are better than Keras' averages."""
    return Direction(end(arm, size, "fresh", schedule, rate), end(arm, size, KERAS, schedule, rate))


def early(size: int) -> Direction:
    """Corrected averages early in a run are nearer to fresh statistics than to lagging ones."""
    trial, at = named(RAW, size, "constant", RATE), step(EARLY, size)
    corrected, lagging, fresh = (
        read(trial, check(f"path_{by}_val_accuracy", at))
        for by in ("m0.99-corrected", KERAS, "fresh")
    )
    return Direction(corrected, (*lagging, *fresh))


def offset(arm: str, size: int, schedule: str, rate: float, momentum: float) -> Sample:
    """Predict how far the corrected average of a momentum is off at the end, without scoring it.

    In standard deviations of the inputs of BN, root of the sum of two squares: the way that their
    means went over the mean age of the average, and the chance that is left of its batches.
    """
    back, kept = window(momentum, size), momentum ** np.arange(length(size))
    moved = runs_of(named(arm, size, schedule, rate)).measured(f"drift-{back}_mean-{back}")
    chance = float((kept**2).sum() / kept.sum() ** 2 / size)
    return moved.map(lambda d: np.sqrt((back * d.mean(axis=(1, 2))) ** 2 + chance))
