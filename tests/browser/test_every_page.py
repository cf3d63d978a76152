"""Every page is quiet, self-contained, within its width, accessible, roomy, small and whole."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.sound import Sound, machine
from tests.browser.visits import TEMPLATES, VIEWS, Bare, Visit, bare_visits, compressed, visits
from tests.faulty import faulty
from tests.shared import kept

pytestmark = pytest.mark.browser

# Kilobytes, compressed, of what a page asks for before its reader scrolls.
MOST, MOST_OF_THE_NOTEBOOK = 250, 350
# Scripts count until the reader has scrolled through: what a piece to touch loads as well.
MOST_SCRIPTS = 60
MOST_REQUESTS = 20
LINK_IN_LINK = r"<a\b[^>]*>(?:(?!</a>).)*<a\b[^>]*>"
# Elements with a title, buttons that copy code included. Material watches each of them, and six
# hundred kept a phone busy for half a second before the page answered.
MOST_HINTS = 150


@pytest.fixture(scope="session")
def known(site: Path, browser: Browser) -> Sound:
    """The pages that were seen here before, just as they are, and had no fault."""
    return Sound(kept(), site, machine(browser))


@pytest.fixture(scope="session", params=VIEWS, ids=str)
def seen(
    request: pytest.FixtureRequest, browser: Browser, address: str, known: Sound, pages: list[str]
) -> Mapping[str, Visit]:
    """What was seen of every page in one palette and width."""
    return visits(browser, address, known, pages, request.param)


@pytest.fixture(scope="session")
def bare(browser: Browser, address: str, known: Sound, pages: list[str]) -> Mapping[str, Bare]:
    """What was seen of every page where no script runs."""
    return bare_visits(browser, address, known, pages)


def test_every_page_is_quiet_self_contained_and_within_its_width(seen: Mapping[str, Visit]) -> None:
    assert faulty(seen, lambda visit: visit.faults) == {}


def test_axe_finds_no_violation(seen: Mapping[str, Visit]) -> None:
    assert faulty(seen, lambda visit: visit.violations) == {}


def test_no_button_covers_code_tables_fit_and_only_boxes_that_scroll_are_stops(
    seen: Mapping[str, Visit],
) -> None:
    assert faulty(seen, lambda visit: visit.crowded) == {}


def test_figures_are_whole_at_their_own_size_and_the_first_is_seen_at_once(
    seen: Mapping[str, Visit],
) -> None:
    assert seen.keys() >= {*TEMPLATES}
    assert faulty(seen, lambda visit: visit.drawn) == {}


def test_every_page_keeps_its_budget(seen: Mapping[str, Visit], site: Path) -> None:
    found = {name: [*over_budget(name, visit, site)] for name, visit in seen.items()}
    assert {name: told for name, told in found.items() if told} == {}


def over_budget(name: str, visit: Visit, site: Path) -> Iterator[str]:
    """What is too much of the files that a page asks for, and of its hints."""
    sizes = {path: compressed(path) for file in visit.asked if (path := site / file).is_file()}
    asked = (site / file for file in visit.files)
    scripts = {path.name: compressed(path) for path in asked if path.suffix == ".js"}
    most = MOST_OF_THE_NOTEBOOK if name == "notebook.html" else MOST
    if not sizes:
        yield "asks for nothing"
    if sum(sizes.values()) > most:
        told = _largest({path.name: size for path, size in sizes.items()})
        yield f"{sum(sizes.values()):.0f} kB of {most}: {told}"
    if sum(scripts.values()) > MOST_SCRIPTS:
        told = _largest(scripts)
        yield f"{sum(scripts.values()):.0f} kB of scripts, of {MOST_SCRIPTS}: {told}"
    if len(visit.asked) > MOST_REQUESTS:
        yield f"{len(visit.asked)} requests, of {MOST_REQUESTS}"
    if visit.hints > MOST_HINTS:
        yield f"{visit.hints} elements with a title, of {MOST_HINTS}"


def _largest(sizes: Mapping[str, float]) -> str:
    largest = sorted(sizes, key=sizes.__getitem__)[-4:]
    return ", ".join(f"{name} {sizes[name]:.0f}" for name in reversed(largest))


def test_every_page_is_complete_without_javascript(bare: Mapping[str, Bare]) -> None:
    assert faulty(bare, lambda seen: seen.missing) == {}


def test_no_number_lies_within_another_link_a_heading_or_code(
    bare: Mapping[str, Bare], site: Path
) -> None:
    assert faulty(bare, lambda seen: seen.misplaced) == {}
    # A parser ends a link where another one begins, so that the text shows what was meant.
    texts = {name: (site / name).read_text(encoding="utf-8") for name in bare}
    assert faulty(texts, lambda text: re.findall(LINK_IN_LINK, text)) == {}
