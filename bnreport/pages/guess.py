"""Ask the reader to guess before the answer is shown."""

from collections.abc import Callable

from markupsafe import Markup

from bnreport.pages.fragments import fragment


def guess(question: str, caller: Callable[[], str]) -> Markup:
    """A question whose answer waits until it is opened: native, by keyboard, open on paper.

    Args:
        question: what is asked, in one sentence that ends with its mark; words between backticks
            are code.
        caller: fills in the answer, which is Markdown.
    """
    return fragment("guess.html.j2", question=question, told=caller())
