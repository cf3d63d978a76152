"""Check the words and pictures of a page."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator

from bnreport.site.checks.fault import Fault, Tree
from bnreport.site.checks.readability import grade

# Shell, Python and Jinja itself use such marks, so code, and what is not shown, may hold them.
COPIED = "*[@class='clipboard-copy-txt']"
UNREAD = ("annotation", "code", "pre", "script", "style", "template", COPIED)
READ = (
    f"//text()[not({' or '.join(f'ancestor::{name}' for name in UNREAD)})]"
    " | //@alt | //@title | //@aria-label | //meta/@content"
)
# Jinja's own, those of our pages, and a number's name in a sentence of `say`.
MARKS = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|\[%|%\]|\[##|\[\[|\]\]|\{[a-z][\w.-]+\}")
# What git leaves in a file whose two sides it could not merge; browsers skip it in silence.
CONFLICT = re.compile(r"^(?:<{7}|>{7}) .*$", re.MULTILINE)
TEX = re.compile(r"\\[A-Za-z]+|\\[()\[\]{}]|\$\$|\$[^$\n]*[\\_^][^$\n]*\$")
# Where Markdown does not read, its mark of code is shown as it is.
BACKTICK = re.compile("`")
# An exponent as a program prints it.
PRINTED = re.compile(r"\d(?:\.\d+)?e[+-]\d\d|(?<!\w)\d[\d.]*[eE](?:[+-]?\d\d\d|[+-]\d\d)(?!\w)")
# More digits than anything here was measured to.
DIGITS = re.compile(r"\d\.\d{9}")
# A file of the machine that built the site.
MACHINE = re.compile(r"(?<![\w./])/(?:home|mnt|private|root|tmp|Users|var|work)/")
# What Markdown, or a browser, would have read where it stands alone.
UNREAD_MARK = re.compile(r"\*\*\w|\w\*\*|\]\([^)\s]+\)|&(?:amp|lt|gt|quot|nbsp|#x?\d+);")
# What somebody meant to write later: `bnreport new` leaves such a note.
UNWRITTEN = re.compile(r"\b(?:TODO|FIXME|XXX)\b|\bto fill in\b|\blorem ipsum\b", re.IGNORECASE)
# UTF-8 that was read as Latin-1.
MISREAD = re.compile(r"\u00c2[\W\d]|\u00e2\u20ac|[\u00c3\u00ce][\x80-\xbf]")
TRACEBACK = "Traceback (most recent call last)"
# The sign that links a heading, which a style sheet draws and nobody reads out.
SIGN = "¶"
SCOPES = {"col", "colgroup", "row", "rowgroup"}
# How Python and JavaScript write what is no number, also before a unit or within an interval.
NO_VALUE = re.compile(
    r"(?<![\w.])(?<!\w-)(?:(?i:nan|none|null|undefined)|[+\N{MINUS SIGN}-]?inf)(?![\w-])"
)
# The same as a word between words, where each would be good English but these.
NO_WORD = re.compile(r"(?<![\w.])(?<!\w-)(?:nan|undefined|\[object Object\])(?![\w-])")
# What a cell of a table may hold beside a number: units, brackets, signs.
NO_PROSE_OF_CELL = re.compile(r"[^\W\d_]{4,}")
# How Python shows an object that has no words of its own, and NumPy a number or an array.
OBJECT = re.compile(
    r" at 0x[0-9a-fA-F]{6,}>|<class '|\barray\(\[|\bdtype[=(]"
    r"|\bnp\.(?:float|int|uint|bool|str)\d*_?\(|\bdatetime\.(?:date|datetime|timedelta)\("
    r"|\b[A-Z]\w*\((?:[a-z_]+=)?'|[\[({]b?'[^'\n]*'[,:\])}]|(?<!\w)b'[^'\n]*'"
)
# Signs that nobody sees, of no width or of no meaning, and those that turn the direction of what
# comes behind them; formulas may hold U+2061, which stands between a function and its argument.
UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f"
    r"\u2028-\u202e\u2060\u2062-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ufffd\U000e0000-\U000e0fff]"
)
# A place in a drawing that was not worked out.
NO_PLACE = re.compile(r"(?<![a-z#])(?:nan|inf(?:inity)?|undefined|none,)(?![a-z])", re.IGNORECASE)
PLACES = frozenset(
    "d points transform viewBox viewbox x y x1 x2 y1 y2 cx cy r rx ry dx dy width height style "
    "opacity fill-opacity stroke-opacity stroke-width stroke-dasharray font-size offset".split()
)
# The same where a script reads a number.
NO_NUMBER = re.compile(r"-?(?:nan|infinity|undefined)", re.IGNORECASE)
# What no text that is read may hold: how it is known, the rule, and what to do.
WRONG = (
    (MARKS, "leftover template mark", "Close or rename the mark"),
    (CONFLICT, "half a merge", "Decide for one side, and take the marks out"),
    (PRINTED, "printed by a program", "Write it as 10⁻⁵"),
    (DIGITS, "printed by a program", "Round it to what was measured"),
    (MACHINE, "file of this machine", "Name it from the repository's root"),
    (TEX, "raw TeX", "Write a formula that converts to MathML"),
    (BACKTICK, "backtick", "Let Markdown read it, or pass it through `coded`"),
    (UNREAD_MARK, "mark that was not read", "Let Markdown read it, or escape it once"),
    (UNWRITTEN, "text that is to be written", "Write it"),
    (MISREAD, "text in another encoding", "Read the file as UTF-8"),
    (NO_WORD, "value that is none", "Mend what works it out"),
)

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


def _title(tree: Tree) -> Iterator[Fault]:
    if not (tree.findtext(".//head/title") or "").strip():
        yield "no title", "<title> is empty or absent", "Give the page a heading or a title"


def _text(tree: Tree) -> Iterator[Fault]:
    texts = tree.xpath(READ)
    shows_objects = object_in("\n".join(texts))
    for text in texts:
        for pattern, rule, do in WRONG:
            if match := pattern.search(text):
                yield rule, _around(text, match), do
        if shows_objects and (shown := object_in(text)):
            yield "object of Python", shown, "Say it in words, or as a number"


def _unseen(tree: Tree) -> Iterator[Fault]:
    # Code and data may hold none of them either.
    texts = tree.xpath("//text() | //@*")
    # All at once is quicker, and a sound page has none.
    for text in texts if UNSEEN.search("\n".join(texts)) else ():
        if sign := UNSEEN.search(text):
            name = f"U+{ord(sign[0]):04X} in {_around(text, sign)!a}"
            yield "sign that nobody sees", name, "Take it out of what the page is made from"


def _traceback(tree: Tree) -> Iterator[Fault]:
    if TRACEBACK in tree.text_content():
        yield "traceback", TRACEBACK, "Mend the code that failed and run it again"


def _pictures(tree: Tree) -> Iterator[Fault]:
    for image in tree.xpath("//img[not(@src) and not(@srcset)]"):
        yield "picture without a file", (image.get("alt") or "<img>")[:80], "Name it in `src`"
    do = "Describe the picture in its alt text"
    for image in tree.xpath("//img[not(@aria-hidden='true') and not(@role='presentation')]"):
        alt = (image.get("alt") or "").strip()
        if not alt or alt == NO_ALT:
            yield "picture without alt text", (image.get("src") or "<img>")[:80], do
    for drawing in tree.xpath("//svg[@role='img']"):
        named = drawing.get("aria-label") or drawing.get("aria-labelledby")
        if not (named or "").strip() and not (drawing.findtext("title") or "").strip():
            yield "picture without alt text", '<svg role="img">', do


def _places(tree: Tree) -> Iterator[Fault]:
    for element in tree.xpath("//svg/descendant-or-self::* | //*[@style]"):
        for name, value in element.attrib.items():
            if name in PLACES and (none := misplaced(value)):
                yield "drawing at no place", none, "Mend what works it out"


def _handed(tree: Tree) -> Iterator[Fault]:
    do = "Mend what works it out: a script reckons with it"
    for name, text in _data(tree):
        if NO_NUMBER.fullmatch(text.strip()):
            yield "value that is none", f"{name}={text}", do
        elif text.startswith(("[", "{")):
            try:
                json.loads(text, parse_constant=_no_number)
            except ValueError as error:
                yield "value that is none", f"{name}: {error}"[:120], do


def _no_number(word: str) -> object:
    raise ValueError(f"{word} is not a number of JSON")


def _data(tree: Tree) -> Iterator[tuple[str, str]]:
    """Yield what a page hands to scripts, each with its name."""
    for element in tree.iter():
        if isinstance(element.tag, str):
            yield from ((n, v) for n, v in element.attrib.items() if n.startswith("data-"))
    for script in tree.xpath("//script[@type='application/json']"):
        yield "<script>", (script.text or "").strip()


def misplaced(places: str) -> str:
    """A place of a drawing that is no number, with what stands around it; empty for none."""
    # No command of a path has this letter.
    none = NO_PLACE.search(places) if "n" in places or "N" in places else None
    return _around(places, none) if none else ""


def object_in(text: str) -> str:
    """The first object in a text as Python shows it; empty for none."""
    shown = OBJECT.search(text)
    return _around(text, shown) if shown else ""


def _values(tree: Tree) -> Iterator[Fault]:
    for part in tree.xpath("//td | //*[contains(concat(' ', @class, ' '), ' value ')]"):
        text = part.text_content().strip()
        none = NO_VALUE.search(text)
        # A cell of a table may be empty, or say None in English.
        cell = part.tag == "td"
        spared = cell and (text.casefold() in {"", "none"} or NO_PROSE_OF_CELL.search(text))
        if (none or not text) and not spared:
            yield "value that is none", text[:80] or "an empty value", "Mend what works it out"


def _heard(tree: Tree) -> Iterator[Fault]:
    """Yield what a reader hears wrongly, or not at all, who sees no page."""
    for heading in tree.xpath("//h1 | //h2 | //h3 | //h4 | //h5 | //h6"):
        if SIGN in heading.text_content():
            do = "Draw the sign in assets/site.css, and name its link"
            yield "heading with a sign", heading.text_content()[:80], do
    for head in tree.xpath("//table//th"):
        if not head.text_content().strip() and not head.xpath(".//math | .//img | .//svg"):
            yield "column or row without a name", _table_of(head), "Say what it holds"
        if head.get("scope") not in SCOPES:
            do = f"Give its heads a scope: {', '.join(sorted(SCOPES))}"
            yield "head without a scope", head.text_content()[:80] or "<th>", do
    for table in tree.xpath("//table[not(.//th)]"):
        yield "table without heads", table.text_content()[:80], "Head its columns or its rows"
    for table in tree.xpath("//table"):
        if len(widths := {*_widths(table)}) > 1:
            received = f"{', '.join(map(str, sorted(widths)))} cells: {table.text_content()[:60]}"
            yield "rows of another length", received, "Give each row a cell for every column"
    for formula in tree.xpath("//math[not(normalize-space(@alttext))]"):
        do = "Say it in `alttext`, as bnreport/pages/library/mathml.py does"
        yield "formula without a text", formula.text_content()[:80], do


def _widths(table: Tree) -> Iterator[int]:
    """Yield how many columns each row of a table reaches, cells that span several included."""
    below: list[int] = []
    for row in table.xpath("./tr | ./*/tr"):
        cells = [
            (_span(cell, "colspan"), _span(cell, "rowspan")) for cell in row.xpath("./td | ./th")
        ]
        yield len(below) + sum(wide for wide, _ in cells)
        below = [rows - 1 for rows in below if rows > 1]
        below += [high - 1 for wide, high in cells for _ in range(wide) if high > 1]


def _span(cell: Tree, name: str) -> int:
    number = cell.get(name, "1")
    return min(int(number), 1000) if number.isdecimal() else 1


def _table_of(head: Tree) -> str:
    (table,) = head.xpath("ancestor::table[1]")
    (row,) = head.xpath("ancestor::tr[1]")
    name = (table.findtext("caption") or "").strip()
    return f"{name or 'a table'}: {' | '.join(cell.text_content() for cell in row)[:80]}"


def _whole(tree: Tree) -> Iterator[Fault]:
    if not (tree.get("lang") or "").strip():
        yield "no language", "<html>", "Say in `lang` which language the page is in"
    if len(headings := tree.xpath("//h1")) != 1:
        yield "no heading of its own", f"{len(headings)} first-level headings", "Give it one"
    counted = Counter(tree.xpath("//@id"))
    for name in (name for name, times in counted.items() if times > 1):
        yield "an id twice", name, "Give one of the two another id: links reach only the first"


def _description(tree: Tree) -> Iterator[Fault]:
    texts = tree.xpath("//meta[@name='description']/@content")
    if not texts or not 0 < len(texts[0].strip()) <= MOST_CHARACTERS:
        length = f"{len(texts[0].strip())} characters" if texts else "none"
        do = f"Say in at most {MOST_CHARACTERS} what the page is about"
        yield "no short description", length, do


def _plain(tree: Tree) -> Iterator[Fault]:
    paragraphs = [" ".join(_words(part).split()) for part in tree.xpath(BODY)]
    text = [paragraph for paragraph in paragraphs if len(paragraph) > 1]
    if text and (hardness := grade(text)) > HARDEST:
        do = "Write shorter sentences and shorter words"
        yield "hard to read", f"grade {hardness:.1f} of at most {HARDEST}", do


def _words(part: Tree) -> str:
    return "".join(part.xpath(f".//text()[not({NO_PROSE})]"))


RULES: tuple[Callable[[Tree], Iterator[Fault]], ...] = (
    _title,
    _description,
    _text,
    _unseen,
    _plain,
    _traceback,
    _pictures,
    _places,
    _handed,
    _values,
    _heard,
    _whole,
)


def marks_in(text: str) -> str:
    """The first mark of a template in a text, with some words on either side; empty for none."""
    mark = MARKS.search(text)
    return _around(text, mark) if mark else ""


def _around(text: str, match: re.Match[str]) -> str:
    """Return the match with some words on either side, so that it can be found."""
    return " ".join(text[max(0, match.start() - 30) : match.end() + 30].split())
