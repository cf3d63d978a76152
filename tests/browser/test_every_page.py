"""Every page is quiet, self-contained, within its width, accessible, roomy and small."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.visits import VIEWS, Visit, compressed, visits
from tests.faulty import faulty

pytestmark = pytest.mark.browser

# Kilobytes, compressed, of what a page asks for before its reader scrolls.
MOST, MOST_OF_THE_NOTEBOOK, MOST_SCRIPTS = 250, 350, 60
MOST_REQUESTS = 20


@pytest.fixture(scope="session", params=VIEWS, ids=str)
def seen(
    request: pytest.FixtureRequest, browser: Browser, address: str, site: Path, pages: list[str]
) -> Mapping[str, Visit]:
    """What was seen of every page in one palette and width."""
    return visits(browser, address, site, pages, request.param)


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
