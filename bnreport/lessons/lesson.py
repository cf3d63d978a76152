"""The value that names a page of the explainer, as the head of the page gives it."""

from dataclasses import dataclass
from pathlib import Path

from mkdocs.utils.meta import get_data

from bnreport.errors import PageError


@dataclass(frozen=True)
class Lesson:
    """A page that explains; nothing in it is trained.

    Attributes:
        name: what pages call it.
        title: its entry in the menu.
        point: what a reader takes away, in one sentence; it opens the page.
    """

    name: str
    title: str
    point: str

    @property
    def page(self) -> str:
        """The path of its source in the folder of the pages."""
        return page_of(self.name)


@dataclass(frozen=True)
class Step:
    """The place of a lesson on the learner's path.

    Attributes:
        course: the course that it belongs to.
        number: its number there, from 1.
        count: how many lessons the course has.
        following: the name of the page that comes next, be it of this course or not.
    """

    course: str
    number: int
    count: int
    following: str


def page_of(name: str) -> str:
    """The path of a lesson's source in the folder of the pages."""
    return f"learn/{name}.md"


def read_lesson(sources: Path, name: str) -> Lesson:
    """Read a lesson's title and point from the head of its page.

    A head without a point has one in its description.

    Raises:
        PageError: when the head has no title or no description.
    """
    _, head = get_data((sources / page_of(name)).read_text(encoding="utf-8"))
    missing = [key for key in ("title", "description") if not head.get(key)]
    if missing:
        raise PageError(
            f"Expected a title and a description in the head of docs/{page_of(name)}. "
            f"Received: no {' and no '.join(missing)}. Write them between two lines of ---."
        )
    return Lesson(name, str(head["title"]), str(head.get("point", head["description"])).strip())
