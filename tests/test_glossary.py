"""The glossary is read from TOML, or refused."""

import re
from pathlib import Path

import pytest

from bnreport.errors import PageError
from bnreport.glossary import Entry, read_glossary
from tests.synthetic import DOCS

WITH_A_PAGE = [e for e in read_glossary(DOCS / "glossary.toml").values() if e.page]


def written(folder: Path, text: str) -> Path:
    path = folder / "glossary.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_entry_has_a_meaning_and_perhaps_a_page(tmp_path: Path) -> None:
    text = '["Moving average"]\nmeaning = "A."\n["ε"]\nmeaning = "B."\npage = "learn/what.html"\n'
    assert read_glossary(written(tmp_path, text)) == {
        "Moving average": Entry("Moving average", "A."),
        "ε": Entry("ε", "B.", "learn/what.html"),
    }
    assert Entry("Moving average", "A.").anchor == "moving-average"


@pytest.mark.parametrize("text", ["[a", "[a]\nsense = 'x'", "[a]\npage = 'x'", "a = 1"])
def test_another_file_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(PageError, match=r"in glossary\.toml"):
        read_glossary(written(tmp_path, text))


def mentioned(word: str, page: str) -> bool:
    """Whether the source of a page has the word, whatever its case and its line breaks."""
    source = DOCS / page.split("#", maxsplit=1)[0].replace(".html", ".md")
    text = re.sub(r"\s+", " ", source.read_text(encoding="utf-8"))
    return word.lower() in text.lower()


@pytest.mark.parametrize("entry", WITH_A_PAGE, ids=lambda entry: entry.word)
def test_the_page_that_tells_more_of_a_word_speaks_of_it(entry: Entry) -> None:
    assert mentioned(entry.word, entry.page)
