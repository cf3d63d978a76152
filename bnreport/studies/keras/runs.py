"""The runs: three parts of what there is to find, on each backend."""

from bnreport.protocol.facts import FACTS
from bnreport.protocol.measurements import FactsTrial
from bnreport.protocol.runs import Runs

# The code that finds the facts, and what it compares Keras with: a change asks for new runs.
CODE = ("bnreport.training.facts.ask", "bnreport.reference")
BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX"}
# The inputs that the reference draws need a seed; all else is fixed.
SEED = (100,)


def _of(part: str) -> tuple[str, ...]:
    return tuple(name for names in FACTS[part].values() for name in names)


SWITCHES, NUMBERS, REFERENCE = map(_of, FACTS)
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
