"""What else there is: a chart that leads to a normalizer."""

from bnreport.lesson import Lesson
from bnreport.plots import Arrow, Box, Diagram, Shape, Words
from bnreport.study import Analysis

# The chart: a question each, the answer that leads aside, and what stands there.
QUESTIONS = (
    ("Two or three layers?", "yes", "Standardize the inputs,\nstart well. Then measure"),
    ("A transformer, recurrent,\nor sequences?", "yes", "LayerNorm\nor RMSNorm"),
    ("Must no example\ninfluence another?", "yes", "GroupNorm\nor LayerNorm"),
    ("Many mixed images\non each device?", "yes", "BatchNorm"),
    ("Can devices share\ntheir statistics?", "yes", "BatchNorm\nwith SyncBN"),
)
LAST = "GroupNorm with\nweight standardization"

STEP, HEIGHT = 1.05, 0.6


def _chart() -> Diagram:
    left, right = 1.15, 3.72
    top = STEP * len(QUESTIONS) + 0.35
    shapes: list[Shape] = []
    for place, (question, answer, target) in enumerate(QUESTIONS):
        y = top - place * STEP
        shapes += [
            Box((left, y), question, 2.1, HEIGHT),
            Arrow((left + 1.05, y), (right - 0.98, y), answer),
            Box((right, y), target, 1.96, HEIGHT, "bn", filled=True),
            Arrow((left, y - HEIGHT / 2), (left, y - STEP + HEIGHT / 2), "no"),
        ]
    end = top - len(QUESTIONS) * STEP
    shapes.append(Box((left, end), LAST, 2.1, HEIGHT, "bn", filled=True))
    shapes.append(Words((right, end), "or a net without\nnormalizer", size=9))
    words = " ".join(
        f"{question} If {answer}: {target}. If no, go on." for question, answer, target in QUESTIONS
    ).replace("\n", " ")
    return Diagram(
        "Which normalizer to try first",
        "Go down until an answer is yes.",
        4.8,
        top + 0.4,
        tuple(shapes),
        f"A chart of questions. {words} At the end: {LAST}, or a net without normalizer.".replace(
            "\n", " "
        ),
    )


LESSON = Lesson(
    "choosing",
    "What else there is",
    "Which normalization to choose, and when to do without.",
    lambda: Analysis(plots={"chart": _chart()}),
)
