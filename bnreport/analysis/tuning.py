"""Arms trained by recipes, at the rates of a grid that their tuning runs choose."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import mean_of
from bnreport.analysis.grids import Tuned
from bnreport.analysis.metrics import Floats
from bnreport.analysis.ranges import least_of_the_best, refuse_other_choices
from bnreport.analysis.recipes import final
from bnreport.presentation.tables import Table
from bnreport.protocol.runs import Runs
from bnreport.records.collection import Records
from bnreport.records.record import Record

Score: TypeAlias = Callable[[Sequence[Record]], Floats]
# Half-decades.
GRID = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
# Where a table compares two arms: so many places beside the rates that are chosen for them.
BESIDE = {"a step lower": -1, "as chosen": 0, "a step higher": 1}


def fresh(records: Sequence[Record]) -> Floats:
    """The validation accuracy at the end by fresh statistics in per cent, (seeds,)."""
    return 100 * final(records, "fresh")


@dataclass(frozen=True)
class TunedRecipes(Tuned):
    """Arms that train by recipes, each at the rate that its tuning runs find best.

    Tuning runs are as long as those that judge, and the same score chooses. Of rates whose mean
    lies within a standard error of the best one's, the smallest is chosen.

    Attributes:
        grid: half-decades by default. A grid at whose end a rate is best grows by two for all arms.
        tuning, judged: what only some recipes have; not their epochs.
        full: the seeds of the runs that judge.
        score: a number of each run that is to be high, and that of chance where it diverged.
    """

    grid: tuple[float, ...] = GRID
    full: tuple[int, ...] = ()
    score: Score = fresh

    def judged_runs(self, arm: Arm, seeds: tuple[int, ...] = ()) -> Runs:
        """An arm at its rate, at the seeds that judge or at others."""
        trial = self._trial(arm, arm.name, self.rates[arm], self.judged)
        return Runs(trial, seeds or self.full)

    def _trial(self, arm: Arm, name: str, rate: float, more: Mapping[str, Any]) -> Any:
        return arm.recipe(name, learning_rate=rate, **{**self.setting, **more})

    def check(self, records: Records) -> None:
        """Refuse rates that the tuning runs do not choose, and bests at an end of the grid.

        Raises:
            RecordError: when there is one.
        """
        for arm, rate in self.rates.items():
            refuse_other_choices(arm.name, rate, self._by_rate(records, arm))

    def accuracies(self, records: Records, arm: Arm) -> Floats:
        """The scores of an arm's tuning runs, (rates, seeds)."""
        return np.array([*self._by_rate(records, arm).values()])

    def chosen(self, records: Records, arm: Arm) -> float:
        """The rate that an arm's tuning runs choose, be it at an end of the grid."""
        return least_of_the_best(self._by_rate(records, arm))

    def neighbours(
        self,
        records: Records,
        pairs: Mapping[str, tuple[Arm, Arm]],
        title: str,
        note: str = "",
        *,
        ratio: bool = False,
    ) -> Table:
        """The first arm of each pair less the second, both a step beside their rates; unjudged.

        Args:
            records: those with tuning runs.
            pairs: the arms, by what the table calls their difference.
            title: the table's.
            note: what stands below it.
            ratio: scores are logarithms, and what the table shows is the ratio.
        """

        def cell(pair: tuple[Arm, Arm], step: int) -> str:
            one, other = (self._beside(records, arm, step) for arm in pair)
            if ratio:
                return mean_of(np.exp((one - other).mean()), 2)
            return mean_of(one - other, 2, signed=True)

        rows = (
            (name, *(cell(pair, step) for step in BESIDE.values())) for name, pair in pairs.items()
        )
        return Table(title, ("ratio" if ratio else "difference", *BESIDE), tuple(rows), note=note)

    def _beside(self, records: Records, arm: Arm, step: int) -> Floats:
        scores: Floats = self.accuracies(records, arm)[self.grid.index(self.rates[arm]) + step]
        return scores

    def _by_rate(self, records: Records, arm: Arm) -> dict[float, Floats]:
        runs = {rate: records.tuning(self.tried(arm, rate)) for rate in self.grid}
        return {rate: self.score(each) for rate, each in runs.items()}
