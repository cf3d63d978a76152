"""Draw a figure as SVG, byte for byte the same every time."""

import io

from matplotlib.figure import Figure

from bnreport.errors import PageError
from bnreport.figures.curves import curves
from bnreport.figures.dots import dots
from bnreport.figures.frame import style
from bnreport.figures.legible import faults
from bnreport.figures.matrix import matrix
from bnreport.figures.palettes import Palette
from bnreport.presentation.plots import Curves, Dots, Matrix, Plot


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
