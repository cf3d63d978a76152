"""On a phone the controls that are used most are as high as a fingertip."""

from collections.abc import Sequence

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.visits import PHONE, opened, wake

pytestmark = pytest.mark.browser

# Pixels. WCAG 2.2 asks for 24 at level AA, and for 44 at AAA.
FINGERTIP = 40
PIECES = ("learn/what.html", "learn/inference.html", "learn/failures.html", "index.html")
# A box to tick is as large as its label.
CONTROLS = (
    ".piece :is(button, select, input:not([type=checkbox]), .piece__box, .fold > summary),"
    ".board__tools :is(button, select, input), .headline :is(label, summary)"
)
LINKS = ".md-nav--primary :is(a, label[tabindex='0']).md-nav__link, .md-header__button"
LOW = """(parts) => parts.filter((part) => part.checkVisibility())
  .map((part) => [part.getBoundingClientRect().height, part.outerHTML.slice(0, 90)])"""


def heights(page: Page, selector: str) -> Sequence[tuple[float, str]]:
    """How high each visible part is, with how it begins."""
    found = page.locator(selector).evaluate_all(LOW)
    return [(float(height), str(begins)) for height, begins in found]


@pytest.mark.parametrize("name", [*PIECES, "verdicts.html"])
def test_controls_are_as_high_as_a_fingertip(browser: Browser, address: str, name: str) -> None:
    with opened(browser, "light", PHONE) as page:
        page.goto(address + name)
        wake(page)
        page.locator("#guess-first").evaluate_all(
            "(folds) => folds.forEach((f) => (f.open = true))"
        )
        found = heights(page, CONTROLS)
    assert len(found) >= 4
    assert [part for part in found if part[0] < FINGERTIP] == []


def test_the_entries_of_the_menu_are_as_high_as_a_fingertip(browser: Browser, address: str) -> None:
    with opened(browser, "light", PHONE) as page:
        page.goto(f"{address}learn/what.html")
        page.get_by_role("button", name="Menu").click()
        found = heights(page, LINKS)
    assert len(found) > 20
    assert [part for part in found if part[0] < FINGERTIP] == []
