"""The trials of the study: every arm at every rate of the grid."""

from bnreport.arms import arm
from bnreport.plots import Arm
from bnreport.study import Runs

ALL_ARMS: tuple[Arm, ...] = ("raw", "std", "bn", "std-bn", "ln")
# The sweep is the measurement: no rate is chosen beforehand, so no seed tunes one.
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
EPOCHS, BATCH_SIZE = 3, 128
# A rate is good when it costs at most so much of the best that the same seed reaches on raw pixels.
LOSS = 0.02
# A net learns when most of its answers are right; chance is one in ten.
LEARNS = 0.5


def named(of: str, rate: float) -> str:
    """The name of a trial."""
    return f"{of}-{rate:g}"


RUNS = tuple(
    Runs(
        arm(
            of,
            named(of, rate),
            learning_rate=rate,
            epochs=EPOCHS,
            batch_size=BATCH_SIZE,
            split="seed",
            evaluated=("val",),
        )
    )
    for of in ALL_ARMS
    for rate in RATES
)
