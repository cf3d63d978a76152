"""A lesson answers to the hand: its picture comes first, and its questions open by keyboard."""

import pytest
from playwright.sync_api import Browser

from tests.browser.visits import DESK, PHONE, opened

pytestmark = pytest.mark.browser


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
