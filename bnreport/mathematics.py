"""LaTeX to MathML when pages are rendered, so that formulas need no JavaScript."""

import re
from functools import lru_cache

import pypandoc

from bnreport.errors import PageError

# Marks that Markdown would read inside a formula.
_MARKDOWN = re.compile(r"[\\_*`|\[\]]")
_ANNOTATION = re.compile(r"<annotation.*?</annotation>", re.DOTALL)
_ALONE = re.compile(r"<p>(<math(?:(?!</math>).)*</math>)</p>\s*", re.DOTALL)


@lru_cache(maxsize=256)
def mathml(tex: str, display: bool = False) -> str:
    """The formula as MathML.

    Args:
        tex: LaTeX without dollar signs.
        display: whether the formula stands on its own line.

    Raises:
        PageError: when pandoc warns, or when not all of it is one formula.
    """
    mark = "$$" if display else "$"
    try:
        done = pypandoc.convert_text(
            f"{mark}{tex}{mark}",
            "html",
            format="markdown",
            extra_args=["--mathml", "--fail-if-warnings", "--wrap=none"],
        )
    except RuntimeError as error:
        raise _unread(tex) from error
    found = _ALONE.fullmatch(done)
    if not found:
        raise _unread(tex)
    math = " ".join(_ANNOTATION.sub("", found[1]).split())
    return _MARKDOWN.sub(lambda match: f"&#{ord(match.group())};", math)


def _unread(tex: str) -> PageError:
    return PageError(f"Expected a formula that pandoc can read. Received: {tex!r}. Do mend it.")
