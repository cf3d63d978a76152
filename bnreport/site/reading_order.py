"""Lead from one lesson to the next, wherever the menu shows them."""

from collections.abc import Sequence

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from bnreport.lessons import COURSES, NAMES
from bnreport.lessons.lesson import page_of
from bnreport.site.search import NoSettings

HOME = "index.md"
_LESSONS = sum(map(len, COURSES.values()))
# From the first page through both courses to the page that the last lesson leads on to.
PATH = (HOME, *map(page_of, NAMES[: _LESSONS + 1]))


class ReadingOrder(BasePlugin[NoSettings]):  # type: ignore[no-untyped-call]
    """Lets *previous* and *next* at the foot of a page follow the learner's path."""

    def on_nav(self, nav: Navigation, /, *, config: MkDocsConfig, files: Files) -> Navigation:
        """The menu, its pages linked in the order in which they are read."""
        del config, files
        ordered = reading_order(nav.pages)
        ends = [None, *ordered, None]
        for page, before, after in zip(ordered, ends[:-2], ends[2:], strict=True):
            page.previous_page, page.next_page = before, after
        return nav


def reading_order(pages: Sequence[Page]) -> list[Page]:
    """The pages of the learner's path first, then all others as the menu has them."""
    places = {name: place for place, name in enumerate(PATH)}
    return sorted(pages, key=lambda page: places.get(page.file.src_uri, len(places)))
