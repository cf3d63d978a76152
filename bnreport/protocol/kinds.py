"""The traits of a kind of trial: whoever handles runs asks for these, not which kind it is.

A new kind is a class with `traits`, named in `trials.AnyTrial`, and an entry in the table
`running.performers.PERFORMERS`.
"""

from dataclasses import dataclass
from typing import TypeAlias

# The least and the greatest that a number may be.
Bounds: TypeAlias = tuple[float, float]

# Four months in seconds and ten terabytes in megabytes: nobody measured more.
MEASURED = 1e7
COSTS: Bounds = (0.0, MEASURED)
# No epoch takes less than a nanosecond, and times are divided by one another.
SECONDS: Bounds = (1e-9, MEASURED)
# Decimal logarithms of what a float64 holds lie between these.
LOGARITHMS: Bounds = (-324.0, 324.0)


@dataclass(frozen=True)
class Traits:
    """The answers that are the same for all trials of a kind.

    Attributes:
        repeats: whether another run finds the same numbers again; a time never comes back.
        sees_images: whether a run looks at the images.
        trains_together: whether runs that share a program train together.
        finds_more: whether a run may measure more than the trial's `metrics`.
        bounds: between which all numbers lie; None where the name of a metric says it.
        compared: the metrics of which a verification compares the last value; None for the mean of
            each metric.
        tolerance: how far apart two of these may be; None for one spread of the seeds.
    """

    repeats: bool = True
    sees_images: bool = True
    trains_together: bool = False
    finds_more: bool = False
    bounds: Bounds | None = None
    compared: tuple[str, ...] | None = None
    tolerance: float | None = None
