"""The quality bar: pages are whole on paper, and all of them is reached by keyboard."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.visits import DESK, PHONE, SETTLED, TURNED, opened, wake

pytestmark = pytest.mark.browser

# Tab stops of a page are many; a trap shows as fewer than its links.
KEYBOARD = ("index.html", "learn/failures.html", "studies/speed.html")
# Where the tab key leads is noted as the focus comes, until it leaves the page.
WALK = """() => {
  const walk = window.walk = { stops: [], told: [], left: false };
  document.addEventListener("focusin", ({ target: at, relatedTarget: from }) => {
    // Whoever has left the page comes back to where it begins.
    walk.left ||= at === walk.stops[0] && !from;
    if (walk.left) return;
    const style = getComputedStyle(at), box = at.getBoundingClientRect();
    // The ring of a hidden input is drawn around the label that follows it.
    const label = at.nextElementSibling;
    const ring = [style, at.matches("input") && label && getComputedStyle(label)].some(
      (s) => s && (s.outlineStyle !== "none" || s.boxShadow !== "none"));
    walk.stops.push(at);
    walk.told.push({
      name: at.cloneNode().outerHTML.slice(0, 100),
      seen: ring && (box.width > 0 || at.matches("input")),
    });
  });
}"""
# Presses between two looks at whether the focus has left the page.
STRIDE = 20


def walk(page: Page, most: int) -> list[dict[str, object]]:
    """Tab from the top of the page until it is left, and return what was there."""
    page.evaluate(WALK)
    for _ in range(0, most, STRIDE):
        for _ in range(STRIDE):
            page.keyboard.press("Tab")
        if page.evaluate("walk.left || document.activeElement === document.body"):
            break
    found: list[dict[str, object]] = page.evaluate("window.walk.told")
    return found


def look(page: Page, width: int) -> None:
    """Make the window so wide, and its pixels large: each stop is painted where it comes to lie."""
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 0.25, "mobile": False}
    page.context.new_cdp_session(page).send("Emulation.setDeviceMetricsOverride", metrics)
    page.evaluate(TURNED)


@pytest.mark.parametrize("name", KEYBOARD)
def test_the_keyboard_reaches_every_link_and_is_nowhere_trapped(
    browser: Browser, address: str, name: str
) -> None:
    with opened(browser, "light", PHONE) as page:
        page.goto(address + name)
        page.evaluate(SETTLED)
        wake(page)
        for width in (PHONE, DESK):
            at = f"at {width} px"
            look(page, width)
            found = walk(page, 900)
            assert "md-skip" in str(found[0]["name"]), at
            assert [stop["name"] for stop in found if not stop["seen"]] == [], at
            assert page.evaluate("new Set(walk.stops).size") == len(found), at
            # Tabs are radio buttons, one stop a group; the links in their labels are for the mouse.
            for what in (
                "article a[href]:not(.tabbed-labels a)",
                "article summary",
                "article [tabindex='0']",
                "article .tabbed-set > input:checked",
            ):
                unreached = page.locator(what).evaluate_all(
                    "(parts) => parts.filter((part) => part.checkVisibility()"
                    " && !walk.stops.includes(part)).map((part) => part.outerHTML.slice(0, 100))"
                )
                assert unreached == [], at
            # Back before the first stop, from where the next walk begins.
            page.evaluate("walk.stops[0].focus()")
            page.keyboard.press("Shift+Tab")


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
