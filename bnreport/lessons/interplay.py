"""Dropout, clipping, Adam, half precision."""

from bnreport.lesson import Lesson

LESSON = Lesson(
    "interplay",
    "Dropout, clipping, Adam, half precision",
    "How batch normalization gets along with the other parts of a training loop.",
)
