"""The notebook's nets timed again: which loop and which net each claim compares, round by round."""

import numpy as np
import pytest

from bnreport.protocol.directions import history
from bnreport.statistics.estimates import Contrast
from bnreport.studies.second.notebook import ROUNDS, SECOND, slowed
from tests.directed import Directed

MADE = Directed(SECOND)


@pytest.mark.parametrize("loop", ["fit", "compiled"])
def test_a_claim_divides_the_seconds_of_bn_by_those_of_the_baseline_in_each_round(
    loop: str,
) -> None:
    quick = np.linspace(1.0, 2.0, ROUNDS)[None, :, None]
    given = {
        ("timing", history(f"{loop}_bn")): 1.5 * quick,
        ("timing", history(f"{loop}_baseline")): quick,
    }
    found = SECOND.estimates[f"notebook-2-{loop}-time"](MADE.given(given))
    assert isinstance(found, Contrast)
    assert np.exp(found.values) == pytest.approx([1.5] * ROUNDS)


def test_times_are_judged_by_their_median_in_one_family() -> None:
    assert {(claim.centre, claim.margin) for claim in SECOND.claims} == {("median", 1.25)}
    assert [tuple(family) for family in SECOND.edition.tested] == [SECOND.claims]


def test_rounds_are_slowed_that_take_a_fifth_more_than_the_median() -> None:
    times = np.ones(ROUNDS)
    times[:3] = 1.19, 1.21, 1.5
    given = {("timing", history("compiled_bn")): times[None, :, None]}
    assert slowed("compiled", "bn", MADE.given(given)) == {"slowed": "2", "slowest": "1.50"}
