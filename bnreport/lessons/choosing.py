"""What else there is."""

from bnreport.lesson import Lesson

LESSON = Lesson(
    "choosing",
    "What else there is",
    "Which normalization to choose, and when to do without.",
)
