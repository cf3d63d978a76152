"""The runs: three parts of what there is to find, on each backend."""

from itertools import product

from bnreport.protocol.measurements import FactsTrial
from bnreport.protocol.runs import Runs

# The code that finds the facts, and what it compares Keras with: a change asks for new runs.
CODE = ("bnreport.training.facts.ask", "bnreport.reference")
BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX"}
# The inputs that the reference draws need a seed; all else is fixed.
SEED = (100,)

STATES = ("trainable", "frozen", "parent", "thawed")
MODES = ("none", "false", "true", "fit", "evaluate")
LATE = ("uncompiled", "recompiled")
TOLD = ("told-model", "told-layer", "told-method")
SWITCHES = (
    *("_".join(parts) for parts in product(STATES, MODES, ("batch", "moved", "learned"))),
    *("_".join((*parts, "variables")) for parts in product(STATES, MODES)),
    *(f"{when}_fit_{what}" for when in LATE for what in ("refused", "moved", "learned")),
    *(f"{how}_fit_{what}" for how in TOLD for what in ("batch", "moved", "learned")),
)

# Fashion-MNIST's training images, and the sizes of batches that divide an epoch of them.
IMAGES, SIZES = 55_000, (32, 64, 128, 256, 512, 1024, 2048, 4096)
NUMBERS = tuple(
    f"{group}_{name}"
    for group, names in {
        "defaults": "axis momentum epsilon gamma beta moving-mean moving-variance",
        "order": "gamma beta moving-mean moving-variance",
        "counts": " ".join(
            f"{kind}-{what}"
            for kind in ("all", "no-scale", "no-center", "renorm")
            for what in ("trainable", "non-trainable")
        ),
        "averages": "variance-dense variance-image new-weight",
        "left": " ".join(f"after-{size}" for size in SIZES),
        "few": "one-refused one-beta one-variance constant-beta two-far two-near untrained",
        "epsilon": "inside outside",
        "axis": "last-features first-features negative-features list-refused "
        "list-of-one-refused outside-refused",
        "mask": "statistics padding same-rank-refused one-feature-refused flows",
        "renorm": "refused first",
        "half": "finite single-variables half-output",
        "other": "synchronized-refused decayed-gamma decayed-beta",
    }.items()
    for name in names.split()
)

COMPARED = ("output", "x", "gamma", "beta", "mean", "variance", "inference")
FOLDED = ("previous", "next")
REFERENCE = (
    *(f"{what}_{inputs}" for what in COMPARED for inputs in ("dense", "image", "first")),
    *(f"{what}_{inputs}" for what in FOLDED for inputs in ("dense", "image")),
)

PARTS = {"switches": SWITCHES, "numbers": NUMBERS, "reference": REFERENCE}


def trial(part: str, backend: str) -> str:
    """The name of a trial."""
    return f"{part}-{backend}"


RUNS = tuple(
    Runs(
        FactsTrial.model_validate(
            {
                "name": trial(part, backend),
                "part": part,
                "backend": backend,
                "facts": tuple(sorted(facts)),
            }
        ),
        SEED,
    )
    for part, facts in PARTS.items()
    for backend in BACKENDS
)
