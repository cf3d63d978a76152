"""Every page in a real browser: quiet, self-contained, within its width, and accessible."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

pytestmark = pytest.mark.browser

Palette = Literal["light", "dark"]
PALETTES: tuple[Palette, Palette] = ("light", "dark")
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
WCAG = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
    "selectors": False,
}

# The pages allow no script from text, so the wait is a promise and not a condition.
LOADED = """() => Promise.all([...document.images].map((image) => {
  image.loading = "eager";
  return image.complete || new Promise((done) => { image.onload = image.onerror = done; });
}))"""


@contextmanager
def opened(
    browser: Browser, palette: Palette, width: int, *, script: bool = True
) -> Iterator[Page]:
    """Yield an empty page in one palette and width."""
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=palette,
        java_script_enabled=script,
    )
    # Only failures wait so long.
    context.set_default_timeout(600_000)
    yield context.new_page()
    context.close()


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


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_every_page_is_quiet_self_contained_and_within_its_width(
    browser: Browser, address: str, pages: list[str], palette: Palette, width: int
) -> None:
    found: list[str] = []
    with opened(browser, palette, width) as page:
        faults = listen(page, address)
        for name in pages:
            page.goto(address + name)
            # Lazy figures, and those of the other palette, would stay unasked for.
            page.evaluate(LOADED)
            scheme = page.locator("body").get_attribute("data-md-color-scheme")
            if name != ALONE and scheme != {"light": "default", "dark": "slate"}[palette]:
                faults.append(f"shows the palette {scheme}")
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if wide > 0:
                faults.append(f"scrolls sideways by {wide} px")
            found += [f"{name}: {fault}" for fault in faults]
            faults.clear()
    assert found == []


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_axe_finds_no_violation(
    browser: Browser, address: str, pages: list[str], palette: Palette, width: int
) -> None:
    axe = Axe()
    found: list[str] = []
    with opened(browser, palette, width) as page:
        for name in pages if width == DESK else TEMPLATES:
            page.goto(address + name)
            for violation in axe.run(page, options=WCAG).response["violations"]:
                places = [node["html"][:120] for node in violation["nodes"][:3]]
                found.append(f"{name}: {violation['id']}: {places}")
    assert found == []


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


# What people type, and a page that answers it; it must be among the first three found.
TYPED = {
    "channels_first": "learn/failures.html",
    "NCHW": "learn/axes.html",
    "synchronized": "learn/failures.html",
    "MirroredStrategy": "learn/failures.html",
    "SyncBatchNorm": "learn/failures.html",
    "EMA": "learn/failures.html",
    "use_ema": "learn/failures.html",
    "NaN": "learn/failures.html",
    "tflite": "learn/folding.html",
    "ONNX": "learn/folding.html",
    "TimeDistributed": "learn/failures.html",
    "siamese": "learn/failures.html",
    "discriminator": "learn/failures.html",
    "model.eval()": "learn/failures.html",
    "update_bn": "learn/failures.html",
    "set_random_seed": "learn/failures.html",
    "bfloat16": "learn/interplay.html",
    "renorm": "learn/small-batches.html",
    "freeze": "learn/failures.html",
    "moving_variance": "learn/failures.html",
    "training=False ignored": "learn/failures.html",
    "BatchNorm1d": "learn/failures.html",
    "Expected more than 1 value per channel": "learn/failures.html",
    "transfer learning": "learn/failures.html",
    "test-time adaptation": "learn/failures.html",
}
# Lunr fails on some numbers, and on words beside them, where its sets of words share names.
NUMBERS = (*map(str, range(100)), "0.9", "0.99", "2019", "batch size 8")
FOUND = """() => [...document.querySelectorAll(".md-search-result__list > li > a:first-child")]
  .slice(0, 3).map((link) => new URL(link.href).pathname.slice(1))"""


def test_the_words_that_people_type_find_the_page_that_answers(
    browser: Browser, address: str
) -> None:
    missed = {}
    failed: list[str] = []
    with opened(browser, "light", DESK) as page:
        faults = listen(page, address)
        page.on("console", lambda message: failed.append(message.text))
        page.goto(f"{address}methods.html")
        field = page.locator(".md-search__input")
        field.click()
        for words, right in (TYPED | dict.fromkeys(NUMBERS, "")).items():
            for text, answer in (("", "Type to start"), (words, "matching document")):
                field.fill(text)
                field.press("End")
                page.locator(".md-search-result__meta", has_text=answer).wait_for()
            found = page.evaluate(FOUND)
            if words in TYPED and not any(right in name for name in found):
                missed[words] = found
    assert failed == []
    assert missed == {}
    assert faults == []


# What a notebook's output or a library's text could bring along; each would set `ran`.
INJECTED = """
<script>window.ran = "script"</script><script src="data:text/javascript,window.ran=1"></script>
<img src="no-such.png" onerror="window.ran = 'error'"><svg onload="window.ran = 'load'"></svg>
<a id="led" href="javascript:void(window.ran = 'link')">led</a><base href="https://example.org/">
<form id="sent" action="https://example.org/"></form>"""


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_no_script_runs_that_a_page_brings_along_and_the_themes_own_do(
    browser: Browser, address: str, site: Path, tmp_path: Path, scheme: str
) -> None:
    text = (site / "index.html").read_text(encoding="utf-8")
    hostile = text.replace("</article>", f"{INJECTED}</article>")
    assert hostile != text
    for name in ("assets", "search", "figures"):
        (tmp_path / name).symlink_to(site / name)
    (tmp_path / "index.html").write_text(hostile, encoding="utf-8")
    where = {"http": f"{address}index.html", "file": (tmp_path / "index.html").as_uri()}[scheme]
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
        formula = page.locator("article math").first
        assert formula.is_visible()
        box = formula.bounding_box()
        assert box is not None
        assert box["width"] > box["height"] / 4 > 0
        assert page.locator("article", has_text="$$").count() == 0
