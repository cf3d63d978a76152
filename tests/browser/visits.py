"""A visit to every page in one palette and one width, and all that tests ask of each page."""

import gzip
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import unquote, urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    Response,
)

from tests.browser import drawn
from tests.browser.sound import Sound

Palette = Literal["light", "dark"]
PALETTES: tuple[Palette, Palette] = ("light", "dark")
SCHEMES = {"light": "default", "dark": "slate"}
PHONE, DESK = 360, 1280
# One page a template: the first page, studies in both forms, a lesson, the board, the notebook.
TEMPLATES = (
    "index.html",
    "studies/notebook.html",
    "studies/alternatives.html",
    "studies/keras.html",
    "studies/speed.html",
    "learn/failures.html",
    "verdicts.html",
    "notebook.html",
)
# Without the site's address the error page stands alone: it knows no way to a style sheet.
ALONE = "404.html"
# All rules of these levels run; of what passes axe then says only that it does, which is quicker.
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Marks the texts whose contrast is looked at, and the links whose difference from their text is:
# one of all that must have the same.
ALIKE = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
MARKED = {
    "rules": [
        {"id": "color-contrast", "selector": "[data-contrast]"},
        {"id": "link-in-text-block", "selector": "[data-differs]:is(a[href], [role=link])"},
    ]
}
RUN = "([rules, options]) => { axe.configure(rules); return axe.run(options); }"
# The palettes have one document, and differ in its colours: these are the rules that look at them.
OF_COLOURS = ["color-contrast", "link-in-text-block"]

# The pages allow no script from text, so the wait is a promise and not a condition.
LOADED = """() => Promise.all([...document.images].map((image) => {
  image.loading = "eager";
  return image.complete || new Promise((done) => { image.onload = image.onerror = done; });
}))"""
# What Material and site.js add to a page when it has loaded, after the next picture is drawn.
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 30)))"
# Colours that fade into others are those others, and a menu that glides away is gone.
TURNED = """() => new Promise((done) => requestAnimationFrame(() => {
  for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish();
  done();
}))"""

# Milliseconds between two looks at what is not answered yet.
PAUSE = 20

# A state in the address of a piece that lives, as on a page that begins with it: nothing was before
# it. The first of two moves has the state before, the second the state itself.
PUT = """(piece, state) => {
  history.replaceState(history.state, "", `#${state}`);
  for (let move = 0; move < 2; move += 1) {
    piece.dispatchEvent(new FocusEvent("focusin"));
    dispatchEvent(new HashChangeEvent("hashchange"));
  }
}"""

# Tables and formulas that a reader would have to scroll sideways, in folds as well. The numbers of
# a piece to touch are many, and scroll.
WIDE = """() => {
  const shut = [...document.querySelectorAll("details:not([open])")];
  for (const fold of shut) fold.open = true;
  const wide = [...document.querySelectorAll("article :is(.table__scroll, math[display=block])")]
    .filter((box) => box.scrollWidth > box.clientWidth && !box.closest(".piece"))
    .map((box) => `${box.getAttribute("aria-label") || box.getAttribute("alttext")}: ` +
      `${box.scrollWidth} of ${box.clientWidth} px`);
  for (const fold of shut) fold.open = false;
  return wide;
}"""
# Words that the end of a line takes apart, in folds as well. What is hidden in a point, as heads of
# tables are on a phone, has no lines; a digest of sixty signs may have several.
BROKEN = r"""() => {
  const shut = [...document.querySelectorAll("details:not([open])")];
  for (const fold of shut) fold.open = true;
  const article = document.querySelector("article") ?? document.body, broken = [];
  const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const words = /(?<![\p{L}\p{N}_.])[\p{L}\p{N}_.]{6,31}(?![\p{L}\p{N}_.])/gu;
  for (let text; (text = texts.nextNode());) {
    const around = text.parentElement;
    if (!around.checkVisibility() || around.closest("svg, math, pre")) continue;
    if (around.closest("thead")?.offsetWidth < 2 || around.clientWidth === 1) continue;
    for (const word of text.data.matchAll(words)) {
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      const lines = new Set(Array.from(range.getClientRects(), (line) => line.top));
      if (lines.size > 1) broken.push(word[0]);
    }
  }
  for (const fold of shut) fold.open = false;
  return broken;
}"""
UNBOXED = """() => [...document.querySelectorAll("article table")]
  .filter((table) => !table.closest(".table__scroll, .jp-OutputArea-output"))
  .map((table) => table.textContent.trim().slice(0, 80))"""
