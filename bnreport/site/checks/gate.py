"""The gate: reads the finished site as a reader's browser would, and lists what is broken."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import lxml.html

from bnreport.errors import GateError
from bnreport.pages.cache import Cache, key_of
from bnreport.pages.source_digests import source_digest
from bnreport.site import policy
from bnreport.site.checks import active, data
from bnreport.site.checks.fault import ERROR_PAGE, Fault, SiteFault, Tree
from bnreport.site.checks.files import unless_sound, unseen
from bnreport.site.checks.links import (
    address_faults,
    data_faults,
    foreign_fault,
    nested_links,
    style_addresses,
    why_broken,
)
from bnreport.site.checks.text import RULES


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
            "Fix each line as it says, then build again."
        )


def inspect(
    site: Path,
    expected_pages: Sequence[str],
    theme: Collection[str] | None = None,
    cache: Cache | None = None,
) -> list[SiteFault]:
    """Return every fault of the site, sorted by page; the cost is linear in the site's size.

    Args:
        site: The folder that mkdocs wrote.
        expected_pages: The pages that must be there, relative to the folder ("studies/a.html").
        theme: The scripts that the theme brings; by default those of the error page.
        cache: Where files without a fault are noted; by default nowhere.
    """
    cache = cache or Cache()
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    texts = {name: (site / name).read_bytes() for name in files if name.endswith(".html")}
    trees = {name: _parse(text) for name, text in texts.items()}
    anchors = {name: set(tree.xpath("//@id | //a/@name")) for name, tree in trees.items()}
    problems = {
        SiteFault(page, "missing page", "no such file", "Stage it, or take it out of the page list")
        for page in expected_pages
        if page not in files
    }
    problems |= {
        SiteFault(name, "link in place of a file", "a symbolic link", "Copy what it leads to")
        for name in files
        if (site / name).is_symlink()
    }
    problems |= set(_same_titles(trees))
    if theme is None:
        theme = policy.known(trees[ERROR_PAGE]) if ERROR_PAGE in trees else set()
    for page, tree in trees.items():
        problems |= {
            SiteFault(page, *finding) for finding in _by_itself(texts[page], tree, theme, cache)
        }
        problems |= {
            SiteFault(page, *finding) for finding in address_faults(page, tree, files, anchors)
        }
        problems |= {SiteFault(page, *finding) for finding in data_faults(page, tree, files)}
    for sheet in (name for name in files if name.endswith(".css")):
        text = (site / sheet).read_text(encoding="utf-8")
        for address in style_addresses(text):
            finding = foreign_fault(address) or why_broken(sheet, address, files, anchors)
            problems |= {SiteFault(sheet, *finding)} if finding else set()
    problems |= {*data.faults(site, files)}
    columns = data.columns(site)
    for name in files - trees.keys():
        content = (site / name).read_bytes()
        faults = unseen(name, content, files, cache, columns.get(name, {}))
        problems |= {SiteFault(name, *finding) for finding in faults}
    return sorted(problems)


def _by_itself(text: bytes, tree: Tree, theme: Collection[str], cache: Cache) -> list[Fault]:
    """The faults of a page that no other file has a part in."""

    def find() -> Iterator[Fault]:
        for rule in RULES:
            yield from rule(tree)
        yield from active.findings(tree, theme)
        yield from nested_links(text)
        yield from _half(text)

    key = key_of("page", text, *sorted(theme), source_digest(__name__))
    return unless_sound(cache, key, find)


def _half(text: bytes) -> Iterator[Fault]:
    """Yield what shows that a page was cut, or holds what no parser shows."""
    lines = text.strip()
    if not lines[:15].lower().startswith(b"<!doctype html>") or not lines.endswith(b"</html>"):
        yield "half a page", "no <!doctype html> before it, or no </html> behind", "Build again"
    if b"\0" in text:
        yield "sign that nobody sees", "U+0000", "Take it out of what the page is made from"
    try:
        text.decode()
    except UnicodeDecodeError as error:
        yield "damaged page", f"no UTF-8: {error.reason} at byte {error.start}", "Build again"


def _same_titles(trees: Mapping[str, Tree]) -> Iterator[SiteFault]:
    pages: dict[str, str] = {}
    for page, tree in trees.items():
        title = (tree.findtext(".//head/title") or "").strip()
        if other := pages.get(title):
            yield SiteFault(page, "title of two pages", f"{title!r}, as {other}", "Give it its own")
        if title:
            pages[title] = page


def _parse(text: bytes) -> Tree:
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    return lxml.html.document_fromstring(text or b"<html></html>", parser=parser)
