"""Tell how long a page takes to read, from the words that are open on it."""

import math
import re
from collections.abc import Mapping

# Words a minute. Brysbaert 2019 (doi 10.1016/j.jml.2019.104047) finds 238 in English non-fiction;
# a text with formulas, figures and numbers is read more slowly.
PACE = 200
# What stands in a page for its minutes until all of it is filled in. No reader ever sees it. It has
# as many words as they have, so that a page is as long before as after.
MINUTES = "{reading minutes}"
_OTHER = re.compile(r"\{minutes (\S+)\}")
WORDS = "no one two three four five six seven eight nine ten eleven twelve".split()

_HEAD = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_UNREAD = re.compile(r"<(svg|math|script)\b.*?</\1>|^```.*?^```", re.DOTALL | re.MULTILINE)
_FOLD = re.compile(r"<details\b(?:(?!<details\b).)*?</details>", re.DOTALL)
# A notice that is shut: its mark, and the lines that are indented below it.
_NOTICE = re.compile(r"^\?\?\? .*\n(?:(?: {4}.*)?\n)*", re.MULTILINE)
_MARK = re.compile(r"<[^>]*>")
_WORD = re.compile(r"[^\W_]")


def open_words(page: str) -> int:
    """Count the words of a page, in Markdown, that are seen before anything is opened.

    Code, formulas and pictures are no words, and neither is what a fold holds, its title included.
    """
    text = _NOTICE.sub("", _UNREAD.sub(" ", _HEAD.sub("", page)))
    # From the inside out: a fold may lie in another.
    while (shut := _FOLD.sub(" ", text)) != text:
        text = shut
    return sum(bool(_WORD.search(word)) for word in _MARK.sub(" ", text).split())


def minutes(page: str) -> str:
    """The whole minutes that a page takes to read, in words where they are few: "five minutes"."""
    count = max(1, math.ceil(open_words(page) / PACE))
    numeral = WORDS[count] if count < len(WORDS) else str(count)
    return f"{numeral} minute{'' if count == 1 else 's'}"


def timed(page: str) -> str:
    """The page with its minutes, where it asks for them."""
    return page.replace(MINUTES, minutes(page)) if MINUTES in page else page


def minutes_of(page: str) -> str:
    """The place of the minutes of a page on other pages, until all pages are filled in."""
    return f"{{minutes {page}}}"


def timed_by_others(files: Mapping[str, str]) -> dict[str, str]:
    """The pages that tell how long others take to read, with these minutes.

    Args:
        files: all pages by their path, filled in; one that is not among them keeps its place.
    """
    return {
        page: _OTHER.sub(lambda m: minutes(files[m[1]]) if m[1] in files else m[0], text)
        for page, text in files.items()
        if _OTHER.search(text)
    }
