"""The glossary is read from TOML, or refused."""

import re
from pathlib import Path

import pytest

from bnreport.errors import LibraryError
from bnreport.pages.library.glossary import Term, read_glossary
from tests.synthetic import DOCS

WITH_A_PAGE = [e for e in read_glossary(DOCS / "glossary.toml").values() if e.page]


def written(folder: Path, text: str) -> Path:
    path = folder / "glossary.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_entry_has_a_meaning_and_perhaps_a_page(tmp_path: Path) -> None:
    text = '["Moving average"]\nmeaning = "A."\n["ε"]\nmeaning = "B."\npage = "learn/what.html"\n'
    assert read_glossary(written(tmp_path, text)) == {
        "Moving average": Term("Moving average", "A."),
        "ε": Term("ε", "B.", "learn/what.html"),
    }
    assert Term("Moving average", "A.").anchor == "moving-average"


@pytest.mark.parametrize("text", ["[a", "[a]\nsense = 'x'", "[a]\npage = 'x'", "a = 1"])
def test_another_file_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match=r"in glossary\.toml"):
        read_glossary(written(tmp_path, text))


def mentioned(entry: Term, sources: Path = DOCS) -> bool:
    """Whether the page that tells more of a word has it, whatever its case and its line breaks."""
    source = sources / entry.page.split("#", maxsplit=1)[0].replace(".html", ".md")
    text = re.sub(r"\s+", " ", source.read_text(encoding="utf-8"))
    return entry.word.lower() in text.lower()


def test_the_page_that_tells_more_of_a_word_speaks_of_it(tmp_path: Path) -> None:
    assert WITH_A_PAGE
    assert {entry.word: entry.page for entry in WITH_A_PAGE if not mentioned(entry)} == {}
    (tmp_path / "a.md").write_text("The Moving\naverage.", encoding="utf-8")
    words = {word: Term(word, "A.", "a.html#b") for word in ("moving average", "epsilon")}
    assert [word for word, entry in words.items() if mentioned(entry, tmp_path)] == [
        "moving average"
    ]
