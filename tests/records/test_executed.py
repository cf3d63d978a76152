"""The digest of a run covers all that it executes: every function of ours that was entered."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping

import pytest

from bnreport.records.code import executed
from bnreport.records.code.source import Key
from bnreport.records.provenance import ROOT
from tests.compiled import PLAIN, environment
from tests.profiled import SOURCES, Entered, trials

ENTRIES = executed.entries(SOURCES)
# What a worker asks beside what it executes: where and with what a run trains, how many fit there.
ASKED = {"accelerator", "capacity", "memory", "name", "processor", "versions"}


@pytest.fixture(scope="module")
def entered() -> Mapping[str, Entered]:
    """The functions that a run of each kind, and each probe, enters in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", "from tests import noted; noted.run()"],
        cwd=ROOT,
        # JAX trains several runs as one program, and begins faster.
        env={**os.environ, "KERAS_BACKEND": "jax", **environment(PLAIN)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    return {name: {(module, function) for module, function in f} for name, f in found.items()}


def definitions(entered: Entered) -> Iterator[Key]:
    """The definitions that functions are, or are a part of."""
    for module, name in entered:
        first, *more = name.split(".")
        # What runs when a module is imported is none of a run's calls.
        if first.startswith("<") or not SOURCES.source(module).defined.get(first):
            continue
        key = Key(module, first)
        yield key._replace(member=more[0]) if more and more[0] in SOURCES.members(key) else key


def covered(names: tuple[str, ...]) -> set[Key]:
    return SOURCES.reached(key for name in names for key in ENTRIES[name])


@pytest.mark.train
def test_every_function_that_a_run_enters_is_under_its_digest(
    entered: Mapping[str, Entered],
) -> None:
    wanted = {f"{trial.kind} {trial.name}": executed.names(trial) for trial in trials()}
    wanted |= {kind: (kind,) for kind in ("facts", "bench")}
    assert set(entered) == set(wanted)
    for name, names in wanted.items():
        found = {key for key in definitions(entered[name]) if key.name not in ASKED}
        # Where nothing of it is entered, nothing is shown.
        assert found, name
        assert found <= covered(names), (name, sorted(found - covered(names)))


@pytest.mark.train
def test_nearly_all_that_is_under_a_digest_is_entered(entered: Mapping[str, Entered]) -> None:
    # Otherwise the runs above would show little.
    found = {key for functions in entered.values() for key in definitions(functions)}
    functions = {
        key
        for key in covered(
            ("train", "recipe", "toy", "facts", *(n for n in ENTRIES if "probe-" in n))
        )
        if not key.member and _is_function(key)
    }
    assert len(functions & found) > 0.9 * len(functions), sorted(functions - found)


def _is_function(key: Key) -> bool:
    return isinstance(SOURCES.source(key.module).defined[key.name][0], ast.FunctionDef)
