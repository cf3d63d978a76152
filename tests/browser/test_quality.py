"""The quality bar: small pages, whole without JavaScript, reached by keyboard, whole on paper."""

import gzip
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Response

from tests.browser.test_pages import ALONE, DESK, PHONE, opened

pytestmark = pytest.mark.browser

# Kilobytes, compressed, of what a page asks for before its reader scrolls.
MOST, MOST_OF_THE_NOTEBOOK, MOST_SCRIPTS = 250, 350, 60
MOST_REQUESTS = 20
# Pages that load at the same time.
AT_ONCE = 4
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
# What a reader must see without scripts; the other palette's figures and closed details are not.
UNSEEN = """() => [...document.querySelectorAll(
    "article :is(h1, h2, p, table, math, figure, img.only-light, pre)")]
  .filter((part) => !part.closest("details, .md-clipboard, .md-source-file, .headerlink"))
  .filter((part) => part.textContent.trim() || part.tagName === "IMG")
  .filter((part) => !part.checkVisibility())
  .map((part) => part.outerHTML.slice(0, 100))"""


@cache
def compressed(path: Path) -> float:
    """The size of a file as a server would send it, in kilobytes."""
    plain = path.suffix in {".woff2", ".png", ".gz"}
    content = path.read_bytes()
    return len(content if plain else gzip.compress(content, 9)) / 1000


def asked_by(
    browser: Browser, address: str, site: Path, pages: Sequence[str]
) -> Iterator[tuple[str, set[Path]]]:
    """Each page with the files that it asks for; several wait at once until nothing more comes."""

    def begun(stack: ExitStack, name: str) -> tuple[Page, set[Path]]:
        asked: set[Path] = set()

        def note(response: Response) -> None:
            path = site / unquote(urlsplit(response.url).path).lstrip("/")
            asked.add(path / "index.html" if path.is_dir() else path)

        # A context of its own: nothing is in its cache.
        page = stack.enter_context(opened(browser, "light", DESK))
        page.on("response", note)
        page.goto(address + name, wait_until="commit")
        return page, asked

    for start in range(0, len(pages), AT_ONCE):
        names = pages[start : start + AT_ONCE]
        with ExitStack() as stack:
            waiting = [begun(stack, name) for name in names]
            for name, (page, asked) in zip(names, waiting, strict=True):
                page.wait_for_load_state("networkidle")
                yield name, asked


def test_every_page_keeps_its_budget(
    browser: Browser, address: str, site: Path, pages: list[str]
) -> None:
    found: list[str] = []
    for name, asked in asked_by(browser, address, site, pages):
        sizes = {path: compressed(path) for path in asked if path.is_file()}
        scripts = sum(size for path, size in sizes.items() if path.suffix == ".js")
        most = MOST_OF_THE_NOTEBOOK if name == "notebook.html" else MOST
        largest = sorted(sizes, key=sizes.__getitem__)[-4:]
        told = ", ".join(f"{path.name} {sizes[path]:.0f}" for path in reversed(largest))
        if sum(sizes.values()) > most:
            found.append(f"{name}: {sum(sizes.values()):.0f} kB of {most}: {told}")
        if scripts > MOST_SCRIPTS:
            found.append(f"{name}: {scripts:.0f} kB of scripts, of {MOST_SCRIPTS}")
        if len(asked) > MOST_REQUESTS:
            found.append(f"{name}: {len(asked)} requests, of {MOST_REQUESTS}")
    assert found == []


def test_every_page_is_complete_without_javascript(
    browser: Browser, address: str, pages: list[str]
) -> None:
    found: list[str] = []
    with opened(browser, "light", DESK, script=False) as page:
        for name in pages:
            page.goto(address + name)
            found += [f"{name}: not seen: {part}" for part in page.evaluate(UNSEEN)]
            if name != ALONE and not page.locator(".md-nav--primary a:visible").count():
                found.append(f"{name}: no menu")
    assert found == []


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
        found = stops(page, 900)
        assert "md-skip" in str(found[0]["name"])
        assert [stop["name"] for stop in found if not stop["seen"]] == []
        places = [stop["place"] for stop in found]
        assert len(set(places)) == len(places)
        for what in ("article a[href]", "article summary", "article [tabindex='0']"):
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
