"""Cite the site: from CITATION.cff, the commit and the repository to a sentence and BibTeX."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import yaml
from pydantic import BaseModel, Field

from bnreport.errors import DataError
from bnreport.pages.library.repository import read_repository
from bnreport.records import checkout
from bnreport.records.documents import decoded
from bnreport.records.record import Printable, Token
from bnreport.records.store import reasons

FILE = "CITATION.cff"
ARCHIVED = ".git_archival.txt"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class Citation:
    """The parts of a citation.

    `date` (year-month-day), `commit`, the `address` of the site and that of its `repository` may be
    unknown: "".
    """

    key: str
    authors: tuple[str, ...]
    title: str
    version: str
    date: str = ""
    commit: str = ""
    address: str = ""
    repository: str = ""

    @property
    def sentence(self) -> str:
        """The citation as prose."""
        year = f" ({self.date[:4]})" if self.date else ""
        built = f" of {self.date}" if self.date else ""
        authors = " and ".join(self.authors)
        authors = authors[:1].upper() + authors[1:]
        return f"{authors}{year}. {self.title}. Version {self.version}{built}."

    @property
    def bibtex(self) -> str:
        """The citation as an entry of BibTeX."""
        fields = {"title": self.title, "version": self.version}
        if self.repository:
            fields["repository"] = self.repository
        return self._entry("software", self.key, fields)

    def of_part(self, part: str, title: str, address: str) -> str:
        """The citation of a part of the site, a claim say, as an entry of BibTeX.

        Args:
            part: its name, for the key of the entry.
            title: its title.
            address: where it is.
        """
        whole = f"{self.title}. Version {self.version}"
        fields = {"title": title, "howpublished": whole}
        return replace(self, address=address)._entry("misc", f"{self.key}:{part}", fields)

    def _entry(self, kind: str, key: str, titled: Mapping[str, str]) -> str:
        fields = {"author": f"{{{' and '.join(self.authors)}}}", **titled}
        if self.date:
            fields |= {"year": self.date[:4], "month": MONTHS[int(self.date[5:7]) - 1]}
        if self.commit:
            fields["note"] = f"Commit {self.commit} of {self.date}"
        if self.address:
            fields["url"] = self.address
        width = max(map(len, fields))
        # BibTeX knows months by name, without braces.
        lines = (
            f"  {name:{width}} = {value if name == 'month' else f'{{{value}}}'},\n"
            for name, value in fields.items()
        )
        return f"@{kind}{{{key},\n{''.join(lines)}}}"


def citation_file(root: Path, citation: Citation) -> str:
    """CITATION.cff with what the file of the repository cannot know: where it lives, and when.

    Args:
        root: the checkout.
        citation: from `read_citation`.
    """
    # Dates stay as they are written.
    fields = yaml.load((root / FILE).read_text(encoding="utf-8"), yaml.BaseLoader)
    fields |= {
        name: value
        for name, value in (
            ("repository-code", citation.repository),
            ("url", citation.address),
            ("commit", citation.commit),
            ("date-released", citation.date),
        )
        if value
    }
    text: str = yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=100)
    return text


class _Author(BaseModel):
    name: Printable


class _Fields(BaseModel):
    authors: list[_Author] = Field(min_length=1)
    title: Printable
    version: Token


def read_citation(root: Path) -> Citation:
    """The citation of the checkout at `root`; addresses come from the environment.

    That of the site is SITE_URL, and `read_repository` says where the source is.

    Raises:
        DataError: when CITATION.cff is missing or lacks a field.
    """
    path = root / FILE
    try:
        fields = _Fields.model_validate(yaml.safe_load(decoded(path)))
    except (OSError, yaml.YAMLError, ValueError, RecursionError) as error:
        raise DataError(
            f"Expected authors with a name, a title and a version in {path.name}. "
            f"Received: {reasons(error)}. Fix it."
        ) from error
    authors = tuple(author.name for author in fields.authors)
    commit, date = _committed(root)
    source = read_repository()
    return Citation(
        key=fields.title.split(":", maxsplit=1)[0],
        authors=authors,
        title=fields.title,
        version=fields.version,
        date=date,
        commit=commit,
        address=_address(),
        repository=source.address if source else "",
    )


def _address() -> str:
    """The address of the site, which the theme writes into every page as it is; empty for none."""
    address = os.environ.get("SITE_URL", "")
    if address and not re.fullmatch(r"https?://[\w.:~%/-]+", address):
        raise DataError(
            "Expected an address such as https://example.org/bn/ in SITE_URL. "
            f"Received: {address!r}. Fix or unset it."
        )
    return address


def _committed(root: Path) -> tuple[str, str]:
    """The short commit of the checkout and its day; both empty where nobody knows.

    In an archive that git made, a zip say, git has written both into `ARCHIVED`.
    """
    if checkout.is_checkout(root):
        text = checkout.git(root, "show", "--no-patch", "--format=%h %cs", "HEAD")
    else:
        path = root / ARCHIVED
        text = path.read_text(encoding="utf-8") if path.exists() else ""
    match = re.fullmatch(r"([0-9a-f]+) (\d{4}-\d\d-\d\d)", (text or "").strip())
    return (match[1], match[2]) if match else ("", "")
