"""The pages of the explainer, in the order in which they build on each other."""

from functools import cache
from importlib import import_module

from bnreport.lesson import Lesson
from bnreport.study import Analysis

# By the part of the path that a reader takes.
ORDER = {
    "The idea": ("what", "by-hand", "backward"),
    "In use": ("inference", "axes", "settings", "folding"),
    "What follows": ("scale", "small-batches", "interplay", "why"),
    "Help": ("failures", "choosing", "questions"),
    "Reference": ("glossary", "references", "limits", "wrong"),
}


def all_lessons() -> dict[str, Lesson]:
    """Every lesson by name, in order; a module in this folder for each."""
    return {
        name: import_module(f"{__name__}.{name.replace('-', '_')}").LESSON
        for names in ORDER.values()
        for name in names
    }


@cache
def analysis_of(name: str) -> Analysis:
    """The numbers, tables and pictures of the lesson of that name; they are always the same."""
    return all_lessons()[name].analyse()
