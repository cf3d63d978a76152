"""What another process finds, one with another backend of Keras."""

import json
import os
import subprocess
import sys
from typing import Any

from tests.synthetic import ROOT


def found_on(backend: str, program: str) -> Any:
    """What a program prints as JSON in a process where Keras runs on that backend."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
