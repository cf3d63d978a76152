"""The numbers that the prose of the page names beside its claims."""

from bnreport.studies.depth.runs import RUNS
from bnreport.study import Value
from bnreport.trials import Trial

LABELS = {"relu": "ReLU", "tanh": "tanh", "sigmoid": "sigmoid"}
_TRIALS = tuple(runs.trial for runs in RUNS if isinstance(runs.trial, Trial))
# All trials have one epoch of as many images, the last batch a part of one, and one momentum.
STEPS = max(-(-(trial.images or 0) // trial.batch_size) for trial in _TRIALS)
MOMENTUM = max(trial.momentum for trial in _TRIALS)


def all_values() -> dict[str, Value]:
    """How long a net trains, and what its moving averages remember, by name."""
    return {
        "steps": Value(str(STEPS), "one epoch, the last batch a part of one"),
        "momentum": Value(f"{MOMENTUM:g}", "set before the runs"),
    }
