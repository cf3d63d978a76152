"""Of texts that must have the same contrast axe looks at one, and finds what it finds in all."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.visits import ALIKE, DESK, MARKED, OF_COLOURS, PHONE, Palette, opened, violations

pytestmark = pytest.mark.browser

# Ten texts alike, and after them what stands in for `{}`.
PAGE = """<!doctype html><html lang="en"><title>Texts</title><style>
  .faint {{ color: #aaa }} .box {{ background: #222 }} .on {{ position: relative }}
  .laid {{ position: absolute; inset: 0; background: #222; z-index: -1 }}
  .clip {{ overflow: hidden }}
  .sign::before {{ content: ""; position: absolute; inset: 0; background: #fff }}
</style><main>{alike}{planted}</main></html>"""
ALIKE_TEXTS = "<p>A line of text.</p>" * 10
PLANTED = {
    "one that is faint": "<p class='faint'>A line of text.</p>",
    "a letter first": "<p class='faint'>A</p><p class='faint'>A line of text.</p>",
    "a sign first": "<p class='faint'>🙂🙂</p><p class='faint'>A line of text.</p>",
    "one on a box": "<p class='box'>A line of text.</p>",
    "one in a box": "<div class='box'><div><p>A line of text.</p></div></div>",
    "one on what is laid behind it": "<div class='on'><div class='laid'></div><p>A line.</p></div>",
    "one that leaves its box": "<div class='box' style='color:#eee'><p>A line of text.</p></div>"
    "<div class='box' style='color:#eee;height:0'><p>A line of text.</p></div>",
    "one in a box that is like another": "<div class='clip'><p>A line of text.</p></div>"
    "<div class='box'><div class='clip'><p>A line of text.</p></div></div>",
    "one in what has no box of its own": "<div style='display:contents'>"
    "<p class='box'>A line of text.</p></div>",
    "one at half its strength": "<div class='clip'><p>A line of text.</p></div>"
    "<p class='clip' style='opacity:0.4'>A line of text.</p>",
    "one within what is at half its strength": "<div style='opacity:0.4'><p>A line.</p></div>",
    "the name of what is off first": "<label class='faint'>A name <input disabled></label>"
    "<p class='faint'>A line of text.</p>",
    "a pseudo-element behind the first": "<p class='faint sign on'>A line of text.</p>"
    "<p class='faint'>A line of text.</p>",
    "a button": "<button style='color:#aaa;background:#fff'>Press</button>",
    "an input": "<input aria-label='none' style='color:#aaa;background:#fff'>"
    "<input aria-label='name' value='Words' style='color:#aaa;background:#fff'>",
    "a link in a text": "<p>A line with a <a href='#' style='color:#111;text-decoration:none'>link"
    "</a> in its middle, and more words.</p>",
}


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_every_planted_fault_of_colour_is_found(browser: Browser, planted: str) -> None:
    with opened(browser, "light", DESK) as page:
        page.set_content(PAGE.format(alike=ALIKE_TEXTS, planted=planted))
        assert violations(page, OF_COLOURS) != []


def test_texts_that_are_alike_are_looked_at_once(browser: Browser) -> None:
    with opened(browser, "light", DESK) as page:
        other = "<div><ul><li>Alike.</li><li><b>Bold.</b></li></ul></div>"
        page.set_content(PAGE.format(alike=ALIKE_TEXTS, planted=other))
        assert violations(page, OF_COLOURS) == []
        marked = page.locator("[data-contrast]")
        assert marked.all_text_contents() == ["A line of text.", "Bold."]


FAINT = """(options) => axe.run(options).then((found) => found.violations.flatMap((violation) =>
  violation.nodes.map(({ any }) => { const { fgColor, bgColor, fontSize, fontWeight } = any[0].data;
    return [fgColor, bgColor, fontSize, fontWeight].join(" "); })))"""
SPOILED = {
    "a third of all": "article :nth-child(3n) { color: var(--grey) !important }",
    "links and code": ".md-typeset { --md-typeset-a-color: var(--grey); --md-code-fg-color: #888 }",
    "boxes": "article :nth-child(4n) { background: #777 !important }",
}
GREY = {"light": "#999", "dark": "#666"}


def spoil(page: Page, style: str, grey: str) -> None:
    page.evaluate(
        "(text) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(text);"
        " document.adoptedStyleSheets = [sheet]; }",
        f"* {{ --grey: {grey}; transition: none !important }} {style}",
    )


@pytest.mark.parametrize(("palette", "width"), [("light", DESK), ("dark", PHONE)])
@pytest.mark.parametrize("style", SPOILED.values(), ids=SPOILED)
def test_on_a_spoiled_page_every_kind_of_fault_is_found(
    browser: Browser, address: str, style: str, palette: Palette, width: int
) -> None:
    options = {"runOnly": ["color-contrast"], "resultTypes": ["violations"], "selectors": False}
    with opened(browser, palette, width) as page:
        page.goto(f"{address}studies/speed.html")
        spoil(page, style, GREY[palette])
        page.evaluate(Axe().axe_script)
        in_all = page.evaluate(FAINT, options)
        page.evaluate(ALIKE)
        page.evaluate(f"axe.configure({json.dumps(MARKED)})")
        in_marked = page.evaluate(FAINT, options)
    assert {*in_marked} == {*in_all}
    assert in_all
    assert len(in_marked) < len(in_all)
