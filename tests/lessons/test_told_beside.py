"""Wherever a lesson compares BN with standardized inputs, it says how BN was scored, and both nets.

The dense nets' verdicts were scored by lagging averages, and the convolutional net's differ.
"""

import re
from pathlib import Path

import pytest

from bnreport.pages.counterparts import COUNTERPARTS
from bnreport.studies import all_editions, all_studies
from tests.synthetic import DOCS, staged

# Claims of dense nets with BN, compared with standardized inputs and scored by moving averages.
DENSE = {
    *(claim for pair in COUNTERPARTS for asked in pair.dense for claim in asked),
    "speed-best-std",
    "rates-best-std",
    "alternatives-bn-std",
}
NOTICE = '[% include "_averages.md" %]'
BOTH = '[% include "_dense-and-convolutional.md" %]'
# Studies of the first edition with such verdicts; the page of a second edition begins with both
# scores.
ONCE = ("placement", "cost", "regularization", "initialization", "batchsize", "dropout")
SCORED = tuple(
    name for name in ONCE if all(edition.announced for edition in all_studies()[name].later)
)
PAGES = [DOCS / "index.md", *sorted((DOCS / "learn").glob("[!_]*.md"))]


def source(page: Path) -> str:
    """A page with the parts that it includes, but for the two that this test is about."""
    text = page.read_text(encoding="utf-8")
    for name in re.findall(r'\[% include "(_findings\.md)" %\]', text):
        text += (DOCS / name).read_text(encoding="utf-8")
    return text


def tells(page: Path) -> bool:
    """Whether a page tells one of the claims, in a sentence, a number or a verdict."""
    return any(f'"{claim}' in source(page) for claim in DENSE)


def test_the_lessons_that_compare_with_standardized_inputs_are_known() -> None:
    names = {page.stem for page in PAGES if tells(page)}
    assert names == {"index", "what", "choosing", "questions", "why", "small-batches", "wrong"}


@pytest.mark.parametrize("page", [p for p in PAGES if tells(p)], ids=lambda p: p.stem)
def test_a_page_that_tells_the_dense_nets_verdict_has_the_notice_and_the_other_net(
    page: Path,
) -> None:
    text = source(page)
    assert text.count(NOTICE) == 1
    assert text.count(BOTH) == 1


def test_studies_whose_verdicts_may_be_due_to_the_averages_say_how_bn_was_scored() -> None:
    told = {path.stem: source(path).count(NOTICE) for path in (DOCS / "studies").glob("[!_]*.md")}
    assert {name: count for name, count in told.items() if count} == dict.fromkeys(SCORED, 1)


def test_no_lesson_sells_the_dense_nets_verdict_as_that_of_larger_ones() -> None:
    for page in PAGES:
        assert not re.search(r"larger, deeper net may differ", source(page)), page.name


@pytest.mark.slow
def test_the_home_page_says_how_many_marks_stand_below_and_what_they_are() -> None:
    home = staged().files["index.md"]
    studies = re.findall(r'<a class="overview__marks".*?</a>', home)
    marks = re.findall(r'<span class="verdict verdict--[\w-]+">', "".join(studies))
    told = re.search(r"Each mark below is one of these\s+(\d+)\.", home)
    claims = re.search(r"(\d+) claims that chance could decide", home)
    exact = re.search(r"Another (\d+) need no statistics", home)
    assert told is not None
    assert claims is not None
    assert exact is not None
    assert len(marks) == int(told[1]) == int(claims[1]) + int(exact[1])


# Claims on dense nets that SGD trained: under momentum and Adam the same nets tie.
UNDER_SGD = {
    "index.md": ("alternatives-2-bn-std", "alternatives-2-std-bn"),
    "use.md": ("alternatives-2-std-bn",),
    "learn/choosing.md": ("alternatives-2-bn-std",),
}


@pytest.mark.parametrize(
    ("page", "claim"), [(page, claim) for page, told in UNDER_SGD.items() for claim in told]
)
def test_each_verdict_on_nets_that_sgd_trained_names_it(page: str, claim: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    said = re.search(rf'say\("{claim}",\n(.*?)\) \]\]', text, re.DOTALL)
    assert said is not None
    assert [line for line in said[1].splitlines() if "SGD" not in line] == []


# Deployed after a constant rate that another score chose: what says so, and what deployed nets lose
# or gain at the rate that they choose themselves.
CHOSEN_FRESH = {
    "optimizers-std-adam-constant-deployed": "_own_rate_adam.md",
    "ways-bn-sgd-constant-deployed": "_own_rate_sgd.md",
}


@pytest.mark.parametrize(("claim", "beside"), CHOSEN_FRESH.items())
def test_wherever_deployed_nets_trail_at_a_constant_rate_it_says_next_what_chose_that_rate(
    claim: str, beside: str
) -> None:
    pages = {page.stem: page.read_text(encoding="utf-8") for page in DOCS.rglob("*.md")}
    said = re.compile(rf'say\("{claim}",\n.*?\) \]\]\n(.*?)(?:\n\n|\Z)', re.DOTALL)
    next_to = {page: said.findall(text) for page, text in pages.items() if said.search(text)}
    assert {*next_to} >= {"use", "choosing"}
    told = f'[% include "{beside}" %]'
    assert [page for page, rest in next_to.items() if any(told not in x for x in rest)] == []
    assert "Fresh statistics chose that rate" in pages[beside.removesuffix(".md")]


def test_no_shown_claim_calls_a_constant_rate_of_deployed_nets_their_own() -> None:
    shown = {
        claim.id: study.display[claim.id].statement
        if claim.id in study.display and study.display[claim.id].statement
        else claim.statement
        for study in all_editions().values()
        for claim in study.claims
        if claim.score == "deployed"
    }
    constant = {name: text for name, text in shown.items() if "constant rate" in text}
    assert len(constant) > 12
    theirs = re.compile("its tuned rate|own best|fastest(?! by fresh statistics)")
    assert [name for name, text in constant.items() if theirs.search(text)] == []
