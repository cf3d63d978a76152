"""The files that pages need, collected while they are rendered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bnreport.errors import PageError
from bnreport.figures.palettes import DARK, LIGHT, recolored
from bnreport.pages.supplies import Supplies
from bnreport.presentation.plots import Plot

Named = TypeVar("Named")


@dataclass
class Staging:
    """The files that the pages need, by path below the staged folder, and what makes the costly.

    `used` are the figures that a page shows, `carded` the claims, and `cited` the works.
    """

    files: dict[str, str] = field(default_factory=dict)
    supplies: Supplies = field(default_factory=Supplies)
    used: set[tuple[str, str]] = field(default_factory=set)
    carded: set[tuple[str, str]] = field(default_factory=set)
    cited: set[str] = field(default_factory=set)

    def figure(self, file: str, plot: Plot) -> str | None:
        """Stage a figure in both palettes; the text of the light one, None while it waits."""
        path = f"figures/{file}-{LIGHT.name}.svg"
        if path not in self.files and (text := self.supplies.figure(plot)) is not None:
            self.files[path] = text
            self.files[f"figures/{file}-{DARK.name}.svg"] = recolored(text, LIGHT, DARK)
        return self.files.get(path)


def look_up(names: Mapping[str, Named], name: str, kind: str, page: str) -> Named:
    """The thing of that name.

    Raises:
        PageError: naming the page and the names that there are.
    """
    if name not in names:
        raise PageError(
            f"Expected a {kind} in docs/{page}: {', '.join(sorted(names))}. "
            f"Received: {name!r}. Use one of these names, or add it to the analysis."
        )
    return names[name]
