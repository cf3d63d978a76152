"""References."""

from bnreport.lesson import Lesson

LESSON = Lesson(
    "references",
    "References",
    "The papers, books, manuals and posts that this site cites, with their addresses.",
)
