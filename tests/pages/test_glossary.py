"""The glossary is read from TOML, or refused."""

import re
from pathlib import Path

import pytest

from bnreport.errors import DataError
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


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[a\n", "line 1, column 3"),
        ("[a]\nsense = 'x'", "a.meaning is missing"),
        ("[a]\npage = 'x'", "a.meaning is missing"),
        ("a = 1", "a should be a valid dictionary"),
        ("[a]\nmeaning = 1", "a.meaning should be a valid string"),
        ("[a]\nmeaning = ''", "a.meaning "),
        ("[a]\nmeaning = 'x'\nmore = 'y'", "a.more is not a field"),
        (f"a = {'9' * 5000}", "digits"),
        (f"a = {'[' * 100_000}", "recursion"),
    ],
    ids=lambda text: str(text)[:30],
)
def test_another_file_is_refused_by_its_entry(text: str, named: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"glossary\.toml\. Received: .*{named}"):
        read_glossary(written(tmp_path, text))


def test_a_file_in_another_encoding_is_refused_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "glossary.toml"
    path.write_bytes("[a]\nmeaning = 'é'\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"glossary\.toml\. Received: no UTF-8 in line 2"):
        read_glossary(path)


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
