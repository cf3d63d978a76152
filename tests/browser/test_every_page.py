"""Every page is quiet, self-contained, within its width, accessible, roomy, small and whole."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.visits import VIEWS, Bare, Visit, bare_visits, compressed, visits
from tests.faulty import faulty

pytestmark = pytest.mark.browser

# Kilobytes, compressed, of what a page asks for before its reader scrolls.
MOST, MOST_OF_THE_NOTEBOOK, MOST_SCRIPTS = 250, 350, 60
MOST_REQUESTS = 20
LINK_IN_LINK = r"<a\b[^>]*>(?:(?!</a>).)*<a\b[^>]*>"


@pytest.fixture(scope="session", params=VIEWS, ids=str)
def seen(
    request: pytest.FixtureRequest, browser: Browser, address: str, site: Path, pages: list[str]
) -> Mapping[str, Visit]:
    """What was seen of every page in one palette and width."""
    return visits(browser, address, site, pages, request.param)


@pytest.fixture(scope="session")
def bare(browser: Browser, address: str, pages: list[str]) -> Mapping[str, Bare]:
    """What was seen of every page where no script runs."""
    return bare_visits(browser, address, pages)


def test_every_page_is_quiet_self_contained_and_within_its_width(seen: Mapping[str, Visit]) -> None:
    assert faulty(seen, lambda visit: visit.faults) == {}


def test_axe_finds_no_violation(seen: Mapping[str, Visit]) -> None:
    assert faulty(seen, lambda visit: visit.violations) == {}


def test_no_button_covers_code_tables_fit_and_only_boxes_that_scroll_are_stops(
    seen: Mapping[str, Visit],
) -> None:
    assert faulty(seen, lambda visit: visit.crowded) == {}


def test_every_page_keeps_its_budget(seen: Mapping[str, Visit]) -> None:
    found = {name: [*over_budget(name, visit.asked)] for name, visit in seen.items()}
    assert {name: told for name, told in found.items() if told} == {}


def over_budget(name: str, asked: frozenset[Path]) -> Iterator[str]:
    """What is too much of the files that a page asks for."""
    sizes = {path: compressed(path) for path in asked if path.is_file()}
    scripts = sum(size for path, size in sizes.items() if path.suffix == ".js")
    most = MOST_OF_THE_NOTEBOOK if name == "notebook.html" else MOST
    largest = sorted(sizes, key=sizes.__getitem__)[-4:]
    told = ", ".join(f"{path.name} {sizes[path]:.0f}" for path in reversed(largest))
    if not sizes:
        yield "asks for nothing"
    if sum(sizes.values()) > most:
        yield f"{sum(sizes.values()):.0f} kB of {most}: {told}"
    if scripts > MOST_SCRIPTS:
        yield f"{scripts:.0f} kB of scripts, of {MOST_SCRIPTS}"
    if len(asked) > MOST_REQUESTS:
        yield f"{len(asked)} requests, of {MOST_REQUESTS}"


def test_every_page_is_complete_without_javascript(bare: Mapping[str, Bare]) -> None:
    assert faulty(bare, lambda seen: seen.missing) == {}


def test_no_number_lies_within_another_link_a_heading_or_code(
    bare: Mapping[str, Bare], site: Path
) -> None:
    assert faulty(bare, lambda seen: seen.misplaced) == {}
    # A parser ends a link where another one begins, so that the text shows what was meant.
    texts = {name: (site / name).read_text(encoding="utf-8") for name in bare}
    assert faulty(texts, lambda text: re.findall(LINK_IN_LINK, text)) == {}
