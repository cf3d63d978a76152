"""The second edition of rates: whose width each claim compares, by which score and which floor."""

from typing import Any

import pytest

from bnreport.protocol.directions import Quantity, check
from bnreport.protocol.recipes import Recipe
from bnreport.statistics.estimates import Contrast
from bnreport.studies.second import rates
from bnreport.studies.second.rates import RATES, SECOND, STEPS
from tests.directed import Directed

MADE = Directed(SECOND)
# The best on raw pixels, just good, just not good, and failed.
BEST, GOOD, BAD, FAILED = 0.85, 0.831, 0.829, 0.1


def swept(arm: str, by: str, *good: int, best: float = GOOD) -> dict[tuple[str, Quantity], Any]:
    """Accuracies at the end that are good at the rates of these places, and no others."""
    end = check(f"end_{by}_val_accuracy", STEPS)
    return {
        (f"{arm}-{rate:g}", end): best if place in good else BAD for place, rate in enumerate(RATES)
    }


@pytest.mark.parametrize("by", ["fresh", "deployed"])
@pytest.mark.parametrize(
    ("pair", "wide", "narrow"),
    [("raw", "bn", "raw"), ("std", "bn", "std"), ("std-bn", "std-bn", "std")],
)
def test_a_claim_compares_two_widths_above_the_floor_of_raw_pixels(
    pair: str, wide: str, narrow: str, by: str
) -> None:
    name = f"rates-2-width-{pair}" + ("" if by == "fresh" else "-deployed")
    (claim,) = (each for each in SECOND.claims if each.id == name)
    assert claim.score == by
    given = swept("raw", by, 4, best=BEST) | swept(wide, by, 2, 3, 4, 5, 7)
    # Of a broken row of good rates the longest stretch counts.
    if narrow == "raw":
        expected = 2.0 - 0.5
    else:
        given |= swept(narrow, by, 3, 4)
        expected = 2.0 - 1.0
    found = SECOND.estimates[name](MADE.given(given))
    assert isinstance(found, Contrast)
    assert found.values == pytest.approx([expected] * len(found.values))


def test_all_runs_differ_in_net_inputs_and_rate_alone_and_their_rate_falls() -> None:
    alike = set()
    for runs in SECOND.runs:
        assert isinstance(runs.trial, Recipe)
        free = {"name": "", "net": None, "inputs": "", "learning_rate": 0}
        alike.add(runs.trial.model_copy(update=free))
    (common,) = alike
    assert common.schedule.name == "linear"
    assert len(SECOND.runs) == 4 * len(RATES)


def test_a_rate_at_which_runs_diverge_is_one_that_is_too_high() -> None:
    given = swept("raw", "fresh", 4, best=BEST) | swept("bn", "fresh", 4, 5)
    end = check("end_fresh_val_accuracy", STEPS)
    given |= {("bn-30", end): FAILED}
    assert rates.GOOD[rates.BN, "fresh"].width(MADE.given(given)).tolist() == [1.0] * 12
