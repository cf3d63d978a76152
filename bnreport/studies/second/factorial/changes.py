"""Measure the end of a run, and what each change adds to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import TypeAlias

import numpy as np

from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.ends import FRESH
from bnreport.analysis.grids import Sweep
from bnreport.studies.second.factorial.runs import CELLS, OWN, finer, named

# A net that diverged knows nothing: each of ten classes gets a tenth.
LOST_LOSS = float(np.log(10))
# What is taken of a trial, by a score.
Taken: TypeAlias = Callable[[str, str], Sample]


def accuracy(trial: str, by: str = FRESH) -> Sample:
    """The validation accuracy at the end in per cent; chance where a run diverged."""
    return 100 * runs_of(trial).scored(f"end_{by}_val")[:, -1]


def loss(trial: str, by: str = FRESH) -> Sample:
    """The loss on the training images at the end; that of guessing where a run diverged."""
    return runs_of(trial).measured(f"end_{by}_train_loss", LOST_LOSS)[:, -1]


@dataclass(frozen=True)
class Alteration:
    """A change of one factor, in all nets that have some level of others.

    Attributes:
        factor: a field of `Combination`.
        before, after: its levels without the change and with it.
        among: the level of other factors that all nets have.
    """

    factor: str
    before: str
    after: str
    among: Mapping[str, str] = field(default_factory=dict)

    def trials(self, level: str, which: str = OWN) -> tuple[str, ...]:
        """The trials of the nets at a level of the factor, at that choice of rates."""
        wanted = {self.factor: level, **self.among}.items()
        return tuple(
            named(arm, which) for cell, arm in CELLS.items() if wanted <= cell._asdict().items()
        )

    def adds(self, taken: Taken = accuracy, which: str = OWN, by: str = FRESH) -> Sample:
        """Take what it adds to a number, on the mean of these nets within each seed."""
        before, after = (
            _mean([taken(trial, by) for trial in self.trials(level, which)])
            for level in (self.before, self.after)
        )
        return after - before


def _mean(samples: list[Sample]) -> Sample:
    return 1 / len(samples) * reduce(add, samples)


def _hidden(inputs: str) -> Alteration:
    return Alteration("hidden", "plain", "hidden", {"inputs": inputs})


CHANGES = {
    "hidden-raw": _hidden("raw"),
    "hidden-std": _hidden("std"),
    "hidden-bn": _hidden("bn"),
    "inputs": Alteration("inputs", "raw", "std", {"hidden": "plain"}),
    "activation": Alteration("activation", "leaky", "relu"),
}


def overlap(taken: Taken = accuracy, which: str = OWN, by: str = FRESH) -> Sample:
    """Take what hidden BN adds on raw pixels beyond what it adds on standardized inputs."""
    raw, std = (CHANGES[f"hidden-{inputs}"].adds(taken, which, by) for inputs in ("raw", "std"))
    return raw - std


def finely_tuned(inputs: str) -> Sample:
    """Take what hidden BN adds to the accuracy where each net has three rates to choose from.

    Each seed takes the rate that is best for all other seeds, so that none chooses by its luck.
    """

    def best(level: str) -> Sample:
        arms = [arm for cell, arm in CELLS.items() if (cell.inputs, cell.hidden) == (inputs, level)]
        sweeps = [Sweep({r: accuracy(trial) for r, trial in finer(arm).items()}) for arm in arms]
        return _mean([sweep.chosen_by_others for sweep in sweeps])

    return best("hidden") - best("plain")
