"""The trials of the study and the seeds at which they train."""

from bnreport.analysis.arms import ARMS, arm
from bnreport.protocol.checks import Probe, Score
from bnreport.protocol.runs import Runs
from bnreport.protocol.trials import Trial

DEPTHS = (2, 8)
RATES = (0.01, 0.1)
# BN followed by noise that shifts and scales each unit anew in every step of training.
NOISY = "noisy"
SHIFT_ARMS = (*ARMS, NOISY)
EPOCHS = 2
# Marks on the way; the two epochs have 314 steps.
STEPS = tuple(range(0, 281, 40))
VAL = Score(name="val", steps=STEPS, images=2_500)
# Before a mark's step and after it: the shift of one step, and in between that of 39.
DRIFT = Probe(
    name="drift",
    steps=tuple(step + after for step in STEPS for after in (0, 1)),
    probe="drift",
    images=1_000,
)
AHEAD = Probe(name="ahead", steps=STEPS, probe="lookahead")
# At Keras' .99 the moving averages keep a part of their start for hundreds of steps.
MOMENTUM = 0.9


def name(depth: int, of: str, rate: float) -> str:
    """The name of a trial."""
    return f"{depth}-{of}-{rate:g}"


def setting(depth: int, rate: float) -> str:
    """The name of a setting of the claims."""
    return f"depth {depth}, rate {rate:g}"


CELLS = {setting(depth, rate): (depth, rate) for depth in DEPTHS for rate in RATES}


def _trial(depth: int, of: str, rate: float) -> Trial:
    noisy = {"normalizer": "noisy"} if of == NOISY else {}
    return arm(
        "bn" if of == NOISY else of,
        name(depth, of, rate),
        net={"hidden": (100,) * depth} | noisy,
        learning_rate=rate,
        epochs=EPOCHS,
        batch_size=128,
        images=20_000,
        split="seed",
        momentum=MOMENTUM,
        evaluated=("val",),
        # Nothing is asked of the gradients under noise, and their program takes minutes to compile.
        checks=(VAL, DRIFT) if of == NOISY else (VAL, DRIFT, AHEAD),
    )


RUNS = tuple(
    Runs(_trial(depth, of, rate)) for depth in DEPTHS for of in SHIFT_ARMS for rate in RATES
)
