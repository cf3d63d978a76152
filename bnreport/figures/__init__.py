"""Draw figures as SVG, once for each palette, byte for byte the same every time.

Begin with `draw`; what it draws are the values of `presentation.plots`. The only package that
imports matplotlib. May import `presentation` and `statistics`.
"""

import io
import re

from matplotlib.figure import Figure

from bnreport.errors import PageError
from bnreport.figures.card import card
from bnreport.figures.curves import curves
from bnreport.figures.dots import dots
from bnreport.figures.frame import DARK, LIGHT, Palette, fonts_digest, style
from bnreport.figures.legible import faults
from bnreport.figures.matrix import matrix
from bnreport.figures.words import describe
from bnreport.presentation.plots import Curves, Dots, Matrix, Plot

__all__ = [
    "DARK",
    "LIGHT",
    "Palette",
    "card",
    "describe",
    "draw",
    "draw_legibly",
    "drawn",
    "fonts_digest",
    "recolored",
]


def drawn(plot: Plot, palette: Palette) -> Figure:
    """The figure as matplotlib holds it."""
    match plot:
        case Curves():
            return curves(plot, palette)
        case Dots():
            return dots(plot, palette)
        case Matrix():
            return matrix(plot, palette)


def draw(plot: Plot, palette: Palette) -> str:
    """The figure as the text of an SVG file with a transparent background."""
    return _text(plot, palette, strict=False)


def draw_legibly(plot: Plot, palette: Palette) -> str:
    """The same, refused where its words are in one another's way.

    The site's own figures are held to it by a test. A build draws what it is given: other records
    may bring two labels together, and their reader still wants the page.

    Raises:
        PageError: when words lie on one another, on a line, or are cut off.
    """
    return _text(plot, palette, strict=True)


def _text(plot: Plot, palette: Palette, strict: bool) -> str:
    with style(palette, plot.form):
        figure = drawn(plot, palette)
        text = io.StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
        if strict and (unreadable := faults(figure)):
            raise PageError(
                f"Expected the words of the figure {plot.title!r} apart from one another, from "
                f"lines and from its edge. Received: {'; '.join(unreadable)}. Shorten them or give "
                "them room."
            )
    # Viewers scale an SVG by its view box; trailing spaces make noisy diffs.
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def recolored(text: str, old: Palette, new: Palette) -> str:
    """A drawing in the colours of another palette: twice as fast as drawing it twice."""
    swap = dict(zip(old.colors, new.colors, strict=True))
    return re.sub("|".join(swap), lambda match: swap[match[0]], text)
