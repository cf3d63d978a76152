"""Works come from BibTeX, whole or not at all."""

from pathlib import Path

import pytest

from bnreport.errors import DataError
from bnreport.pages.library.bibliography import read_works

FILE = """
@article{two2001,
  author = {van One, Ada and Two, Bea}, title = {On {SVG}}, journal = {A Journal}, year = {2001},
  doi = {10.1000/1}
}
@misc{many2002,
  author = {Three, Cy and others}, title = {More}, year = {2002}, eprint = {2001.00001},
  archivePrefix = {arXiv}, note = {A talk}
}
@misc{team, author = {{The team}}, title = {Pages}, url = {https://example.org/a}}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "references.bib"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_work_has_a_short_name_and_an_address(tmp_path: Path) -> None:
    works = read_works(written(tmp_path, FILE))
    assert [(work.short, work.link) for work in works.values()] == [
        ("van One and Two 2001", "https://doi.org/10.1000/1"),
        ("Three et al. 2002", "https://arxiv.org/abs/2001.00001"),
        ("The team", "https://example.org/a"),
    ]
    assert works["two2001"].authors == ("Ada van One", "Bea Two")
    assert (works["two2001"].place, works["many2002"].note) == ("A Journal", "A talk")


@pytest.mark.parametrize(
    "text",
    [
        "@misc{a, author = {One, Ada}, title = {T}, year = {2001}}",
        "@misc{a, title = {T}, year = {2001}, url = {https://example.org}}",
        "@misc{a, author = {One, Ada}, year = {2001}, url = {https://example.org}}",
        "@misc{a, author = {One, Ada}, title = {T}, year = 2001, url = {javascript:alert(1)}}",
        "@misc{a, author = {One, Ada}, title = {T}, year = 2001, url = {https://a b}}",
        "@misc{a, author = {One, Ada}, title = {T}, year = {null}, url = {https://example.org}}",
    ],
)
def test_a_work_that_lacks_something_is_refused_by_its_key(text: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"of 'a' in references\.bib"):
        read_works(written(tmp_path, text))


def test_what_is_no_bibtex_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Expected BibTeX in references\.bib"):
        read_works(written(tmp_path, "@article{a, title = {"))


def test_a_file_in_another_encoding_is_refused_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "references.bib"
    path.write_bytes(f"{FILE}% \xe9\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"Expected BibTeX in references\.bib.*line 11"):
        read_works(path)


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    twice = FILE + "@Misc{ Team , author = {{B}}, title = {B}, url = {https://example.org/b}}\n"
    with pytest.raises(DataError, match=r"Received: team in lines 10 and 11\. Remove or ren"):
        read_works(written(tmp_path, twice))
