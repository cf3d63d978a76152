"""Write names beside points, where they hide the least."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.transforms import Bbox

from bnreport.figures.frame import SMALL, measured

# From name to name, in points: one below another, and one beside another.
LABEL, GAP = 12.0, 2.0
# Points: the least width of a line that is no single run, and what a name leaves free around lines.
THICK, CLEAR = 1.5, 1.5
# What it costs a name to lie on a thick line, more than on all runs; beyond the axes; on a name.
ON_THICK, OUTSIDE, ON_NAME = 100.0, 1_000.0, 10_000.0
Way: TypeAlias = tuple[float, float, Literal["left", "center", "right"]]


class Spot(NamedTuple):
    """A place for a name: beside a point of the data, so many points right and up of it."""

    x: float
    y: float
    right: float
    up: float
    align: Literal["left", "center", "right"]

    def box(self, ax: Axes, width: float) -> Bbox:
        """The room of a name of that width, in pixels."""
        x, y = ax.transData.transform((self.x, self.y))
        left = x + self.right - {"left": 0.0, "center": width / 2, "right": width}[self.align]
        return Bbox.from_bounds(left, y + self.up - LABEL / 2, width, LABEL)


def name(
    ax: Axes,
    text: str,
    spots: Sequence[Spot],
    taken: list[Bbox],
    color: str,
    weight: str = "normal",
    far: Sequence[Spot] = (),
) -> None:
    """Write a name at the first of the spots that the fewest lines and other names cross.

    Args:
        ax: the axes.
        text: the name.
        spots: where it may stand, the best place first.
        taken: the room of the names that stand there; that of this one is added.
        color: that of its letters.
        weight: that of its letters.
        far: where it stands if a thick line crosses each of the spots, and not so many of these.
    """
    width = measured(text, SMALL, weight)
    # Nothing moves meanwhile, and to find where the lines run takes longer than all else.
    lines = [(line, in_pixels(line)) for line in ax.lines]

    def cost(spot: Spot) -> float:
        return _crossings(ax, lines, spot.box(ax, width), taken)

    spot = min(spots, key=cost)
    if far and cost(spot) >= ON_THICK:
        spot = min((spot, *far), key=cost)
    box = spot.box(ax, width)
    ax.annotate(
        text,
        (spot.x, spot.y),
        xytext=(spot.right, spot.up),
        textcoords="offset points",
        ha=spot.align,
        va="center",
        color=color,
        size=SMALL,
        weight=weight,
        annotation_clip=False,
    )
    taken.append(box)


def in_pixels(line: Line2D) -> Path:
    """The path of a line, or the places of its marks, in pixels."""
    return line.get_transform().transform_path(line.get_path())


def _crossings(
    ax: Axes, lines: Sequence[tuple[Line2D, Path]], box: Bbox, taken: Sequence[Bbox]
) -> float:
    """The cost of a name in a box: of curves through it, of other names, and of the edge."""
    inner = Bbox.from_extents(box.x0, box.y0 + 2, box.x1, box.y1 - 2)
    crossings = sum(_cost(line) for line, path in lines if comes_near(line, path, inner))
    edge = ax.get_window_extent()
    outside = inner.x0 < edge.x0 or inner.y0 < edge.y0 or inner.y1 > edge.y1 + LABEL
    figure = ax.get_figure(root=True)
    outside |= figure is not None and inner.x1 > figure.bbox.x1
    touched = sum(bool(inner.padded(GAP, 0).overlaps(other)) for other in taken)
    return crossings + OUTSIDE * bool(outside) + ON_NAME * touched


def _cost(line: Line2D) -> float:
    """The cost of a line under a name: of a curve, dashed or not, above that of single runs."""
    return ON_THICK if is_curve(line) else float(line.get_linewidth()) ** 2


def is_curve(line: Line2D) -> bool:
    """Say whether a line, dashed or not, is so thick that it is no single run."""
    return line.get_linestyle() != "None" and float(line.get_linewidth()) >= THICK


def comes_near(line: Line2D, path: Path, box: Bbox, clear: float = CLEAR) -> bool:
    """Say whether a line, as wide as it is drawn, leaves a box too little room; marks lie in it.

    Args:
        line: the line.
        path: its path, in pixels.
        box: the box, in pixels.
        clear: the room that a box needs around it, in points.
    """
    box = box.padded(clear + line.get_linewidth() / 2)
    if line.get_linestyle() != "None":
        return bool(path.intersects_bbox(box, filled=False))
    x, y = np.asarray(path.vertices).T
    return bool(((box.x0 < x) & (x < box.x1) & (box.y0 < y) & (y < box.y1)).any())
