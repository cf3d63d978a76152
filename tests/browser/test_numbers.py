"""Numbers lead to their claims and show an interval first: by mouse, keyboard and touch."""

import re

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.visits import DESK, PHONE, opened, wake

pytestmark = pytest.mark.browser

NUMBER = "article a.value[data-bar]"
LAG = '.takeaway a.value[href$="#claim-lag-constant"]'
# Where the drawing has its interval, from the left and in parts of its width.
ENDS = """(path) => path.getAttribute("d").match(/M([\\d.]+) [\\d.]+H([\\d.]+)/)
  .slice(1).map(Number)"""


def inside(page: Page) -> bool:
    """Whether all of what is shown lies in the window."""
    box = page.locator(".peek").bounding_box()
    window = page.viewport_size
    assert box
    assert window
    return box["x"] >= 0 and box["x"] + box["width"] <= window["width"]


def test_the_keyboard_shows_the_interval_of_a_number_and_escape_hides_it(
    browser: Browser, address: str
) -> None:
    with opened(browser, "light", DESK) as page:
        page.goto(address + "index.html")
        link, peek = page.locator(NUMBER).first, page.locator(".peek")
        assert not peek.is_visible()
        page.keyboard.press("Tab")
        link.focus()
        assert peek.is_visible()
        assert link.get_attribute("aria-describedby") == peek.get_attribute("id")
        assert peek.inner_text().strip().startswith(f"{link.get_attribute('data-said')}.")
        _, row = (link.get_attribute("data-bar") or "").split(";")
        low, _, high = map(float, row.split(" "))
        shown = peek.locator(".strip__interval").evaluate(ENDS)
        assert shown == [low, high]
        page.keyboard.press("Escape")
        assert not peek.is_visible()
        assert link.get_attribute("aria-describedby") is None
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"#claim-"))


def test_a_mouse_can_go_from_the_number_to_what_it_shows(browser: Browser, address: str) -> None:
    with opened(browser, "dark", DESK) as page:
        page.goto(address + "index.html")
        wake(page)
        link, peek = page.locator(NUMBER).first, page.locator(".peek")
        link.hover()
        assert peek.is_visible()
        assert inside(page)
        peek.hover()
        assert peek.is_visible()
        page.locator("h1").hover()
        assert not peek.is_visible()


def test_a_first_touch_shows_and_a_second_one_goes(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": PHONE, "height": 800}, has_touch=True)
    page = context.new_page()
    page.goto(address + "index.html")
    link, peek = page.locator(LAG), page.locator(".peek")
    link.tap()
    assert peek.is_visible()
    assert inside(page)
    # Settings of one claim have an interval each.
    assert (link.get_attribute("data-bar") or "").count(";") == 3
    assert page.url == address + "index.html"
    page.locator("h1").tap()
    assert not peek.is_visible()
    link.tap()
    link.tap()
    page.wait_for_url(f"{address}studies/lag.html#claim-lag-constant")
    assert page.locator("#claim-lag-constant .claim__statement").is_visible()
    context.close()


def test_without_scripts_a_number_is_a_link_to_its_claim(browser: Browser, address: str) -> None:
    with opened(browser, "light", DESK, script=False) as page:
        page.goto(address + "index.html")
        page.locator(LAG).click()
        assert page.url == f"{address}studies/lag.html#claim-lag-constant"


FIGURE = "figure.figure--forms"


def test_what_stands_behind_a_figure_opens_by_keyboard_and_stays_off_paper(
    browser: Browser, address: str
) -> None:
    with opened(browser, "light", PHONE) as page:
        page.goto(address + "studies/speed.html")
        figure = page.locator(FIGURE).first
        fold = figure.locator(".source")
        fold.locator("summary").press("Enter")
        links = fold.locator("a").evaluate_all("(all) => all.map((a) => a.getAttribute('href'))")
        assert {"../data/speed.3.measures.csv", "../data/speed.3.jsonl"} <= {*links}
        assert f"#{figure.get_attribute('id')}" in links
        assert sum(link.endswith(".svg") for link in links) == 3
        assert "MIT license" in fold.inner_text()
        assert fold.locator("summary").evaluate("(part) => part.offsetHeight") >= 24
        page.emulate_media(media="print")
        assert not fold.is_visible()


@pytest.mark.parametrize(("width", "most"), [(DESK, 4500), (PHONE, 7000)])
def test_home_shows_a_finding_and_a_picture_at_once_and_is_short(
    browser: Browser, address: str, width: int, most: int
) -> None:
    with opened(browser, "light", width) as page:
        page.goto(address + "index.html")
        picture = page.locator(".figure--answer svg.picture")
        assert picture.evaluate("(box) => box.getBoundingClientRect().top") <= 600
        assert page.evaluate("document.documentElement.scrollHeight") <= most
