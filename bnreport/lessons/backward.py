"""The backward pass."""

from bnreport.lesson import Lesson

LESSON = Lesson(
    "backward",
    "The backward pass",
    "The gradient that comes back has lost its mean and its share along the output: batch "
    "normalization projects it.",
)
