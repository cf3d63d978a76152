"""The timeline of the debate agrees with the list of references, and its page cites all of it."""

import re

import pytest

from bnreport.lessons.why import TIMELINE, Event
from tests.synthetic import DOCS

BIB = (DOCS / "references.bib").read_text(encoding="utf-8")
PAGE = (DOCS / "learn" / "why.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("event", TIMELINE, ids=lambda event: "-".join(event.keys))
def test_an_event_has_the_year_of_its_works_and_its_page_cites_them(event: Event) -> None:
    for key in event.keys:
        (entry,) = re.findall(rf"^@\w+{{{key},(.*?)^}}", BIB, re.MULTILINE | re.DOTALL)
        found = re.search(r"eprint\s*= {(\d\d)", entry)
        year = 2000 + int(found[1]) if found else int(re.findall(r"year\s*= {(\d{4})}", entry)[0])
        assert year == event.year
        assert f'"{key}"' in PAGE


def test_the_years_rise() -> None:
    years = [event.year for event in TIMELINE]
    assert years == sorted(years)
