"""Told to infer, and fitted: which facts each claim counts, and what the table says of a net."""

import pytest

from bnreport.analysis.keras_facts import BACKENDS, NAMES
from bnreport.pages import claim_text
from bnreport.protocol.directions import history
from bnreport.protocol.facts import TUNED
from bnreport.statistics.estimates import Exact
from bnreport.studies.third.keras import CLAIMS, NET_WORDS, THIRD
from tests.directed import Directed

MADE = Directed(THIRD)
# By hand: a net told to infer that trained as ever, and one whose layers of BN were frozen.
TOLD = {"weights": 0.0, "averages": 0.0, "losses": 0.0, "answers": 0.0, "largest": 0.0, "moved": 1}
FROZEN = {"averages": 1.0, "answers": 1.0, "moved": 0.0}
SOUND = {
    **{f"{net}_told_{fact}": float(value) for net in TUNED for fact, value in TOLD.items()},
    **{f"{net}_frozen_{fact}": value for net in TUNED for fact, value in FROZEN.items()},
}


def counted(claim: str, **other: float) -> Exact:
    """What a claim counts where both backends find these facts, and else the sound ones."""
    facts = SOUND | other
    found = THIRD.estimates[f"keras-3-{claim}"](
        MADE.given(
            {
                (f"tuned-{on}", history(name)): [[[v]]]
                for on in BACKENDS
                for name, v in facts.items()
            }
        )
    )
    assert isinstance(found, Exact)
    return found


def test_nets_that_are_alike_to_the_bit_and_frozen_ones_that_are_not_bear_the_claims_out() -> None:
    assert counted("told") == Exact(0.0, 5 * 6 * 2)
    assert counted("frozen") == Exact(0.0, 5 * 3 * 2)


@pytest.mark.parametrize("net", TUNED)
@pytest.mark.parametrize("fact", ["weights", "averages", "losses", "answers", "largest"])
def test_one_number_of_ten_thousand_that_differs_is_counted(net: str, fact: str) -> None:
    assert counted("told", **{f"{net}_told_{fact}": 1e-4}) == Exact(2.0, 60)


def test_nets_that_are_alike_since_nothing_trained_bear_neither_claim_out() -> None:
    still = {f"{net}_told_moved": 0.0 for net in TUNED}
    assert counted("told", **still) == Exact(10.0, 60)
    same = {f"{net}_frozen_{fact}": 0.0 for net in TUNED for fact in ("averages", "answers")}
    assert counted("frozen", **same) == Exact(20.0, 30)


def test_an_average_that_moves_in_a_frozen_layer_is_counted() -> None:
    assert counted("frozen", image_frozen_moved=0.5) == Exact(2.0, 30)


def test_the_table_has_a_row_for_each_net_and_names_what_differs_by_backend() -> None:
    facts = dict.fromkeys(NAMES["tuned"], 0.0) | SOUND | {f"{net}_numbers": 1234.0 for net in TUNED}
    given = {
        (f"tuned-{on}", history(name)): [[[value]]]
        for on in BACKENDS
        for name, value in facts.items()
    }
    given["tuned-jax", history("image_told_largest")] = [[[0.25]]]
    given["tuned-jax", history("image_frozen_largest")] = [[[1.5]]]
    given["tuned-tensorflow", history("image_frozen_largest")] = [[[1.5001]]]
    analysis = THIRD.analyse(MADE.given(given))
    rows = {row[0]: row[1:] for row in analysis.tables["tuned"].rows}
    assert list(rows) == [*NET_WORDS.values()]
    assert rows["convolutional base"] == ("1,234", "0 or 0.25", "100%", "1.50", "0%")
    assert analysis.values["numbers"].text == "6,170"


def test_every_claim_says_that_it_had_been_tried() -> None:
    assert {judged.claim.known for judged in CLAIMS} == {"known from trying it out"}


def test_the_line_of_a_claim_names_what_is_counted_and_not_what_it_lists() -> None:
    for judged in CLAIMS:
        assert claim_text._missed(judged.claim, 2, 60) == "2 of 60 facts come out otherwise"
