"""The runs: every arm at each learning rate of the sweep and at each batch size."""

import math

from bnreport.analysis.arms import ARMS, arm
from bnreport.protocol.checks import Score
from bnreport.protocol.runs import Runs
from bnreport.protocol.trials import Trial

# Convolutions are slow on a CPU; so many filters are what a laptop trains often.
NET = {"filters": (4, 8), "hidden": (64,)}
IMAGES, VALIDATED = 10_000, 2_000

# The sweep is the measurement: no rate is chosen beforehand, so no seed tunes one.
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
SAME_RATE = 0.1
# A rate is good when it costs at most so much of the best that the same seed reaches on raw pixels.
LOSS = 0.02
# An accuracy that every arm reached in the pilots; fixed before the runs.
THRESHOLD = 0.75
EVERY = 10

# The sweep trains at this batch size; others train at its rate times the root of their share of it.
SIZE = 32
OTHERS = (2, 16, 128)
SMALL, LARGE = 2, (32, 128)


def rate_of(size: int) -> float:
    """The learning rate at a batch size."""
    return SAME_RATE * math.sqrt(size / SIZE)


def momentum_of(size: int) -> float:
    """The momentum at which moving averages remember some 320 images, whatever the batch size.

    An epoch has 79 steps of 128 images: at Keras' 0.99 the averages would lag to its end.
    """
    return 1 - 0.1 * size / SIZE


def swept(of: str, rate: float) -> str:
    """The name of a trial of the sweep."""
    return f"{of}-rate-{rate:g}"


def sized(of: str, size: int) -> str:
    """The name of the trial that trains on batches of a size."""
    return swept(of, SAME_RATE) if size == SIZE else f"{of}-batch-{size}"


def _trial(of: str, name: str, rate: float, size: int) -> Trial:
    end = -(-IMAGES // size)
    steps = range(EVERY, end, EVERY) if name == swept(of, SAME_RATE) else ()
    return arm(
        of,
        name,
        net=NET,
        learning_rate=rate,
        momentum=momentum_of(size),
        batch_size=size,
        epochs=1,
        images=IMAGES,
        split="seed",
        evaluated=(),
        checks=(Score(name="val", steps=(*steps, end), images=VALIDATED),),
    )


RUNS = tuple(
    Runs(trial)
    for of in ARMS
    for trial in (
        *(_trial(of, swept(of, rate), rate, SIZE) for rate in RATES),
        *(_trial(of, sized(of, size), rate_of(size), size) for size in OTHERS),
    )
)
