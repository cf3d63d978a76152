"""Find phrases that readers stumble over: tests/phrases.toml lists them, and what may stay."""

import html
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

LIST = Path(__file__).with_name("phrases.toml")
# Code, what nobody reads, and tags: a page is Markdown with HTML in it, a figure is SVG.
_UNREAD = re.compile(
    r"^```.*?^```|<(script|style|math|pre|code)\b.*?</\1>|`[^`\n]+`", re.DOTALL | re.MULTILINE
)
_TAG = re.compile(r"<[^>]*>")
# What a tag says to those who hear a page, or point at a thing.
_SAID = re.compile(r'\s(?:aria-label|alt|data-said|title|placeholder)="([^"]*)"')
# A link's address is not read, and words that are set off are words.
_ADDRESS, _MARKS = re.compile(r"\]\([^)\s]*\)"), re.compile(r"[*\[\]]|^#+ |^[ >]+", re.MULTILINE)


# What a script shows: its strings, without what is filled in. A comment may hold marks of a string.
_COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*?$", re.DOTALL | re.MULTILINE)
_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`')
_FILLED = re.compile(r"\$\{(?:[^{}]|\{[^{}]*\})*\}")


def strings(script: str) -> str:
    """The strings of a script in JavaScript, one a line; what fills them in is a dot."""
    held = (match[1] or match[2] or "" for match in _STRING.finditer(_COMMENT.sub("", script)))
    return "\n".join(_FILLED.sub("…", text) for text in held)


@cache
def banned() -> dict[re.Pattern[str], str]:
    """The phrases that no page may say, each with what to write instead."""
    listed = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return {re.compile(phrase, re.IGNORECASE): say for phrase, say in listed["banned"].items()}


@cache
def small() -> dict[re.Pattern[str], re.Pattern[str]]:
    """The banned phrases in small letters, as small letters alone: these are searched faster."""
    written = {phrase: phrase.pattern for phrase in banned()}
    return {phrase: re.compile(text) for phrase, text in written.items() if text == text.lower()}


@cache
def allowed() -> re.Pattern[str]:
    """What may hold such a phrase: words that are frozen or quoted."""
    listed = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return re.compile("|".join(f"(?:{each['phrase']})" for each in listed["allowed"]))


def read(text: str) -> str:
    """The words of a page or a figure as a reader meets them, on one line."""
    words = _TAG.sub(lambda tag: f" {' '.join(_SAID.findall(tag[0]))} ", _UNREAD.sub(" ", text))
    return " ".join(html.unescape(_MARKS.sub("", _ADDRESS.sub("", words))).split())


def clumsy(text: str) -> Iterator[str]:
    """The banned phrases of a text outside of what is allowed, each with the words around it."""
    words = read(text)
    in_small = words.lower()
    spared = [match.span() for match in allowed().finditer(words)]
    for phrase, instead in banned().items():
        if phrase in small() and not small()[phrase].search(in_small):
            continue
        for match in phrase.finditer(words):
            if not any(start <= match.start() and match.end() <= end for start, end in spared):
                around = words[max(0, match.start() - 40) : match.end() + 40]
                yield f"…{around}… (say: {instead})"
