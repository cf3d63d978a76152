"""What titles say of figures that no claim judges is what these draw."""

import numpy as np
import pytest

from bnreport.analysis.findings import above, at_least, at_most, best_at, means, reach, spanned
from bnreport.presentation.plots import Panel, Series

RATES = np.array([0.1, 1.0, 3.0])


def panel(**curves: list[list[float]]) -> Panel:
    """Curves over the rates, by name, a row a run."""
    series = (Series(name, "neutral", RATES, np.array(runs)) for name, runs in curves.items())
    return Panel("", "accuracy", tuple(series))


BN = [[85.0, 88.0, 81.0], [84.0, 87.0, 80.0]]
LN = [[85.0, 82.0, 81.0], [84.0, 81.0, 79.0]]
RAW = [[82.0, 79.0, 10.0], [84.0, 88.0, 10.0]]
DRAWN = (panel(BN=BN, LN=LN, raw=RAW),)


def test_a_rate_is_reached_by_all_runs_of_all_curves_that_are_named() -> None:
    assert reach(DRAWN, 80, "BN reaches", {"BN"}, "raw", {"raw"}) == (
        "BN reaches 80% at a rate of 3, raw up to 0.1"
    )
    both = reach(DRAWN, 80, "BN and LN reach", {"BN", "LN"}, "others")
    assert both == "BN and LN reach 80% at a rate of 1, others up to 0.1"


def test_of_the_others_one_is_enough_and_they_may_be_ahead() -> None:
    told = reach(DRAWN, 80, "Raw reaches", {"raw"}, "others")
    assert told == "Raw reaches 80% at a rate of 0.1, others up to 3"


def test_a_net_counts_in_each_panel_that_shows_it() -> None:
    twice = (*DRAWN, panel(BN=[[85.0, 88.0, 50.0]]))
    assert "at a rate of 1," in reach(twice, 80, "BN reaches", {"BN"}, "others")


def test_where_no_rate_does_the_title_says_so() -> None:
    assert reach(DRAWN, 90, "BN reaches", {"BN"}, "others") == (
        "BN reaches 90% at no rate, others at none"
    )
    assert above(DRAWN, 90) == "at any rate"
    assert above(DRAWN, 80) == "above a rate of 3"


def test_the_best_places_are_those_of_the_means() -> None:
    assert means(DRAWN, "BN") == [{0.1: 84.5, 1.0: 87.5, 3.0: 80.5}]
    assert best_at(DRAWN, {"BN"}) == "1"
    assert best_at(DRAWN, {"BN", "LN"}) == "0.1 to 1"


@pytest.mark.parametrize(
    ("numbers", "told"), [([0.3, 0.03, 0.1], "0.03 to 0.3"), ([0.3, 0.3], "0.3")]
)
def test_settings_are_told_by_their_ends(numbers: list[float], told: str) -> None:
    assert spanned(numbers) == told


def test_bounds_are_not_rounded_past_what_they_bound() -> None:
    assert (at_least([10.86, 12]), at_most([3, 26.2])) == ("10", "27")
    assert (at_least(0.19, 1), at_most(0.01, 1)) == ("0.1", "0.1")
