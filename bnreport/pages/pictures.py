"""Fill in the pictures of the explainer: SVG files beside its pages, with marks where a number is.

A picture stands in its page and takes its colours and fonts from the style sheet of the site.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

import jinja2

from bnreport.errors import PageError


class Delimiters(TypedDict):
    """The marks that set computed text apart from the text around it."""

    variable_start_string: str
    variable_end_string: str
    block_start_string: str
    block_end_string: str
    comment_start_string: str
    comment_end_string: str


FOLDER = "learn/pictures"
# Jinja's own marks collide with anchors in Markdown and with braces in LaTeX.
MARKS = Delimiters(
    variable_start_string="[[",
    variable_end_string="]]",
    block_start_string="[%",
    block_end_string="%]",
    comment_start_string="[##",
    comment_end_string="##]",
)
_PICTURES = jinja2.Environment(
    **MARKS,
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def pictures_of(sources: Path, lesson: str) -> dict[str, Path]:
    """List the pictures of a lesson: the file of each by its name."""
    return {path.stem: path for path in sorted((sources / FOLDER / lesson).glob("*.svg"))}


def filled(path: Path, numbers: Mapping[str, object]) -> str:
    """Fill in a picture; what comes back is the element that stands in the page.

    Args:
        path: its file.
        numbers: what the lesson has worked for it, by name.

    Raises:
        PageError: when it asks for a number that the lesson has not worked, or is no template.
    """
    try:
        text = _PICTURES.from_string(path.read_text(encoding="utf-8")).render(numbers)
    except (jinja2.TemplateError, TypeError) as error:
        raise PageError(
            f"Expected a picture of the numbers that its lesson works in {path.name}: "
            f"{', '.join(numbers) or 'none'}. Received: {error}. Fix the marks of the picture, or "
            "work the number in `pictures` of the lesson's analysis."
        ) from error
    # What comes before the element is for those who open the file by itself. Words of a picture,
    # torn from their places, are nothing to search.
    return "<svg data-search-exclude" + text.partition("<svg")[2].rstrip()
