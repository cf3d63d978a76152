"""The trials of the study and the seeds at which they train."""

from bnreport.arms import ARMS, arm
from bnreport.study import Runs
from bnreport.trials import Probe, Trial

DEPTHS = (2, 8)
RATES = (0.01, 0.1)
EPOCHS = 2
# The start and three of the 314 steps; each looks along the gradient of the next batch.
STEPS = (0, 50, 150, 300)
# Multiples of the learning rate.
ALONG = Probe(
    name="along",
    steps=STEPS,
    probe="landscape",
    settings={"steps": (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0)},
)
# Shares of the norm of the kernels: BN makes its kernels free in scale, and a step of the same
# length is a smaller one for larger kernels.
SHARES = (0.003, 0.01, 0.03)
SHARE = Probe(
    name="share", steps=STEPS, probe="landscape", settings={"relative": 1, "steps": SHARES}
)
# At Keras' .99 the moving averages keep a part of their start for hundreds of steps.
MOMENTUM = 0.9


def name(depth: int, of: str, rate: float) -> str:
    """The name of a trial."""
    return f"{depth}-{of}-{rate:g}"


CELLS = {f"depth {depth}, rate {rate:g}": (depth, rate) for depth in DEPTHS for rate in RATES}


def _trial(depth: int, of: str, rate: float) -> Trial:
    return arm(
        of,
        name(depth, of, rate),
        net={"hidden": (100,) * depth},
        learning_rate=rate,
        epochs=EPOCHS,
        batch_size=128,
        images=20_000,
        split="seed",
        momentum=MOMENTUM,
        evaluated=("val",),
        checks=(ALONG, SHARE),
    )


RUNS = tuple(Runs(_trial(depth, of, rate)) for depth in DEPTHS for of in ARMS for rate in RATES)
