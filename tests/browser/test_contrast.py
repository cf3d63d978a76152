"""Of texts and links that axe must judge alike it looks at one, and finds what it finds in all."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.visits import (
    ALIKE,
    DESK,
    MARKED,
    OF_COLOURS,
    PALETTES,
    PHONE,
    Palette,
    opened,
    violations,
)

pytestmark = pytest.mark.browser

# Ten texts alike, and after them what stands in for `{}`.
PAGE = """<!doctype html><html lang="en"><title>Texts</title><style>
  a {{ color: #06c; text-decoration: none }} .like {{ color: #111 }}
  .faint {{ color: #aaa }} .box {{ background: #222 }} .on {{ position: relative }}
  .laid {{ position: absolute; inset: 0; background: #222; z-index: -1 }}
  .clip {{ overflow: hidden }}
  .quarter::after {{ content: ""; position: absolute; inset: 0 70% 0 0; background: #fff }}
  .small::after {{ content: ""; position: absolute; width: 1px; height: 1px; background: #fff }}
  .mark a::after {{ content: "!" }}
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
    "a sign over a quarter of the first": "<p class='faint on quarter'>A line of text.</p>"
    "<p class='faint'>A line of text.</p>",
    "a button": "<button style='color:#aaa;background:#fff'>Press</button>",
    "an input": "<input aria-label='none' style='color:#aaa;background:#fff'>"
    "<input aria-label='name' value='Words' style='color:#aaa;background:#fff'>",
    "a link in a text": "<p>A line with a <a href='#' style='color:#111;text-decoration:none'>link"
    "</a> in its middle, and more words.</p>",
}
# A link in a text that it differs from, in front of each of those below.
LINKED = "<p>A line with a <a href='#'>link</a> in its middle, and more words.</p>"
LIKE = LINKED.replace("<a", "<a class='like'")
# The same link is too near to the colour of another text.
NEAR = LINKED.replace("<p", "<p style='color:#05a'")
LIKE_TEXT = {
    "of another colour": LIKE,
    "in a text of another colour": NEAR,
    "in a part of a text": f"<p><span>{LIKE.removeprefix('<p>').replace('</p>', '</span></p>')}",
    "in a list": f"<ul><li>{NEAR}</li></ul>",
    "after one that is all of its line": f"<p style='color:#05a'><a href='#'>A link</a></p>{NEAR}",
    "after one that ends a broken line": "<p style='color:#05a'>More words than the link has.<br>"
    f"<a href='#'>link</a></p>{NEAR}",
    "after many in one line": "<p style='color:#05a'>A <a href='#'>link of several words</a> and "
    f"<a href='#'>another one of many more</a></p>{NEAR}",
    "after one that is hidden": f"<div aria-hidden='true'>{NEAR}</div>{NEAR}",
    "after one with a sign": f"<div class='mark'>{NEAR}</div>{NEAR}",
    "after one that is underlined": NEAR.replace("<a", "<a style='text-decoration:underline'")
    + NEAR,
    "after one with a line below it": NEAR.replace("<a", "<a style='border-bottom:1px solid'")
    + NEAR,
    "after one that is bold": NEAR.replace("<a", "<a style='font-weight:bold'") + NEAR,
    "after one in another face": NEAR.replace("<a", "<a style='font-family:monospace'") + NEAR,
    "after one on a box": NEAR.replace("<a", "<a style='background:#cde;color:#05a'")
    + NEAR.replace("<a", "<a style='color:#05a'"),
    "after one with a picture": NEAR.replace(
        "<a", "<a style='background-image:linear-gradient(#fff,#fff)'"
    )
    + NEAR,
    "after one on what is laid behind it": "<div class='on'><div class='laid' style='background:"
    f"#cde'></div>{NEAR}</div>{NEAR}",
    "that is a role": NEAR.replace(
        "<a href='#'", "<span role='link' tabindex='0' style='color:#06c'"
    ).replace("</a>", "</span>"),
}


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_every_planted_fault_of_colour_is_found(browser: Browser, planted: str) -> None:
    with opened(browser, "light", DESK) as page:
        page.set_content(PAGE.format(alike=ALIKE_TEXTS, planted=planted))
        assert violations(page, OF_COLOURS) != []


@pytest.mark.parametrize("planted", LIKE_TEXT.values(), ids=LIKE_TEXT)
def test_every_link_that_is_like_its_text_is_found(browser: Browser, planted: str) -> None:
    with opened(browser, "light", DESK) as page:
        page.set_content(PAGE.format(alike=LINKED * 3, planted=planted))
        assert [fault.partition(":")[0] for fault in violations(page, ["link-in-text-block"])]


def test_links_that_are_alike_are_looked_at_once(browser: Browser) -> None:
    with opened(browser, "light", DESK) as page:
        page.set_content(PAGE.format(alike=LINKED * 10, planted=f"<ul><li>{LINKED}</li></ul>"))
        assert violations(page, OF_COLOURS) == []
        assert page.locator("[data-differs]").count() == 1


def test_texts_that_are_alike_are_looked_at_once(browser: Browser) -> None:
    with opened(browser, "light", DESK) as page:
        other = "<div class='on small'><ul><li>Alike.</li><li><b>Bold.</b></li></ul></div>"
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


def in_all_and_in_marked(page: Page, script: str, rule: str) -> tuple[list[str], list[str]]:
    """What a script tells of the faults that a rule finds in all parts, and in marked ones."""
    options = {"runOnly": [rule], "resultTypes": ["violations"], "selectors": False}
    page.evaluate(Axe().axe_script)
    in_all: list[str] = page.evaluate(script, options)
    page.evaluate(ALIKE)
    page.evaluate(f"axe.configure({json.dumps(MARKED)})")
    in_marked: list[str] = page.evaluate(script, options)
    return in_all, in_marked


@pytest.mark.parametrize(("palette", "width"), [("light", DESK), ("dark", PHONE)])
@pytest.mark.parametrize("style", SPOILED.values(), ids=SPOILED)
def test_on_a_spoiled_page_every_kind_of_fault_is_found(
    browser: Browser, address: str, style: str, palette: Palette, width: int
) -> None:
    with opened(browser, palette, width) as page:
        page.goto(f"{address}studies/speed.html")
        spoil(page, style, GREY[palette])
        in_all, in_marked = in_all_and_in_marked(page, FAINT, "color-contrast")
    assert {*in_marked} == {*in_all}
    assert in_all
    assert len(in_marked) < len(in_all)


ALIKE_LINKS = """(options) => axe.run(options).then(({ violations: found }) => found.flatMap(
  ({ nodes }) => nodes.map(({ any: [{ data }] }) =>
    [data.messageKey, data.contrastRatio, data.nodeColor, data.parentColor].join(" "))))"""
# Too near to what texts are written in.
LIKE_INK = {"light": "#555", "dark": "#bbb"}


@pytest.mark.parametrize("palette", PALETTES)
def test_on_a_page_whose_links_are_like_its_texts_every_kind_is_found(
    browser: Browser, address: str, palette: Palette
) -> None:
    style = """article a { text-decoration: none !important; border: 0 !important;
      background: none !important; color: var(--grey) !important }
      article :nth-child(3n) > a { opacity: 0.8 }
      article :nth-child(4n) { background: #777 !important }"""
    with opened(browser, palette, DESK) as page:
        page.goto(f"{address}learn/why.html")
        spoil(page, style, LIKE_INK[palette])
        in_all, in_marked = in_all_and_in_marked(page, ALIKE_LINKS, "link-in-text-block")
    assert {*in_marked} == {*in_all}
    assert len({*in_all}) > 1
    assert len(in_marked) < len(in_all) / 4
