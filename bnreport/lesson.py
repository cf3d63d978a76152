"""The value that describes a page of the explainer: its numbers worked by code, its pictures."""

from collections.abc import Callable
from dataclasses import dataclass

from bnreport.study import Analysis


@dataclass(frozen=True)
class Lesson:
    """A page that explains; nothing in it is trained.

    Attributes:
        name: what pages call it.
        title: its entry in the menu.
        point: what a reader takes away, in one sentence; it opens the page and fills the overview.
        analyse: the worked numbers, tables and diagrams of the page.
    """

    name: str
    title: str
    point: str
    analyse: Callable[[], Analysis] = Analysis

    @property
    def page(self) -> str:
        """Where its source lies, in the folder of the pages."""
        return f"learn/{self.name}.md"
