"""What we got wrong."""

from bnreport.lesson import Lesson

LESSON = Lesson(
    "wrong",
    "What we got wrong",
    "The largest errors of this site so far: what we said, why we believed it, who would have been "
    "misled, and what showed it.",
)
