"""Questions and misconceptions."""

from bnreport.lesson import Lesson

LESSON = Lesson(
    "questions",
    "Questions and misconceptions",
    "Short answers, each with a measurement behind it.",
)
