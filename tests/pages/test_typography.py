"""Long numbers have commas and sentences stand apart on every page, whoever wrote them."""

import re
from collections.abc import Callable

import pytest

from bnreport.pages.staging import Staging

# What is no text: code, tags, and where links lead.
_ASIDE = re.compile(
    r"```.*?```|`[^`\n]*`|<code.*?</code>|\$[^$\n]*\$|<script.*?</script>|<[^>]*>|\]\([^)\n]*\)",
    re.DOTALL,
)
_LONG = re.compile(r"(?<![\w.,/#&-])\d{4,}(?![\w/-]|[.,]\d)")
# The end of a sentence, and at once the beginning of another; torch.nn.Module is none.
_JOINED = re.compile(r"(?<!\S)[^\s.]*[a-z\d)][.;,?!](?=[A-Z][a-z])")
_YEAR = re.compile(r"(19|20)\d\d")
# Numbers that count nothing.
_NAMED = re.compile(r"(?:\b(?:issues?|request|PR|RFC)|, and) $", re.IGNORECASE)


def _gap(part: re.Match[str]) -> str:
    """What stands for what is no text: nothing within a word, a space between cells."""
    return "" if part[0].startswith("<wbr") else " " if part[0].startswith("<") else "x"


def uncut(text: str) -> list[str]:
    """The whole numbers of four and more digits without commas, years aside."""
    plain = _ASIDE.sub(_gap, text)
    return [
        plain[max(0, found.start() - 30) : found.end()]
        for found in _LONG.finditer(plain)
        if not _YEAR.fullmatch(found[0])
        and not _NAMED.search(plain[max(0, found.start() - 12) : found.start()])
    ]


def joined(text: str) -> list[str]:
    """The places at which a sentence begins where another ends."""
    return [found[0] for found in _JOINED.finditer(_ASIDE.sub(_gap, text))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("trained on 20480 images", 1),
        ("<td>1116</td>", 1),
        ("[1075, 1368]", 2),
        ("20,480 images in 2026, issue 16633, `10000` and [a](https://a.org/12345)", 0),
        ("a loss of 0.00001, and 1.23456", 0),
    ],
)
def test_a_long_number_without_commas_is_found(text: str, found: int) -> None:
    assert len(uncut(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("58 are undecided.Of the others", 1),
        ("(so it is).<span>Another</span> way,Not", 1),
        ("One. Two e.g. of `keras.Model`, p < .05; [a](b.Html) and BN.", 0),
    ],
)
def test_sentences_without_a_space_between_them_are_found(text: str, found: int) -> None:
    assert len(joined(text)) == found


@pytest.mark.parametrize("fault", [uncut, joined])
def test_every_page_is_typed_well(fault: Callable[[str], list[str]], rendered: Staging) -> None:
    # All committed records, whose process the word "golden" chooses: see tests/shared.py.
    pages = {path: fault(text) for path, text in rendered.files.items() if path.endswith(".md")}
    assert {path: faults for path, faults in pages.items() if faults} == {}
