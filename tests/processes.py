"""Other processes: one with another backend of Keras, and those that see one core."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bnreport.records.provenance import ROOT

STARTUP = Path(__file__).parent / "startup"


def path_of(*folders: Path | str) -> str:
    """The PYTHONPATH of a process that finds our modules in these folders, and begins faster."""
    return os.pathsep.join(map(str, [*folders, STARTUP]))


def found_on(backend: str, program: str, **more: str) -> Any:
    """What a program prints as JSON in a process where Keras runs on that backend.

    Args:
        backend: the backend.
        program: the program.
        more: further variables of its environment.
    """
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ
        | {"PYTHONPATH": path_of(ROOT), "KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu"}
        | more,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def one_core() -> Iterator[None]:
    """What is started here sees one core, and so starts one worker and draws by itself.

    It costs less in all, and the other core runs other tests: each process of these has its own.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    os.sched_setaffinity(0, {sorted(cores)[number % len(cores)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
