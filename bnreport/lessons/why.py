"""Why it works: the debate."""

from bnreport.lesson import Lesson

LESSON = Lesson(
    "why",
    "Why it works: the debate",
    "Ten years of explanations, each with the prediction it makes and, where we have one, a "
    "verdict.",
)
