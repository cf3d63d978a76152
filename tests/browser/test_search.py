"""The search field finds the page that answers what people type."""

import tomllib
from pathlib import Path
from typing import TypedDict

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import ROOT
from tests.browser.visits import DESK, listen, opened

pytestmark = pytest.mark.browser


class Search(TypedDict):
    """What somebody typed, and the places that answer it; why it misses them, where it does."""

    query: str
    wanted: list[str]
    missed: str


def searches() -> list[Search]:
    """The sixty searches that were written down before the index was weighed, and later ones."""
    text = (ROOT / "tests" / "site" / "searches.toml").read_text(encoding="utf-8")
    return [{"missed": ""} | search for search in tomllib.loads(text)["search"]]


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


# The answers to queries, one after another. To type each takes four times as long.
ASKED = f"""async (queries) => {{
  const field = document.querySelector(".md-search__input");
  const line = document.querySelector(".md-search-result__meta");
  const shown = (text, answer) => new Promise((done, fail) => {{
    const late = setTimeout(() => fail(new Error(`No answer to "${{text}}".`)), 60_000);
    const look = () => {{
      if (!line.textContent.includes(answer)) return;
      watch.disconnect();
      clearTimeout(late);
      done();
    }};
    const watch = new MutationObserver(look);
    watch.observe(line, {{ childList: true, characterData: true, subtree: true }});
    field.value = text;
    for (const name of ["input", "keyup"]) field.dispatchEvent(new Event(name));
    look();
  }});
  const found = [];
  for (const query of queries) {{
    await shown("", "Type to start");
    await shown(query, "matching document");
    found.push(({FOUND})());
  }}
  return found;
}}"""


def first_three(page: Page, query: str) -> list[str]:
    """The pages that the search field shows first for a query that is typed, by their addresses."""
    field = page.locator(".md-search__input")
    for text, answer in (("", "Type to start"), (query, "matching document")):
        field.fill(text)
        field.press("End")
        page.locator(".md-search-result__meta", has_text=answer).wait_for()
    found: list[str] = page.evaluate(FOUND)
    return found


def page_of(place: str) -> str:
    """The page on which a place is."""
    return place.partition("#")[0]


def test_the_words_that_people_type_find_the_page_that_answers(
    browser: Browser, address: str
) -> None:
    failed: list[str] = []
    with opened(browser, "light", DESK) as page:
        faults = listen(page, address)
        page.on("console", lambda message: failed.append(message.text))
        page.goto(f"{address}methods.html")
        page.locator(".md-search__input").click()
        first, *later = (*TYPED, *NUMBERS, *(search["query"] for search in searches()))
        # The first waits for the index, and is typed as readers do.
        shown = {first: first_three(page, first)}
        shown |= dict(zip(later, page.evaluate(ASKED, later), strict=True))
    assert failed == []
    assert {
        query: shown[query] for query, right in TYPED.items() if right not in shown[query]
    } == {}
    missed = {
        search["query"]: shown[search["query"]]
        for search in searches()
        if not {page_of(place) for place in search["wanted"]} & {*shown[search["query"]]}
    }
    marked = {search["query"] for search in searches() if search["missed"]}
    # What is found must stay found; what is found at last is no longer marked as missed.
    assert {query: found for query, found in missed.items() if query not in marked} == {}
    assert marked - missed.keys() == set()
    assert faults == []


def test_the_places_that_searches_should_find_are_there(site: Path) -> None:
    texts = {
        page: (site / page).read_text(encoding="utf-8")
        for page in {page_of(place) for search in searches() for place in search["wanted"]}
    }
    gone = [
        place
        for search in searches()
        for place in search["wanted"]
        if "#" in place and f'id="{place.partition("#")[2]}"' not in texts[page_of(place)]
    ]
    assert gone == []


def test_an_error_that_is_pasted_with_its_quotation_marks_finds_something(
    browser: Browser, address: str
) -> None:
    with opened(browser, "light", DESK) as page:
        page.goto(f"{address}methods.html")
        page.locator(".md-search__input").click()
        assert first_three(page, 'Expected "more than" 1 value per "no_such_word"')
