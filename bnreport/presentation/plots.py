"""Hold what a figure shows, as values; `figures` draws them."""

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Arm = Literal["raw", "std", "bn", "std-bn", "ln", "gn", "neutral"]
Scale = Literal["linear", "log"]
# How a figure is laid out: in the column of a desk, or in that of a phone, its panels stacked.
Form = Literal["wide", "phone"]


@dataclass(frozen=True)
class Series:
    """Curves of one arm: `y` has one row a run, shape (runs, points)."""

    label: str
    arm: Arm
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    dashed: bool = False


@dataclass(frozen=True)
class Crosses:
    """Published numbers, drawn as crosses."""

    label: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """One pair of axes of a `Curves` figure.

    Heights below `shelf` are squeezed onto a shaded shelf: failures leave room for the rest. What
    lies above the `level` is tinted if it is `shaded`. Curves are named where they end; where all
    end at one place, right of where they pass the height `named_at`.
    """

    title: str
    y_label: str
    series: tuple[Series, ...]
    marks: tuple[Crosses, ...] = ()
    y_scale: Scale = "linear"
    level: tuple[float, str] | None = None
    from_zero: bool = False
    named_at: float | None = None
    shelf: float | None = None
    shaded: bool = False


@dataclass(frozen=True)
class Curves:
    """Small multiples of curves over a common x.

    Three panels of one measure of the same series have one set of axes, and two where they are
    `shared`.
    """

    title: str
    subtitle: str
    x_label: str
    panels: tuple[Panel, ...]
    x_scale: Scale = "linear"
    shared: bool = False
    form: Form = "wide"


@dataclass(frozen=True)
class Row:
    """One row of dots: a number a run, its mean and interval, and the published number.

    Where `Dots` mark the median or the largest, `low` and `high` are the ends of the range. Values
    within `band` are too small to matter. `cross` is the word for the published number. `level` is
    that of the interval.
    """

    label: str
    arm: Arm
    values: NDArray[np.float64]
    low: float
    point: float
    high: float
    published: tuple[float, ...] = ()
    band: tuple[float, float] | None = None
    cross: str = "printed"
    level: float = 0.95


@dataclass(frozen=True)
class Dots:
    """Rows of dots over a common x.

    `paired` joins the dots of a run from row to row; `from_zero` begins the axis at zero; a line
    marks `nothing`, the value of no effect.
    Around a mean the rows show its interval: below the dots, or through them where rows are narrow.
    Rows with a median or the largest value are narrow and show the dots alone. Where the values of
    a row are quantiles of one distribution, `humps` draws its density in place of dots.
    """

    title: str
    subtitle: str
    x_label: str
    rows: tuple[Row, ...]
    paired: bool = False
    from_zero: bool = False
    decimals: int = 3
    centre: Literal["mean", "median", "largest"] = "mean"
    nothing: float | None = None
    x_scale: Scale = "linear"
    narrow: bool = False
    humps: bool = False
    form: Form = "wide"


@dataclass(frozen=True)
class Tile:
    """A cell of a `Matrix`: a word or two, and the tone of its ground."""

    text: str
    tone: Arm = "neutral"


@dataclass(frozen=True)
class Matrix:
    """A result in words for each row in each column; a cell may be empty.

    `columns` name the columns; a new line is where a name breaks.
    """

    title: str
    subtitle: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Tile | None, ...]], ...]
    form: Form = "wide"


Plot: TypeAlias = Curves | Dots | Matrix


def for_phone(plot: Plot) -> Plot:
    """The figure as a phone shows it."""
    return replace(plot, form="phone")
