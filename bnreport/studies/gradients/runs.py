"""The trials: deep nets looked at before their first step, and while they train."""

import numpy as np

from bnreport.study import Runs
from bnreport.trials import Net, Probe, Trial

WIDTH, DEPTH = 100, 20
DEPTHS = (10, 20, 30, 50)
# The notebook's batch, and one that is large beside the width.
SMALL, LARGE = 32, 256
# The activation of each block and the kernels that it starts with.
STARTS = {
    "sigmoid": ("sigmoid", "GlorotUniform"),
    "tanh": ("tanh", "GlorotUniform"),
    "relu-he": ("relu", "HeNormal"),
    "relu-glorot": ("relu", "GlorotUniform"),
}
NORMALIZERS = {"none": "none", "bn": "batch", "ln": "layer"}
# A wide ReLU net with BN and large batches multiplies gradients by this, in theory.
THEORY = float(np.sqrt(np.pi / (np.pi - 1)))

# While a net trains: one epoch of so many images is as many steps as the last check asks for.
RATES = (0.001, 0.01, 0.1, 1.0)
STEPS = (0, 1, 10, 100, 400)
TRAINED_BATCH = 128


def start(of: str, norm: str, batch: int, inputs: str = "raw", depth: int = DEPTH) -> str:
    """The name of a trial that looks at the gradients of a net before its first step."""
    return f"{of}-{norm}-{batch}-{inputs}-{depth}"


def trained(norm: str, rate: float) -> str:
    """The name of a trial that looks at them while a ReLU net trains."""
    return f"trained-{norm}-{rate:g}"


def _net(of: str, norm: str, depth: int = DEPTH) -> Net:
    activation, initializer = STARTS[of]
    return Net.model_validate(
        {
            "hidden": (WIDTH,) * depth,
            "activation": activation,
            "initializer": initializer,
            "normalizer": NORMALIZERS[norm],
        }
    )


def _starting(of: str, norm: str, batch: int, inputs: str = "raw", depth: int = DEPTH) -> Runs:
    fields = {
        "name": start(of, norm, batch, inputs, depth),
        "net": _net(of, norm, depth),
        "learning_rate": 0.01,
        "epochs": 0,
        "batch_size": batch,
        "inputs": inputs,
        "split": "seed",
        "checks": (Probe(name="slopes", steps=(0,), probe="gradients"),),
    }
    return Runs(Trial.model_validate(fields))


def _training(norm: str, rate: float) -> Runs:
    return Runs(
        Trial(
            name=trained(norm, rate),
            net=_net("relu-he", norm),
            learning_rate=rate,
            epochs=1,
            batch_size=TRAINED_BATCH,
            images=TRAINED_BATCH * STEPS[-1],
            split="seed",
            evaluated=("val",),
            checks=(Probe(name="slopes", steps=STEPS, probe="gradients"),),
        )
    )


RUNS = (
    *(
        _starting(of, norm, SMALL, inputs)
        for of in STARTS
        for norm in ("none", "bn")
        for inputs in ("raw", "std")
    ),
    *(_starting(of, norm, LARGE) for of in STARTS for norm in ("none", "bn")),
    *(_starting(of, "ln", SMALL) for of in STARTS),
    _starting("relu-he", "ln", SMALL, "std"),
    *(_starting("relu-he", norm, LARGE, "std") for norm in ("none", "bn")),
    *(
        _starting("relu-he", norm, LARGE, depth=depth)
        for depth in DEPTHS
        if depth != DEPTH
        for norm in ("none", "bn")
    ),
    *(_training(norm, rate) for norm in ("none", "bn") for rate in RATES),
)
