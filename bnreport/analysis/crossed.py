"""Arms at several depths and learning rates: their trials, the settings of claims, their curves."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from bnreport.analysis.arms import Arm
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import Judge, Named, Sample, name_of, runs_of
from bnreport.presentation.plots import Curves, Series
from bnreport.protocol.directions import Direction, Quantity, less, more
from bnreport.protocol.runs import Runs
from bnreport.records.collection import Records

# A number of the runs of an arm at a depth and a learning rate.
Measure: TypeAlias = Callable[[str, int, float], Sample]
Arms: TypeAlias = str | tuple[str, ...]
# A quantity that directions read, or what it is in nets of a depth.
AtDepth: TypeAlias = Quantity | Callable[[int], Quantity]


def named(depth: int, arm: Named, rate: float) -> str:
    """The name of a trial."""
    return f"{depth}-{name_of(arm)}-{rate:g}"


def measured(quantity: str, lost: float = np.inf) -> Measure:
    """The values of a check in every net; `lost` stands where a run diverged."""
    return lambda arm, depth, rate: runs_of(named(depth, arm, rate)).measured(quantity, lost)


def final(arm: str, depth: int, rate: float) -> Sample:
    """The validation accuracy of every net after its last epoch; chance where a run diverged."""
    return runs_of(named(depth, arm, rate)).final()


@dataclass(frozen=True)
class Crossed:
    """Arms that train at every depth and every learning rate, and are looked at on the way.

    Attributes:
        depths: how many hidden layers of 100 units the nets have.
        rates: the learning rates.
        steps: those after which the nets are looked at.
        words: what figures say of all nets.
        setting: the fields of all trials.
    """

    depths: tuple[int, ...]
    rates: tuple[float, ...]
    steps: tuple[int, ...]
    words: str
    setting: Mapping[str, Any]

    @property
    def cells(self) -> dict[str, tuple[int, float]]:
        """Every depth with every learning rate, by the words of a claim's setting."""
        every = ((depth, rate) for depth in self.depths for rate in self.rates)
        return {f"depth {depth}, rate {rate:g}": (depth, rate) for depth, rate in every}

    def nets(self, *arms: Arm) -> dict[str, tuple[str, int, float]]:
        """Every net of these arms, cell by cell, by its name in a table."""
        return {
            f"{where}: {arm.label}": (arm.name, *cell)
            for where, cell in self.cells.items()
            for arm in arms
        }

    def runs(self, arms: Mapping[Arm, tuple[Any, ...]]) -> tuple[Runs, ...]:
        """The runs of the arms, each with its checks."""
        return tuple(
            arm.runs(
                named(depth, arm, rate),
                net={"hidden": (100,) * depth},
                learning_rate=rate,
                checks=checks,
                **self.setting,
            )
            for depth in self.depths
            for arm, checks in arms.items()
            for rate in self.rates
        )

    def times(self, measure: Measure, over: str, under: str) -> dict[str, Judge]:
        """Judges, in each cell, how many times as much of a measure one arm has as another."""
        return {
            where: measure(over, *cell).ratio(measure(under, *cell))
            for where, cell in self.cells.items()
        }

    def less(self, under: str, over: Arms, quantity: AtDepth, **how: Any) -> dict[str, Direction]:
        """Predicts, in each cell, that one arm has less of a quantity than another, or others.

        The quantity may depend on the depth; what follows are arguments of `directions.less`.
        """
        return self._predicted(less, under, over, quantity, how)

    def more(self, over: str, under: Arms, quantity: AtDepth, **how: Any) -> dict[str, Direction]:
        """Predicts, in each cell, that one arm has more of a quantity than another, or others."""
        return self._predicted(more, over, under, quantity, how)

    def _predicted(
        self,
        than: Callable[..., Direction],
        ahead: str,
        behind: Arms,
        quantity: AtDepth,
        how: Mapping[str, Any],
    ) -> dict[str, Direction]:
        others = (behind,) if isinstance(behind, str) else behind
        return {
            where: than(
                named(depth, ahead, rate),
                [named(depth, other, rate) for other in others],
                quantity(depth) if callable(quantity) else quantity,
                **how,
            )
            for where, (depth, rate) in self.cells.items()
        }

    def by_step(
        self,
        measure: Measure,
        depth: int,
        arms: Sequence[Arm],
        title: str,
        y_label: str,
        y_scale: str = "log",
    ) -> Callable[[Records], Curves]:
        """A figure of a measure by step, (seeds, steps), with a panel for each learning rate.

        A curve has gaps where it is not finite.
        """

        def curves(records: Records, rate: float) -> Iterator[Series]:
            for arm in arms:
                numbers = measure(arm.name, depth, rate)(records)
                yield arm.curve(self.steps, np.where(np.isfinite(numbers), numbers, np.nan))

        return lambda records: Curves(
            title=title,
            subtitle=f"{self.words}, {depth} layers. Thin lines: {records.n_seeds} seeds; thick: "
            "mean and its 95% interval",
            x_label="step",
            panels=panels(
                {f"learning rate {rate:g}": curves(records, rate) for rate in self.rates},
                y_label,
                y_scale=y_scale,
            ),
        )
