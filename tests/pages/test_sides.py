"""A refuted equality says which side is ahead: a sure lead is no mere difference."""

import re
from collections.abc import Sequence

import pytest

from bnreport.pages.claim_text import SIDES
from bnreport.protocol.claims import Claim
from tests.pages.test_study_pages import CLAIMS, sayings_in
from tests.synthetic import DOCS

PAGES = [path.relative_to(DOCS).as_posix() for path in sorted(DOCS.rglob("*.md"))]
# Words of an analysis that name the better arm, or both in their order.
ORDERED = re.compile(r"\{[^{}]+\.(leaning|ahead)\}")
# A title has room for one setting of a claim, or for none; a sentence tells of all.
TITLES = {"hero", "drawing", "ending"}


def unsided(claim: Claim, text: str) -> Sequence[str]:
    """The settings of a claim whose side the text leaves out; one without settings has "alone"."""
    if ORDERED.search(text):
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
    ("name", "text", "left"),
    [
        ("alternatives-2-ln", "They differ by {alternatives-2-ln.signed}.", ["alone"]),
        ("alternatives-2-ln", "It is {alternatives-2-gn.side} by half a point.", ["alone"]),
        ("alternatives-2-ln", "It is half a point {alternatives-2-ln.ahead_of} BN.", []),
        ("alternatives-2-ln", "More than half a point apart: {ln.ahead} did better.", []),
        ("lag-falling", "They are {lag-falling.side}.", ["32", "128"]),
        ("lag-falling", "They are {lag-falling.32.side} with batches of 32.", ["128"]),
    ],
)
def test_a_text_that_names_no_side_of_its_claim_is_found(
    name: str, text: str, left: list[str]
) -> None:
    assert unsided(CLAIMS[name], text) == left
