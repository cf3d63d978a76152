"""The errata are read from TOML, the latest first, or refused."""

import datetime as dt
from pathlib import Path

import pytest

from bnreport.errors import PageError
from bnreport.pages.library.errata import read_errata
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


@pytest.mark.parametrize("text", ["[a", "[[errata]]\nday = 1\n", "errata = [1]\n"])
def test_another_file_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "errata.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PageError, match=r"errata\.toml"):
        read_errata(tmp_path / "errata.toml")


def test_the_pages_that_errata_name_exist() -> None:
    for entry in read_errata(DOCS / "errata.toml"):
        assert (DOCS / entry.page).with_suffix(".md").exists()
