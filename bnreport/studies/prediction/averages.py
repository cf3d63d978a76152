"""The averages of the study, how far each is predicted to be off, and what it costs."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bnreport.analysis.comparisons import Sample
from bnreport.protocol.runs import Runs
from bnreport.studies.lag.runs import MOMENTA, SETTINGS, named, scored
from bnreport.studies.lag.runs import RUNS as LAGGING
from bnreport.studies.lag.runs import cost as cost_of
from bnreport.studies.lag.runs import end as end_of

SEEDS = tuple(range(300, 312))
RUNS = tuple(Runs(runs.trial, SEEDS) for runs in LAGGING)
KERAS, PYTORCH = 0.99, 0.9


@dataclass(frozen=True)
class LaggingAverage:
    """A corrected moving average in a net with BN, at the end of a run.

    Attributes:
        arm, size, schedule, rate: the setting; see `SETTINGS` of the study of lagging averages.
        momentum: of the average.
        offset: how far it is predicted to be off, in standard deviations of the inputs of BN.
    """

    arm: str
    size: int
    schedule: str
    rate: float
    momentum: float
    offset: float

    @property
    def name(self) -> str:
        """The name of its score."""
        return f"m{self.momentum:g}-corrected"

    @property
    def setting(self) -> tuple[str, float]:
        """The course and the height of the rate, after the inputs and the batch size."""
        return self.schedule, self.rate

    @property
    def accuracy(self) -> Sample:
        """The accuracy by it in per cent, (seeds,)."""
        return scored(self.arm, self.size, self.name, *self.setting)

    @property
    def cost(self) -> Sample:
        """The points by which fresh statistics beat it in the same net, (seeds,)."""
        return cost_of(self.arm, self.size, self.name, *self.setting)

    def end(self, by: str = "") -> Any:
        """The readings of the accuracy by it, or by other statistics of the same net."""
        return end_of(self.arm, self.size, by or self.name, *self.setting)


PREDICTED = tomllib.loads(Path(__file__).with_name("offsets.toml").read_text(encoding="utf-8"))
AVERAGES = tuple(
    LaggingAverage(*setting, momentum, offset)
    for setting in SETTINGS
    for momentum, offset in zip(MOMENTA.values(), PREDICTED[named(*setting)], strict=True)
)


def of_momentum(momentum: float) -> tuple[LaggingAverage, ...]:
    """The averages of a momentum, in the order of the settings."""
    return tuple(average for average in AVERAGES if average.momentum == momentum)


ORDERED = sorted(of_momentum(KERAS), key=lambda average: average.offset)
# The settings, by how far Keras' momentum is predicted to be off.
THIRDS = {
    name: tuple(ORDERED[first : first + len(ORDERED) // 3])
    for name, first in zip(
        ("least", "middle", "most"), range(0, len(ORDERED), len(ORDERED) // 3), strict=True
    )
}
STEPS = {"middle": "least", "most": "middle"}


def mean_sample(samples: list[Sample]) -> Sample:
    """The mean of samples, seed by seed."""
    trials = tuple(dict.fromkeys(name for sample in samples for name in sample.trials))
    return Sample(trials, lambda records: np.mean([sample(records) for sample in samples], axis=0))


COSTS = {
    name: mean_sample([average.cost for average in averages]) for name, averages in THIRDS.items()
}


# In each setting, the average that is predicted to be off least.
PICKED = [
    min(averages, key=lambda average: average.offset)
    for averages in zip(*map(of_momentum, MOMENTA.values()), strict=True)
]


def gain(momentum: float) -> Sample:
    """The points by which the picked averages beat one momentum, in the mean of the settings."""
    pairs = zip(PICKED, of_momentum(momentum), strict=True)
    return mean_sample([picked.accuracy - fixed.accuracy for picked, fixed in pairs])
