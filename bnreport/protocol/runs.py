"""A trial with the seeds at which it is trained."""

from dataclasses import dataclass

from bnreport.protocol.trials import AnyTrial

# Seeds at which claims are judged, and seeds that only choose a setting; pilots used neither.
SEEDS = tuple(range(100, 112))
TUNING_SEEDS = (900, 901, 902)


@dataclass(frozen=True)
class Runs:
    """A trial and the seeds at which each profile trains it.

    `tuning` seeds belong to the full profile; they choose a setting and judge nothing.
    """

    trial: AnyTrial
    full: tuple[int, ...] = SEEDS
    quick: tuple[int, ...] = ()
    tuning: tuple[int, ...] = ()
