"""One batch by hand."""

from bnreport.lesson import Lesson

LESSON = Lesson(
    "by-hand",
    "One batch by hand",
    "Four numbers, two averages and one division: the whole layer fits on a napkin, and so do "
    "its strange cases.",
)
