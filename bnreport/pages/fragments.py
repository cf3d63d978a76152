"""Pieces of HTML from templates, and text that no mark acts in."""

import re

import jinja2
from markupsafe import Markup, escape

from bnreport.analysis.display import shown_word
from bnreport.pages.data.links import anchor
from bnreport.presentation.phone import NUMBERS, fits, numeric
from bnreport.presentation.tables import Table

_CODE = re.compile(r"`([^`]+)`")

# Characters of a row, and columns, from which a table's cells stand closer to fit its page.
ROOM, COLUMNS = 75, 8


def _crowded(table: Table) -> bool:
    """Say whether a table of numbers needs all the width that it has."""
    widest = [max(map(len, column)) for column in zip(*table.rows, strict=True)]
    return len(table.head) >= COLUMNS or (not table.text and sum(widest) >= ROOM)


TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("bnreport.pages"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


# All that Markdown and its extensions read as a mark within a line, HTML's own marks aside.
_MARKED = str.maketrans({mark: f"&#{ord(mark)};" for mark in "\\`*_{}[]!|#"})


def inert(text: str) -> Markup:
    """Text that a machine or a library wrote, as it is: neither HTML nor Markdown acts on it."""
    return Markup(str(escape(text)).replace("&#", "&\0").translate(_MARKED).replace("&\0", "&#"))


def coded(text: str) -> Markup:
    """A text of ours whose words between backticks are code; all else is escaped."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))


def breakable(address: str) -> Markup:
    """An address as text whose lines end behind a sign, and not within a word."""
    return Markup(re.sub(r"(?<=[/_-])(?=\w)", "<wbr>", str(escape(address))))


TEMPLATES.filters["breakable"] = breakable
TEMPLATES.filters["coded"] = coded
TEMPLATES.filters["anchor"] = anchor
TEMPLATES.filters["word"] = shown_word
TEMPLATES.tests["numeral"] = lambda cell: cell.startswith(NUMBERS)
TEMPLATES.filters["numeric"] = lambda table: numeric(table.rows, table.text)
TEMPLATES.tests["crowded"] = _crowded
TEMPLATES.tests["wide"] = lambda table: not fits(table.head, table.rows, table.text)


def fragment(template: str, **values: object) -> Markup:
    """A template of ours, filled, as one block that Markdown leaves alone."""
    return Markup(TEMPLATES.get_template(template).render(**values).strip())
