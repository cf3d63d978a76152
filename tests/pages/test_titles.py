"""The titles of figures: each is a sentence that says what the figure shows, and a short one."""

import re
from functools import cache

import pytest

from tests.golden import rendered
from tests.pages.test_form import named, titles_of

# Verbs of titles, as they stand in them. A new title may bring a new one.
VERBS = frozenset(
    """
    add adds agree are arrives beats begins bring brings change changes choose chooses chose
    closes cost costs did differ divided do does drifts eases enters explain fall falls fits
    gets grow has have hides hold is keep keeps lead leads learn learns lie look looks lose
    loses lowers makes meets need needed needs outweighs overrules passes print prints reach
    reaches receive receives say says scores shares spoils start starts stays takes tie ties
    train turn turns use varies was weighs were widens
    """.split()
)
# Each of these takes a verb to itself; "that of" stands for a noun.
CLAUSES = re.compile(r"\b(what|how|which|that(?! of)|who|whether|where|if|when)\b")
# What states its finding without a verb, with the reason.
WITHOUT = {
    "Good initial scales on raw pixels:": "the colon stands for the verb, and numbers follow",
}
# Characters of a title: about one line of a desk, and two of a phone.
LONGEST = 76


def states(title: str) -> bool:
    """Whether a title has a verb of its own, beside those of its subordinate clauses."""
    words = re.findall(r"[\w’']+", title.lower())
    return sum(word in VERBS for word in words) > len(CLAUSES.findall(title.lower()))


@cache
def figures() -> tuple[tuple[str, str], ...]:
    """The page and the title of every figure."""
    pages = sorted(path for path in rendered().files if path.endswith(".md"))
    return tuple(
        (page, key.split(": ", maxsplit=1)[1]) for page in pages for key in titles_of(page)
    )


def listed() -> set[str]:
    """The titles of all figures."""
    return {title for _, title in figures()}


def test_every_title_of_a_figure_is_a_sentence() -> None:
    assert len(listed()) > 150
    rest = {title for title in listed() if not states(title)}
    assert {title for title in rest if not title.startswith(tuple(WITHOUT))} == set()


def test_what_needs_no_verb_is_there() -> None:
    assert all(any(title.startswith(start) for title in listed()) for start in WITHOUT)


def test_a_title_that_no_claim_chooses_is_short_and_on_one_figure_of_its_page() -> None:
    unjudged = [(page, title) for page, title in figures() if title in named()]
    assert {title for _, title in unjudged if len(title) > LONGEST} == set()
    assert len(unjudged) == len({*unjudged})


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Validation accuracy by learning rate", False),
        ("Predicted from the drift, and measured", False),
        ("What chose the rates", False),
        ("Share of each factor in how the nets differ", False),
        ("Tuning chose 0.3 with BN", True),
        ("What repeated batches add is lost in batches that did not train", True),
    ],
)
def test_a_clause_alone_states_nothing(title: str, expected: bool) -> None:
    assert states(title) == expected
