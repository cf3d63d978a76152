"""A page says how long it takes to read by the words that are open on it."""

import pytest

from bnreport.pages.reading_time import (
    MINUTES,
    PACE,
    minutes,
    minutes_of,
    open_words,
    timed,
    timed_by_others,
)

HEAD = "---\ntitle: Some words\n---\n\n"
FOLD = "<details>\n<summary>Three more words</summary>\n\nfour of them\n\n</details>\n"


@pytest.mark.parametrize(
    ("page", "count"),
    [
        ("One two, three.", 3),
        (HEAD + "# One\n\ntwo **three**", 3),
        ("one\n\n```python\nx = y\n```\n\ntwo", 2),
        ('one <svg class="a"><text>no word</text></svg> two', 2),
        ('one <math alttext="x"><mi>x</mi></math> two', 2),
        ('one <script type="application/json">{"x": "no word"}</script> two', 2),
        (f"one\n\n{FOLD}\ntwo", 2),
        (f"one\n\n<details>\n{FOLD}and outside\n</details>\n\ntwo", 2),
        ('one\n\n??? warning "A title"\n    shut\n\n    shut, too\n\ntwo', 2),
        ('<a href="no word">one</a> – two', 2),
    ],
)
def test_only_words_that_are_open_count(page: str, count: int) -> None:
    assert open_words(page) == count


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (1, "one minute"),
        (PACE, "one minute"),
        (PACE + 1, "two minutes"),
        (12 * PACE, "twelve minutes"),
        (12 * PACE + 1, "13 minutes"),
    ],
)
def test_minutes_are_whole_and_told_in_words_where_they_are_few(words: int, told: str) -> None:
    assert minutes("word " * words) == told


def test_the_minutes_stand_where_the_page_asks_for_them_and_nowhere_else() -> None:
    page = f"<p>{MINUTES}</p>\n\n" + "word " * (2 * PACE - 3)
    assert timed(page).startswith("<p>two minutes</p>")
    assert timed("word") == "word"


def test_a_page_tells_the_minutes_of_others_when_they_are_filled_in() -> None:
    files = {"a.md": f"{minutes_of('b.md')}, {minutes_of('none.md')}", "b.md": "word " * PACE * 3}
    assert timed_by_others(files) == {"a.md": f"three minutes, {minutes_of('none.md')}"}


@pytest.mark.parametrize("words", range(2 * PACE - 5, 2 * PACE + 2))
def test_a_page_and_those_that_lead_to_it_tell_the_same_minutes(words: int) -> None:
    page = timed(f"{MINUTES} {minutes_of('none.md')} " + "word " * words)
    files = {"a.md": f"<p>{minutes_of('b.md')}</p>", "b.md": page}
    assert timed_by_others(files)["a.md"] == f"<p>{' '.join(page.split()[:2])}</p>"
    told = page.replace(minutes_of("none.md"), "five minutes")
    assert minutes(told) == minutes(page)