# The lines of code that a button lies on, at the place to which a reader has not scrolled yet.
COVERED = """() => [...document.querySelectorAll(".md-code__nav")].flatMap((nav) => {
  const button = nav.getBoundingClientRect(), code = nav.parentElement.querySelector("code");
  const box = code.getBoundingClientRect(), range = document.createRange();
  range.selectNodeContents(code);
  return [...range.getClientRects()].some((line) =>
    line.left < button.right - 1 && Math.min(line.right, box.right) > button.left + 1 &&
    line.top < button.bottom - 1 && line.bottom > button.top + 1)
    ? [code.textContent.slice(0, 60)] : [];
})"""
# The pairs of labels of a drawing that lie on each other.
MEETING = """(picture) => {
  const boxes = [...picture.querySelectorAll("text")]
    .map((part) => [part.textContent, part.getBBox()]);
  const over = (a, b) => Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x) > 1
    && Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y) > 4;
  return boxes.flatMap(([one, a], i) => boxes.slice(i + 1)
    .filter(([, b]) => over(a, b)).map(([other]) => [one, other]));
}"""
# The parts of a drawing that reach more than a unit beyond its view.
BEYOND = """(picture, parts) => {
  const view = picture.viewBox.baseVal;
  return [...picture.querySelectorAll(parts)].filter((part) => {
    if (part.closest("defs")) return false;
    const { x, y, width, height } = part.getBBox();
    return x < view.x - 1 || y < view.y - 1 || x + width > view.x + view.width + 1
      || y + height > view.y + view.height + 1;
  }).map((part) => part.outerHTML);
}"""
# Boxes that are a stop of the tab key although nothing in them moves, and the other way round.
STOPS = """() => [...document.querySelectorAll("article :is(.table__scroll, .figure__scroll)")]
  .filter((box) => box.checkVisibility())
  .filter((box) => (box.scrollWidth > box.clientWidth) !== (box.tabIndex === 0))
  .map((box) => box.getAttribute("aria-label"))"""
CROWDED = {"covered": COVERED, "no box": UNBOXED, "stop": STOPS}
# What a reader must see without scripts; the other palette's figures and closed details are not.
# A tab that is not chosen waits behind its label, which needs no script; filters need one.
UNSEEN = """() => [...document.querySelectorAll(
    "article :is(h1, h2, p, table, math, figure, img.only-light, pre)")]
  .map((part) => {
    const block = part.closest(".tabbed-block");
    if (!block) return part;
    const place = [...block.parentElement.children].indexOf(block);
    return block.closest(".tabbed-set").querySelectorAll(".tabbed-labels > label")[place];
  })
  .filter((part) => !part.closest("details, .md-clipboard, .md-source-file, .headerlink"))
  .filter((part) => !part.closest(".board__tools, .board__none"))
  .filter((part) => part.textContent.trim() || part.tagName === "IMG")
  .filter((part) => !part.checkVisibility())
  .map((part) => part.outerHTML.slice(0, 100))"""
# Numbers and links where no link to a claim may be.
MISPLACED = """() => [...document.querySelectorAll(
    ":is(h1, h2, h3, h4, summary, code, .md-nav) a.value, a a")]
  .map((part) => part.outerHTML.slice(0, 100))"""


