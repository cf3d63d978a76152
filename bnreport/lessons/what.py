"""What it is."""

from bnreport.lesson import Lesson

LESSON = Lesson(
    "what",
    "What it is",
    "Batch normalization shifts and scales each feature by the mean and variance of the "
    "batch, then lets the net choose its own shift and scale.",
)
