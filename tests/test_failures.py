"""The page on failures: its numbers are right, and its list says what its chart says."""

import re

import numpy as np
import pytest

from bnreport.lessons.failures import QUESTIONS, classes, padded
from tests.synthetic import DOCS


def test_two_classes_lie_where_the_page_says() -> None:
    random = np.random.default_rng(0)
    both = [random.normal(side * 2.0, 1.0, 100_000) for side in (-1, 1)]
    mixed = np.concatenate(both)
    distance, spread = classes(2.0)["mixed"]
    upper = (both[1] - mixed.mean()) / mixed.std()
    assert (upper.mean(), upper.std()) == pytest.approx((distance, spread), abs=0.01)
    # Sorted: the averages of the batches' own means and variances.
    mean, variance = np.mean([x.mean() for x in both]), np.mean([x.var() for x in both])
    served = (both[1] - mean) / np.sqrt(variance)
    assert (served.mean(), served.std()) == pytest.approx(classes(2.0)["inference"], abs=0.01)


def test_zeros_move_mean_and_variance_as_the_page_says() -> None:
    x = np.random.default_rng(0).normal(1.0, 1.0, 100_000)
    for share in (0.25, 0.75):
        filled = np.where(np.arange(x.size) < share * x.size, 0.0, x)
        assert (filled.mean(), filled.var()) == pytest.approx(padded(share), abs=0.02)


def test_the_list_of_questions_has_those_of_the_chart_and_links_that_lead_somewhere() -> None:
    text = (DOCS / "learn" / "failures.md").read_text(encoding="utf-8")
    listed = re.findall(r"^(\d\. )\*\*", text, re.MULTILINE)
    assert listed == [question[:3] for question, _, _ in QUESTIONS]
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"\W+", "-", heading.lower()).strip("-") for heading in headings}
    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= anchors


def test_there_are_many_questions_and_each_leads_on() -> None:
    text = (DOCS / "learn" / "questions.md").read_text(encoding="utf-8")
    asked = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    assert len(asked) >= 20
    for answer in asked:
        question = answer.splitlines()[0]
        assert question.endswith("?"), question
        assert re.search(r"\]\([\w./#-]+\)|see\(|say\(|value\(", answer), question
