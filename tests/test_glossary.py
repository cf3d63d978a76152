"""The glossary is read from TOML, or refused."""

from pathlib import Path

import pytest

from bnreport.errors import PageError
from bnreport.glossary import Entry, read_glossary


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
