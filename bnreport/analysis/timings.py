"""Nets that one process times, round by round: their runs, their seconds, and which is slower."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import mean_of
from bnreport.analysis.comparisons import Judge, Named, Sample, name_of, runs_of
from bnreport.analysis.metrics import Floats
from bnreport.protocol.directions import Direction, history, more
from bnreport.protocol.measurements import TimingTrial
from bnreport.protocol.runs import SEEDS, Runs
from bnreport.records.collection import Records

LOOPS = ("fit", "compiled")
# A round that takes so many times the median of its net was disturbed by something else.
DISTURBED = 1.3


def rounds_of(metric: str) -> Sample:
    """The seconds of an epoch that is timed, one number a round."""
    return runs_of("timing").take(lambda runs: runs[0].epochs(metric))


@dataclass(frozen=True)
class Timed:
    """Nets that are timed in both training loops at several batch sizes, in turn in every round.

    Attributes:
        nets: the arms whose nets they are.
        sizes: how many images a batch has.
        images: how many training images an epoch takes.
        rounds: how often each is timed.
        rate: the learning rate.
        seed: that of the run.
    """

    nets: tuple[Arm, ...]
    sizes: tuple[int, ...]
    images: int
    rounds: int
    rate: float
    seed: int = SEEDS[0]

    @property
    def runs(self) -> Runs:
        """The one run in which all are timed."""
        trial = TimingTrial(
            name="timing",
            nets=tuple(net.name for net in self.nets),
            structures={net.name: net.structure() for net in self.nets},
            batch_sizes=self.sizes,
            images=self.images,
            rounds=self.rounds,
            learning_rate=self.rate,
        )
        return Runs(trial, full=(self.seed,))

    @property
    def settings(self) -> dict[str, tuple[str, int]]:
        """Each loop with each batch size, by the words of a claim's setting."""
        every = ((loop, size) for loop in LOOPS for size in self.sizes)
        return {f"{loop}, batch {size}": (loop, size) for loop, size in every}

    @property
    def every_net(self) -> dict[str, tuple[Arm, str, int]]:
        """Every net in each loop at each batch size, by its name in tables."""
        return {
            f"{loop}, {size}: {net.label}": (net, loop, size)
            for loop, size in self.settings.values()
            for net in self.nets
        }

    def seconds(self, net: Named, loop: str, size: int) -> Sample:
        """The seconds of an epoch of a net, one number a round."""
        return rounds_of(self._metric(net, loop, size))

    def typical(self, net: Named, loop: str, size: int) -> Sample:
        """The median of the rounds, one number."""
        seconds = self.seconds(net, loop, size)
        return seconds.map(lambda rounds: np.median(rounds, keepdims=True))

    def slower(self, slow: Named, fast: Named) -> Callable[[str, int], Judge]:
        """Judges how many times longer an epoch takes, by loop and batch size."""
        return lambda *timed: self.seconds(slow, *timed).ratio(
            self.seconds(fast, *timed), lost=False
        )

    def longer(self, slow: Named, fast: Named) -> Callable[[str, int], Direction]:
        """Predicts that the slower net takes more seconds, by loop and batch size."""

        def predicted(loop: str, size: int) -> Direction:
            mine, other = (history(self._metric(net, loop, size)) for net in (slow, fast))
            return more("timing", "timing", mine, than=other)

        return predicted

    def disturbances(self, records: Records) -> str:
        """Say which rounds of which nets were disturbed, for the note of a table."""
        return disturbances(
            {
                (f"{loop}, {size}", net.label): self.seconds(net, loop, size)(records)
                for net, loop, size in self.every_net.values()
            }
        )

    def _metric(self, net: Named, loop: str, size: int) -> str:
        return f"{loop}_{name_of(net)}_{size}"


def disturbed(rounds: Floats) -> list[int]:
    """The rounds, from 1, that took `DISTURBED` times the median of all rounds or longer."""
    late = rounds >= DISTURBED * np.median(rounds)
    return [int(place) + 1 for place in np.flatnonzero(late)]


def disturbances(seconds: Mapping[tuple[str, str], Floats]) -> str:
    """Say which rounds were disturbed, and which nets had no such round.

    Args:
        seconds: of the rounds of each net, (rounds,), by where it was timed and by its name.
    """
    percent, n = round(100 * (DISTURBED - 1)), len(next(iter(seconds.values())))
    late = {timed: places for timed, rounds in seconds.items() if (places := disturbed(rounds))}
    if not late:
        return f"No epoch took {percent}% longer than the median of its {n} rounds, or more."
    cases = (
        f"{where}, {net}: {_rounds(places, seconds[where, net])}"
        for (where, net), places in late.items()
    )
    shaken = {net for _, net in late}
    calm = dict.fromkeys(net for _, net in seconds if net not in shaken)
    return (
        f"Some epochs took {percent}% longer than the median of their {n} rounds, or more "
        f"({'; '.join(cases)}). "
        + (f"With {' and '.join(calm)} there was no such round. " if calm else "")
        + "No cause was recorded."
    )


def _rounds(places: list[int], seconds: Floats) -> str:
    worst = mean_of(seconds.max() / np.median(seconds), 1)
    return f"round{'s' * (len(places) > 1)} {', '.join(map(str, places))}, up to {worst} ×"
