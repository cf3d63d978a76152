"""The numbers of the page's prose."""

from bnreport.presentation.formats import scientific
from bnreport.presentation.tables import Value
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Exact
from bnreport.studies.keras.estimates import ESTIMATES, differs, found, yes
from bnreport.studies.keras.runs import BACKENDS, NUMBERS, RUNS, SWITCHES


def all_values(records: Records) -> dict[str, Value]:
    """The numbers by name: "<claim>.error" and "<claim>.checks", versions, and how many facts."""
    values: dict[str, Value] = {}
    for name, estimate in ESTIMATES.items():
        exact = estimate(records)
        assert isinstance(exact, Exact)
        counted = exact.largest == round(exact.largest)
        text = f"{exact.largest:.0f}" if counted else scientific(exact.largest)
        values[f"{name}.error"] = Value(text, f"of {exact.checks} checks")
        values[f"{name}.checks"] = Value(str(exact.checks), "checks, both backends together")
    made = [record.provenance for runs in RUNS for record in records.trial(runs.trial.name)]
    for library in ("keras", "tensorflow", "jax"):
        known = sorted({p.versions[library] for p in made if library in p.versions})
        values[library] = Value(", ".join(known) or "unknown", "the version that was recorded")
    facts = sum(len(runs.trial.metrics) for runs in RUNS)
    values["facts"] = Value(str(facts), "numbers, both backends together")
    names = [("switches", name) for name in SWITCHES] + [("numbers", name) for name in NUMBERS]
    parted = [name for part, name in names if differs(records, part, name)]
    values["parted"] = Value(", ".join(parted) or "none", "facts on which the backends differ")
    both = [
        yes(found(records, "numbers", backend, fact))
        for fact in ("half_finite", "other_decayed-gamma", "other_decayed-beta")
        for backend in BACKENDS
    ]
    overflows = "does not overflow" if all(both[:2]) else "overflows"
    decays = "shrinks gamma and beta" if all(both[2:]) else "does not shrink both gamma and beta"
    values["half"] = Value(overflows, "both backends")
    values["decays"] = Value(decays, "both backends")
    return values
