"""Write names beside points, where they hide the least."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox

from bnreport.figures.frame import SMALL, measured

# From name to name, in points: one below another, and one beside another.
LABEL, GAP = 12.0, 2.0
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
) -> None:
    """Write a name at the first of the spots that the fewest lines and other names cross."""
    width = measured(text, SMALL, weight)
    box, spot = min(
        ((spot.box(ax, width), spot) for spot in spots), key=lambda at: _crossings(ax, at[0], taken)
    )
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


def _crossings(ax: Axes, box: Bbox, taken: Sequence[Bbox]) -> float:
    """The number of curves through a box; another name or the edge of the axes counts for many."""
    inner = Bbox.from_extents(box.x0, box.y0 + 2, box.x1, box.y1 - 2)
    # Most of all a name keeps clear of the thick lines.
    crossings: float = sum(
        float(line.get_linewidth()) ** 2 for line in ax.lines if _crosses(line, inner)
    )
    edge = ax.get_window_extent()
    outside = inner.x0 < edge.x0 or inner.y0 < edge.y0 or inner.y1 > edge.y1 + LABEL
    figure = ax.get_figure(root=True)
    outside |= figure is not None and inner.x1 > figure.bbox.x1
    touched = sum(bool(inner.padded(GAP, 0).overlaps(other)) for other in taken)
    return crossings + 100 * bool(outside) + 1000 * touched


def _crosses(line: Line2D, box: Bbox) -> bool:
    path = line.get_transform().transform_path(line.get_path())
    if line.get_linestyle() != "None":
        return bool(path.intersects_bbox(box, filled=False))
    x, y = np.asarray(path.vertices).T
    return bool(((box.x0 < x) & (x < box.x1) & (box.y0 < y) & (y < box.y1)).any())
