"""A worker hands runs to the engine, a memory's worth at a time, and writes down what comes out."""

import sys
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bnreport.protocol.trials import Identity, Trial
from bnreport.records.code.executed import run_digest
from bnreport.running import worker
from bnreport.running.desk import Desk, Origin
from bnreport.running.worker import perform
from bnreport.training import backends

TRIAL = Trial(name="toy", net="bn", learning_rate=0.1, epochs=1, score_epochs=(1,))
GROUP = tuple(Identity(study="s", trial=TRIAL, seed=n, data="d", profile="quick") for n in range(3))
# Validation and test images that a run gets right; the last shares go to the history.
VAL = np.array([True, False, True, True])
TEST = np.array([False, False, True, True, True, False, False, False, True, False])


class Engine:
    """Finds the same for each run, and has memory for two."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def place(self, data: str) -> str:
        """Put the images on the device."""
        return f"{data} on the device"

    def capacity(self, trial: Trial, pool: str) -> int:
        """How many runs fit the memory."""
        assert (trial, pool) == (TRIAL, "images on the device")
        return 2

    def train(self, runs: Sequence[tuple[Trial, int]], pool: str, tell: Any) -> list[Any]:
        """Note who is trained, and tell of the epoch of each."""
        assert pool == "images on the device"
        self.asked.append([seed for _, seed in runs])
        for place in range(len(runs)):
            tell(place, 1)
        return [self.found(seed) for _, seed in runs]

    def found(self, seed: int) -> Any:
        """What the run of that seed leaves behind."""
        history = dict.fromkeys(TRIAL.metrics, (0.5,)) | {"val_accuracy": (float(VAL.mean()),)}
        score = SimpleNamespace(epoch=1, val_correct=VAL, test_correct=TEST)
        return SimpleNamespace(
            history=history, early_loss=1.0 + seed, diverged=False, checks={}, scores=[score]
        )


def test_runs_that_train_together_fit_the_memory_and_share_their_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine, told = Engine(), list[str]()
    clock = iter([10.0, 16.0])
    for name in ("bnreport.training.engine", "bnreport.training.placement"):
        monkeypatch.setitem(sys.modules, name, engine)
        monkeypatch.setattr(name, engine, raising=False)
    monkeypatch.setattr(worker, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    monkeypatch.setattr(backends, "name", lambda: "tensorflow")
    monkeypatch.setattr(backends, "accelerator", lambda: None)
    digests = {"train": "code"}
    origin = Origin(digests, {"s": "claims"}, "commit", dirty=False)
    images: Any = "images"
    records = perform(GROUP, Desk(images, origin, 1, told.append))
    assert engine.asked == [[0, 1], [2]]
    assert told == [identity.run_id for identity in GROUP]
    assert [record.identity for record in records] == list(GROUP)
    assert [record.early_loss for record in records] == [1.0, 2.0, 3.0]
    for record in records:
        (score,) = record.scores
        assert score.marks("val").tolist() == VAL.tolist()
        assert score.marks("test").tolist() == TEST.tolist()
        made = record.provenance
        assert (made.seconds, made.lanes, made.threads) == (2.0, 3, 1)
        assert (made.code, made.claims, made.commit) == (
            run_digest(digests, TRIAL),
            "claims",
            "commit",
        )
