"""Draw the picture that other sites show beside a link to this one."""

import io
from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from bnreport.figures.frame import LIGHT, style

# Pixels, as the sites that show it ask for.
WIDTH, HEIGHT, DPI = 1200, 630, 100
GROUND = "#ffffff"


def card(title: str, shares: Sequence[tuple[str, int, str]], below: str) -> bytes:
    """The picture as PNG: a title, a bar of counts with their words, and a line below.

    Args:
        title: at most two lines.
        shares: what is counted, how many, and the colour; from left to right.
        below: a line of text.
    """
    with style(LIGHT):
        figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=GROUND)
        ax = figure.add_axes((0, 0, 1, 1))
        ax.set_axis_off()
        ax.set(xlim=(0, WIDTH), ylim=(0, HEIGHT))
        ax.text(80, 545, title, size=44, weight="bold", va="top", linespacing=1.25)
        total, left = sum(count for _, count, _ in shares), 80.0
        for word, count, color in shares:
            width = 1040 * count / max(total, 1)
            ax.add_patch(Rectangle((left, 215), width - 6, 70, color=color))
            if count:
                ax.text(left, 195, f"{count}\n{word}", size=20, va="top", linespacing=1.3)
            left += width
        ax.text(80, 55, below, size=20, va="bottom", color=LIGHT.arms["neutral"])
        image = io.BytesIO()
        figure.savefig(image, format="png", metadata={"Software": None})
    return image.getvalue()
