"""How the site is cited: from CITATION.cff and the commit to a sentence and BibTeX."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bnreport.errors import PageError

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class Citation:
    """What a citation needs; `date` (year-month-day), `commit` and `address` may be unknown: ""."""

    key: str
    authors: tuple[str, ...]
    title: str
    version: str
    date: str = ""
    commit: str = ""
    address: str = ""

    @property
    def sentence(self) -> str:
        """The citation as prose."""
        year = f" ({self.date[:4]})" if self.date else ""
        built = f" of {self.date}" if self.date else ""
        return f"{' and '.join(self.authors)}{year}. {self.title}. Version {self.version}{built}."

    @property
    def bibtex(self) -> str:
        """The citation as an entry of BibTeX."""
        fields = {
            "author": f"{{{' and '.join(self.authors)}}}",
            "title": self.title,
            "version": self.version,
        }
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
        return f"@software{{{self.key},\n{''.join(lines)}}}"


def read_citation(root: Path) -> Citation:
    """The citation of the checkout at `root`; the address is the environment's SITE_URL.

    Raises:
        PageError: when CITATION.cff is missing or lacks a field.
    """
    path = root / "CITATION.cff"
    try:
        found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        authors = tuple(author["name"] for author in found["authors"])
        title, version = str(found["title"]), str(found["version"])
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise PageError(
            f"Expected authors with a name, a title and a version in {path.name}. "
            f"Received: {error!r}. Do mend it."
        ) from error
    commit, date = _committed(root)
    address = os.environ.get("SITE_URL", "")
    key, *_ = title.split(":", maxsplit=1)
    return Citation(key, authors, title, version, date, commit, address)


def _committed(root: Path) -> tuple[str, str]:
    """The short commit of the checkout and its day; both empty outside of one."""
    try:
        done = subprocess.run(
            ["git", "show", "--no-patch", "--format=%h %cs", "HEAD"],
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
    except (OSError, subprocess.SubprocessError):
        return "", ""
    commit, date = done.stdout.split()
    return commit, date
