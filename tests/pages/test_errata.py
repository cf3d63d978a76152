"""The errata are read from TOML, the latest first, or refused."""

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from bnreport.errors import DataError
from bnreport.pages.library.citation import Citation
from bnreport.pages.library.errata import ATOM, Erratum, feed, read_errata
from bnreport.pages.library.view import Library, LibraryView
from bnreport.pages.staging import Staging
from tests.synthetic import DOCS

ONE = '[[errata]]\ndate = {}\npage = "a.html"\ntitle = "A"\nwrong = "{}"\nmended = "<now>"\n'


def test_errata_come_the_latest_first_and_link_to_their_page(tmp_path: Path) -> None:
    text = ONE.format("2030-01-02", "old") + ONE.format("2031-01-02", "new")
    (tmp_path / "errata.toml").write_text(text, encoding="utf-8")
    first, last = read_errata(tmp_path / "errata.toml")
    assert (first.wrong, last.wrong) == ("new", "old")
    assert first.date == dt.date(2031, 1, 2)
    shown = LibraryView("learn/limits.md", Staging(), Library(tmp_path)).errata()
    assert shown.index("new") < shown.index("old")
    assert '<a href="../a.html">A</a>' in shown
    assert "&lt;now&gt;" in shown
    waiting = LibraryView("learn/limits.md", Staging(), Library(tmp_path)).errata({"a.md"})
    assert "<a " not in waiting
    assert "A: new" in waiting


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[a\n", "line 1, column 3"),
        ("[[errata]]\nday = 1\n", r"errata\.0\.date is missing"),
        ("errata = [1]\n", r"errata\.0 "),
        ("[[faults]]\n", "faults is not a field"),
        (ONE.format("2030-01-02", "old").replace('"A"', "1"), r"errata\.0\.title should"),
        (ONE.format('"tomorrow"', "old"), r"errata\.0\.date should"),
        (ONE.format("2030-01-02", "old") + ONE.format(7, "\\uD800"), "line 11"),
        (f"errata = {'9' * 5000}\n", "digits"),
    ],
    ids=lambda text: str(text)[:30],
)
def test_another_file_is_refused_by_its_entry(text: str, named: str, tmp_path: Path) -> None:
    (tmp_path / "errata.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=rf"errata\.toml\. Received: .*{named}"):
        read_errata(tmp_path / "errata.toml")


def test_the_pages_that_errata_name_exist() -> None:
    for entry in read_errata(DOCS / "errata.toml"):
        assert (DOCS / entry.page).with_suffix(".md").exists()


CITED = Citation("One", ("the authors",), "One & two", "1.2.3")


def erratum(day: int, page: str, wrong: str = "old") -> Erratum:
    return Erratum(dt.date(2031, 1, day), page, f"On {page}", wrong, "<now> & then")


def names(text: str) -> dict[str, str]:
    """The names of the entries of a feed by what they say was wrong."""
    atom = {"a": ATOM}
    root = etree.fromstring(text.encode())
    return {
        re.findall(r"wrong: (\S+)", entry.findtext("a:content", namespaces=atom))[
            0
        ]: entry.findtext("a:id", namespaces=atom)
        for entry in root.iterfind("a:entry", atom)
    }


def test_the_feed_has_what_rfc_4287_asks_for_and_says_each_erratum() -> None:
    entries = [erratum(2, "a.html"), erratum(1, "gone.html")]
    there = replace(CITED, address="https://someone.example/else")
    root = etree.fromstring(feed(entries, there, {"gone.html"}).encode())
    atom = {"a": ATOM}

    def found(path: str) -> list[str]:
        return [*root.xpath(path, namespaces=atom)]

    assert root.tag == f"{{{ATOM}}}feed"
    for place in ("/a:feed", "//a:entry"):
        for part in ("a:id", "a:title", "a:updated", "a:link[@rel = 'alternate']"):
            assert len(found(f"{place}/{part}")) == len(found(place)), (place, part)
    assert found("/a:feed/a:author/a:name/text()") == ["the authors"]
    assert found("/a:feed/a:title/text()") == ["Errata of One & two"]
    assert found("/a:feed/a:updated/text()") == ["2031-01-02T00:00:00Z"]
    assert found("//a:link/@href") == [
        "https://someone.example/else/learn/limits.html#errata",
        "https://someone.example/else/errata.atom",
        "https://someone.example/else/a.html",
        # A page that waits for its records is not there to be read.
        "https://someone.example/else/learn/limits.html#errata",
    ]
    assert found("//a:entry/a:content/text()")[0] == (
        "What was wrong: old\n\nWhat stands now: <now> & then"
    )


def test_without_an_address_links_begin_at_the_root_and_the_feed_says_nothing_of_itself() -> None:
    root = etree.fromstring(feed([erratum(2, "a.html")], CITED).encode())
    links = root.xpath("//a:link/@href", namespaces={"a": ATOM})
    assert links == ["learn/limits.html#errata", "a.html"]


def test_an_erratum_keeps_its_name_when_others_come_the_site_moves_or_words_change() -> None:
    first, twin = erratum(2, "a.html", "first"), erratum(2, "a.html", "twin")
    before = names(feed([first, twin], CITED))
    assert len({*before.values()}) == 2
    moved = replace(CITED, address="https://someone.example/")
    later = [erratum(3, "a.html", "later"), first, twin, erratum(2, "a.html", "third")]
    after = names(feed(later, moved))
    assert after.items() >= before.items()
    assert len({*after.values()}) == 4
    reworded = replace(first, mended="else", title="Else", wrong="first, put otherwise")
    assert {*names(feed([reworded, twin], CITED)).values()} == {*before.values()}


def test_the_feed_of_this_site_names_every_erratum_once() -> None:
    entries = read_errata(DOCS / "errata.toml")
    text = feed(entries, CITED)
    ids = etree.fromstring(text.encode()).xpath("//a:id/text()", namespaces={"a": ATOM})
    assert len(ids) == len({*ids}) == len(entries) + 1
