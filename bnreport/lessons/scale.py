"""Scale and weight decay."""

from bnreport.lesson import Lesson

LESSON = Lesson(
    "scale",
    "Scale and weight decay",
    "The weights before a batch normalization may grow without changing the output, so weight "
    "decay sets the step size and nothing else.",
)
