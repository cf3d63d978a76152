"""A question to the reader hides its answer, and asks for it by native means."""

import re

import lxml.html
import pytest

from bnreport.pages.guess import guess
from tests.synthetic import DOCS


def test_the_question_is_open_and_its_answer_waits() -> None:
    tree = lxml.html.fromstring(str(guess("Is `x` < 2?", lambda: "It is **1**.")))
    assert tree.tag == "details"
    assert "open" not in tree.attrib
    # Markdown fills in the answer.
    assert tree.get("markdown") == "1"
    (summary,) = tree.findall("summary")
    assert summary.text_content() == "Guess first Is x < 2?"
    assert summary.findtext("code") == "x"
    assert summary.findtext("span") == "Guess first"
    assert (summary.tail or "").strip() == "It is **1**."


def test_a_question_holds_no_mark() -> None:
    assert "<b>" not in str(guess("Is <b>it</b>?", lambda: "Yes."))


# Lessons whose questions stand apart from what answers them.
APART = ("axes", "backward", "interplay", "settings", "small-batches")
CALL = re.compile(r"\[% call guess\(.*?\) %\]\n(.*?)\[% endcall %\]", re.DOTALL)
# A piece to touch is where the reader tries what was guessed.
SHOWN = re.compile(r"\[\[ \w+\.(?:drawing|table|hero)\(")
NO_BLOCK = re.compile(r"\s*\[%(?! call).*?%\]", re.DOTALL)


def given_away(text: str) -> list[str]:
    """The figures and tables right behind a question, where a reader sees both at once."""
    rest = (text[call.end() :] for call in CALL.finditer(text))
    following = (NO_BLOCK.sub("", each).lstrip()[:80] for each in rest)
    return [each for each in following if SHOWN.match(each)]


@pytest.mark.parametrize("name", APART)
def test_no_figure_beside_a_question_answers_it(name: str) -> None:
    text = (DOCS / "learn" / f"{name}.md").read_text(encoding="utf-8")
    assert len(CALL.findall(text)) >= 3
    assert given_away(text) == []


def test_a_figure_that_answers_is_found_behind_marks_and_blank_lines() -> None:
    asked = '[% call guess("How many?") %]\nTwo.\n[% endcall %]\n\n'
    assert given_away(f'{asked}[% set v = study("a") %]\n[[ v.drawing("two") ]]')
    assert given_away(f'{asked}[[ l.table("two") ]]')
    assert not given_away(f'{asked}So it is.\n\n[[ l.table("two") ]]')
