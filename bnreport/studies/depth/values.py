"""The numbers that the prose of the page names beside its claims."""

from bnreport.arms import NAMES
from bnreport.studies.depth.runs import GRID, RATES, RUNS
from bnreport.study import Value
from bnreport.trials import Trial

LABELS = {"relu": "ReLU", "tanh": "tanh", "sigmoid": "sigmoid"}
_TRIALS = tuple(runs.trial for runs in RUNS if isinstance(runs.trial, Trial))
# All trials have one epoch of as many images, the last batch a part of one, and one momentum.
STEPS = max(-(-(trial.images or 0) // trial.batch_size) for trial in _TRIALS)
MOMENTUM = max(trial.momentum for trial in _TRIALS)


def all_values() -> dict[str, Value]:
    """How long a net trains, and which nets train at an end of the grid of rates, by name."""
    return {
        "steps": Value(str(STEPS), "one epoch, the last batch a part of one"),
        "momentum": Value(f"{MOMENTUM:g}", "set before the runs"),
        "edges": Value(edges(RATES), "the rates that the tuning runs found best"),
    }


def edges(rates: dict[tuple[str, str], dict[int, float]]) -> str:
    """Which nets train at the first or the last rate of the grid, in a sentence.

    Args:
        rates: by activation and arm, the rate by depth.
    """
    found = [
        f"{LABELS[activation]} with {NAMES[of]} at {depth} layers ({rate:g})"
        for (activation, of), by_depth in rates.items()
        for depth, rate in by_depth.items()
        if rate in {min(GRID), max(GRID)}
    ]
    if not found:
        return "No net trains at an end of the grid."
    many = "Of the judged nets one trains" if len(found) == 1 else "Of the judged nets these train"
    return f"{many} at an end of the grid: {', '.join(found)}."
