"""Facts of Keras by backend: the trials that ask for them, and the claims that both must meet."""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.design import Judged
from bnreport.presentation.formats import scientific
from bnreport.presentation.tables import Value
from bnreport.protocol.directions import Direction, exactly, history
from bnreport.protocol.facts import FACTS
from bnreport.protocol.measurements import FactsTrial
from bnreport.protocol.runs import Runs
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Exact

BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX"}
# The names of the facts by part, and the part of each.
NAMES = {part: tuple(chain(*groups.values())) for part, groups in FACTS.items()}
PART = {name: part for part, names in NAMES.items() for name in names}
# Where two backends may differ by rounding.
ROUNDING = 1e-5


def fact_runs(parts: Iterable[str], seed: int) -> tuple[Runs, ...]:
    """The runs that ask each backend for the facts of each part, in processes of their own."""
    return tuple(
        Runs(
            FactsTrial.model_validate(
                {
                    "name": f"{part}-{backend}",
                    "part": part,
                    "backend": backend,
                    "facts": sorted(NAMES[part]),
                }
            ),
            (seed,),
        )
        for part in parts
        for backend in BACKENDS
    )


def on_both(records: Records, facts: Iterable[str]) -> NDArray[np.float64]:
    """The answers of both backends, (facts, backends)."""
    return np.array(
        [
            [records.trial(f"{PART[fact]}-{backend}")[0].epochs(fact)[0] for backend in BACKENDS]
            for fact in facts
        ]
    )


def misses(right: Mapping[str, float]) -> Callable[[Records], Exact]:
    """Judge by the number of facts that are off the right numbers by more than rounding."""

    def counted(records: Records) -> Exact:
        off = np.abs(on_both(records, right) - np.array([*right.values()])[:, None])
        return Exact(float((off > ROUNDING).sum()), off.size)

    return counted


def right(facts: Mapping[str, float]) -> dict[str, Direction]:
    """Name facts that both backends must find; a yes is missed by a no."""
    return {
        fact: exactly([f"{PART[fact]}-{on}" for on in BACKENDS], history(fact), value, value == 1.0)
        for fact, value in facts.items()
    }


def error_values(claims: Iterable[Judged], records: Records) -> dict[str, Value]:
    """The numbers of identities that prose may name: "<claim>.error" and "<claim>.checks"."""
    shown: dict[str, Value] = {}
    for judged in claims:
        exact = judged.by(records)
        assert isinstance(exact, Exact)
        whole = exact.largest == round(exact.largest)
        error = f"{exact.largest:.0f}" if whole else scientific(exact.largest)
        checks = Value(str(exact.checks), "checks, both backends together")
        shown[f"{judged.claim.id}.error"] = Value(error, f"of {exact.checks} checks")
        shown[f"{judged.claim.id}.checks"] = checks
    return shown
