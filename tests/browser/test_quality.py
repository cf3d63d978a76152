"""The quality bar: pages are whole on paper, and all of them is reached by keyboard."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.visits import DESK, PHONE, opened, wake

pytestmark = pytest.mark.browser

# Tab stops of a page are many; a trap shows as fewer than its links.
KEYBOARD = ("index.html", "learn/failures.html", "studies/speed.html")
FOCUSED = """() => {
  const at = document.activeElement;
  if (at === document.body) return null;
  const style = getComputedStyle(at), box = at.getBoundingClientRect();
  // The ring of a hidden input is drawn around the label that follows it.
  const label = at.nextElementSibling;
  const ring = [style, at.matches("input") && label && getComputedStyle(label)].some(
    (s) => s && (s.outlineStyle !== "none" || s.boxShadow !== "none"));
  return {
    name: at.outerHTML.slice(0, 100),
    seen: ring && (box.width > 0 || at.matches("input")),
    place: [...document.querySelectorAll("*")].indexOf(at),
  };
}"""


def stops(page: Page, most: int) -> list[dict[str, object]]:
    """Where the tab key leads, from the top of the page until it leaves it."""
    found: list[dict[str, object]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None:
            return found
        found.append(stop)
    return found


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("name", KEYBOARD)
def test_the_keyboard_reaches_every_link_and_is_nowhere_trapped(
    browser: Browser, address: str, name: str, width: int
) -> None:
    with opened(browser, "light", width) as page:
        page.goto(address + name, wait_until="networkidle")
        wake(page)
        found = stops(page, 900)
        assert "md-skip" in str(found[0]["name"])
        assert [stop["name"] for stop in found if not stop["seen"]] == []
        places = [stop["place"] for stop in found]
        assert len(set(places)) == len(places)
        # Tabs are radio buttons, one stop a group; the links in their labels are for the mouse.
        for what in (
            "article a[href]:not(.tabbed-labels a)",
            "article summary",
            "article [tabindex='0']",
            "article .tabbed-set > input:checked",
        ):
            unreached = page.locator(what).evaluate_all(
                "(parts, places) => parts.filter((part) => part.checkVisibility()"
                " && !places.includes([...document.querySelectorAll('*')].indexOf(part)))"
                ".map((part) => part.outerHTML.slice(0, 100))",
                places,
            )
            assert unreached == []


def test_paper_shows_what_is_folded_and_the_light_figures(browser: Browser, address: str) -> None:
    with opened(browser, "dark", DESK) as page:
        page.goto(address + "studies/speed.html")
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator("article details").count() > 0
        assert page.locator("article details:not([open])").count() == 0
        assert page.locator("img.only-light").first.is_visible()
        assert page.locator("img.only-dark:visible").count() == 0
        assert not page.locator(".md-header").is_visible()
