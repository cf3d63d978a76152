"""Folding for inference."""

from bnreport.lesson import Lesson

LESSON = Lesson(
    "folding",
    "Folding for inference",
    "A trained batch normalization is a fixed scale and shift, and vanishes into the layer "
    "before it.",
)
