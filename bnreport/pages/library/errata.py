"""List what was wrong on the site and is mended: from TOML to entries."""

import datetime as dt
import tomllib
from dataclasses import dataclass
from pathlib import Path

from bnreport.errors import PageError


@dataclass(frozen=True)
class Erratum:
    """A fault that was mended on that day: where it was, what was wrong, and what stands now.

    `page` is the address of the page below the root of the site, `title` its name.
    """

    date: dt.date
    page: str
    title: str
    wrong: str
    mended: str


def read_errata(path: Path) -> list[Erratum]:
    """The entries of a TOML file, a table `errata` each, the latest first.

    Raises:
        PageError: when the file is no such TOML.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("errata", [])
        entries = [Erratum(**fields) for fields in tables]
        return sorted(entries, key=lambda entry: entry.date, reverse=True)
    except (tomllib.TOMLDecodeError, TypeError, AttributeError) as error:
        raise PageError(
            "Expected [[errata]] tables with date, page, title, wrong and mended in "
            f"{path.name}. Received: {error}. Fix it."
        ) from error
