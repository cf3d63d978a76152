"""The explainer: one module a page, which works its numbers and pictures by code.

Begin with `ORDER`; `lesson.Lesson` is what a module defines, `formulas` the LaTeX that pages show.
May import `presentation`, `reference`, `randomness` and `statistics`; neither records nor training.
"""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from bnreport.lessons.lesson import Lesson, page_of, read_lesson
from bnreport.presentation.tables import Analysis

# By the part of the path that a reader takes.
ORDER = {
    "The idea": ("what", "by-hand", "backward"),
    "In use": ("inference", "axes", "settings", "folding"),
    "What follows": ("scale", "small-batches", "interplay", "why"),
    "Help": ("failures", "choosing", "questions"),
    "Reference": ("glossary", "references", "limits", "wrong"),
}
NAMES = tuple(name for names in ORDER.values() for name in names)


def all_lessons(sources: Path) -> dict[str, Lesson]:
    """Read the lessons that have a page in this folder, by name and in order.

    Raises:
        PageError: when a page has no title or no description.
    """
    return {
        name: read_lesson(sources, name) for name in NAMES if (sources / page_of(name)).exists()
    }


def module_of(name: str) -> str | None:
    """Name the module that a lesson is worked by, if it has one."""
    module = f"{__name__}.{name.replace('-', '_')}"
    return module if find_spec(module) else None


@cache
def analysis_of(name: str) -> Analysis:
    """Work the numbers, tables and pictures of a lesson, which are always the same."""
    module = module_of(name)
    analysis: Analysis = import_module(module).analyse() if module else Analysis()
    return analysis
