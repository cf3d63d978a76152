"""Single pages in a real browser: they open, are searched and read, and run no strange script."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route

from tests.browser.visits import DESK, PALETTES, Palette, listen, opened

pytestmark = pytest.mark.browser


def test_the_site_opens_from_a_folder_and_its_search_works(browser: Browser, site: Path) -> None:
    with opened(browser, "light", DESK) as page:
        faults = listen(page, "file:")
        page.goto((site / "index.html").as_uri())
        page.locator(".md-nav--primary a", has_text="How this was measured").click()
        page.wait_for_url((site / "methods.html").as_uri())
        assert page.locator("h1").first.is_visible()
        page.locator(".md-search__input").press_sequentially("notebook")
        page.locator(".md-search-result__item a").first.wait_for()
    assert faults == []


# What a notebook's output or a library's text could bring along; each would set `ran`.
INJECTED = """
<script>window.ran = "script"</script><script src="data:text/javascript,window.ran=1"></script>
<img src="no-such.png" onerror="window.ran = 'error'"><svg onload="window.ran = 'load'"></svg>
<a id="led" href="javascript:void(window.ran = 'link')">led</a><base href="https://example.org/">
<form id="sent" action="https://example.org/"></form>"""


# What would tell another server of a reader, without any script.
LEAVING = """
<img src="https://example.org/img"><link rel="stylesheet" href="https://example.org/css">
<script src="https://example.org/js"></script><iframe src="https://example.org/iframe"></iframe>
<object data="https://example.org/object"></object><embed src="https://example.org/embed">
<video poster="https://example.org/poster" src="https://example.org/video"></video>
<link rel="prefetch" href="https://example.org/prefetch"><style>@import "https://example.org/import";
article { background: url("https://example.org/background") }</style>
<svg><image href="https://example.org/image"/><use href="https://example.org/use#a"/></svg>
<iframe srcdoc="<script>parent.ran = 'srcdoc'</script><img src='https://example.org/srcdoc'>"></iframe>
<a id="pinged" href="#top" ping="https://example.org/ping">pinged</a>"""


def hostile_page(site: Path, folder: Path, address: str, scheme: str, part: str) -> tuple[str, str]:
    """A page of the site that holds such a part, and where it is, beside the files of the site."""
    text = (site / "index.html").read_text(encoding="utf-8")
    hostile = text.replace("</article>", f"{part}</article>")
    assert hostile != text
    for name in ("assets", "search", "figures"):
        (folder / name).symlink_to(site / name)
    (folder / "index.html").write_text(hostile, encoding="utf-8")
    where = {"http": f"{address}index.html", "file": (folder / "index.html").as_uri()}[scheme]
    return where, hostile


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_nothing_that_a_page_brings_along_asks_another_server(
    browser: Browser, address: str, site: Path, tmp_path: Path, scheme: str
) -> None:
    where, hostile = hostile_page(site, tmp_path, address, scheme, LEAVING)
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    with opened(browser, "light", DESK) as page:
        page.route("https://example.org/**", answer)
        page.route(f"{address}index.html", lambda route: route.fulfill(body=hostile))
        page.goto(where)
        page.locator("#pinged").click()
        page.wait_for_timeout(500)
        assert page.evaluate("window.ran") is None
        assert asked == []
        # The listener hears what is asked indeed: a link may lead away.
        page.evaluate("document.querySelector('#pinged').href = 'https://example.org/led'")
        page.locator("#pinged").click()
        page.wait_for_timeout(500)
    assert asked == ["https://example.org/led"]


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_no_script_runs_that_a_page_brings_along_and_the_themes_own_do(
    browser: Browser, address: str, site: Path, tmp_path: Path, scheme: str
) -> None:
    where, hostile = hostile_page(site, tmp_path, address, scheme, INJECTED)
    with opened(browser, "dark", DESK) as page:
        page.route(f"{address}index.html", lambda route: route.fulfill(body=hostile))
        page.goto(where)
        # The theme's scripts chose the palette, and switch it.
        assert page.locator("body").get_attribute("data-md-color-scheme") == "slate"
        page.locator(".md-header__option label:visible").click()
        page.wait_for_function("document.body.dataset.mdColorScheme == 'default'")
        page.locator("#led").click()
        page.evaluate("document.querySelector('#sent').requestSubmit()")
        page.wait_for_timeout(200)
        assert page.url.split("#")[0] == where
        assert page.evaluate("window.ran") is None


def test_mathematics_and_text_are_readable_without_javascript(
    browser: Browser, address: str
) -> None:
    with opened(browser, "light", DESK, script=False) as page:
        page.goto(address + "methods.html")
        assert page.locator("article p").first.is_visible()
        formula = page.locator("article math:visible").first
        assert formula.is_visible()
        box = formula.bounding_box()
        assert box is not None
        assert box["width"] > box["height"] / 4 > 0
        assert page.locator("article", has_text="$$").count() == 0


# The colours of a page: of its ground, its text, a link and code, and the figures that it shows.
COLOURS = """() => [
  ...[[".md-main", "background-color"], ["h1", "color"], ["article p:not(.unscripted) a", "color"],
    [".md-footer-meta", "background-color"], [".md-header", "background-color"],
    ["article p:not(.unscripted)", "color"], [".md-nav__link", "color"],
    ["code", "background-color"]]
    .map(([what, name]) => getComputedStyle(document.querySelector(what)).getPropertyValue(name)),
  getComputedStyle(document.body).backgroundColor,
  ...[...document.querySelectorAll("article img")].filter((image) => image.checkVisibility())
    .map((image) => image.getAttribute("src")),
]"""


@pytest.mark.parametrize("palette", PALETTES)
def test_without_scripts_a_page_follows_the_palette_that_its_reader_prefers(
    browser: Browser, address: str, palette: Palette
) -> None:
    for name in ("learn/inference.html", "studies/lag.html"):
        seen = []
        for script in (True, False):
            with opened(browser, palette, DESK, script=script) as page:
                page.goto(address + name, wait_until="load")
                seen.append(page.evaluate(COLOURS))
        assert seen[0] == seen[1]
        assert len(seen[0]) > 9


def test_without_scripts_a_page_says_what_stands_in_for_the_search(
    browser: Browser, address: str
) -> None:
    with opened(browser, "light", DESK, script=False) as page:
        page.goto(address + "learn/inference.html")
        words = page.locator(".unscripted")
        assert words.evaluate("(line) => line.getBoundingClientRect().height") > 20
        assert not page.locator(".md-search").is_visible()
        assert page.locator(".md-nav--primary a[href='glossary.html']").count()
    with opened(browser, "light", DESK) as page:
        page.goto(address + "learn/inference.html")
        assert not page.locator(".unscripted").count()
