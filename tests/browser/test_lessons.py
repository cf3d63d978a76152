"""A lesson answers to the hand: its picture comes first, and its questions open by keyboard."""

import pytest
from playwright.sync_api import Browser

from bnreport.lessons import COURSES
from tests.browser.visits import DESK, PHONE, opened

pytestmark = pytest.mark.browser
# Pixels of a screen below which the first picture of a lesson must have begun.
TOP = 450
# One page begins with symptoms, and one with the numbers that its picture then moves.
OTHERWISE = {"failures", "by-hand"}
LESSONS = [name for names in COURSES.values() for name in names if name not in OTHERWISE]


@pytest.mark.parametrize("name", LESSONS)
def test_the_first_picture_is_on_the_first_screen(
    browser: Browser, address: str, name: str
) -> None:
    with opened(browser, "light", DESK) as page:
        page.goto(f"{address}learn/{name}.html")
        box = page.locator("article figure").first.bounding_box()
        assert box is not None
        assert box["y"] < TOP


def test_a_question_opens_and_shuts_by_keyboard_with_a_visible_ring(
    browser: Browser, address: str
) -> None:
    with opened(browser, "light", PHONE) as page:
        page.goto(address + "learn/by-hand.html")
        question = page.locator(".guess").first
        asked = question.locator("summary")
        answer = question.locator("p").first
        assert not answer.is_visible()
        asked.focus()
        page.keyboard.press("Enter")
        assert answer.is_visible()
        assert asked.evaluate("(part) => getComputedStyle(part).outlineStyle") == "solid"
        page.keyboard.press("Space")
        assert not answer.is_visible()


def test_on_paper_without_scripts_every_answer_is_there(browser: Browser, address: str) -> None:
    with opened(browser, "light", DESK, script=False) as page:
        page.goto(address + "learn/by-hand.html")
        page.emulate_media(media="print")
        answers = page.locator(".guess > p")
        assert answers.count() > 0
        heights = answers.evaluate_all("(all) => all.map((part) => part.offsetHeight)")
        assert min(heights) > 0
