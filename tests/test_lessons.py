"""The pages of the explainer: each has its module, its page and its place."""

import re

import pytest

from bnreport.lesson import Lesson
from bnreport.lessons import ORDER, all_lessons
from bnreport.studies import all_studies
from tests.synthetic import DOCS

LESSONS = all_lessons()
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
