"""When it fails."""

from bnreport.lesson import Lesson

LESSON = Lesson(
    "failures",
    "When it fails",
    "A chart from symptom to cause: fine in training, bad in evaluation.",
)
