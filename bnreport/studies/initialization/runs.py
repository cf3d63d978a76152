"""The trials of the study: every arm at every scale of its initial kernels."""

from typing import Literal

from bnreport.analysis.arms import arm
from bnreport.presentation.plots import Arm
from bnreport.protocol.runs import Runs
from bnreport.protocol.trials import Trial

Scaled = Literal["hidden", "all"]

ALL_ARMS: tuple[Arm, ...] = ("raw", "std", "bn", "std-bn")

# What the kernels drawn by He's rule are multiplied by; powers of two, so that nothing is rounded.
SCALES = (1 / 64, 1 / 16, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 16.0, 64.0)
SMALLEST, LARGEST = SCALES[0], SCALES[-1]
# Which kernels: those of the hidden layers, or the output's as well.
SETS: tuple[Scaled, ...] = ("hidden", "all")
SETTING_NAMES = ("hidden kernels", "all kernels")
# Nets without BN that start with unit variance instead; the factor of their kernels cancels.
UNIT_STARTS = (("raw", SMALLEST), ("raw", 1.0), ("raw", LARGEST), ("std", 1.0))
LEARNING_RATE, EPOCHS, BATCH_SIZE = 0.05, 1, 128
# A scale is good when it costs at most so much of what the seed reaches on raw pixels at scale 1.
LOSS = 0.02


def named(of: str, scaled: Scaled, scale: float) -> str:
    """The name of a trial; at scale 1 both sets of kernels are one."""
    return f"{of}-1" if scale == 1 else f"{of}-{scaled}-{scale:g}"


def unit(of: str, scale: float) -> str:
    """The name of a trial whose start is scaled to unit variance."""
    return f"{of}-unit-{scale:g}"


def _trial(of: str, name: str, scaled: Scaled, scale: float, unit_variance: bool = False) -> Trial:
    return arm(
        of,
        name,
        learning_rate=LEARNING_RATE,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        split="seed",
        evaluated=("val",),
        kernel_scale=scale,
        scaled="all" if scale == 1 else scaled,
        start="unit variance" if unit_variance else "drawn",
    )


RUNS = tuple(
    Runs(trial)
    for trial in (
        *(
            _trial(of, named(of, scaled, scale), scaled, scale)
            for of in ALL_ARMS
            for scaled in SETS
            for scale in SCALES
            if scale != 1 or scaled == "all"
        ),
        *(
            _trial(of, unit(of, scale), "all", scale, unit_variance=True)
            for of, scale in UNIT_STARTS
        ),
    )
)
