"""Full records of any study, made up from its trials: they say nothing, but everything is there."""

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.study import Study
from bnreport.protocol.checks import Check, Probe, Score
from bnreport.protocol.measurements import ToyTrial
from bnreport.protocol.nets import Net, structure
from bnreport.protocol.residual import Residual
from bnreport.protocol.scorings import Averaged, Branches, Measure, Rotations, Scoring, Slopes
from bnreport.protocol.trials import AnyTrial, Identity, Training, Trial, checks_of
from bnreport.randomness import generator
from bnreport.records.record import Provenance, Record, ScoreRecord, packed
from tests.synthetic import made

IMAGES = {"val": 5000, "test": 10000}


def records(study: Study, lost: frozenset[str] = frozenset()) -> dict[str, Record]:
    """A record of every full run, by run id; every second run of the trials in `lost` diverged."""
    origins = {runs.trial.name: made(study, runs.trial, seconds=1.5) for runs in study.runs}
    of_runs = (
        record_of(identity, origins[identity.trial.name], identity.trial.name in lost)
        for identity in study.identities("full")
    )
    return {record.id: record for record in of_runs}


def record_of(identity: Identity, origin: Provenance, lost: bool = False) -> Record:
    """The record of a run, of that provenance; of those that are lost every second one diverged."""
    trial = identity.trial
    rng = generator(identity.seed, trial.name)
    level = rng.uniform(0.2, 0.9)
    history: dict[str, tuple[float | None, ...]] = {
        metric: tuple(np.round(level + rng.normal(0, 0.02, trial.length), 5).tolist())
        for metric in sorted(trial.metrics)
    }
    if isinstance(trial, ToyTrial):
        history = {name: tuple(-abs(v or 0.0) for v in values) for name, values in history.items()}
    trains = isinstance(trial, Training)
    diverged = lost and identity.seed % 2 == 1 and trains and trial.length > 0
    if diverged:
        history = dict.fromkeys(history, (None,))
    return Record(
        id=identity.run_id,
        identity=identity,
        provenance=origin,
        history=history,
        scores=() if diverged else tuple(_scores(identity, rng)),
        early_loss=1.0 if trains and not diverged else None,
        diverged=diverged,
        checks={} if diverged else dict(_checks(trial, level, rng)),
    )


def _scores(identity: Identity, rng: np.random.Generator) -> Iterator[ScoreRecord]:
    trial = identity.trial
    for epoch in trial.score_epochs if isinstance(trial, Trial) else ():
        marks = {part: packed(rng.random(images) < 0.85) for part, images in IMAGES.items()}
        yield ScoreRecord(
            epoch=epoch,
            val_images=IMAGES["val"],
            test_images=IMAGES["test"],
            val_correct=marks["val"],
            test_correct=marks["test"],
        )


def _checks(
    trial: AnyTrial, level: float, rng: np.random.Generator
) -> Iterator[tuple[str, tuple[float | tuple[float, ...], ...]]]:
    for check in checks_of(trial):
        assert isinstance(trial, Training)
        centre = level * _rise(len(check.steps))
        for name, width in quantities(trial, check).items():
            values = np.abs(centre + rng.normal(0, 0.02, (len(check.steps), width or 1)))
            # A share, an accuracy or a cosine is at most 1.
            if name.endswith(("accuracy", "agreement", "cosine", "dead")):
                values = np.minimum(values, 1.0)
            rows = np.maximum(values, 1e-3).round(6)
            found = map(tuple, rows.tolist()) if width else rows[:, 0].tolist()
            yield f"{check.name}_{name}", tuple(found)


@cache
def _rise(steps: int) -> NDArray[np.float64]:
    return np.linspace(0.3, 1.1, steps)[:, None]


def quantities(trial: Training, check: Check | Measure) -> dict[str, int]:
    """What a check finds, and how many numbers; none for a single one."""
    if isinstance(check, Slopes) and isinstance(trial.net, Residual):
        return dict.fromkeys(check.quantities, trial.net.depth)
    if isinstance(check, Branches) and isinstance(trial.net, Residual):
        return dict.fromkeys(check.quantities, trial.net.branches)
    if isinstance(check, Rotations) and isinstance(trial.net, Net):
        return dict.fromkeys(check.quantities, len(trial.net.hidden) + 1)
    if not isinstance(check, Score | Probe):
        return dict.fromkeys(check.quantities, 0 if isinstance(check, Scoring | Averaged) else 2)
    assert isinstance(trial, Trial)
    if isinstance(check, Score):
        return {"loss": 0, "accuracy": 0}
    net = structure(trial.net)
    blocks = len(net.filters) + len(net.hidden)
    norms = blocks if net.normalizer not in {"none", "weight"} else 0
    along = [len(v) for v in check.settings.values() if isinstance(v, tuple)]
    found = {
        "activations": {"mean": blocks, "std": blocks, "dead": blocks},
        "gradients": {"weights": blocks + 1, "outputs": blocks + 1},
        "similarity": {"cosine": 0, "rank": 0},
        "drift": {"hidden": blocks} | ({"norm": norms} if norms else {}),
        "lookahead": {"distance": blocks + 1, "cosine": blocks + 1},
        "landscape": dict.fromkeys(("loss", "change", "beta", "relative"), max([*along, 1])),
        "biases": {"bias": blocks} | ({"beta": norms} if norms else {}),
        "scaling": {"logits": max([*along, 1]), "gradient": max([*along, 1]), "cosine": 0},
        "mates": {"batch": 0, "inference": 0} | ({"alone": norms} if norms else {}),
        "folding": {"difference": 0, "agreement": 0},
        "variances": {"ratio": norms},
        "distribution": {"outputs": 25 * blocks, "entering": 25 * blocks, "units": 25 * 8},
    }
    return found[check.probe]
