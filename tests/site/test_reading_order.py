"""The foot of a page leads on along the learner's path, whatever the menu looks like."""

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from bnreport.lessons import COURSES, step_of
from bnreport.lessons.lesson import page_of
from bnreport.site import hooks
from bnreport.site.menu import expected_pages, navigation
from bnreport.site.reading_order import PATH
from tests.synthetic import report


def pages(*names: str) -> Any:
    """What MkDocs makes of the pages of a menu, as far as it matters here."""
    return [
        SimpleNamespace(file=SimpleNamespace(src_uri=name), previous_page=None, next_page=None)
        for name in names
    ]


def linked(*names: str) -> Any:
    """Pages of a menu, after the builder has led from one to the next."""
    made = pages(*names)
    hooks.on_nav(SimpleNamespace(pages=made), SimpleNamespace(extra={"order": [*PATH]}), None)
    return made


def test_the_path_goes_from_home_through_both_courses_and_on_as_the_menu_has_it() -> None:
    menu = [name.replace(".html", ".md") for name in expected_pages(navigation(report()))]
    made = linked(*menu)
    (page,) = [page for page in made if page.previous_page is None]
    ordered = []
    while page is not None:
        ordered.append(page.file.src_uri)
        page = page.next_page
    lessons = [page_of(name) for course in COURSES.values() for name in course]
    assert ordered[: len(PATH)] == ["index.md", *lessons, "learn/choosing.md"]
    # The others stay in the order of the menu.
    assert ordered[len(PATH) :] == [name for name in menu if name not in PATH]


def test_each_page_leads_to_the_one_before_and_the_one_after() -> None:
    home, verdicts, by_hand, what = linked(
        "index.md", "verdicts.md", "learn/by-hand.md", "learn/what.md"
    )
    assert (home.previous_page, home.next_page) == (None, what)
    assert (what.previous_page, what.next_page) == (home, by_hand)
    assert (by_hand.previous_page, by_hand.next_page) == (what, verdicts)
    assert verdicts.next_page is None


def test_the_foot_of_a_lesson_leads_where_its_last_words_lead() -> None:
    for name, after in pairwise(PATH[1:]):
        step = step_of(name.removeprefix("learn/").removesuffix(".md"))
        assert step is not None
        assert after == page_of(step.following)
