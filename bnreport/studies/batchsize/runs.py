"""The trials of the study and the seeds at which they train."""

import math
from typing import Any

from bnreport.analysis.arms import ARMS, arm
from bnreport.protocol.checks import Check, Score
from bnreport.protocol.runs import Runs

ALL_ARMS = (*ARMS, "ln", "gn")
SIZES = (2, 4, 8, 16, 32, 128, 512)
SMALL, LARGE = (2, 4), (32, 128, 512)
IMAGES, EPOCHS = 20_480, 2
# A multiple of every batch size: each accuracy by batch statistics comes from whole batches.
BY_BATCH = 2_048

MOMENTA = (0.9, 0.99, 0.999)
# The last is the end of an epoch.
STEPS = (20, 50, 100, 200, 400, 640)
EARLY, LATE = 100, 640


def rate(size: int) -> float:
    """The learning rate at a batch size: it grows with the root of the size."""
    return 0.05 * math.sqrt(size / 32)


def named(of: str, size: int) -> str:
    """The name of a trial that trains on batches of a size."""
    return f"{of}-{size}"


def lagging(momentum: float) -> str:
    """The name of a trial that follows the moving averages of a momentum."""
    return f"momentum-{momentum:g}"


def _scores(size: int) -> tuple[Check, ...]:
    """One BN net after training, measured in ways other than by its moving averages."""
    end = (EPOCHS * IMAGES // size,)
    return (
        Score(name="batch", steps=end, mode="batch", images=BY_BATCH),
        Score(name="precise", steps=end, mode="precise"),
        Score(name="train", steps=end, part="train", images=5_000),
    )


_COMMON: dict[str, Any] = {"images": IMAGES, "split": "seed"}

RUNS = (
    *(
        Runs(
            arm(
                of,
                named(of, size),
                learning_rate=rate(size),
                batch_size=size,
                epochs=EPOCHS,
                evaluated=("val",),
                checks=_scores(size) if of == "bn" else (),
                **_COMMON,
            )
        )
        for of in ALL_ARMS
        for size in SIZES
    ),
    *(
        Runs(
            arm(
                "bn",
                lagging(momentum),
                learning_rate=rate(32),
                momentum=momentum,
                epochs=1,
                evaluated=(),
                checks=(
                    Score(name="moving", steps=STEPS),
                    Score(name="precise", steps=STEPS, mode="precise"),
                    Score(name="batch", steps=STEPS, mode="batch", images=BY_BATCH),
                ),
                **_COMMON,
            )
        )
        for momentum in MOMENTA
    ),
)
