"""Runs of the arms, and where two of them fit the training images equally well."""

from typing import Any

import numpy as np

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.ends import (
    FRESH,
)
from bnreport.analysis.tuning import TunedRecipes
from bnreport.protocol.directions import Direction, check, more, read
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.scorings import Scoring

BATCH_SIZE, SHARED_RATE = 64, 0.1
FEW, MANY = 1024, 5120
# Training images, and epochs of them: as many steps with either number.
SIZES = {FEW: 60, MANY: 12}
STEPS = 960
# What a pilot of ten seeds asked for: of few images at the shared rate, and of all else.
SEEDS = {FEW: tuple(range(200, 248)), MANY: tuple(range(200, 224))}
END_SEEDS = SEEDS[MANY]
RAW, STD, BN, STD_BN = usual()
# So many images of a batch share a mean and a variance.
GHOST_32, GHOST_8 = (
    BN.variant(
        f"ghost-{size}",
        f"BN, groups of {size}",
        {"normalizer": "ghost", "groups": size},
        short=f"{size}",
        colour=colour,
    )
    for size, colour in {32: "neutral", 8: "gn"}.items()
)
# On raw pixels the loss of more images does not fall as far as that of other arms in these steps.
SHARED = {FEW: (RAW, STD, BN, STD_BN, GHOST_32, GHOST_8), MANY: (STD, BN, STD_BN, GHOST_8)}
# Marks along a run, from before the first arm falls to the levels until the last one has.
MARKS = {
    images: tuple(np.rint(np.geomspace(first, STEPS, 10)).astype(int).tolist())
    for images, first in {FEW: 30, MANY: 60}.items()
}
# Of the training loss, by images: in a pilot every run was above them at its first mark or soon
# after and fell through all of them by either score, raw pixels and groups of 8 last.
LEVELS = {FEW: (0.3, 0.2, 0.15), MANY: (0.4, 0.35, 0.3)}
TOLD = {
    images: f"losses from {max(levels):g} to {min(levels):g}" for images, levels in LEVELS.items()
}


def sized(arm: Arm, images: int) -> Arm:
    """An arm that has so many training images."""
    return arm.variant(f"{arm.name}-{images}", fields={"images": images, "epochs": SIZES[images]})


# The arms of the end, and the rates that their tuning runs choose.
RATES = {RAW: 0.1, STD: 0.3, BN: 0.1, STD_BN: 0.3, GHOST_8: 0.03}
OWN = {arm: sized(arm, FEW) for arm in RATES}
NETS = TunedRecipes(
    rates={OWN[arm]: rate for arm, rate in RATES.items()},
    setting={
        "batch_size": BATCH_SIZE,
        "schedule": LINEAR,
        "evaluated": (),
        "measures": (Scoring(name="end", parts=("train", "val")),),
    },
    full=END_SEEDS,
)


def shared(arm: Arm, images: int) -> str:
    """The name of an arm's runs at the shared rate."""
    return f"{arm.name}-{images}-shared"


RUNS = (
    *NETS.runs,
    *(
        sized(arm, images).recipes(
            SEEDS[images],
            shared(arm, images),
            learning_rate=SHARED_RATE,
            batch_size=BATCH_SIZE,
            evaluated=(),
            measures=(
                Scoring(name="path", steps=MARKS[images], parts=("train", "val"), images=5_000),
            ),
        )
        for images, arms in SHARED.items()
        for arm in arms
    ),
)


def matched(arm: Arm, images: int = FEW, by: str = FRESH, levels: tuple[float, ...] = ()) -> Sample:
    """The validation accuracy in per cent where an arm's training loss falls to the levels."""
    path, losses = f"path_{by}", levels or LEVELS[images]
    runs = runs_of(shared(arm, images))
    return 100 * runs.at_loss(f"{path}_train_loss", f"{path}_val_accuracy", losses)


def ahead_on_the_way(one: Arm, other: Arm, images: int = FEW, by: str = FRESH) -> Any:
    """Judges by how many points an arm is more accurate than another at the same losses."""
    return (matched(one, images, by) - matched(other, images, by)).contrast(ties=True)


def favoured(one: Arm, other: Arm, images: int, by: str) -> Direction:
    """Predicts that an arm is more accurate than another at the same losses."""
    pair, path = (shared(one, images), shared(other, images)), f"path_{by}"
    losses = read(pair, check(f"{path}_train_loss"))
    middle = float(np.exp(np.log(LEVELS[images]).mean()))
    return more(*pair, check(f"{path}_val_accuracy"), "matched", middle, beside=losses)
