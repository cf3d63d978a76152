"""The files that pages need, collected while they are rendered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bnreport.errors import PageError, nearest
from bnreport.figures.palettes import DARK, LIGHT, recolored
from bnreport.pages.supplies import Supplies
from bnreport.presentation.plots import Plot

Named = TypeVar("Named")


@dataclass
class Staging:
    """The files that the pages need, by path below the staged folder, and what makes the costly.

    `used` are the figures that a page shows, `carded` the claims, and `cited` the works; `drawings`
    are the keys of its figures by file, and `waiting` says that a figure or formula was not there.
    """

    files: dict[str, str] = field(default_factory=dict)
    supplies: Supplies = field(default_factory=Supplies)
    used: set[tuple[str, str]] = field(default_factory=set)
    carded: set[tuple[str, str]] = field(default_factory=set)
    cited: set[str] = field(default_factory=set)
    drawings: dict[str, str] = field(default_factory=dict)
    waiting: bool = False

    def figure(self, file: str, plot: Plot) -> str | None:
        """Stage a figure in both palettes; the text of the light one, None while it waits."""
        if file not in self.drawings:
            key = self.supplies.key(plot)
            if (text := self.supplies.figure(plot, key)) is not None:
                self.draw(file, key, text)
        self.waiting |= file not in self.drawings
        return self.files.get(_light(file))

    def draw(self, file: str, key: str, text: str) -> None:
        """Stage a figure that was drawn in the light palette, in both."""
        self.drawings[file] = key
        self.files[_light(file)] = text
        self.files[f"figures/{file}-{DARK.name}.svg"] = recolored(text, LIGHT, DARK)

    def formula(self, tex: str, display: bool, page: str) -> str:
        """The formula as MathML; nothing while it waits to be converted."""
        text = self.supplies.formula(tex, display, page)
        self.waiting |= not text
        return text

    def take(self, page: "Staging") -> None:
        """Take over what one page needs."""
        self.files |= page.files
        self.drawings |= page.drawings
        self.used |= page.used
        self.carded |= page.carded
        self.cited |= page.cited
        self.waiting |= page.waiting


def _light(file: str) -> str:
    return f"figures/{file}-{LIGHT.name}.svg"


def look_up(names: Mapping[str, Named], name: str, kind: str, page: str) -> Named:
    """The thing of that name.

    Raises:
        PageError: naming the page and the names that there are.
    """
    if name not in names:
        raise PageError(
            f"Expected a {kind} in docs/{page}: {nearest(name, sorted(names))}. "
            f"Received: {name!r}. Use one of these names, or add it to the analysis."
        )
    return names[name]
