"""Figures and formulas, which take long: pages note what they need, and it is made all at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import TypeAlias

from bnreport.errors import PageError
from bnreport.figures import LIGHT, Palette, draw
from bnreport.fingerprint import fingerprint
from bnreport.mathematics import Formula, convert
from bnreport.plots import Plot

Draw: TypeAlias = Callable[[Plot, Palette], str]

# A process of its own imports matplotlib first; for fewer drawings it is not worth it.
FEW = 16
# What this process has converted: a formula is always the same MathML.
_CONVERTED: dict[Formula, str] = {}


@dataclass
class Supplies:
    """What is made already, and what pages wait for.

    Attributes:
        draw: makes a figure.
        processes: how many processes draw.
    """

    draw: Draw = draw
    processes: int = 1
    _drawn: dict[str, str] = field(default_factory=dict)
    _undrawn: dict[str, Plot] = field(default_factory=dict)
    _unconverted: dict[Formula, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether all that was asked for is there."""
        return not (self._undrawn or self._unconverted)

    def figure(self, plot: Plot) -> str | None:
        """The figure as SVG in the light palette; None while it waits to be drawn."""
        key = fingerprint(plot)
        if key not in self._drawn:
            self._undrawn[key] = plot
        return self._drawn.get(key)

    def formula(self, tex: str, display: bool, page: str) -> str:
        """The formula as MathML; nothing while it waits to be converted."""
        if (tex, display) not in _CONVERTED:
            self._unconverted.setdefault((tex, display), page)
        return _CONVERTED.get((tex, display), "")

    def convert(self) -> None:
        """Convert the formulas that pages wait for.

        Raises:
            PageError: when one cannot be read; it names every such formula and a page with it.
        """
        waiting, self._unconverted = self._unconverted, {}
        try:
            _CONVERTED.update(convert(waiting))
        except PageError:
            faults = [fault for formula, page in waiting.items() for fault in _fault(formula, page)]
            raise PageError("\n".join(faults)) from None

    def draw_all(self) -> None:
        """Draw the figures that pages wait for."""
        waiting, self._undrawn = self._undrawn, {}
        self._drawn |= zip(waiting, self._draw([*waiting.values()]), strict=True)

    def _draw(self, plots: Sequence[Plot]) -> list[str]:
        palettes = [LIGHT] * len(plots)
        if self.processes == 1 or len(plots) < FEW:
            return [*map(self.draw, plots, palettes)]
        # A fresh process, not a copy of this one: copies of a process with threads may hang.
        with ProcessPoolExecutor(self.processes, get_context("spawn")) as pool:
            return [*pool.map(self.draw, plots, palettes, chunksize=2)]


def _fault(formula: Formula, page: str) -> list[str]:
    try:
        _CONVERTED.update(convert([formula]))
    except PageError as error:
        return [f"In docs/{page}: {error}"]
    return []
