"""The files of the finished site that are no pages: figures, data, the search index, scripts."""

import ast
import builtins
import csv
import gzip
import json
import posixpath
import re
import tomllib
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import lxml.html
import yaml
from lxml import etree

from bnreport.pages.cache import Cache, key_of
from bnreport.pages.library.errata import ATOM, FEED
from bnreport.pages.source_digests import source_digest
from bnreport.site.checks.active import dangers
from bnreport.site.checks.fault import ERROR_PAGE
from bnreport.site.checks.text import (
    CONFLICT,
    NO_VALUE,
    NO_WORD,
    PLACES,
    PRINTED,
    UNSEEN,
    marks_in,
    misplaced,
    object_in,
)

Fault = tuple[str, str, str]
Rule = Callable[[bytes], Iterator[Fault]]

# What a drawing may hold beside these: nothing that runs, moves, or is no drawing.
STILL = set(
    "svg g defs clipPath linearGradient radialGradient stop pattern marker mask symbol title desc "
    "style tspan textPath metadata RDF Work type format creator Agent date title".split()
)
DRAWN = {"circle", "ellipse", "image", "line", "path", "polygon", "polyline", "rect", "text", "use"}
INDEXES = {"search_index.json", "search_index.js"}
SITEMAPS = {"sitemap.xml", "sitemap.xml.gz"}
LOCATION = "{*}url/{*}loc"
# The theme shows what it finds as HTML, of which the index keeps these.
INDEXED = {"code", "div", "li", "ol", "p", "pre", "ul"}
SVG = "{http://www.w3.org/2000/svg}svg"
PNG = b"\x89PNG\r\n\x1a\n"
INDEX = re.compile(r"\s*var __index = (.*?);?\s*", re.DOTALL)
REMOTE = re.compile(
    r"""\b(?:from|import|fetch|importScripts|sendBeacon|Worker|WebSocket|EventSource)\b"""
    r"""\s*\(?\s*["'`]((?:https?:|wss?:)?//[^"'`]+)["'`]"""
    r"""|\.open\(\s*["'`]\w+["'`]\s*,\s*["'`]((?:https?:)?//[^"'`]+)["'`]"""
)
# Our own scripts name no server at all, but what SVG is called, and run no text.
SERVER = re.compile(r"\b(?:https?|wss?)://(?!www\.w3\.org/)[^\s\"'`]+")
RUNS = re.compile(r"\beval\(|\bFunction\(|\bdocument\.write\(")
STYLE_ADDRESS = re.compile(r"""url\(\s*["']?(?!#)(?!data:image/)|@import""")
# What of a style sheet holds no rule of it.
STRINGS = re.compile(r"""/\*.*?\*/|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", re.DOTALL)
# A spreadsheet takes a cell for a formula that begins so; numbers and dashes alone may.
FORMULA = re.compile(r"[=+@\t\r]|-(?!\d*\.?\d+(?:e[+-]?\d+)?$)(?=.)", re.IGNORECASE)
# A moment as RFC 3339 writes it.
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")
# How Python and JavaScript write it; nothing at all is what a table says.
# What figures call a net without a layer, and how a run ended.
LABELS = {"none", "NaN"}
NONE = {"nan", "None", "undefined", "null", "inf", "-inf", "[object Object]"}
NUMBER = re.compile(r"[+-]?(?:\d*\.?\d+(?:e[+-]?\d+)?|inf)", re.IGNORECASE)
# What a cell of a column may hold, by the type that the data package says; nothing is allowed.
TYPES = {
    "number": NUMBER,
    "integer": re.compile(r"[+-]?\d+"),
    "boolean": re.compile(r"0|1|true|false", re.IGNORECASE),
}
# The folder of programs that readers download, each of one file.
DOWNLOADS = "downloads/"
# Those of scripts and sheets: ours, and the theme's among them, whose last line need not end.
OWN, THEME = "assets/", "assets/javascripts/"
# Kinds of files that no rule here reads: pages have rules of their own, maps are for debuggers.
UNREAD = (".html", ".map", ".xml.gz")
# The type of each column of a table by its name; none where nobody says.
Columns = Mapping[str, str]


def unseen(
    name: str, content: bytes, files: Collection[str], cache: Cache, columns: Columns | None = None
) -> list[Fault]:
    """The faults of a file; a sound one is not checked again while its bytes and the rules stay.

    Args:
        name: the file, relative to the site.
        content: what it holds.
        files: every file of the site.
        cache: where files without a fault are noted.
        columns: the types of a table's columns, if it is one and they are known.
    """
    if Path(name).name in {*INDEXES, *SITEMAPS, FEED}:
        # What is wrong with it depends on the other files.
        return [*findings(name, content, files)]
    types = json.dumps(dict(columns or {}))
    key = key_of("".join(Path(name).suffixes), content, types, source_digest(__name__))
    return unless_sound(cache, key, lambda: findings(name, content, files, columns))


def unless_sound(cache: Cache, key: str, find: Callable[[], Iterable[Fault]]) -> list[Fault]:
    """The faults of what has that key; what was found without any is not checked again."""
    if cache.read("clean", key) is not None:
        return []
    faults = [*find()]
    if not faults:
        cache.write("clean", key, b"")
    return faults


def findings(
    name: str, content: bytes, files: Collection[str], columns: Columns | None = None
) -> Iterator[Fault]:
    """Yield what is wrong with a file, by the end of its name.

    Args:
        name: the file, relative to the site.
        content: what it holds.
        files: every file of the site.
        columns: the types of a table's columns, if it is one and they are known.
    """
    own: dict[str, Rule] = {".csv": partial(_table, columns=columns or {})}
    if name.startswith(DOWNLOADS):
        own[".py"] = _program
    if name.startswith(OWN) and not name.startswith(THEME):
        own[".js"] = _own_script
    if not name.endswith((*RULES, *own, *UNREAD)):
        do = "Take it out, or write a rule for it in bnreport/site/checks/files.py"
        yield "file of a strange kind", Path(name).name, do
    for ending, rule in {**RULES, **own}.items():
        if name.endswith(ending):
            try:
                yield from rule(content)
            except (
                ValueError,
                RecursionError,
                etree.XMLSyntaxError,
                csv.Error,
                EOFError,
                OSError,
                zlib.error,
            ) as error:
                reason = str(error).splitlines()[0] if str(error) else "an empty file"
                yield "damaged file", reason, "Build again; if it stays, mend what writes it"
    if Path(name).name in INDEXES:
        yield from _search(content, files)
    if name == FEED:
        yield from _leading(content, files)
    if Path(name).name in SITEMAPS:
        yield from _sitemap(name, content, files)


def _figure(content: bytes) -> Iterator[Fault]:
    tree = _xml(content)
    yield from _strange(tree)
    shown = tree.xpath("//*[not(ancestor::*[local-name()='defs' or local-name()='clipPath'])]")
    if not any(_local(element.tag) in DRAWN and element.get("d") != "" for element in shown):
        yield "empty figure", "nothing is drawn", "Draw it again"
    for element in tree.iter():
        if isinstance(element.tag, str):
            yield from _drawn(element)


def _strange(tree: Any) -> Iterator[Fault]:
    """Yield what stands around a drawing, or in place of one."""
    rule, do = "figure that is more than a picture", "Draw it without"
    inside = tree.getroottree().docinfo.internalDTD
    if inside is not None and any(inside.iterentities()):
        yield rule, "entities of its own", do
    if tree.tag != SVG:
        yield rule, f"<{_local(tree.tag)}>", do
    if tree.xpath("/processing-instruction() | //processing-instruction()"):
        yield rule, "an instruction", do


def _drawn(element: Any) -> Iterator[Fault]:
    """Yield what an element of a drawing may not be, hold or say."""
    tag, rule, do = _local(element.tag), "figure that is more than a picture", "Draw it without"
    if tag not in STILL | DRAWN:
        yield rule, f"<{tag}>", do
    for full, value in element.attrib.items():
        attribute = _local(full)
        inside = value.startswith(("#", "data:image/")) and "svg" not in value[:20]
        if attribute.startswith("on") or (attribute == "href" and not inside):
            yield rule, f"{attribute}={value[:80]}", do
        if attribute in PLACES and (none := misplaced(value)):
            yield "drawing at no place", none, "Mend what works it out"
    style = (element.text if tag == "style" else element.get("style")) or ""
    if STYLE_ADDRESS.search(style):
        yield rule, "a style with an address", do
    words = "" if tag == "style" else element.text
    for text in filter(None, (words, element.tail, element.get("aria-label"))):
        none_such = NO_VALUE.fullmatch(text.strip()) or NO_WORD.search(text)
        if none_such and text.strip() not in LABELS:
            yield "value that is none", f"{text.strip()} in a figure", "Mend what works it out"
        yield from _written(text)
        if printed := PRINTED.search(text):
            yield "printed by a program", printed[0], "Write it as 10⁻⁵"


def _xml(content: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(content, parser)


def _written(text: str) -> Iterator[Fault]:
    """Yield what no text of a picture, of a table or of the index may hold."""
    if sign := UNSEEN.search(text):
        do = "Take it out of what the file is made from"
        yield "sign that nobody sees", f"U+{ord(sign[0]):04X} in {text[:60]!a}", do
    if mark := marks_in(text):
        yield "leftover template mark", mark, "Close or rename the mark"
    if shown := object_in(text):
        yield "object of Python", shown, "Say it in words, or as a number"


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _constant(word: str) -> object:
    raise ValueError(f"{word} is not a number of JSON")


def _json(content: bytes) -> Any:
    return json.loads(content.decode(), parse_constant=_constant)


def _parsed(content: bytes) -> Iterator[Fault]:
    _json(content)
    yield from ()


def _lines(content: bytes) -> Iterator[Fault]:
    lines = content.decode().split("\n")
    if lines.pop() or not lines:
        yield "damaged file", "no line, or one that does not end", "Build again"
    for number, line in enumerate(lines, start=1):
        try:
            _json(line.encode())
        except ValueError as error:
            yield "damaged file", f"line {number}: {error}", "Build again"


def _table(content: bytes, columns: Columns) -> Iterator[Fault]:
    head, *rows = csv.reader(content.decode().splitlines(), strict=True)
    if not content.endswith(b"\n"):
        yield "half a file", "no end of its last line", "Build again"
    if len({*map(tuple, rows)}) < len(rows):
        yield "damaged table", "a row twice", "Mend what writes it"
    if len(set(head)) < len(head) or not all(head):
        yield "damaged table", f"column heads {head}", "Give every column a name of its own"
    if columns and head != [*columns]:
        yield "other columns than data/datapackage.json says", ", ".join(head)[:120], "Build again"
    if not rows:
        yield "table without a row", "a head alone", "Publish what was measured, or no such file"
    for number, row in enumerate(rows, start=2):
        if len(row) != len(head):
            yield "damaged table", f"{len(row)} cells in line {number}", "Build again"
    for name, cells in zip(head, zip(*rows, strict=False), strict=False):
        yield from _column(name, {name, *cells}, columns.get(name, ""))


def _column(name: str, cells: Collection[str], kind: str) -> Iterator[Fault]:
    """Yield what no cell may hold, and the first word of a column of numbers."""
    pattern, words = TYPES.get(kind), []
    for cell in cells:
        if pattern and cell and cell != name and not pattern.fullmatch(cell):
            words.append(cell)
        if cell in NONE or cell.casefold() == "nan":
            yield "value that is none", cell, "Leave the cell empty"
        if NUMBER.fullmatch(cell):
            continue
        if UNSEEN.search(cell):
            do = "Take it out of what the file is made from"
            yield "sign that nobody sees", f"{cell[:60]!a}", do
        if FORMULA.match(cell):
            do = "Begin it otherwise: a spreadsheet would run it"
            yield "formula in a table", cell[:80], do
        if shown := object_in(cell):
            yield "object of Python", shown, "Say it in words, or as a number"
    if words:
        do = "Write a number there, or nothing"
        yield f"word in a column of type {kind}", f"{name}: {min(words)[:60]}", do


def _script(content: bytes) -> Iterator[Fault]:
    yield from _merged(content)
    if not content.strip():
        yield "empty file", "no word", "Build again; if it stays, mend what writes it"
    for match in REMOTE.finditer(content.decode()):
        target = match[1] or match[2]
        yield "third-party address", target[:120], "Keep a copy in the site and load that"


def _own_script(content: bytes) -> Iterator[Fault]:
    yield from _script(content)
    yield from _text(content)
    text = content.decode()
    for match in SERVER.finditer(text):
        yield "third-party address", match[0][:120], "Keep a copy in the site and load that"
    for match in RUNS.finditer(text):
        yield "script that runs a text", match[0], "Write what it is to do as code"


def _sheet(content: bytes) -> Iterator[Fault]:
    yield from _merged(content)
    # Neither words in quotes nor remarks count.
    plain = STRINGS.sub("", content.decode())
    if not plain.strip() or plain.count("{") != plain.count("}"):
        yield "half a file", "no rule, or one that does not end", "Build again"


def _font(content: bytes) -> Iterator[Fault]:
    if content[:4] != b"wOF2" or int.from_bytes(content[8:12]) != len(content):
        yield "damaged file", "no WOFF2, or half of one", "Build again"


def _tables(content: bytes) -> Iterator[Fault]:
    yield from _text(content)
    tomllib.loads(content.decode())


def _code(content: bytes) -> Iterator[Fault]:
    yield from _text(content)
    try:
        ast.parse(content)
    except SyntaxError as error:
        yield "half a file", f"no Python: {error}", "Build again"


def _merged(content: bytes) -> Iterator[Fault]:
    if b"\0" in content:
        yield "damaged file", "a NUL", "Build again"
    if match := CONFLICT.search(content.decode()):
        yield "half a merge", match[0][:120], "Decide for one side, and take the marks out"


def _text(content: bytes) -> Iterator[Fault]:
    yield from _merged(content)
    if not content.strip():
        yield "empty file", "no word", "Build again; if it stays, mend what writes it"
    elif not content.endswith(b"\n"):
        yield "half a file", "no end of its last line", "Build again"


def _program(content: bytes) -> Iterator[Fault]:
    """Yield what shows that a program which readers download was cut."""
    if broken := [*_code(content)]:
        yield from broken
        return
    tree = ast.parse(content)
    missing, idle = _open_ends(tree)
    if missing or idle:
        odd = ", ".join((missing or idle)[:5])
        received = f"nothing {'defines' if missing else 'uses'} {odd}"
        yield "half a file", received, "Build again, or mend the program"
    # What runs it stands at the end of a whole one.
    names = [part.name for part in tree.body if isinstance(part, ast.FunctionDef)]
    if "main" in names and not isinstance(tree.body[-1], ast.If):
        yield "half a file", "no `if __name__ == ...` at its end", "Build again"


def _open_ends(tree: ast.Module) -> tuple[list[str], list[str]]:
    """The names that a program uses and does not define, and those that it imports in vain."""
    defined, used, imported = {*dir(builtins), "__file__"}, set(), set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                used.add(name)
            case ast.Name(id=name) | ast.arg(arg=name) | ast.MatchAs(name=str(name)):
                defined.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                defined.add(name)
            case ast.MatchStar(name=str(name)) | ast.ExceptHandler(name=str(name)):
                defined.add(name)
            case ast.alias(name=name, asname=other):
                imported.add(other or name.partition(".")[0])
    return sorted(used - defined - imported), sorted(imported - used - {"annotations"})


def _cited(content: bytes) -> Iterator[Fault]:
    yield from _text(content)
    try:
        cited = yaml.safe_load(content)
    except yaml.YAMLError as error:
        yield "damaged file", f"no YAML: {error}".splitlines()[0], "Build again"
        return
    keys = ("cff-version", "message", "title", "authors", "license")
    if missing := [key for key in keys if not isinstance(cited, dict) or key not in cited]:
        yield "half a file", f"no {', '.join(missing)}", "Build again"


def _addressed(content: bytes) -> Iterator[Fault]:
    _xml(content)
    yield from ()


def _packed(content: bytes) -> Iterator[Fault]:
    _xml(gzip.decompress(content))
    yield from ()


def _feed(content: bytes) -> Iterator[Fault]:
    root = _xml(content)
    do = "Mend what writes it: bnreport/pages/library/errata.py"
    parts = [root, *root.iterfind(f"{{{ATOM}}}entry")]
    if root.tag != f"{{{ATOM}}}feed" or len(parts) == 1:
        yield "damaged feed", "no entry of Atom", do
    for part in parts:
        words = {
            name: part.findtext(f"{{{ATOM}}}{name}") or "" for name in ("id", "title", "updated")
        }
        if missing := [name for name, text in words.items() if not text.strip()]:
            yield "damaged feed", f"an entry without {', '.join(missing)}", do
        elif not INSTANT.fullmatch(words["updated"]):
            yield "damaged feed", f"updated {words['updated'][:40]}", do
    ids = [part.findtext(f"{{{ATOM}}}id") for part in parts]
    if len({*ids}) < len(ids):
        yield "damaged feed", "a name twice", do
    for element in root.iter():
        yield from _written(element.text or "")


def _leading(content: bytes, files: Collection[str]) -> Iterator[Fault]:
    """Yield the links of a feed that lead to no file of the site; where it lies is its own link."""
    try:
        links = [*_xml(content).iter(f"{{{ATOM}}}link")]
    except etree.XMLSyntaxError:
        return
    own = [link.get("href", "") for link in links if link.get("rel") == "self"]
    site = own[0].removesuffix(FEED) if own else ""
    for address in (link.get("href", "") for link in links):
        if address.removeprefix(site).partition("#")[0] not in files:
            yield "broken link", address[:120], "Name a page of the site in docs/errata.toml"


def _picture(content: bytes) -> Iterator[Fault]:
    if not _is_png(content):
        yield "damaged file", "no PNG, or half of one", "Draw it again"


def _is_png(content: bytes) -> bool:
    """Say whether every part of a PNG is there and as its checksum says, to the last."""
    rest, kind, kinds = content.removeprefix(PNG), b"", set()
    while rest and content.startswith(PNG):
        size, kind = int.from_bytes(rest[:4]), rest[4:8]
        part, rest = rest[4 : 8 + size], rest[8 + size :]
        if zlib.crc32(part).to_bytes(4) != rest[:4]:
            return False
        rest = rest[4:]
        kinds.add(kind)
    return kind == b"IEND" and {b"IHDR", b"IDAT"} <= kinds


def _search(content: bytes, files: Collection[str]) -> Iterator[Fault]:
    text = content.decode(errors="replace")
    match = INDEX.fullmatch(text)
    try:
        entries = {
            str(entry["location"]): f"{entry['title']} {entry['text']}"
            for entry in _json((match[1] if match else text).encode())["docs"]
        }
    except (ValueError, KeyError, TypeError) as error:
        yield "damaged search index", repr(error)[:120], "Build again"
        return
    pages = {entry.partition("#")[0] for entry in entries}
    for page in sorted(pages - {*files}):
        yield "damaged search index", page[:120], "Build again; that is no page"
    for page in sorted(_pages(files) - pages):
        yield "damaged search index", f"without {page}", "Build again"
    for place, entry in entries.items():
        plain = entry.replace("\0", "\ufffd")
        tree = lxml.html.fragment_fromstring(plain, create_parent="div")
        strange = [text for _, text, _ in dangers(tree)]
        strange += [f"<{e.tag}>" for e in tree.iter() if e.tag not in INDEXED]
        if strange:
            yield "search index that runs", f"{place}: {strange[0]}", "Escape its text"
        for text in tree.xpath(".//text()[not(ancestor::code or ancestor::pre)]"):
            yield from _written(text)


def _pages(files: Collection[str]) -> set[str]:
    return {name for name in files if name.endswith(".html") and name != ERROR_PAGE}


def _sitemap(name: str, content: bytes, files: Collection[str]) -> Iterator[Fault]:
    try:
        tree = _xml(gzip.decompress(content) if name.endswith(".gz") else content)
    except (ValueError, EOFError, OSError, zlib.error, etree.XMLSyntaxError):
        # That it is damaged is told already.
        return
    named = [place.text or "" for place in tree.iterfind(LOCATION)]
    if _local(tree.tag) != "urlset":
        yield "damaged sitemap", f"<{_local(tree.tag)}>", "Build again"
    # A site without an address names none of its pages.
    if not named:
        return
    root = posixpath.commonprefix(named).rpartition("/")[0]
    pages = {place.removeprefix(f"{root}/") or "index.html" for place in named}
    for page in sorted(pages ^ _pages(files)):
        reason = f"without {page}" if page in files else f"no page: {page}"
        yield "damaged sitemap", reason, "Build again"


RULES: Mapping[str, Rule] = {
    ".svg": _figure,
    ".json": _parsed,
    ".ipynb": _parsed,
    ".jsonl": _lines,
    ".js": _script,
    ".css": _sheet,
    ".txt": _text,
    ".py": _code,
    ".toml": _tables,
    ".woff2": _font,
    ".cff": _cited,
    ".bib": _text,
    ".xml": _addressed,
    ".atom": _feed,
    ".xml.gz": _packed,
    ".png": _picture,
}