class View(NamedTuple):
    """How a page is looked at."""

    palette: Palette
    width: int

    def __str__(self) -> str:
        return f"{self.palette}-{self.width}"


# What takes longest begins first.
VIEWS = [View(palette, width) for width in (DESK, PHONE) for palette in PALETTES]


@dataclass(frozen=True)
class Visit:
    """What was seen of a page.

    Attributes:
        asked: the files that it asked for before its reader scrolled, relative to the site.
        files: those that it had asked for when its reader had seen all of it.
        hints: how many of its elements have a title, each of which Material watches.
        crowded: what has no room: buttons on code, tables without a box or wider than it, words
            that a line takes apart.
        violations: what axe found.
        drawn: figures that are cut, have another form or size, or begin too low.
        faults: errors, failed and foreign requests, another palette, a page that scrolls sideways.
    """

    asked: frozenset[str]
    files: frozenset[str]
    hints: int
    crowded: Sequence[str]
    violations: Sequence[str]
    drawn: Sequence[str]
    faults: Sequence[str]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong with it, whatever it may weigh."""
        return not (self.crowded or self.violations or self.drawn or self.faults)


@dataclass(frozen=True)
class Bare:
    """What was seen of a page where no script runs.

    Attributes:
        missing: what its reader does not see, and the menu.
        misplaced: numbers and links within what may hold none.
    """

    missing: Sequence[str]
    misplaced: Sequence[str]
    # Where no script runs, what a page asks for but its sheets is not looked at.
    files: frozenset[str] = frozenset()

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong with it."""
        return not (self.missing or self.misplaced)


def _context(browser: Browser, palette: Palette, width: int, *, script: bool) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=palette,
        java_script_enabled=script,
    )
    # Only failures wait so long.
    context.set_default_timeout(600_000)
    return context


# To begin anew, and to fetch what all pages load, takes longer than most tests.
_shared = cache(_context)


@contextmanager
def opened(
    browser: Browser, palette: Palette, width: int, *, script: bool = True, first: bool = False
) -> Iterator[Page]:
    """Yield an empty page in one palette and width, of a reader who has chosen nothing yet.

    Args:
        browser: opens it.
        palette: what its reader prefers.
        width: of the window, in pixels.
        script: whether scripts run.
        first: whether its reader was never here, so that nothing is kept that a page asks for.
    """
    context = (_context if first else _shared)(browser, palette, width, script=script)
    page = context.new_page()
    try:
        yield page
    finally:
        forget(page)
        page.close()
        if first:
            context.close()


def forget(page: Page) -> None:
    """Forget what a reader chose, which a browser keeps: a palette, a library."""
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "local_storage"})
    session.detach()


def wake(page: Page) -> None:
    """Let the pieces to touch of a page live, which otherwise begin to when one comes near."""
    for place in range((pieces := page.locator("[data-piece]")).count()):
        pieces.nth(place).scroll_into_view_if_needed()
        page.locator(".piece--live").nth(place).wait_for()
    page.evaluate("scrollTo(0, 0)")


