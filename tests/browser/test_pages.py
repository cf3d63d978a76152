"""Single pages in a real browser: they open, are searched and read, and run no strange script."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.visits import DESK, listen, opened

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
    "freeze": "learn/questions.html",
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
