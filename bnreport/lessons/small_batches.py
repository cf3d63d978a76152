"""Small and split batches."""

from bnreport.lesson import Lesson

LESSON = Lesson(
    "small-batches",
    "Small and split batches",
    "The fewer examples share a mean, the noisier it is: what small batches, several devices "
    "and accumulated gradients do to it.",
)
