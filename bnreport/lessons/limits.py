"""Limits and errata."""

from bnreport.lesson import Lesson

LESSON = Lesson(
    "limits",
    "Limits and errata",
    "What these pages do not show, what was wrong and is mended, and how to cite them.",
)
