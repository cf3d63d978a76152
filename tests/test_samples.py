"""What studies take from their records: widths in decades."""

import numpy as np
import pytest

from bnreport.samples import cut_short, peak, spans, unjudged, width
from bnreport.statistics import Interval

# Three good rates of five, in a row for the first seed and not for the second.
BY_RATE = {
    0.01: np.array([0.1, 0.8]),
    0.1: np.array([0.8, 0.8]),
    1.0: np.array([0.8, 0.1]),
    10.0: np.array([0.8, 0.8]),
    100.0: np.array([0.1, 0.1]),
}


def test_a_width_is_the_longest_unbroken_stretch_of_good_settings() -> None:
    # At the edge of the grid a setting stands for the half towards its one neighbour.
    assert width(BY_RATE, 0.5).tolist() == [3.0, 1.5]


def test_each_seed_may_have_a_floor_of_its_own() -> None:
    assert width(BY_RATE, np.array([0.9, 0.05])).tolist() == [0.0, 4.0]


def test_each_inner_rate_of_a_grid_of_ones_and_threes_is_worth_exactly_half_a_decade() -> None:
    rates = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
    stretches = [(first, last) for first in range(1, 8) for last in range(first, 8)]
    found = {
        rate: np.array([float(first <= i <= last) for first, last in stretches])
        for i, rate in enumerate(rates)
    }
    assert width(found, 0.5).tolist() == [(last - first + 1) / 2 for first, last in stretches]


def test_the_spans_of_all_settings_cover_the_grid_once() -> None:
    assert spans((0.01, 0.1, 10.0)).tolist() == [0.5, 1.5, 1.0]


def test_a_width_is_cut_short_where_an_end_of_the_grid_is_good() -> None:
    # The first seed is good at 1, the second at neither end.
    found = {0.01: np.array([0.2, 0.2]), 0.1: np.array([0.9, 0.9]), 1.0: np.array([0.9, 0.3])}
    assert cut_short(found, 0.5) == 1
    assert cut_short(found, np.array([0.95, 0.1])) == 1
    assert cut_short(found, 0.95) == 0


def test_the_peak_of_each_seed_is_over_the_settings() -> None:
    found = peak({0.1: np.array([1.0, 4.0]), 0.2: np.array([3.0, 2.0])})
    assert found.tolist() == [3.0, 4.0]


def test_a_number_that_no_claim_judges_says_so_and_comes_with_its_interval() -> None:
    found = unjudged("x", Interval(-0.125, 1.5, 3.0, 12, "t"), "BN less raw")
    assert {name: value.text for name, value in found.items()} == {
        "x": "+1.50\u2009pp",
        "x.interval": "[\u22120.12, +3.00]",
        "x.where": "on both sides of zero",
    }
    assert {value.origin for value in found.values()} == {
        "BN less raw; 95% interval over 12 seeds (t); unjudged"
    }


@pytest.mark.parametrize(
    ("low", "high", "where"),
    [(0.1, 2.0, "above zero"), (-2.0, -0.1, "below zero"), (0.0, 2.0, "on both sides of zero")],
)
def test_words_say_on_which_side_of_zero_an_unjudged_interval_lies(
    low: float, high: float, where: str
) -> None:
    found = unjudged("x", Interval(low, (low + high) / 2, high, 12, "t"), "BN less raw")
    assert found["x.where"].text == where
