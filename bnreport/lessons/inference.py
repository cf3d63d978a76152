"""Training and inference."""

from bnreport.lesson import Lesson

LESSON = Lesson(
    "inference",
    "Training and inference",
    "In training a batch is measured by itself, at inference by remembered averages; most "
    "trouble comes from the gap between the two.",
)
