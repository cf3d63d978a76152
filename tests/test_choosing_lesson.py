"""The chart of normalizers, and the formulas of those that normalize weights, or nothing."""

import numpy as np

from bnreport.lessons.choosing import LESSON, QUESTIONS
from bnreport.plots import Arrow, Box, Diagram


def test_every_question_of_the_chart_leads_aside_and_on() -> None:
    plot = LESSON.analyse().plots["chart"]
    assert isinstance(plot, Diagram)
    arrows = [shape.text for shape in plot.shapes if isinstance(shape, Arrow)]
    assert arrows == ["yes", "no"] * len(QUESTIONS)
    boxes = [shape.text.replace("\n", " ") for shape in plot.shapes if isinstance(shape, Box)]
    assert all(text in plot.alt for text in boxes)


def test_choosing_weight() -> None:
    v, g = np.array([3.0, -4.0]), 2.0
    w = g * v / np.linalg.norm(v)
    np.testing.assert_allclose(np.linalg.norm(w), g)
    np.testing.assert_allclose(g * (7 * v) / np.linalg.norm(7 * v), w)


def test_choosing_standardized() -> None:
    w = np.random.default_rng(2).normal(3.0, 2.0, 50)
    mean = sum(w) / len(w)
    standardized = (w - mean) / np.sqrt(sum((w - mean) ** 2) / len(w))
    np.testing.assert_allclose([standardized.mean(), standardized.std()], [0, 1], atol=1e-12)


def test_choosing_tanh() -> None:
    x, alpha, gamma, beta = np.array([-50.0, 0.0, 50.0]), 0.5, 2.0, 1.0
    np.testing.assert_allclose(gamma * np.tanh(alpha * x) + beta, [-1.0, 1.0, 3.0])
