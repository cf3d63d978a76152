"""Questions and misconceptions."""

from bnreport.lesson import Lesson

LESSON = Lesson(
    "questions",
    "Questions and misconceptions",
    "Short answers to what is asked most, and to what is often said wrongly; each leads on.",
)
