"""Add what Markdown leaves out: boxes that scroll around tables, names for links to headings.

Options in code stay whole, which a browser would break after their hyphens, and long names may
break at their signs, or it would break them anywhere.

An extension of Python-Markdown; mkdocs.yml names it.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown  # type: ignore[import-untyped]
from markdown.extensions import Extension  # type: ignore[import-untyped]
from markdown.treeprocessors import Treeprocessor  # type: ignore[import-untyped]

from bnreport.presentation.phone import fits

BOX, TABLE, LINK = "table__scroll", "table", "headerlink"
# A table whose rows become cards on a phone says what its parts are: some browsers forget it.
CARDS = "table--cards"
ROLES = {
    ".": "table",
    "thead": "rowgroup",
    "tbody": "rowgroup",
    "*/tr": "row",
    "thead/tr/th": "columnheader",
    "tbody/tr/td": "cell",
}
OPTION = re.compile(r"(?<!\S)(--?[\w-]+)")
# A name that hardly fits a line, and the signs after which it may break.
LONG, SIGN = re.compile(r"\S{22,}"), re.compile(r"(?<=[.(=/_])(?=[^\W_])")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


class Parts(Treeprocessor):  # type: ignore[misc]
    """Complete the tables and the headings of a page."""

    def run(self, root: Element) -> None:
        """Change the tree in place."""
        _mend(root, "", dict(_names(getattr(self.md, "toc_tokens", ()))))
        _break_code(root)


def _break_code(parent: Element) -> None:
    """Say where a line may end within code.

    It may end behind a sign of a long name, and never within an option of a command, `--records`
    say.
    """
    for child in list(parent):
        if child.tag == "code" and LONG.search(child.text or ""):
            child.text, *rest = SIGN.split(child.text or "")
            for part in rest:
                SubElement(child, "wbr").tail = part
        elif child.tag == "code":
            before, *rest = OPTION.split(child.text or "")
            child.text = before
            for option, after in zip(rest[::2], rest[1::2], strict=True):
                whole = SubElement(child, "span", {"class": "whole"})
                whole.text, whole.tail = option, after
        elif child.tag != "pre":
            _break_code(child)


def _mend(parent: Element, heading: str, names: Mapping[str, str]) -> str:
    """Mend what lies below an element, in the order of the page; the heading that it ends under."""
    for place, child in enumerate(list(parent)):
        if child.tag in HEADINGS:
            heading = names.get(child.get("id", ""), heading)
            _name_link(child, heading)
        elif child.tag == "table":
            _complete(child)
            if BOX not in parent.get("class", "").split():
                parent[place] = _boxed(child, heading)
        else:
            heading = _mend(child, heading, names)
    return heading


def _names(tokens: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """The headings of a page as plain text, by their anchors."""
    for token in tokens:
        yield token["id"], html.unescape(re.sub(r"<[^>]*>", "", token["name"])).strip()
        yield from _names(token["children"])


def _name_link(heading: Element, name: str) -> None:
    """Say where the link of a heading leads; its mark stands in the style sheet, so none reads it.

    The first heading has no link: it is the page.
    """
    for link in [part for part in heading if part.get("class") == LINK]:
        if heading.tag == "h1":
            heading.remove(link)
        else:
            link.text = ""
            link.set("aria-label", f"Link to: {name}")


def _boxed(table: Element, heading: str) -> Element:
    label = f"Table: {heading}" if heading else "Table"
    box = Element("div", {"class": BOX, "role": "group", "aria-label": label})
    box.append(table)
    box.tail, table.tail = table.tail, None
    return box


def _complete(table: Element) -> None:
    for cell in table.iterfind("thead/tr/th"):
        cell.set("scope", "col")
    # One with a class comes from a template, which knows what becomes of it on a phone.
    if table.get("class") is None:
        table.set("class", TABLE)
        head = [_words(cell) for cell in table.iterfind("thead/tr/th")]
        rows = [list(row) for row in table.iterfind("tbody/tr")]
        if head and not fits(head, [[_words(cell) for cell in row] for row in rows], text=True):
            _card(table, head, rows)


def _words(cell: Element) -> str:
    return html.unescape("".join(cell.itertext())).strip()


def _card(table: Element, head: Sequence[str], rows: Sequence[Sequence[Element]]) -> None:
    """Let a style sheet show the rows as cards, each cell named, without loss of its role."""
    table.set("class", f"{table.get('class')} {CARDS}")
    for path, role in ROLES.items():
        for part in table.iterfind(path):
            part.set("role", role)
    # What heads a card says what it is, unless every card has a head of its own.
    heads = [_words(row[0]) for row in rows]
    named = 0 if len({*heads}) < len(heads) else 1
    for row in rows:
        for name, cell in zip(head[named:], row[named:], strict=True):
            cell.set("data-label", name)


class Markup(Extension):  # type: ignore[misc]
    """Complete pages after all else is done with them."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802, the name that Markdown calls
        """Register the step behind the table of contents, whose priority is 5."""
        md.treeprocessors.register(Parts(md), "bnreport", 1)


def makeExtension(**options: Any) -> Markup:  # noqa: N802, the name that Markdown calls
    """The extension, by the name that Python-Markdown asks for."""
    return Markup(**options)
