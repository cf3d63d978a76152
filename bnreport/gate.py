"""The gate: reads the finished site as a reader's browser would, and lists what is broken."""

import json
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import lxml.html

from bnreport import active, artifacts
from bnreport.cache import Cache
from bnreport.errors import GateError
from bnreport.reading import grade

Tree = Any
Finding = tuple[str, str, str]

# A server shows this page at any depth, so only the server knows where its links lead.
ERROR_PAGE = "404.html"

# Shell, Python and Jinja itself use such marks, so code, and what is not shown, may hold them.
COPIED = "*[@class='clipboard-copy-txt']"
UNREAD = ("annotation", "code", "pre", "script", "style", "template", COPIED)
READ = (
    f"//text()[not({' or '.join(f'ancestor::{name}' for name in UNREAD)})]"
    " | //@alt | //@title | //@aria-label | //meta/@content"
)
# Jinja's own, those of our pages, and a number's name in a sentence of `say`.
MARKS = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|\[%|%\]|\[##|\[\[|\]\]|\{[a-z][\w.-]+\}")
TEX = re.compile(r"\\[A-Za-z]+|\\[()\[\]{}]|\$\$|\$[^$\n]*[\\_^][^$\n]*\$")
# Where Markdown does not read, its mark of code is shown as it is.
BACKTICK = re.compile("`")
# An exponent as a program prints it.
PRINTED = re.compile(r"\d(?:\.\d+)?e[+-]\d\d")
TRACEBACK = "Traceback (most recent call last)"
# How Python and JavaScript write what is no number.
NO_VALUE = {"", "None", "nan", "inf", "-inf", "undefined", "null"}
# What nbconvert writes when a figure has no description.
NO_ALT = "No description has been provided for this image"

# Search engines cut what is longer.
MOST_CHARACTERS = 160
# Years of school that the text of a page may ask for.
HARDEST = 12
# The prose of a page: no lists of works, no notebook's output, and in it no code and no formulas.
BODY = (
    "//article//*[self::p or self::dd or (self::li and not(.//p))]"
    "[not(ancestor::ol[@class='references'] or ancestor::table or ancestor::figure)]"
)
NO_PROSE = " or ".join(f"ancestor::{name}" for name in ("code", "pre", "math", "script", "style"))

# A link element with such a relation names an address and loads nothing.
NAMING = {"alternate", "author", "canonical", "license", "me", "next", "prev"}
LOADED = (
    "//@src | //@poster | //object/@data | //image/@href | //use/@href"
    " | //image/@*[name()='xlink:href'] | //use/@*[name()='xlink:href']"
)
CSS_URL = re.compile(r"""url\(\s*(["']?)(.*?)\1\s*\)""")
CSS_IMPORT = re.compile(r"""@import\s+["']([^"']+)["']""")


@dataclass(frozen=True, order=True)
class Problem:
    """One fault of the site: where it is, which rule it breaks, what was found and what to do."""

    page: str
    what: str
    found: str
    do: str

    def __str__(self) -> str:
        """Return the fault as one line."""
        return f"{self.page}: {self.what}: {self.found}. {self.do}."


def check(
    site: Path,
    expected_pages: Sequence[str],
    theme: Collection[str] | None = None,
    cache: Cache | None = None,
) -> None:
    """Return nothing when the site has no fault.

    Args:
        site: The folder that mkdocs wrote.
        expected_pages: The pages that must be there, relative to the folder ("studies/a.html").
        theme: The scripts that the theme brings; by default those of the error page.
        cache: Where files without a fault are noted; by default nowhere.

    Raises:
        GateError: The site has faults; the message lists each with its page.
    """
    problems = inspect(site, expected_pages, theme, cache)
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise GateError(
            f"Expected no fault in the site {site}. Received: {len(problems)}.\n{lines}\n"
            "Do what each line says, then build again."
        )


def inspect(
    site: Path,
    expected_pages: Sequence[str],
    theme: Collection[str] | None = None,
    cache: Cache | None = None,
) -> list[Problem]:
    """Return every fault of the site, sorted by page; the cost is linear in the site's size.

    Args:
        site: The folder that mkdocs wrote.
        expected_pages: The pages that must be there, relative to the folder ("studies/a.html").
        theme: The scripts that the theme brings; by default those of the error page.
        cache: Where files without a fault are noted; by default nowhere.
    """
    cache = cache or Cache()
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    trees = {name: _parse(site / name) for name in files if name.endswith(".html")}
    anchors = {name: set(tree.xpath("//@id | //a/@name")) for name, tree in trees.items()}
    problems = {
        Problem(page, "missing page", "no such file", "Stage it, or take it out of the page list")
        for page in expected_pages
        if page not in files
    }
    problems |= set(_same_titles(trees))
    if theme is None:
        theme = active.known(trees[ERROR_PAGE]) if ERROR_PAGE in trees else set()
    for page, tree in trees.items():
        problems |= {Problem(page, *finding) for rule in RULES for finding in rule(tree)}
        problems |= {Problem(page, *finding) for finding in _addresses(page, tree, files, anchors)}
        problems |= {Problem(page, *finding) for finding in _described(page, tree, files)}
        problems |= {Problem(page, *finding) for finding in active.findings(tree, theme)}
    for sheet in (name for name in files if name.endswith(".css")):
        text = (site / sheet).read_text(encoding="utf-8")
        for address in _style_addresses(text):
            finding = _foreign(address) or _broken(sheet, address, files, anchors)
            problems |= {Problem(sheet, *finding)} if finding else set()
    for name in files - trees.keys():
        content = (site / name).read_bytes()
        found = artifacts.unseen(name, content, files, cache)
        problems |= {Problem(name, *finding) for finding in found}
    return sorted(problems)


def _same_titles(trees: Mapping[str, Tree]) -> Iterator[Problem]:
    pages: dict[str, str] = {}
    for page, tree in trees.items():
        title = (tree.findtext(".//head/title") or "").strip()
        if other := pages.get(title):
            yield Problem(page, "title of two pages", f"{title!r}, as {other}", "Give it its own")
        if title:
            pages[title] = page


def _parse(path: Path) -> Tree:
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    return lxml.html.document_fromstring(path.read_bytes() or b"<html></html>", parser=parser)


def _title(tree: Tree) -> Iterator[Finding]:
    if not (tree.findtext(".//head/title") or "").strip():
        yield "no title", "<title> is empty or absent", "Give the page a heading or a title"


def _text(tree: Tree) -> Iterator[Finding]:
    for text in tree.xpath(READ):
        if mark := MARKS.search(text):
            yield "leftover template mark", _around(text, mark), "Close or rename the mark"
        if printed := PRINTED.search(text):
            yield "printed by a program", _around(text, printed), "Write it as 10⁻⁵"
        if tex := TEX.search(text):
            yield "raw TeX", _around(text, tex), "Write a formula that converts to MathML"
        if tick := BACKTICK.search(text):
            yield (
                "backtick",
                _around(text, tick),
                "Let Markdown read it, or pass it through `coded`",
            )


def _traceback(tree: Tree) -> Iterator[Finding]:
    if TRACEBACK in tree.text_content():
        yield "traceback", TRACEBACK, "Mend the code that failed and run it again"


def _pictures(tree: Tree) -> Iterator[Finding]:
    do = "Describe the picture in its alt text"
    for image in tree.xpath("//img[not(@aria-hidden='true') and not(@role='presentation')]"):
        alt = (image.get("alt") or "").strip()
        if not alt or alt == NO_ALT:
            yield "picture without alt text", (image.get("src") or "<img>")[:80], do
    for drawing in tree.xpath("//svg[@role='img']"):
        named = drawing.get("aria-label") or drawing.get("aria-labelledby")
        if not (named or "").strip() and not (drawing.findtext("title") or "").strip():
            yield "picture without alt text", '<svg role="img">', do


def _values(tree: Tree) -> Iterator[Finding]:
    for part in tree.xpath("//td | //*[contains(concat(' ', @class, ' '), ' value ')]"):
        text = part.text_content().strip()
        # A cell of a table may be empty, or say None in English.
        if text in (NO_VALUE - {"", "None"} if part.tag == "td" else NO_VALUE):
            yield "value that is none", text or "an empty value", "Mend what works it out"


def _whole(tree: Tree) -> Iterator[Finding]:
    if not (tree.get("lang") or "").strip():
        yield "no language", "<html>", "Say in `lang` which language the page is in"
    if len(headings := tree.xpath("//h1")) != 1:
        yield "no heading of its own", f"{len(headings)} first-level headings", "Give it one"
    counted = Counter(tree.xpath("//@id"))
    for name in (name for name, times in counted.items() if times > 1):
        yield "an id twice", name, "Give one of the two another id: links reach only the first"


def _description(tree: Tree) -> Iterator[Finding]:
    texts = tree.xpath("//meta[@name='description']/@content")
    if not texts or not 0 < len(texts[0].strip()) <= MOST_CHARACTERS:
        found = f"{len(texts[0].strip())} characters" if texts else "none"
        do = f"Say in at most {MOST_CHARACTERS} what the page is about"
        yield "no short description", found, do


def _plain(tree: Tree) -> Iterator[Finding]:
    paragraphs = [" ".join(_words(part).split()) for part in tree.xpath(BODY)]
    text = [paragraph for paragraph in paragraphs if len(paragraph) > 1]
    if text and (found := grade(text)) > HARDEST:
        do = "Write shorter sentences and shorter words"
        yield "hard to read", f"grade {found:.1f} of at most {HARDEST}", do


def _words(part: Tree) -> str:
    return "".join(part.xpath(f".//text()[not({NO_PROSE})]"))


RULES: tuple[Callable[[Tree], Iterator[Finding]], ...] = (
    _title,
    _description,
    _text,
    _plain,
    _traceback,
    _pictures,
    _values,
    _whole,
)


def _addresses(
    page: str, tree: Tree, files: set[str], anchors: dict[str, set[str]]
) -> Iterator[Finding]:
    loaded = set(_loaded(tree))
    yield from filter(None, map(_foreign, loaded))
    if page != ERROR_PAGE:
        followed = set(tree.xpath("//a/@href | //area/@href | //link/@href"))
        for address in loaded | followed:
            if broken := _broken(page, address, files, anchors):
                yield broken


def _described(page: str, tree: Tree, files: set[str]) -> Iterator[Finding]:
    """Yield what the page's JSON-LD offers for download and the site does not hold."""
    canonical = "".join(tree.xpath("//link[@rel='canonical']/@href")[:1])
    for text in tree.xpath("//script[@type='application/ld+json']/text()"):
        try:
            addresses = [*_offered(json.loads(text))]
        except ValueError as error:
            yield "JSON-LD that does not parse", str(error), "Write it as JSON"
            continue
        for address in addresses:
            target = _own(address, page, canonical)
            if target is not None and target not in files:
                yield "broken address in JSON-LD", address, "Name a file of the site"


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
        yield from _style_addresses(style)


def _style_addresses(text: str) -> Iterator[str]:
    yield from (match[2] for match in CSS_URL.finditer(text))
    yield from CSS_IMPORT.findall(text)


def _foreign(address: str) -> Finding | None:
    parts = urlsplit(address.strip())
    if parts.netloc or parts.scheme in {"http", "https"}:
        return "third-party address", address[:120], "Keep a copy in the site and load that"
    return None


def _broken(
    page: str, address: str, files: set[str], anchors: dict[str, set[str]]
) -> Finding | None:
    """Return why a relative address leads nowhere, or None."""
    parts = urlsplit(address.strip())
    if parts.scheme or parts.netloc:
        return None
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


def _around(text: str, match: re.Match[str]) -> str:
    """Return the match with some words on either side, so that it can be found."""
    return " ".join(text[max(0, match.start() - 30) : match.end() + 30].split())
