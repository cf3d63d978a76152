"""Every protocol of the coming studies is a trial: data that the engine takes as it is."""

from typing import Any

import pytest

from bnreport.protocol.checks import Probe, Score
from bnreport.protocol.nets import Net
from bnreport.protocol.trials import Trial

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]

BN = Net(normalizer="batch")
EVERY_TEN = tuple(range(0, 38, 10))


def deep(depth: int, **more: Any) -> Net:
    return Net(hidden=(20,) * depth, **more)


PROTOCOLS: dict[str, dict[str, Any]] = {
    "speed to a threshold, on splits by the seed": {
        "net": BN,
        "inputs": "std",
        "split": "seed",
        "checks": (Score(name="val", steps=EVERY_TEN),),
    },
    "range of learning rates": {"net": Net(normalizer="layer"), "learning_rate": 10.0},
    "range of initial scales": {"kernel_scale": 64.0, "scaled": "hidden"},
    "gradients by depth at the start": {
        "net": deep(30, activation="tanh", initializer="GlorotUniform", normalizer="batch"),
        "epochs": 0,
        "checks": (Probe(name="g", steps=(0,), probe="gradients", images=256),),
    },
    "gradients after some steps": {
        "net": deep(5, activation="sigmoid"),
        "checks": (Probe(name="g", steps=(1, 10, 38), probe="gradients"),),
    },
    "trainable depth": {"net": deep(10, normalizer="batch"), "evaluated": ("val",)},
    "rank collapse": {
        "net": deep(20, normalizer="layer"),
        "epochs": 0,
        "checks": (
            Probe(name="s", steps=(0,), probe="similarity", images=100, settings={"centred": 1}),
        ),
    },
    "covariate shift, with noise and its check": {
        "net": deep(8, normalizer="noisy"),
        "checks": (
            Probe(name="drift", steps=EVERY_TEN, probe="drift", images=1000),
            Probe(name="ahead", steps=EVERY_TEN, probe="lookahead"),
        ),
    },
    "loss landscape": {
        "net": deep(8, normalizer="batch"),
        "checks": tuple(
            Probe(
                name=f"l{relative}",
                steps=(0, 20),
                probe="landscape",
                settings={"steps": (0.003, 0.01, 0.03), "relative": relative},
            )
            for relative in (0, 1)
        ),
    },
    "regularization on a subset, at matched training loss": {
        "net": Net(normalizer="batch", dropout=0.5),
        "images": 1000,
        "checks": tuple(
            Score(name=part, steps=(8, 16, 32), part=part) for part in ("train", "test")
        ),
    },
    "ghost batches": {"net": Net(normalizer="ghost", groups=32), "batch_size": 128},
    "batch size: four accuracies": {
        "net": BN,
        "batch_size": 2,
        "images": 200,
        "checks": tuple(
            Score(name=mode, steps=(100,), mode=mode) for mode in ("inference", "batch", "precise")
        ),
    },
    "momentum by steps": {
        "net": BN,
        "momentum": 0.999,
        "checks": (Score(name="val", steps=(1, 10, 20)),),
    },
    "placement": {"net": Net(normalizer="batch", placement="after", activation="tanh")},
    "dropout before and after the last normalizer": {
        "net": Net(normalizer="batch", dropout=0.2, dropout_after="last")
    },
    "alternatives": {"net": Net(normalizer="group"), "inputs": "centred-scalar"},
    "weight standardization": {"net": Net(normalizer="weight")},
    "a start from the data": {"start": "unit variance"},
    "the notebook's confounds": {
        "net": Net(
            normalizer="batch",
            placement="after",
            activation="leaky_relu",
            initializer="GlorotUniform",
            normalized_inputs=True,
        )
    },
    "memorized batch-mates": {"net": "bn", "order": "fixed batches"},
    "decay of scale-invariant weights": {"net": BN, "weight_decay": 1e-4},
    "a small convolutional net": {"net": Net(hidden=(10,), filters=(4, 8), normalizer="batch")},
}


@pytest.fixture(scope="module")
def pool(keras_ready: None) -> Any:  # noqa: ARG001
    """The digits on the device."""
    from bnreport.training import placement
    from bnreport.training.images import digits

    return placement.place(digits())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_protocol_is_a_trial_that_the_engine_takes(protocol: str, pool: Any) -> None:
    from bnreport.training import engine
    from bnreport.training.probes.registry import PROBES

    trial = Trial.model_validate(
        {"name": "t", "net": Net(), "learning_rate": 0.1, "epochs": 1} | PROTOCOLS[protocol]
    )
    assert Trial.model_validate_json(trial.model_dump_json()) == trial
    assert all(check.probe in PROBES for check in trial.checks if isinstance(check, Probe))
    # Nothing is compiled before it is called: this builds the net, its weights and its batches.
    without_start = trial.model_copy(update={"checks": (), "epochs": 1, "start": "drawn"})
    course = engine.Course([(without_start, 1)], pool)
    assert len(course.weights) == len(course.program.model.trainable_variables)
    assert course.full.shape[2] == trial.batch_size
