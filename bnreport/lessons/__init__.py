"""The explainer: one module a page, which works its numbers and pictures by code.

Begin with `COURSES`, the learner's path; `lesson.Lesson` is what the head of a page defines, and
`formulas` holds the LaTeX that pages show.
May import `presentation`, `reference`, `randomness` and `statistics`; neither records nor training.
"""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from bnreport.lessons.lesson import Lesson, Step, page_of, read_lesson
from bnreport.presentation.tables import Analysis

# The learner's path, in the order that *next* follows: in the menu, on the home page, in a lesson.
COURSES = {
    "First course": ("what", "by-hand", "inference", "axes", "settings", "failures"),
    "Second course": ("backward", "scale", "small-batches", "interplay", "folding", "why"),
}
# All pages of the explainer, by part.
ORDER = COURSES | {
    "Help": ("choosing", "questions"),
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


def step_of(name: str) -> Step | None:
    """The place of a lesson on the learner's path; None where the page is no lesson of a course."""
    for course, names in COURSES.items():
        if name in names:
            at = names.index(name)
            return Step(course, at + 1, len(names), NAMES[NAMES.index(name) + 1])
    return None


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
