"""What a page holds is where it belongs: menus, headings, figures, folds, and paper."""

import re
from functools import partial
from pathlib import Path

import jinja2
import pytest
from playwright.sync_api import Browser, expect

from bnreport.pages.library.repository import read_repository
from tests.browser.visits import (
    ALONE,
    COVERED,
    DESK,
    PHONE,
    opened,
)
from tests.pages.test_repository import FORK
from tests.synthetic import ROOT

pytestmark = pytest.mark.browser


def test_groups_of_the_menu_are_buttons_that_say_whether_they_are_open(
    browser: Browser, address: str
) -> None:
    with opened(browser, "light", DESK) as page:
        page.goto(address + "learn/inference.html")
        # Whatever the keyboard reaches says what it is, and whether it is open.
        assert not page.locator(".md-nav--primary label[tabindex='0']").count()
        reached = page.locator(".md-nav--primary label [tabindex='0']")
        told = reached.evaluate_all(
            "(groups) => groups.map((group) => [group.role, group.ariaExpanded,"
            " String(document.getElementById(group.closest('label').htmlFor).checked)])"
        )
        assert len(told) > 5
        assert {role for role, _, _ in told} == {"button"}
        assert [said for _, said, _ in told] == [is_open for _, _, is_open in told]
        group = page.get_by_role("button", name="Second course")
        assert group.get_attribute("aria-expanded") == "false"
        for turn in (group.click, partial(group.press, "Enter"), partial(group.press, " ")):
            before = group.get_attribute("aria-expanded")
            turn()
            assert {before, group.get_attribute("aria-expanded")} == {"false", "true"}
            lesson = page.get_by_role("link", name="The backward pass", exact=True).first
            lesson.wait_for(state="visible" if before == "false" else "hidden")
        # The group of the page that is read is open.
        page.goto(address + "learn/backward.html")
        assert group.get_attribute("aria-expanded") == "true"


@pytest.mark.parametrize("name", ["learn/inference.html", "notebook.html", "index.html"])
def test_links_of_headings_say_where_they_lead_and_no_mark_is_read(
    browser: Browser, address: str, name: str
) -> None:
    with opened(browser, "light", DESK) as page:
        page.goto(address + name)
        links = page.locator("article :is(.headerlink, .anchor-link)")
        told = links.evaluate_all(
            "(links) => links.map((link) => [link.ariaLabel, link.textContent,"
            " link.parentElement.textContent.trim()])"
        )
        assert told
        assert [label for label, _, _ in told] == [f"Link to: {heading}" for _, _, heading in told]
        assert {text for _, text, _ in told} == {""}


def test_after_the_skip_link_comes_no_link_to_the_same_place(
    browser: Browser, address: str
) -> None:
    with opened(browser, "light", DESK) as page:
        page.goto(address + "learn/inference.html")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('h1')") is None
        assert page.evaluate("document.activeElement.closest('article') !== null")


def test_on_paper_headings_stay_with_their_text_and_words_stay_whole(
    browser: Browser, address: str
) -> None:
    with opened(browser, "light", DESK) as page:
        page.goto(address + "holding.html")
        page.emulate_media(media="print")
        styles = {
            what: page.locator(f"article {what}").first.evaluate(
                f"(part) => getComputedStyle(part).{style}"
            )
            for what, style in {
                "h1": "breakAfter",
                "thead": "breakInside",
                ".holding td:last-child": "overflowWrap",
            }.items()
        }
        assert styles == {
            "h1": "avoid",
            "thead": "avoid",
            ".holding td:last-child": "break-word",
        }


def test_the_page_for_wrong_addresses_leads_back_from_any_depth(
    browser: Browser, address: str, pages: list[str]
) -> None:
    assert ALONE in pages
    with opened(browser, "light", DESK) as page:
        page.goto(address + ALONE)
        content = page.content()
        assert page.locator("link[rel=stylesheet], script, img").count() == 0
        for depth, link in (("nowhere.html", "./"), ("studies/nowhere.html", "../")):
            page.route("**/nowhere.html", lambda route: route.fulfill(status=404, body=content))
            page.goto(address + depth)
            page.locator(f"a[href='{link}']").click()
            assert page.url == address


FORM = ("studies/alternatives.html", "studies/keras.html", "studies/speed.html")


@pytest.mark.parametrize("name", FORM)
def test_folds_open_by_keyboard_and_by_a_link_to_what_they_hold(
    browser: Browser, address: str, name: str
) -> None:
    with opened(browser, "light", DESK) as page:
        page.goto(address + name)
        line = page.locator("details.line").first
        summary = line.locator("> summary")
        summary.press("Enter")
        assert line.locator(".claim__statement").is_visible()
        summary.press("Space")
        assert not line.locator(".claim__statement").is_visible()
        last = page.locator("details.line").last
        page.goto(f"{address}{name}#{last.get_attribute('id')}")
        assert last.locator(".claim__statement").is_visible()


def test_the_methods_are_short_on_a_phone_and_fold_what_is_looked_up(
    browser: Browser, address: str
) -> None:
    with opened(browser, "light", PHONE, script=False) as page:
        page.goto(f"{address}methods.html")
        assert page.evaluate("document.documentElement.scrollHeight") <= 20_000
        # Nothing needs a script: files and fields are a press away.
        for title, link in (("The files of each study", "records"), ("The [0-9]+ fields", "")):
            fold = page.locator(
                "details.fold", has=page.locator("> summary", has_text=re.compile(title))
            )
            rows = fold.locator("tbody tr")
            assert rows.count() > 30
            expect(rows.first).to_be_hidden()
            fold.locator("> summary").press("Enter")
            expect(rows.last).to_be_visible()
            assert not link or rows.last.get_by_role("link", name=link).is_visible()


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_on_the_site_of_a_fork_no_button_covers_the_cell_that_installs(
    browser: Browser, site: Path, tmp_path: Path, width: int
) -> None:
    source = read_repository(FORK)
    assert source is not None
    offered = jinja2.Template(
        (ROOT / "theme" / "partials" / "elsewhere.html").read_text(encoding="utf-8")
    ).render(config={"extra": {"repository": source.links}})
    text = (site / "notebook.html").read_text(encoding="utf-8")
    (tmp_path / "assets").symlink_to(site / "assets")
    path = tmp_path / "notebook.html"
    path.write_text(text.replace("</article>", f"{offered}</article>"), encoding="utf-8")
    with opened(browser, "light", width) as page:
        page.goto(path.as_uri())
        page.locator(".download__cell button").last.wait_for()
        assert page.locator(".download__cell code").last.text_content() == source.installs
        assert page.evaluate(COVERED) == []
