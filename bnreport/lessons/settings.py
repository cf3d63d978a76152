"""Placement, bias, epsilon, momentum."""

from bnreport.lesson import Lesson

LESSON = Lesson(
    "settings",
    "Placement, bias, epsilon, momentum",
    "Four settings that look harmless, and what each of them changes.",
)
