"""Say who a claim predicts to be ahead, and in which numbers of the records.

A claim says so in words; here it is said for tests, which make records in which the favoured arm is
better in exactly these numbers, and ask each estimate for its sign.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

# How the numbers of an arm become one: "each" of them counts (a value, a mean, a ratio), or the
# "largest" or "smallest"; how far they "range" over the layers; the factor by which they change a
# layer back ("slope"), or how near that comes to 1 ("nearness"); where a curve arrives at the level
# ("arrival"); over how many settings they are at the level or better ("width"), and up to which
# setting ("highest"); the value when another curve, of `beside`, falls to the level ("matched"); or
# whether numbers that were "printed", each at its level, pass for those of one more run.
Measure: TypeAlias = Literal[
    "each",
    "largest",
    "smallest",
    "range",
    "slope",
    "nearness",
    "arrival",
    "width",
    "highest",
    "matched",
    "printed",
]


@dataclass(frozen=True)
class Quantity:
    """A number that records hold, whatever the trial.

    Attributes:
        kind: a metric of the history, the marks of a score, or what a check found.
        name: the metric, the part of the images, or "<check>_<what>".
        at: after which epochs or steps, or at which rates or in which rounds; all when empty.
        layers: which layers of a check, from 0, or which lengths of its path; all when empty.
    """

    kind: Literal["history", "score", "check"]
    name: str
    at: tuple[float, ...] = ()
    layers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Reading:
    """A quantity of a trial, and whether more of it is better for its arm."""

    trial: str
    quantity: Quantity
    more: bool = True


@dataclass(frozen=True)
class Direction:
    """The numbers that a claim is judged by, in one of its settings.

    Attributes:
        favoured: the readings of the arm that the claim predicts to be ahead. Of arms that are
            predicted to be alike it is the one that counts as positive. What is better for it
            raises the contrast.
        other: those of the arm that it is compared with; what is better for it lowers the contrast.
        beside: what else is read, of neither arm or of one of them.
        measure: how the readings of an arm become one number.
        level: a number that the readings are held against: what they have to reach, or what stands
            in the place of the other arm. With `beside` a width counts what is at most so much
            below the best of `beside`.
    """

    favoured: tuple[Reading, ...]
    other: tuple[Reading, ...] = ()
    beside: tuple[Reading, ...] = ()
    measure: Measure = "each"
    level: float | None = None

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Everything that is read."""
        return (*self.favoured, *self.other, *self.beside)

    def beyond(self, other: "Direction") -> "Direction":
        """The one arm is further ahead in these readings than in others."""
        return Direction((*self.favoured, *other.other), (*self.other, *other.favoured))


# The direction of a claim, or of each of its settings. An identity has one for each number at which
# it holds, and a fit one for each number that was printed.
Directions: TypeAlias = Direction | Mapping[str, Direction]


def history(metric: str, *at: float) -> Quantity:
    """A metric of the history after these epochs, or at these rates; all when none is named."""
    return Quantity("history", metric, at)


def score(part: str, epoch: int) -> Quantity:
    """The images of a part that are right after an epoch."""
    return Quantity("score", part, (epoch,))


def check(name: str, *steps: int, layers: Iterable[int] = ()) -> Quantity:
    """The numbers of a check after these steps, in these layers; in all when none is named."""
    return Quantity("check", name, steps, tuple(layers))


Trials: TypeAlias = str | Iterable[str]


def read(trials: Trials, quantity: Quantity, more: bool = True) -> tuple[Reading, ...]:
    """The readings of a quantity in one trial, or in several."""
    names = (trials,) if isinstance(trials, str) else trials
    return tuple(Reading(name, quantity, more) for name in names)


def more(
    favoured: Trials,
    other: Trials,
    quantity: Quantity,
    measure: Measure = "each",
    level: float | None = None,
    *,
    than: Quantity | None = None,
    beside: Trials | Iterable[Reading] = (),
) -> Direction:
    """The favoured trials have more of a quantity than the others, or than the level.

    Args:
        favoured: the trials that are predicted to be ahead.
        other: those that they are compared with.
        quantity: what is compared.
        measure: how it becomes one number.
        level: what it is held against.
        than: the quantity of the others where it is another one.
        beside: trials of which it is read, too, or readings of something else: see `Direction`.
    """
    names = (beside,) if isinstance(beside, str) else beside
    also = (Reading(x, quantity) if isinstance(x, str) else x for x in names)
    return Direction(
        read(favoured, quantity), read(other, than or quantity), tuple(also), measure, level
    )


def less(
    favoured: Trials,
    other: Trials,
    quantity: Quantity,
    measure: Measure = "each",
    level: float | None = None,
    *,
    than: Quantity | None = None,
    beside: Trials | Iterable[Reading] = (),
) -> Direction:
    """The favoured trials have less of it; the arguments are those of `more`."""
    return turned(more(favoured, other, quantity, measure, level, than=than, beside=beside))


def turned(direction: Direction) -> Direction:
    """The same readings, where less is better."""

    def less_of(readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
        return tuple(replace(reading, more=not reading.more) for reading in readings)

    return replace(direction, favoured=less_of(direction.favoured), other=less_of(direction.other))


def exactly(trials: Trials, quantity: Quantity, right: float, more: bool = False) -> Direction:
    """An identity: it holds where the readings are right, and is missed where they are worse.

    Args:
        trials: the trials in which it is checked.
        quantity: what is checked.
        right: the number at which the identity holds.
        more: whether less than the right number misses it; by default more does.
    """
    return Direction(read(trials, quantity, more), level=right)
