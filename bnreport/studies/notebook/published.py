"""The numbers that the student's notebook printed: epochs of two nets, accuracies, times."""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_name("printed.toml")
PRINTED: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
_STUDENT = PRINTED["student"]
METRICS: tuple[str, ...] = tuple(_STUDENT["metrics"])
PUBLISHED_BASELINE, PUBLISHED_BN = (np.array(_STUDENT["epochs"][net]) for net in ("baseline", "bn"))
PUBLISHED_FINAL: dict[str, float] = _STUDENT["final"]
PUBLISHED_RUNTIME: dict[str, float] = _STUDENT["runtime"]
PUBLISHED_SECONDS = {net: np.array(seconds) for net, seconds in _STUDENT["seconds"].items()}
FIRST_TIMING = {net: np.array(seconds) for net, seconds in PRINTED["timed_first"].items()}
# How many epochs were printed of each net, and how many a call of `fit` trains.
PRINTED_EPOCHS, FIT_EPOCHS = len(PUBLISHED_BN), 10
