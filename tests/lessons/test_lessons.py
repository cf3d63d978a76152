"""The pages of the explainer: each has its place, its head, and its module where it computes."""

import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from bnreport import lessons
from bnreport.errors import PageError
from bnreport.lessons import NAMES, all_lessons
from bnreport.lessons.lesson import Lesson, read_lesson
from bnreport.pages.render import worked
from bnreport.studies import all_studies
from tests.shared import kept
from tests.synthetic import DOCS

LESSONS = all_lessons(DOCS)
each_lesson = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)


def test_every_page_of_the_folder_is_a_lesson_and_every_lesson_a_page() -> None:
    pages = {path.relative_to(DOCS).as_posix() for path in (DOCS / "learn").glob("[!_]*.md")}
    assert pages == {lesson.page for lesson in LESSONS.values()}
    assert len(set(NAMES)) == len(NAMES) == len(LESSONS)


def test_no_lesson_has_the_name_of_a_study() -> None:
    # Their figures would share a file.
    assert not {*LESSONS} & {*all_studies()}


@each_lesson
def test_a_lesson_opens_with_its_title_and_its_point(lesson: Lesson) -> None:
    body = (DOCS / lesson.page).read_text(encoding="utf-8").split("---", 2)[2]
    heading = re.search(r"^# (.+)\n\n(?:\[\[ l\.step\(\) \]\]\n\n)?(.+)$", body, re.MULTILINE)
    assert heading is not None
    assert heading[1].startswith(lesson.title)
    assert heading[2] == '<p class="lede">[[ l.point ]]</p>'
    assert f'lesson("{lesson.name}")' in body
    assert lesson.point.endswith(".")


def test_every_module_that_analyses_has_the_name_of_a_lesson() -> None:
    # One that is misspelled would leave its page without numbers.
    analysing = {
        module.name.replace("_", "-")
        for module in iter_modules(lessons.__path__)
        if hasattr(import_module(f"{lessons.__name__}.{module.name}"), "analyse")
    }
    assert analysing <= {*NAMES}
    assert {name for name in NAMES if worked(name, kept()).values} <= analysing


def write(folder: Path, head: str) -> Path:
    (folder / "learn").mkdir()
    (folder / "learn" / "what.md").write_text(f"---\n{head}\n---\n\n# What\n", encoding="utf-8")
    return folder


def test_a_lesson_is_what_the_head_of_its_page_says(tmp_path: Path) -> None:
    head = (
        'title: "What: a title"\ndescription: For searches.\npoint: >-\n  It shifts,\n  and scales.'
    )
    lesson = read_lesson(write(tmp_path, head), "what")
    assert lesson == Lesson("what", "What: a title", "It shifts, and scales.")
    assert all_lessons(tmp_path) == {"what": lesson}


def test_a_head_without_a_point_has_it_in_its_description(tmp_path: Path) -> None:
    write(tmp_path, "title: What\ndescription: It shifts.")
    assert read_lesson(tmp_path, "what").point == "It shifts."


@pytest.mark.parametrize("head", ["description: It shifts.", "title: What", "title:"])
def test_a_head_without_title_or_description_is_refused_by_name(tmp_path: Path, head: str) -> None:
    with pytest.raises(PageError, match=r"docs/learn/what\.md\. Received: no (title|desc)"):
        read_lesson(write(tmp_path, head), "what")
