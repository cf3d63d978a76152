"""The runs: nets of five depths at the start, with BN, with layer normalization, with neither."""

from bnreport.study import Runs
from bnreport.trials import Net, Probe, Trial

WIDTH, IMAGES = 100, 128
DEPTHS = SHALLOW, *_, DEEP = (2, 5, 10, 20, 50)
NORMALIZERS = {"none": "none", "bn": "batch", "ln": "layer"}
INPUTS = ("raw", "std")


def trial(norm: str, depth: int, inputs: str) -> str:
    """The name of a trial."""
    return f"{norm}-{depth}-{inputs}"


def _runs(norm: str, depth: int, inputs: str) -> Runs:
    net = {
        "hidden": (WIDTH,) * depth,
        "activation": "relu",
        "initializer": "HeNormal",
        "normalizer": NORMALIZERS[norm],
    }
    fields = {
        "name": trial(norm, depth, inputs),
        "net": Net.model_validate(net),
        "learning_rate": 0.01,
        "epochs": 0,
        "batch_size": IMAGES,
        "inputs": inputs,
        "split": "seed",
        "checks": (Probe(name="last", steps=(0,), probe="similarity"),),
    }
    return Runs(Trial.model_validate(fields))


RUNS = tuple(
    _runs(norm, depth, inputs) for depth in DEPTHS for norm in NORMALIZERS for inputs in INPUTS
)

# The inputs of the normalized net and of the other; the third is what scaling the pixels can do.
PAIRS = {
    "raw pixels": ("raw", "raw"),
    "standardized": ("std", "std"),
    "BN on raw, none on standardized": ("raw", "std"),
}
BOTH = {name: inputs for name, inputs in PAIRS.items() if inputs[0] == inputs[1]}
