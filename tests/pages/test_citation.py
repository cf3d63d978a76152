"""The citation follows CITATION.cff and the commit."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from bnreport.errors import DataError
from bnreport.pages.library.citation import Citation, citation_file, read_citation
from bnreport.pages.library.view import Library, LibraryView
from bnreport.pages.staging import Staging
from tests.synthetic import DOCS, ROOT

CFF = 'title: "One: two"\nversion: 1.2.3\nauthors:\n  - name: the authors\n'


def written(folder: Path, text: str = CFF) -> Path:
    (folder / "CITATION.cff").write_text(text, encoding="utf-8")
    return folder


def test_a_citation_has_what_the_file_and_the_commit_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_URL", "https://example.org/")
    root = written(tmp_path)
    day = {"GIT_COMMITTER_DATE": "2031-02-03T04:05:06Z", "PATH": "/usr/bin:/bin"}
    name = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "."], [*name, "commit", "-qm", "first"]):
        subprocess.run(["git", *words], cwd=root, check=True, env=day)
    found = read_citation(root)
    assert found.date == "2031-02-03"
    assert found.sentence == "The authors (2031). One: two. Version 1.2.3 of 2031-02-03."
    assert found.bibtex == (
        "@software{One,\n"
        "  author  = {{the authors}},\n"
        "  title   = {One: two},\n"
        "  version = {1.2.3},\n"
        "  year    = {2031},\n"
        "  month   = feb,\n"
        f"  note    = {{Commit {found.commit} of 2031-02-03}},\n"
        "  url     = {https://example.org/},\n"
        "}"
    )


def test_outside_a_checkout_a_citation_has_no_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SITE_URL", raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    found = read_citation(written(tmp_path))
    assert found == Citation("One", ("the authors",), "One: two", "1.2.3")
    assert "year" not in found.bibtex
    assert found.sentence == "The authors. One: two. Version 1.2.3."


ARCHIVED = {
    "filled in by git": ("0cf7870 2031-02-03\n", "0cf7870", "2031-02-03"),
    "as it is in a checkout": ("$Format:%h %cs$\n", "", ""),
}


@pytest.mark.parametrize("name", ARCHIVED)
def test_an_archive_has_the_commit_that_git_wrote_into_it_and_no_other(
    name: str, tmp_path: Path
) -> None:
    text, commit, date = ARCHIVED[name]
    someone = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], [*someone, "commit", "-q", "--allow-empty", "-m", "outer"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    (tmp_path / "inner").mkdir()
    root = written(tmp_path / "inner")
    (root / ".git_archival.txt").write_text(text, encoding="utf-8")
    found = read_citation(root)
    assert (found.commit, found.date) == (commit, date)


def test_git_fills_in_the_commit_of_an_archive() -> None:
    words = ["git", "check-attr", "export-subst", "--", ".git_archival.txt"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == ".git_archival.txt: export-subst: set\n"
    text = (ROOT / ".git_archival.txt").read_text(encoding="utf-8")
    assert text == "$Format:%h %cs$\n" or re.fullmatch(r"[0-9a-f]+ [\d-]{10}\n", text)


@pytest.mark.parametrize("address", ['https://a.example/"><b', "example.org", "javascript:a"])
def test_an_address_that_is_none_is_refused(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_URL", address)
    with pytest.raises(DataError, match="SITE_URL"):
        read_citation(written(tmp_path))


@pytest.mark.parametrize(
    "text",
    [
        "title: One\n",
        "- 1\n",
        "title: [\n",
        "title: A\nversion: '1'\nauthors: []\n",
        "title: A\nversion: '1'\nauthors: [{name: 1}]\n",
        "title: \"a\\nb\"\nversion: '1'\nauthors: [{name: A}]\n",
        "title: A\nversion: '}'\nauthors: [{name: A}]\n",
        "title: \0\n",
        "title: " + "[" * 100_000,
    ],
    ids=lambda text: ascii(text)[:30],
)
def test_a_file_that_lacks_something_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"CITATION\.cff"):
        read_citation(written(tmp_path, text))


def test_the_page_shows_the_citation_of_this_site_as_bibtex() -> None:
    shown = LibraryView("learn/limits.md", Staging(), Library(DOCS)).citation()
    found = read_citation(ROOT)
    assert f"```bibtex\n{found.bibtex}\n```" in shown
    assert found.version in shown


def test_the_file_of_the_site_says_where_it_lives_and_when_it_was_made(tmp_path: Path) -> None:
    root = written(tmp_path, CFF + "date-released: 2030-01-01\nlicense: MIT\n")
    plain = Citation("One", ("the authors",), "One: two", "1.2.3")
    # Nothing is known, and nothing is added.
    text = (root / "CITATION.cff").read_text(encoding="utf-8")
    assert yaml.safe_load(citation_file(root, plain)) == yaml.load(text, yaml.BaseLoader)
    known = Citation(
        *("One", ("the authors",), "One: two", "1.2.3", "2031-02-03", "0cf7870"),
        address="https://someone.example/else/",
        repository="https://github.com/someone/else",
    )
    found = yaml.load(citation_file(root, known), yaml.BaseLoader)
    assert found["repository-code"] == "https://github.com/someone/else"
    assert found["url"] == "https://someone.example/else/"
    assert (found["commit"], found["date-released"]) == ("0cf7870", "2031-02-03")
    assert (found["version"], found["license"]) == ("1.2.3", "MIT")


def test_whoever_gives_dois_hears_the_same_of_us() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    archived = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert archived["title"] == cited["title"]
    assert archived["description"] == cited["abstract"]
    assert archived["keywords"] == cited["keywords"]
    assert archived["license"] == cited["license"] == project["license"]
    assert archived["creators"] == cited["authors"] == project["authors"]
    # Zenodo's word for it: https://developers.zenodo.org/#representation
    assert archived["upload_type"] == cited["type"] == "software"
    # A release has its own version; the service takes it from the tag.
    assert "version" not in archived
    assert cited["version"] == project["version"]
