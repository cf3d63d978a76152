"""LaTeX to MathML when pages are rendered, so that formulas need no JavaScript."""

import re
from functools import lru_cache

import pypandoc

from bnreport.errors import PageError

# Marks that Markdown would read inside a formula.
_MARKDOWN = re.compile(r"[\\_*`\[\]]")
_ANNOTATION = re.compile(r"<annotation.*?</annotation>", re.DOTALL)
_MATH = re.compile(r"<math.*?</math>", re.DOTALL)


@lru_cache(maxsize=256)
def mathml(tex: str, display: bool = False) -> str:
    """The formula as MathML.

    Args:
        tex: LaTeX without dollar signs.
        display: whether the formula stands on its own line.

    Raises:
        PageError: when pandoc warns or leaves the formula as it was.
    """
    mark = "$$" if display else "$"
    done = pypandoc.convert_text(
        f"{mark}{tex}{mark}",
        "html",
        format="markdown",
        extra_args=["--mathml", "--fail-if-warnings", "--wrap=none"],
    )
    found = _MATH.search(done)
    if not found:
        raise PageError(f"Expected a formula that pandoc can read. Received: {tex!r}. Do mend it.")
    math = " ".join(_ANNOTATION.sub("", found.group()).split())
    return _MARKDOWN.sub(lambda match: f"&#{ord(match.group())};", math)
