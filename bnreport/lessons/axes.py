"""What shares a mean."""

from bnreport.lesson import Lesson

LESSON = Lesson(
    "axes",
    "What shares a mean",
    "Every normalization layer does the same sum; they differ in which numbers share a mean.",
)
