"""A refuted equality says which side is ahead: a sure lead is no mere difference."""

import re
from collections.abc import Iterator, Sequence

import pytest

from bnreport.pages.claim_text import SIDES
from bnreport.protocol.claims import Claim
from bnreport.protocol.directions import Direction
from bnreport.statistics.estimates import Contrast
from bnreport.studies import all_editions
from bnreport.studies.second import alternatives, convolution
from tests.directed import Directed
from tests.pages.test_study_pages import CLAIMS, sayings_in
from tests.synthetic import DOCS

OF = {claim.id: study for study in all_editions().values() for claim in study.claims}
PAGES = [path.relative_to(DOCS).as_posix() for path in sorted(DOCS.rglob("*.md"))]
# Words of an analysis that name the better arm, or both in their order, by the end of a claim's id.
ORDERED = re.compile(r"\{([^{}]+)\.(leaning|ahead)\}")
# The arms of the editions that have such words, whose labels they say.
ARMS = {"alternatives.2": alternatives.NETS.rates, "convolution.2": convolution.NETS.rates}
# A title has room for one setting of a claim, or for none; a sentence tells of all.
TITLES = {"hero", "drawing", "ending"}


def short(claim: str) -> str:
    """The id of a claim without its study and edition."""
    study = OF[claim]
    return claim.removeprefix(f"{study.name}-{study.number}-")


def named_in(page: str) -> Iterator[tuple[str, str, str]]:
    """The claim of each sentence with such words, whose side they say, and which words."""
    for saying in sayings_in(page):
        for text in saying.sentences.values():
            for name, word in ORDERED.findall(text):
                yield saying.claim, name, word


def unsided(claim: Claim, text: str) -> Sequence[str]:
    """The settings of a claim whose side the text leaves out; one without settings has "alone"."""
    if any(name == short(claim.id) for name, _ in ORDERED.findall(text)):
        return []
    starts = {setting: f"{claim.id}.{setting}" for setting in claim.settings}
    return [
        setting
        for setting, start in (starts or {"alone": claim.id}).items()
        if not any(f"{{{start}.{word}}}" in text for word in SIDES)
    ]


@pytest.mark.parametrize("page", PAGES)
def test_a_refuted_equality_is_told_by_its_side(page: str) -> None:
    for saying in sayings_in(page):
        claim = CLAIMS[saying.claim]
        if claim.kind == "equivalence" and "not_supported" in saying.sentences:
            left = unsided(claim, saying.sentences["not_supported"])
            most = len(claim.settings) - 1 if saying.call in TITLES else 0
            assert len(left) <= max(most, 0), (saying.call, saying.claim, left)


@pytest.mark.parametrize("page", PAGES)
def test_an_equality_that_fails_in_some_settings_is_told_by_the_side_of_each(page: str) -> None:
    for saying in sayings_in(page):
        claim, text = CLAIMS[saying.claim], saying.sentences.get("not_in_every_setting", "")
        if claim.kind == "equivalence" and text and saying.call not in TITLES:
            left = unsided(claim, text)
            assert not left, (saying.claim, left)


@pytest.mark.parametrize(
    ("claim", "name", "word"), sorted({each for page in PAGES for each in named_in(page)})
)
@pytest.mark.parametrize("lead", [0.1, 0.0, -0.1])
def test_words_that_name_the_better_arm_are_those_of_its_interval(
    claim: str, name: str, word: str, lead: float
) -> None:
    assert name == short(claim)
    study = OF[claim]
    direction = study.directions[claim]
    assert isinstance(direction, Direction)
    records = Directed(study).records((direction, {("favoured", 0): lead}))
    estimate = study.estimates[claim](records)
    assert isinstance(estimate, Contrast)
    low, high = estimate.interval.low, estimate.interval.high
    labels = {arm.name: arm.label for arm in ARMS[study.edition.name]}
    one, other = (labels[side[0].trial] for side in (direction.favoured, direction.other))
    better, worse = (one, other) if low > 0 else (other, one)
    values = study.analyse(records).values
    if word == "leaning":
        sure = f"{better} did better than {worse}"
        unsure = f"neither {one} nor {other} surely did better"
        expected = {word: sure if low > 0 or high < 0 else unsure}
    else:
        # Of a tie it is never asked.
        expected = {"ahead": better, "behind": worse} if low > 0 or high < 0 else {}
    assert (low > 0, high < 0) == (lead > 0, lead < 0)
    assert {each: values[f"{name}.{each}"].text for each in expected} == expected


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("alternatives-2-ln", "They differ by {alternatives-2-ln.signed}.", ["alone"]),
        ("alternatives-2-ln", "It is {alternatives-2-gn.side} by half a point.", ["alone"]),
        ("alternatives-2-ln", "It is half a point {alternatives-2-ln.ahead_of} BN.", []),
        ("alternatives-2-ln", "More than half a point apart: {ln.ahead} did better.", []),
        ("alternatives-2-ln", "More than half a point apart: {gn.ahead} did better.", ["alone"]),
        ("lag-falling", "They are {lag-falling.side}.", ["32", "128"]),
        ("lag-falling", "They are {lag-falling.32.side} with batches of 32.", ["128"]),
    ],
)
def test_a_text_that_names_no_side_of_its_claim_is_found(
    name: str, text: str, left: list[str]
) -> None:
    assert unsided(CLAIMS[name], text) == left
