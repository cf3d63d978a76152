"""The chart of normalizers."""

from bnreport.lessons.choosing import QUESTIONS, analyse
from bnreport.plots import Arrow, Box, Diagram


def test_every_question_of_the_chart_leads_aside_and_on() -> None:
    plot = analyse().plots["chart"]
    assert isinstance(plot, Diagram)
    arrows = [shape.text for shape in plot.shapes if isinstance(shape, Arrow)]
    assert arrows == [*["yes", "no"] * len(QUESTIONS), "or"]
    boxes = [shape.text.replace("\n", " ") for shape in plot.shapes if isinstance(shape, Box)]
    assert all(text in plot.alt for text in boxes)
