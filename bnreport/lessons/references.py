"""References."""

from bnreport.lesson import Lesson

LESSON = Lesson(
    "references",
    "References",
    "Every work that this site cites, with its address.",
)
