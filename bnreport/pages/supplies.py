"""Figures and formulas, which take long: pages note what they need, and it is made all at once."""

from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing import get_context
from typing import TypeAlias

from bnreport.errors import PageError
from bnreport.figures.palettes import LIGHT, Palette
from bnreport.machine import seldom_collect
from bnreport.pages.cache import Cache, key_of
from bnreport.pages.fingerprint import fingerprint
from bnreport.pages.library import mathml
from bnreport.pages.library.mathml import Formula, convert
from bnreport.pages.source_digests import source_digest
from bnreport.presentation.plots import Plot

Draw: TypeAlias = Callable[[Plot, Palette], str]

# A process of its own imports matplotlib first; for fewer drawings it is not worth it.
FEW = 16
# What this process has converted: a formula is always the same MathML.
_CONVERTED: dict[Formula, str] = {}


def draw(plot: Plot, palette: Palette) -> str:
    """The figure as SVG; matplotlib, which takes a while, is imported once something is drawn."""
    from bnreport.figures import drawing

    return drawing.draw(plot, palette)


@dataclass
class Supplies:
    """The drawings that are made already, and those that pages wait for.

    Attributes:
        draw: makes a figure; without it figures wait for ever, and their pages are only looked at.
        processes: how many processes draw.
        cache: where what is made here is kept, and looked for.
        data: the published data of a report, by its key.
        begun: the drawings that other processes are at, by key.
    """

    draw: Draw | None = draw
    processes: int = 1
    cache: Cache = field(default_factory=Cache)
    data: dict[str, dict[str, str]] = field(default_factory=dict)
    _drawn: dict[str, str] = field(default_factory=dict)
    _undrawn: dict[str, Plot] = field(default_factory=dict)
    begun: dict[str, Future[str]] = field(default_factory=dict, init=False)
    _pool: ProcessPoolExecutor | None = field(default=None, init=False)
    _unconverted: dict[Formula, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Say whether all that was asked for is there."""
        return not (self._undrawn or self._unconverted)

    def key(self, plot: Plot) -> str:
        """The key of a figure among the drawings; without `draw` there are none, and no key."""
        if self.draw is None:
            return ""
        if self.cache.folder is None:
            return fingerprint(plot)
        return key_of(fingerprint((plot, LIGHT)), *_drawn_by(self.draw))

    def figure(self, plot: Plot, key: str = "") -> str | None:
        """The figure as SVG in the light palette; None while it waits to be drawn.

        Args:
            plot: what it shows.
            key: its key, where that is known.
        """
        if self.draw is None:
            return None
        key = key or self.key(plot)
        if (text := self.drawing(key)) is None:
            self._undrawn[key] = plot
        return text

    def drawing(self, key: str) -> str | None:
        """The drawing of that key, from here or from the cache; None where there is none."""
        if key not in self._drawn and (kept := self.cache.read("figures", key)) is not None:
            self._drawn[key] = kept.decode()
        return self._drawn.get(key)

    @property
    def drawn_by(self) -> tuple[str, ...]:
        """The digests of what drawings depend on beside their plots: code, libraries and fonts."""
        return _drawn_by(self.draw or draw)

    def formula(self, tex: str, display: bool, page: str) -> str:
        """The formula as MathML; nothing while it waits to be converted."""
        formula = tex, display
        if formula not in _CONVERTED:
            if (kept := self.cache.read("formulas", _formula_key(formula))) is None:
                self._unconverted.setdefault(formula, page)
            else:
                _CONVERTED[formula] = kept.decode()
        return _CONVERTED.get(formula, "")

    def convert(self) -> None:
        """Convert the formulas that pages wait for.

        Raises:
            PageError: when one cannot be read; it names every such formula and a page with it.
        """
        waiting, self._unconverted = self._unconverted, {}
        if not waiting:
            return
        try:
            converted = convert(waiting)
            _CONVERTED.update(converted)
            for formula, text in converted.items():
                self.cache.write("formulas", _formula_key(formula), text.encode())
        except PageError:
            faults = [fault for formula, page in waiting.items() for fault in _fault(formula, page)]
            raise PageError("\n".join(faults)) from None

    def begin(self) -> None:
        """Begin to draw what waits, in other processes, where it is worth starting them.

        Whoever calls it calls `close`, too.
        """
        if self.draw is None or self.processes == 1:
            return
        if self._pool is None:
            if len(self._undrawn) < FEW:
                return
            # Fresh processes, not copies of this one: copies of a process with threads may hang.
            self._pool = ProcessPoolExecutor(self.processes, get_context("spawn"), seldom_collect)
        for key, plot in self._undrawn.items():
            if key not in self.begun:
                self.begun[key] = self._pool.submit(self.draw, plot, LIGHT)

    def draw_all(self) -> None:
        """Draw the figures that pages wait for."""
        if self.draw is None:
            return
        self.begin()
        waiting, self._undrawn = self._undrawn, {}
        try:
            for key, plot in waiting.items():
                begun = self.begun.get(key)
                text = self.draw(plot, LIGHT) if begun is None else begun.result()
                self._drawn[key] = text
                self.cache.write("figures", key, text.encode())
        finally:
            self.close()

    def close(self) -> None:
        """End the other processes, and what they have begun."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        self._pool, self.begun = None, {}


@lru_cache
def _drawn_by(draw: Draw) -> tuple[str, ...]:
    """The digest of what a drawing depends on beside its plot: code, libraries and fonts."""
    return draw.__module__, draw.__qualname__, *drawn_with("bnreport.figures.drawing")


def drawn_with(module: str) -> tuple[str, str]:
    """The digests of what pictures of a module depend on: code, libraries and fonts."""
    from bnreport.figures.fonts import fonts_digest

    return source_digest(module), fonts_digest()


def _formula_key(formula: Formula) -> str:
    return key_of(fingerprint(formula), source_digest(mathml.__name__))


def _fault(formula: Formula, page: str) -> list[str]:
    try:
        _CONVERTED.update(convert([formula]))
    except PageError as error:
        return [f"In docs/{page}: {error}"]
    return []
