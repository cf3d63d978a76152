"""Fill in a page, which is Jinja in Markdown, and note each of its faults."""

import traceback
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2.runtime import Context

from bnreport.errors import PageError
from bnreport.pages.arms import armed
from bnreport.pages.fragments import inert
from bnreport.pages.numbers import joined
from bnreport.pages.pictures import MARKS

# By what name a page carries the notes of its faults.
NOTES = "_faults"


class Nothing(jinja2.ChainableUndefined):
    """The result of a failed call: nothing, and so is whatever is asked of it."""

    def __call__(self, *_: Any, **__: Any) -> Any:
        """Lead to nothing again."""
        return self


class NotingContext(Context):
    """Notes a call that fails, and goes on: a page tells all its faults at once."""

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Call what the page calls."""
        try:
            return super().call(*args, **kwargs)
        except (PageError, jinja2.UndefinedError, TypeError) as error:
            self.parent[NOTES].note(error, _line_of_call(error))
            return Nothing()


class Pages(jinja2.Environment):
    """An environment of pages."""

    context_class = NotingContext


PAGES = Pages(
    **MARKS,
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
# What a machine calls itself is text and no Markdown.
PAGES.filters["inert"] = inert
PAGES.filters["armed"] = armed


class Faults:
    """The faults of a page.

    Attributes:
        messages: them, in sentences that name the page.
        whole: whether the page was read to its end.
    """

    def __init__(self, page: str) -> None:
        self.page = page
        self.messages: list[str] = []
        self.whole = True

    def fill(self, sources: Path, words: Mapping[str, object], kept: Path | None = None) -> str:
        """The page with what its marks ask for; what fails is left out, and noted.

        Args:
            sources: the folder of the pages.
            words: what the page may say between its marks.
            kept: the folder where compiled pages are kept.
        """
        try:
            page = _pages_of(sources, kept).get_template(self.page)
            return joined(page.render({**words, NOTES: self}))
        except (jinja2.TemplateError, PageError, TypeError) as error:
            self.whole = False
            self.note(error, getattr(error, "lineno", None) or _line_of_page(error, sources))
            return ""

    def note(self, error: Exception, line: int | None) -> None:
        """Note a fault, and the line of the page, or of the part of pages, where it came up."""
        text = str(error)
        if f"docs/{self.page}" not in text:
            text = (
                f"Expected names that the report holds in docs/{self.page}. Received: {text}. "
                "Fix the page."
            )
        self.messages.append(f"{text} (line {line})" if line else text)


def _line_of_call(error: Exception) -> int | None:
    """The line of the page whose call of a function failed."""
    assert error.__traceback__ is not None
    caller = error.__traceback__.tb_frame.f_back
    template = caller.f_globals.get("__jinja_template__") if caller else None
    return template.get_corresponding_lineno(caller.f_lineno) if caller and template else None


def _line_of_page(error: Exception, sources: Path) -> int | None:
    """The line of the page that could not be read further; Jinja writes it into the traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if Path(frame.filename).is_relative_to(sources)]
    return lines[-1] if lines else None


@lru_cache(maxsize=8)
def _pages_of(sources: Path, kept: Path | None) -> jinja2.Environment:
    """The pages of a folder; each is compiled again only when its file has changed."""
    compiled = None
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        # Kept by the text of the page; as with Python's own, another version looks for another.
        compiled = jinja2.FileSystemBytecodeCache(str(kept))
    loader = jinja2.FileSystemLoader(sources)
    return PAGES.overlay(loader=loader, cache_size=400, bytecode_cache=compiled)