def listen(page: Page, origin: str) -> list[str]:
    """Return a list that fills with the page's errors, and its failed or foreign requests."""
    faults: list[str] = []

    def console(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(f"console: {message.text}")

    def request(request: Request) -> None:
        if not request.url.startswith((origin, "data:", "about:", f"blob:{origin}")):
            faults.append(f"leaves the site: {request.url}")

    def failed(request: Request) -> None:
        # Going to the next page cancels what this one still loads, its search index say.
        if request.failure != "net::ERR_ABORTED":
            faults.append(f"{request.failure}: {request.url}")

    def response(response: Response) -> None:
        if response.status >= HTTPStatus.BAD_REQUEST:
            faults.append(f"{response.status}: {response.url}")

    page.on("console", console)
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("request", request)
    page.on("requestfailed", failed)
    page.on("response", response)
    return faults


def under_way(page: Page) -> set[Request]:
    """Return a set that holds the requests of the page that are not answered yet."""
    waiting: set[Request] = set()

    def began(request: Request) -> None:
        waiting.add(request)

    def ended(request: Request) -> None:
        waiting.discard(request)

    page.on("request", began)
    page.on("requestfinished", ended)
    page.on("requestfailed", ended)
    return waiting


def answered(page: Page, waiting: set[Request]) -> None:
    """Wait until all that a settled page asked for is answered.

    A browser calls its network idle half a second later only.

    Raises:
        TimeoutError: when something is not answered within a minute.
    """
    for _ in range(60_000 // PAUSE):
        if not waiting:
            return
        page.wait_for_timeout(PAUSE)
    raise TimeoutError(f"Expected answers. Received: none to {[r.url for r in waiting]}.")


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait until something holds, a minute at most: what is asked next says what is missing."""
    for _ in range(60_000 // PAUSE):
        if holds():
            return
        page.wait_for_timeout(PAUSE)


def put(piece: Locator, state: str = "") -> None:
    """Put a live piece into the state of an address, or let it start again, and load nothing."""
    if state:
        piece.locator("[data-piece]").evaluate(PUT, state)
    else:
        piece.get_by_role("button", name="Start again").press("Enter")


@cache
def compressed(path: Path) -> float:
    """The size of a file as a server would send it, in kilobytes."""
    plain = path.suffix in {".woff2", ".png", ".gz"}
    content = path.read_bytes()
    return len(content if plain else gzip.compress(content, 9)) / 1000


def visits(
    browser: Browser, address: str, known: Sound, pages: Sequence[str], view: View
) -> dict[str, Visit]:
    """What was seen of each page, which is loaded once for all of it.

    The palettes have one document. So all pages are loaded in the light one, and then seen in the
    dark one as well, as where a reader's system changes at dusk. One page a template is loaded in
    the dark one.
    """
    with opened(browser, *view, first=True) as page:
        # Each page loads as a reader's first: a browser tells nothing of what it keeps in memory.
        session = page.context.new_cdp_session(page)
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        visitor = Visitor(page, address, known.site, view)
        return {
            name: known.look(
                Visit, name, f"{view} {drawn.kinds(name)}", partial(visitor.visit, name)
            )
            for name in (pages if view.palette == "light" else TEMPLATES)
        }


class Visitor:
    """Looks at one page after the other, in one palette and width."""

    def __init__(self, page: Page, address: str, site: Path, view: View) -> None:
        """Listen to what the page says and asks for."""
        self._page, self._address, self._site, self._view = page, address, site, view
        self._faults, self._waiting = listen(page, address), under_way(page)
        self._responses: list[str] = []
        page.on("response", lambda response: self._responses.append(response.url))

    def visit(self, name: str) -> Visit:
        """Load a page, see all of it, and turn it dark."""
        page, view = self._page, self._view
        self._faults.clear()
        self._responses.clear()
        forget(page)
        page.emulate_media(color_scheme=view.palette)
        page.goto(self._address + name)
        page.evaluate(SETTLED)
        crowded = [
            f"{what}: {where}"
            for what, script in CROWDED.items()
            for where in page.evaluate(script)
        ]
        unfit = violations(page, rules) if (rules := _rules(name, view)) else []
        asked = self._asked()
        hints = page.locator("[title]").count()
        wake(page)
        # Lazy figures, and those of the other palette, would stay unasked for.
        page.evaluate(LOADED)
        files = self._asked()
        crowded += [f"too wide: {where}" for where in page.evaluate(WIDE)]
        if view.palette == "light":
            crowded += [f"broken word: {word}" for word in page.evaluate(BROKEN)]
        placed = [*_drawn(page, name, view)]
        shown = [*_shown(page, name, view)]
        if view.palette == "light":
            dark = View("dark", view.width)
            turn(page, "dark")
            shown += (f"dark: {fault}" for fault in _shown(page, name, dark))
            # What is loaded in the dark palette is looked at there.
            if name not in TEMPLATES and (rules := _rules(name, dark)):
                unfit += [f"dark: {fault}" for fault in violations(page, rules)]
            answered(page, self._waiting)
        return Visit(asked, files, hints, crowded, unfit, placed, [*shown, *self._faults])

    def _asked(self) -> frozenset[str]:
        """The files that the page has asked for, when all that it asked for is answered."""
        answered(self._page, self._waiting)
        return frozenset(_file(self._site, url) for url in self._responses)


def turn(page: Page, palette: Palette) -> None:
    """Let night fall or end: the reader's system changes its colours, and the page follows."""
    page.emulate_media(color_scheme=palette)
    # A page that does not follow shows its palette; the error page has no script to do so.
    with suppress(Error):
        followed = f"body:is([data-md-color-scheme={SCHEMES[palette]}], :not([dir]))"
        page.locator(followed).wait_for(state="attached", timeout=20_000)
    page.evaluate(TURNED)


def resize(page: Page, width: int) -> None:
    """Make the window of a page narrower or wider, and wait until all is where it will be."""
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate(TURNED)


def _drawn(page: Page, name: str, view: View) -> Iterator[str]:
    """What is wrong with the places of figures, in this width and, at a desk, in a narrower one."""
    if view.width == PHONE:
        yield from drawn.not_its_own(page, name, view.palette)
    elif view.palette == "light":
        yield from drawn.too_low(page, name)
        resize(page, drawn.TABLET)
        yield from drawn.cut(page)
        yield from (f"too wide: {where}" for where in page.evaluate(WIDE))
        resize(page, view.width)


def bare_visits(
    browser: Browser, address: str, known: Sound, pages: Sequence[str]
) -> dict[str, Bare]:
    """What was seen of each page where no script runs, which is loaded once for all of it."""
    with opened(browser, "light", DESK, script=False) as page:
        # Whether a picture is shown is asked of its place. Here none would wait to be near.
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setBlockedURLs", {"urls": ["*.svg", "*.png"]})

        def visit(name: str) -> Bare:
            page.goto(address + name)
            missing = [f"not seen: {part}" for part in page.evaluate(UNSEEN)]
            if name != ALONE and not page.locator(".md-nav--primary a:visible").count():
                missing.append("no menu")
            return Bare(missing, page.evaluate(MISPLACED))

        return {name: known.look(Bare, name, "bare", partial(visit, name)) for name in pages}


def _rules(name: str, view: View) -> Sequence[str]:
    """The rules, or the levels of rules, that a page is held to in a view."""
    if view.width == PHONE and name not in TEMPLATES:
        return []
    return LEVELS if view.palette == "light" else OF_COLOURS


def violations(page: Page, rules: Sequence[str]) -> list[str]:
    """What axe finds on a page by rules, or by levels of rules."""
    # A page that was looked at before has it already.
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(Axe().axe_script)
    page.evaluate(ALIKE)
    options = {"runOnly": rules, "resultTypes": ["violations"], "selectors": False}
    return [
        f"{violation['id']}: {[node['html'][:120] for node in violation['nodes'][:3]]}"
        for violation in page.evaluate(RUN, [MARKED, options])["violations"]
    ]


def _shown(page: Page, name: str, view: View) -> Iterator[str]:
    scheme = page.locator("body").get_attribute("data-md-color-scheme")
    if name != ALONE and scheme != SCHEMES[view.palette]:
        yield f"shows the palette {scheme}"
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if wide > 0:
        yield f"scrolls sideways by {wide} px"


def _file(site: Path, url: str) -> str:
    path = site / unquote(urlsplit(url).path).lstrip("/")
    return (path / "index.html" if path.is_dir() else path).relative_to(site).as_posix()
