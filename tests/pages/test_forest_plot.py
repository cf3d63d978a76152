"""The title of a study's figure of effects says what its claims found."""

import pytest

from bnreport.pages.forest_plot import forest_plots, title
from tests.synthetic import study_report


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["supported"], "BN over none: supported"),
        (["undecided", "undecided"], "Both claims undecided"),
        (["mixed", "mixed", "mixed"], "All 3 claims mixed"),
        (["reversed", "supported", "supported"], "2 of 3 claims supported, 1 reversed"),
        (
            ["mixed", "undecided", "undecided", "real but small"],
            "2 of 4 claims undecided, 1 mixed, 1 real but small",
        ),
    ],
)
def test_the_title_counts_every_word_that_readers_see(words: list[str], said: str) -> None:
    assert title(words, ["BN over none", "others"]) == said


def test_the_title_says_which_claims_it_counts_where_there_are_others() -> None:
    assert title(["mixed", "mixed"], ["a", "b"], "x") == "Both claims in ratios mixed"
    words = ["supported", "supported", "reversed"]
    assert title(words, ["a", "b", "c"], "nats") == "2 of 3 claims in nats supported, 1 reversed"


def test_a_title_counts_claims_of_its_unit_where_others_are_not_drawn() -> None:
    study = study_report()
    shown = {name: study.shown(name) for name in study.verdicts}
    drawn = {name: verdict for name, verdict in study.verdicts.items() if verdict.findings}
    of_one = {n: v for n, v in drawn.items() if v.claim.unit == "pp"}
    undrawn = next(name for name, verdict in study.verdicts.items() if not verdict.findings)
    assert " claims in percentage points" not in forest_plots(of_one, shown)["pp"].title
    more = of_one | {undrawn: study.verdicts[undrawn]}
    assert " claims in percentage points" in forest_plots(more, shown)["pp"].title
