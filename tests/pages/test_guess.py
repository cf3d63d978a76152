"""A question to the reader hides its answer, and asks for it by native means."""

import lxml.html

from bnreport.pages.guess import guess


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
