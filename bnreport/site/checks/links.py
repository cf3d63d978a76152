"""Links, downloads and style sheets of a page that lead nowhere, or away."""

import json
import posixpath
import re
from collections.abc import Iterator
from urllib.parse import SplitResult, unquote, urlsplit

from bnreport.site.checks.fault import ERROR_PAGE, Fault, Tree

# A link element with such a relation names an address and loads nothing.
NAMING = {"alternate", "author", "canonical", "license", "me", "next", "prev"}
LOADED = (
    "//@src | //@poster | //@background | //@ping | //object/@data | //image/@href | //use/@href"
    " | //image/@*[name()='xlink:href'] | //use/@*[name()='xlink:href']"
)
# A link that begins before another one has ended, which a browser ends there and then.
NESTED = re.compile(rb"<a\s[^>]*>((?:(?!</?a[\s>]).)*)<a\s", re.DOTALL | re.IGNORECASE)
CSS_URL = re.compile(r"""url\(\s*(["']?)(.*?)\1\s*\)""")
CSS_IMPORT = re.compile(r"""@import\s+["']([^"']+)["']""")
# Where nobody but who wrote it finds anything.
HERE = re.compile(r"localhost|127\.[\d.]+|0\.0\.0\.0|::1|.*\.local(?:host)?")
# Attributes that name other elements of the page by their ids.
NAMES = ("for", "headers", "list", "popovertarget", "aria-activedescendant", "aria-controls",
         "aria-describedby", "aria-details", "aria-labelledby", "aria-owns")  # fmt: skip


def address_faults(
    page: str, tree: Tree, files: set[str], anchors: dict[str, set[str]]
) -> Iterator[Fault]:
    """Yield the addresses of a page that lead nowhere, or load from elsewhere."""
    loaded = set(_loaded(tree))
    yield from filter(None, map(foreign_fault, loaded))
    if page != ERROR_PAGE:
        followed = set(tree.xpath("//a/@href | //area/@href | //link/@href"))
        for address in followed | {each for each in loaded if not foreign_fault(each)}:
            if broken := why_broken(page, address, files, anchors):
                yield broken
    for name in NAMES:
        for value in tree.xpath(f"//@{name}"):
            for part in set(value.split()) - anchors.get(page, set()):
                yield "missing anchor", f"{name}={part}"[:120], "Name an id of the page"


def nested_links(text: bytes) -> Iterator[Fault]:
    """Yield the links of a page that hold another one; a parsed page no longer shows them."""
    for start in NESTED.finditer(text):
        around = " ".join(start[1].decode("utf-8", "replace").split())
        yield "link within a link", around[:80], "Let one of the two be plain text"


def data_faults(page: str, tree: Tree, files: set[str]) -> Iterator[Fault]:
    """Yield what the page's JSON-LD offers for download and the site does not hold."""
    canonical = "".join(tree.xpath("//link[@rel='canonical']/@href")[:1])
    for text in tree.xpath("//script[@type='application/ld+json']/text()"):
        try:
            addresses = [*_offered(json.loads(text, parse_constant=_no_number))]
        except ValueError as error:
            yield "JSON-LD that does not parse", str(error), "Write it as JSON"
            continue
        for address in addresses:
            target = _own(address, page, canonical)
            if target is not None and target not in files:
                yield "broken address in JSON-LD", address, "Name a file of the site"


def _no_number(word: str) -> object:
    raise ValueError(f"{word} is not a number of JSON")


def _offered(value: object) -> Iterator[str]:
    """Yield every `contentUrl` at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "contentUrl":
                yield str(inner)
            else:
                yield from _offered(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _offered(inner)


def _own(address: str, page: str, canonical: str) -> str | None:
    """Return the file of this site that an address names; None for another site's."""
    root = canonical.removesuffix(page).removesuffix("index.html")
    if root and address.startswith(root):
        return unquote(urlsplit(address.removeprefix(root)).path)
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))


def _loaded(tree: Tree) -> Iterator[str]:
    """Yield every address that a browser fetches by itself to show the page."""
    yield from tree.xpath(LOADED)
    for sources in tree.xpath("//@srcset"):
        yield from (source.split()[0] for source in sources.split(",") if source.strip())
    for link in tree.xpath("//link[@href]"):
        if not NAMING.intersection((link.get("rel") or "").lower().split()):
            yield link.get("href")
    for style in tree.xpath("//style/text() | //@style"):
        yield from style_addresses(style)


def style_addresses(text: str) -> Iterator[str]:
    """Every address that a style sheet loads."""
    yield from (match[2] for match in CSS_URL.finditer(text))
    yield from CSS_IMPORT.findall(text)


def foreign_fault(address: str) -> Fault | None:
    """Yield an address if a page would load it from another server."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        # What is wrong with it is told by `why_broken`.
        return None
    if parts.netloc or parts.scheme in {"http", "https"}:
        return "third-party address", address[:120], "Keep a copy in the site and load that"
    return None


def _why_nobody_gets_there(parts: SplitResult, host: str) -> Fault | None:
    """Return why an address of another server leads readers nowhere, or elsewhere."""
    address = parts.geturl()[:120]
    if not parts.scheme:
        return "address without a scheme", address, "Begin it with https:"
    if (parts.username is not None and parts.netloc) or HERE.fullmatch(host):
        return "address that leads no reader there", address, "Name a public server alone"
    return None


def why_broken(
    page: str, address: str, files: set[str], anchors: dict[str, set[str]]
) -> Fault | None:
    """Return why a relative address leads nowhere, or None."""
    try:
        parts = urlsplit(address.strip())
        host = parts.hostname or ""
    except ValueError as error:
        return "broken address", address[:120], f"Mend it: {error}"
    if parts.scheme or parts.netloc:
        return _why_nobody_gets_there(parts, host)
    if parts.path.startswith("/"):
        return (
            "address from the root",
            address,
            "Make it relative: the site must open from a folder",
        )
    folder = posixpath.dirname(page)
    target = posixpath.normpath(posixpath.join(folder, unquote(parts.path))) if parts.path else page
    if target not in files:
        return "broken address", address, f"Name a file of the site; {target} is none"
    fragment = unquote(parts.fragment)
    if fragment in {"", "top"} or target not in anchors or fragment in anchors[target]:
        return None
    return "missing anchor", address, f"Name an id that {target} has"
