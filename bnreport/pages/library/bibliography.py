"""The works that pages cite: from BibTeX to short names, links and a list."""

import json
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pypandoc

from bnreport.errors import DataError
from bnreport.pages.cache import Cache, key_of
from bnreport.pages.source_digests import source_digest
from bnreport.records.documents import decoded

OTHERS = "others"
_KEY = re.compile(r"^\s*@(?!comment|string|preamble)\w+\s*[{(]\s*([^,\s]+)\s*,", re.I | re.M)
_ADDRESS = re.compile(r"https://[^\s\"<>]+$")
FAMILY = ("dropping-particle", "non-dropping-particle", "family")


@dataclass(frozen=True)
class Work:
    """A work: `names` are its authors' family names, `authors` their names in full.

    `year` is empty for a page without a date, `place` is where it appeared, `link` its address, and
    `note` what else must be said.
    """

    key: str
    names: tuple[str, ...]
    authors: tuple[str, ...]
    year: str
    title: str
    place: str
    link: str
    note: str

    @property
    def short(self) -> str:
        """The short name that prose gives it: "Ioffe and Szegedy 2015"."""
        match self.names:
            case (only,):
                authors = only
            case (first, second) if second != OTHERS:
                authors = f"{first} and {second}"
            case (first, *_):
                authors = f"{first} et al."
        return f"{authors} {self.year}".strip()


def read_works(path: Path, cache: Cache | None = None) -> dict[str, Work]:
    """The works of a BibTeX file by key, in the order of the file.

    Args:
        path: the file.
        cache: where what pandoc makes of it is kept; by default nowhere.

    Raises:
        DataError: when pandoc warns, a work lacks an author, a title or an address, or two works
            have one key.
    """
    _refuse_twins(path)
    key = key_of(path.read_bytes(), source_digest(__name__))
    text = (cache or Cache()).text("works", key, partial(_csl, path))
    return {entry["id"]: _work(entry, path) for entry in json.loads(text)}


def _csl(path: Path) -> str:
    """The works as CSL JSON."""
    try:
        text: str = pypandoc.convert_file(
            str(path), "csljson", format="bibtex", extra_args=["--fail-if-warnings"]
        )
    except RuntimeError as error:
        raise DataError(f"Expected BibTeX in {path.name}. Received: {error}. Fix it.") from error
    return text


def _refuse_twins(path: Path) -> None:
    """Refuse a key that stands twice: pandoc keeps one of the two, without a word."""
    try:
        text = decoded(path)
    except ValueError as error:
        raise DataError(f"Expected BibTeX in {path.name}. Received: {error}. Fix it.") from error
    places: dict[str, list[int]] = {}
    for match in _KEY.finditer(text):
        places.setdefault(match[1].lower(), []).append(text.count("\n", 0, match.start(1)) + 1)
    if twice := {key: lines for key, lines in places.items() if len(lines) > 1}:
        keys = (f"{key} in lines {' and '.join(map(str, lines))}" for key, lines in twice.items())
        raise DataError(
            f"Expected each key once in {path.name}. Received: {'; '.join(keys)}. "
            "Remove or rename one."
        )


def _work(entry: dict[str, Any], path: Path) -> Work:
    authors = entry.get("author", [])
    work = Work(
        key=entry["id"],
        names=tuple(_name(author, *FAMILY) for author in authors),
        authors=tuple(_name(author, "given", *FAMILY) for author in authors),
        year=_year(entry),
        title=entry.get("title", ""),
        place=entry.get("container-title", ""),
        link=f"https://doi.org/{entry['DOI']}" if "DOI" in entry else entry.get("URL", ""),
        note=entry.get("note", ""),
    )
    dated = work.year or "issued" not in entry
    if not (work.names and all(work.names) and work.title and dated and _ADDRESS.match(work.link)):
        raise DataError(
            "Expected author, title, an address (eprint, doi or url) and, where there is a year, "
            f"its digits of {work.key!r} in "
            f"{path.name}. Received: {work}. Add what is missing."
        )
    return work


def _year(entry: dict[str, Any]) -> str:
    """The year of a work; empty where it has none, or says something else."""
    match entry.get("issued"):
        case {"date-parts": [[int(year) | str(year), *_], *_]}:
            return str(year)
    return ""


def _name(author: dict[str, str], *parts: str) -> str:
    return author.get("literal") or " ".join(author[part] for part in parts if part in author)
