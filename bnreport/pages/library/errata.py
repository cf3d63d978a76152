"""List what was wrong on the site and is mended: from TOML to entries, and to a feed of them."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from pydantic import ConfigDict, TypeAdapter

from bnreport.errors import DataError
from bnreport.pages.library.citation import Citation
from bnreport.protocol.frozen import Frozen
from bnreport.records.documents import read_toml

FEED = "errata.atom"
# The section of the site that lists all of them.
LIST = "learn/limits.html#errata"
ATOM = "http://www.w3.org/2005/Atom"
_NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "bnreport/errata")


@dataclass(frozen=True)
class Erratum:
    """A fault that was mended on that day: where it was, what was wrong, and what stands now.

    `page` is the address of the page below the root of the site, `title` its name.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    date: dt.date
    page: str
    title: str
    wrong: str
    mended: str


class _Errata(Frozen):
    errata: tuple[Erratum, ...] = ()


def read_errata(path: Path) -> list[Erratum]:
    """The entries of a TOML file, a table `errata` each, the latest first.

    Raises:
        DataError: when the file is no such TOML.
    """
    content = "[[errata]] tables with date, page, title, wrong and mended"
    entries = read_toml(path, TypeAdapter(_Errata), content, "Fix it.", DataError).errata
    return sorted(entries, key=lambda entry: entry.date, reverse=True)


def feed(entries: Sequence[Erratum], citation: Citation, absent: Collection[str] = ()) -> str:
    """The errata as a feed of Atom, RFC 4287, for programs that tell their readers of new ones.

    Its links are whole where the address of the site is known, and else begin at the site's root.
    An entry is named by its day, its page and its place among those of both, so that its name stays
    when words of it are mended, another entry comes or the site moves.

    Args:
        entries: the errata as `read_errata` gives them, the latest first.
        citation: who says so, and the address of the site.
        absent: addresses of pages that are not part of this site.
    """
    site = citation.address and citation.address.rstrip("/") + "/"
    root = Element("feed", {"xmlns": ATOM, "xml:lang": "en"})
    _say(root, "title", f"Errata of {citation.title}")
    _say(root, "id", _NAMES.urn)
    _say(root, "updated", _first_second(max(entry.date for entry in entries)))
    for name in citation.authors:
        _say(SubElement(root, "author"), "name", name)
    _lead(root, "alternate", site + LIST)
    if site:
        _lead(root, "self", site + FEED)
    before: Counter[tuple[dt.date, str]] = Counter()
    for entry in entries:
        where = entry.date, entry.page
        part = SubElement(root, "entry")
        _say(part, "title", entry.title)
        name = f"{entry.date} {entry.page} {before[where]}"
        _say(part, "id", uuid.uuid5(_NAMES, name).urn)
        _say(part, "updated", _first_second(entry.date))
        _lead(part, "alternate", site + (LIST if entry.page in absent else entry.page))
        _say(part, "content", f"What was wrong: {entry.wrong}\n\nWhat stands now: {entry.mended}")
        before[where] += 1
    indent(root)
    return tostring(root, encoding="unicode") + "\n"


def _say(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def _lead(parent: Element, how: str, address: str) -> None:
    SubElement(parent, "link", {"rel": how, "href": address})


def _first_second(day: dt.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
