"""What else there is: a chart that leads to a normalizer."""

from bnreport.plots import Arrow, Box, Diagram, Shape
from bnreport.study import Analysis

# The chart: a question each, the answer that leads aside, and what stands there.
QUESTIONS = (
    ("Two or three\ndense layers?", "yes", "Standardize,\nstart well;\nthen measure"),
    ("A transformer,\na recurrent net,\nsequences?", "yes", "LayerNorm\nor RMSNorm"),
    ("Must no example\ninfluence\nanother?", "yes", "GroupNorm\nor LayerNorm"),
    ("Many mixed\nimages on\neach device?", "yes", "BatchNorm"),
    ("Can devices\nshare their\nstatistics?", "yes", "BatchNorm\nwith SyncBN"),
)
LAST = "GroupNorm\nwith weight\nstandardization"

STEP, HEIGHT, WIDE = 1.1, 0.75, 1.42


def _chart() -> Diagram:
    left, right = 0.78, 2.72
    top = STEP * len(QUESTIONS) + 0.45
    shapes: list[Shape] = []
    for place, (question, answer, target) in enumerate(QUESTIONS):
        y = top - place * STEP
        shapes += [
            Box((left, y), question, WIDE, HEIGHT),
            Arrow((left + WIDE / 2, y), (right - WIDE / 2, y), answer),
            Box((right, y), target, WIDE, HEIGHT, "bn", filled=True),
            Arrow((left, y - HEIGHT / 2), (left, y - STEP + HEIGHT / 2), "no"),
        ]
    end = top - len(QUESTIONS) * STEP
    shapes.append(Box((left, end), LAST, WIDE, HEIGHT, "bn", filled=True))
    shapes.append(Arrow((left + WIDE / 2, end), (right - WIDE / 2, end), "or"))
    shapes.append(Box((right, end), "a net without\nnormalizer", WIDE, HEIGHT, "bn", filled=True))
    words = " ".join(
        f"{question} If {answer}: {target}. If no, go on." for question, answer, target in QUESTIONS
    )
    alt = f"A chart of questions. {words} At the end: {LAST}, or a net without normalizer."
    return Diagram(
        "Which normalizer to try first",
        "Go down until an answer is yes.",
        3.5,
        top + 0.42,
        tuple(shapes),
        alt.replace("\n", " "),
    )


def analyse() -> Analysis:
    """Draw the chart."""
    return Analysis(plots={"chart": _chart()})
