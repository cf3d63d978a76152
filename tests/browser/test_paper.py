"""Printed on A4, no heading ends a sheet and no page wastes sheets."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, PdfMargins

from tests.browser.visits import DESK, LOADED, opened

pytestmark = pytest.mark.browser

MARGINS: PdfMargins = {"top": "15mm", "right": "15mm", "bottom": "15mm", "left": "15mm"}
# Points above the edge of a sheet: the margin, the largest heading below its top and two lines.
LOWEST = 43 + 20 + 26
# The sheets that each page may fill, all folds being open. With a fold on one sheet, as Material
# has it, there were 22 and 20; and the board showed each claim's card, on 182.
MOST = {"studies/speed.html": 26, "studies/lag.html": 17, "verdicts.html": 110}
SHEET = re.compile(rb"/Type /Page\b(?!s)")
# A heading in the outline of a file: its words, and how high it stands on its sheet.
HEADING = re.compile(
    rb"/Title\s*(\(.*?\)|<.*?>)\s.*?/Dest\s*\[\d+ 0 R\s*/XYZ\s*[\d.]+\s+([\d.]+)", re.DOTALL
)


class Printed(NamedTuple):
    """A printed page: how many sheets it fills, and the height of each heading in points."""

    sheets: int
    headings: Mapping[str, float]


def printed(browser: Browser, address: str) -> Printed:
    """Print a page as its reader would."""
    with opened(browser, "light", DESK) as page:
        page.goto(address)
        page.evaluate(LOADED)
        file = page.pdf(format="A4", margin=MARGINS, outline=True, tagged=True)
    headings = {title.decode("latin-1"): float(y) for title, y in HEADING.findall(file)}
    return Printed(len(SHEET.findall(file)), headings)


def test_no_term_of_the_glossary_is_left_behind_by_its_meaning(
    browser: Browser, address: str
) -> None:
    with opened(browser, "light", DESK) as page:
        page.goto(f"{address}learn/glossary.html")
        page.emulate_media(media="print")
        kept = page.locator("dt").evaluate_all(
            "all => all.map(term => getComputedStyle(term).breakAfter)"
        )
    assert len(kept) > 40
    assert {*kept} == {"avoid"}


@pytest.mark.parametrize("name", [*MOST, "index.html", "learn/failures.html", "methods.html"])
def test_no_heading_ends_a_sheet_and_no_page_wastes_sheets(
    browser: Browser, address: str, name: str
) -> None:
    found = printed(browser, address + name)
    assert len(found.headings) >= 3
    assert {title: y for title, y in found.headings.items() if y < LOWEST} == {}
    assert found.sheets <= MOST.get(name, found.sheets)
