"""Ask Keras on a backend of its own process for the facts of a trial."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from pathlib import Path

from bnreport.errors import TrainingError
from bnreport.protocol.facts import FACTS
from bnreport.protocol.measurements import FactsTrial
from bnreport.training import backends
from bnreport.training.facts.differences import differences
from bnreport.training.facts.layer import Facts
from bnreport.training.facts.numbers import numbers
from bnreport.training.facts.spoiled import spoiled
from bnreport.training.facts.switches import switches
from bnreport.training.facts.tuned import tuned

# By part, what finds the facts of a group. The reference and nets need a seed.
FINDERS: Mapping[str, Callable[[str, int], Iterator[tuple[str, float]]]] = {
    "switches": switches,
    "numbers": numbers,
    "reference": differences,
    "spoiled": spoiled,
    "tuned": tuned,
}
ROOT = Path(__file__).resolve().parents[3]


def found(trial: FactsTrial, seed: int, threads: int | None) -> Facts:
    """The facts that a trial asks for, found on its backend in a process of their own.

    Raises:
        TrainingError: with the reason, when the process fails: the backend is not installed, say.
    """
    order = {"part": trial.part, "seed": seed, "threads": threads}
    done = subprocess.run(
        [sys.executable, "-m", "bnreport.training.facts.ask", json.dumps(order)],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": trial.backend},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise TrainingError(
            f"Expected Keras to run on {trial.backend}. Received: "
            f"{' '.join(done.stderr.split())[-500:]}. Install both backends, with "
            "`scripts/setup test`."
        )
    facts: Facts = json.loads(done.stdout)
    return facts


def find(part: str, seed: int) -> Facts:
    """All facts of a part by name, on the backend of this process."""
    return {
        name: round(float(value), 9)
        for group in FACTS[part]
        for name, value in FINDERS[part](group, seed)
    }


def main(order: str) -> None:
    """Print the facts of a part as JSON."""
    said = json.loads(order)
    with redirect_stdout(sys.stderr):
        backends.prepare(said["threads"])
        facts = find(said["part"], said["seed"])
    print(json.dumps(facts))  # noqa: T201 - the calling process reads it


if __name__ == "__main__":
    main(sys.argv[1])
