"""The pages of the explainer: each has its module, its page and its place."""

import re

import pytest

from bnreport.display import outcomes
from bnreport.lesson import Lesson
from bnreport.lessons import ORDER, all_lessons
from bnreport.studies import all_studies
from tests.synthetic import DOCS
from tests.test_study_pages import CLAIMS, possible, sayings_in

LESSONS = all_lessons()
# The pages with a sentence for every verdict that can be shown, with its qualifier.
TOLD_IN_FULL = ("_findings.md", *(lesson.page for lesson in LESSONS.values()))
each_lesson = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)


def test_every_page_of_the_folder_is_a_lesson_and_every_lesson_a_page() -> None:
    pages = {path.relative_to(DOCS).as_posix() for path in (DOCS / "learn").glob("[!_]*.md")}
    assert pages == {lesson.page for lesson in LESSONS.values()}
    assert sum(len(names) for names in ORDER.values()) == len(LESSONS)


def test_no_lesson_has_the_name_of_a_study() -> None:
    # Their figures would share a file.
    assert not {*LESSONS} & {*all_studies()}


@each_lesson
def test_a_lesson_opens_with_its_point(lesson: Lesson) -> None:
    text = (DOCS / lesson.page).read_text(encoding="utf-8")
    body = text.split("---", 2)[2]
    heading = re.search(r"^# .+\n\n(.+)$", body, re.MULTILINE)
    assert heading is not None
    assert heading[1] == '<p class="lede">[[ l.point ]]</p>'
    assert f'lesson("{lesson.name}")' in body
    assert lesson.point.endswith(".")
    assert re.search(r"^description: \S", text, re.MULTILINE)


@each_lesson
def test_a_lesson_has_another_sentence_for_every_verdict_that_can_come_out(lesson: Lesson) -> None:
    for saying in sayings_in(lesson.page):
        assert possible(saying.claim) <= set(saying.sentences), saying.claim
        assert set(saying.sentences) <= set(outcomes(CLAIMS[saying.claim])), saying.claim
        assert len(set(saying.sentences.values())) == len(saying.sentences), saying.claim


@pytest.mark.parametrize("name", TOLD_IN_FULL)
def test_a_page_tells_a_reversed_a_small_and_a_positive_effect_apart(name: str) -> None:
    told = list(sayings_in(name))
    for saying in told:
        assert set(saying.sentences) == set(outcomes(CLAIMS[saying.claim])), saying.claim
        # A reversed effect is told by its size, never as a lead that is missing.
        assert not re.search(r"if (at all|anything)|worth saying", str(saying.sentences))
