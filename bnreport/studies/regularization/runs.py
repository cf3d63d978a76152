"""The trials of the study and the seeds at which they train.

Few training images, so that every net overfits. Their numbers are multiples of the batch: a last
batch of eight images would throw a net off just before it is measured.
"""

from typing import Any

import numpy as np

from bnreport.arms import arm
from bnreport.samples import check_chosen
from bnreport.study import TUNING_SEEDS, Records, Runs
from bnreport.trials import Score, Trial

# Training images, and epochs.
SIZES = {1024: 60, 5120: 30}
BATCH_SIZE = 32
GRID = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
# The net of each arm, beside what `arms` gives it.
ALL_ARMS: dict[str, tuple[str, dict[str, Any]]] = {
    "raw": ("raw", {}),
    "std": ("std", {}),
    "bn": ("bn", {}),
    "std-bn": ("std-bn", {}),
    "ln": ("ln", {}),
    "dropout": ("raw", {"dropout": 0.5}),
    "bn-dropout": ("bn", {"dropout": 0.5}),
}
# What the tuning runs found best, by images; `check_chosen` holds it to them.
RATES = {
    "raw": {1024: 0.1, 5120: 0.3},
    "std": {1024: 0.3, 5120: 0.01},
    "bn": {1024: 0.03, 5120: 0.01},
    "std-bn": {1024: 0.1, 5120: 0.03},
    "ln": {1024: 0.01, 5120: 0.01},
    "dropout": {1024: 0.1, 5120: 0.1},
    "bn-dropout": {1024: 0.1, 5120: 0.1},
}
# The test accuracy of these is compared after the last epoch, too.
ENDED = ("raw", "std", "bn")
GHOSTS = (8, 32, 128, 512)
GHOST_IMAGES, GHOST_BATCH, GHOST_RATE, GHOST_EPOCHS = 5120, 512, 0.3, 40
# A training loss that all arms of the claims reached in pilots, dropout last; fixed beforehand.
LEVEL = 0.3
CHECKS = 16


def tuning(of: str, images: int, rate: float) -> str:
    """The name of a tuning trial."""
    return f"{of}-{images}-tuning-{rate:g}"


def checks(end: int, first: int) -> tuple[Score, Score]:
    """Loss and accuracy on training and test images after steps that grow by one factor."""
    steps = tuple(int(step) for step in np.rint(np.geomspace(first, end, CHECKS)))
    return Score(name="train", steps=steps, part="train"), Score(
        name="test", steps=steps, part="test"
    )


def _trial(of: str, name: str, images: int, **more: Any) -> Trial:
    base, net = ALL_ARMS[of]
    return arm(base, name, net=net, images=images, batch_size=BATCH_SIZE, split="seed", **more)


def _judged(of: str, images: int, epochs: int) -> Trial:
    end = epochs * images // BATCH_SIZE
    return _trial(
        of,
        f"{of}-{images}",
        images,
        learning_rate=RATES[of][images],
        epochs=epochs,
        evaluated=(),
        score_epochs=(epochs,) if of in ENDED else (),
        checks=checks(end, end // 48),
    )


def _ghost(size: int) -> Trial:
    end = GHOST_EPOCHS * GHOST_IMAGES // GHOST_BATCH
    return arm(
        "raw",
        f"ghost-{size}",
        net={"normalizer": "ghost", "groups": size},
        images=GHOST_IMAGES,
        batch_size=GHOST_BATCH,
        learning_rate=GHOST_RATE,
        epochs=GHOST_EPOCHS,
        split="seed",
        evaluated=(),
        checks=checks(end, end // 48),
    )


RUNS = (
    *(
        Runs(
            _trial(
                of,
                tuning(of, images, rate),
                images,
                learning_rate=rate,
                epochs=epochs // 3,
                evaluated=("val",),
            ),
            full=(),
            tuning=TUNING_SEEDS,
        )
        for of in ALL_ARMS
        for images, epochs in SIZES.items()
        for rate in GRID
    ),
    *(Runs(_judged(of, images, epochs)) for of in ALL_ARMS for images, epochs in SIZES.items()),
    *(Runs(_ghost(size)) for size in GHOSTS),
)


def check_tuning(records: Records) -> None:
    """Refuse rates that the tuning runs did not find best, or that lie at an end of the grid."""
    cells = [(of, images) for of in ALL_ARMS for images in SIZES]
    check_chosen(
        records,
        {f"{of}-{images}": RATES[of][images] for of, images in cells},
        {f"{of}-{images}": {r: tuning(of, images, r) for r in GRID} for of, images in cells},
    )
