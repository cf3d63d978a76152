"""The learner's path: *next* follows it, and each lesson shows a result and asks the reader."""

import re
from collections.abc import Iterator
from itertools import chain

import pytest

from bnreport.lessons import COURSES, NAMES, step_of
from bnreport.lessons.lesson import page_of
from bnreport.site.menu import expected_pages, navigation
from tests.golden import rendered, report
from tests.synthetic import DOCS

LESSONS = [*chain(*COURSES.values())]
each_lesson = pytest.mark.parametrize("name", LESSONS)
# The page of failures begins with symptoms, for those who come from elsewhere, and by-hand with the
# numbers that its picture then moves.
each_in_form = pytest.mark.parametrize(
    "name", [name for name in LESSONS if name not in {"failures", "by-hand"}]
)
# Questions that each lesson asks at least.
LEAST = 3
_GUESS = re.compile(r"\[% call guess\((.*?)\) %\]\n(.*?)\[% endcall %\]", re.DOTALL)
# A number of the lesson or of a record, or a sentence that a verdict chooses.
_BOUND = re.compile(r"\[\[ *\w+(?:\([^)]*\))?\.(?:value|say|verdict)\(")
_DRAWING = re.compile(r"\[\[ (?!l\.)\w+\.drawing\(.*?\) \]\]", re.DOTALL)


def source(name: str) -> str:
    """A lesson as it is written, with the parts that it includes."""
    text = (DOCS / page_of(name)).read_text(encoding="utf-8")
    return re.sub(
        r'\[% include "(.+?)" %\]',
        lambda match: (DOCS / match[1]).read_text(encoding="utf-8"),
        text,
    )


def typed(text: str) -> Iterator[str]:
    """Yield the questions whose answer no number and no verdict makes."""
    for question, answer in _GUESS.findall(text):
        if not _BOUND.search(answer):
            yield question


@pytest.mark.parametrize(
    ("answer", "bound"),
    [
        ('It is [[ l.value("x") ]].', True),
        ('[[ s.say("a", supported="Yes.") ]]', True),
        ('[[ study("a", edition=2).say("a", supported="Yes.") ]]', True),
        ("It is 4.", False),
        ('See [[ see("speed", "the study") ]].', False),
    ],
)
def test_an_answer_that_is_typed_is_found(answer: str, bound: bool) -> None:
    text = f'[% call guess("How many?") %]\n{answer}\n[% endcall %]'
    assert [*typed(text)] == ([] if bound else ['"How many?"'])


@each_lesson
def test_a_lesson_asks_the_reader_three_questions_and_no_answer_is_typed(name: str) -> None:
    text = source(name)
    assert len(_GUESS.findall(text)) >= LEAST
    assert not [*typed(text)]


@each_lesson
def test_every_question_reaches_the_page_with_its_answer(name: str) -> None:
    text = rendered().files[page_of(name)]
    answers = re.findall(r'<details class="guess".*?</summary>\n(.*?)</details>', text, re.DOTALL)
    assert len(answers) == len(_GUESS.findall(source(name)))
    assert all(len(answer.split()) > 10 for answer in answers)


@each_lesson
def test_a_lesson_shows_a_recorded_result_under_a_title_that_a_verdict_chooses(name: str) -> None:
    drawn = _DRAWING.findall(source(name))
    assert any("supported=" in call for call in drawn)


@each_in_form
def test_a_lesson_opens_with_its_point_and_a_picture(name: str) -> None:
    body = (DOCS / page_of(name)).read_text(encoding="utf-8").split("---", 2)[2]
    opening = '[[ l.step() ]]\n\n<p class="lede">[[ l.point ]]</p>\n\n[[ l.'
    assert re.search(re.escape(opening) + r"(picture|drawing)\(", body)


@each_lesson
def test_a_lesson_leads_on_once(name: str) -> None:
    assert source(name).count("[[ l.onward() ]]") == 1


def test_next_visits_every_lesson_in_order_and_ends_at_a_page_that_helps() -> None:
    visited = [LESSONS[0]]
    while (step := step_of(visited[-1])) is not None:
        assert step.following not in visited
        visited.append(step.following)
    assert visited == [*LESSONS, "choosing"]
    # Wherever the menu puts them, it has them all.
    pages = expected_pages(navigation(report()))
    assert {f"learn/{name}.html" for name in visited} <= {*pages}


@each_lesson
def test_a_lesson_names_its_place_and_what_comes_next(name: str) -> None:
    step = step_of(name)
    assert step is not None
    text = rendered().files[page_of(name)]
    assert re.search(rf"lesson {step.number} of {step.count} · [\w-]+ minutes?</p>", text)
    assert step.following == NAMES[NAMES.index(name) + 1]
    assert f'<p class="onward__title"><a href="../learn/{step.following}.html">' in text


def test_only_lessons_of_a_course_have_a_place() -> None:
    assert step_of("choosing") is None
    assert {step_of(name) is None for name in LESSONS} == {False}
