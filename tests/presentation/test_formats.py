"""Numbers read as a careful typesetter would set them."""

import math

import pytest

from bnreport.presentation.formats import (
    between,
    counted,
    duration,
    interval_name,
    number,
    p_value,
    plain,
    quantity,
    rough,
    span,
    with_interval,
)
from bnreport.statistics.intervals import Interval


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 runs"), (1, "1 run"), (2, "2 runs"), (6801, "6,801 runs")]
)
def test_a_noun_has_the_number_of_its_count(count: int, text: str) -> None:
    assert counted(count, "run") == text


@pytest.mark.parametrize(
    ("value", "decimals", "signed", "text"),
    [
        (1.25, 1, False, "1.2"),
        (-1.5, 1, False, "\u22121.5"),
        (1.5, 1, True, "+1.5"),
        (-0.004, 2, False, "0.00"),
        (-0.004, 2, True, "+0.00"),
        (-0.006, 2, True, "\u22120.01"),
        (0.0, 0, False, "0"),
        (math.inf, 2, True, "∞"),
        (-math.inf, 2, True, "\u2212∞"),
        (math.nan, 2, True, "none"),
    ],
)
def test_a_number_has_a_true_minus_and_no_negative_zero(
    value: float, decimals: int, signed: bool, text: str
) -> None:
    assert number(value, decimals, signed) == text


def test_a_thin_space_stands_before_a_unit_but_not_before_a_percent_sign() -> None:
    assert quantity(-1.84, 1, "pp", signed=True) == "\u22121.8\u2009pp"
    assert quantity(72.4, 1, "%") == "72.4%"


def test_an_interval_stands_in_brackets_behind_its_point_and_unit() -> None:
    interval = Interval(-0.5, 1.8, math.inf, 12, "t")
    assert between(-0.5, 2.1, 1, signed=True) == "[\u22120.5, +2.1]"
    assert with_interval(interval, 1, "pp", signed=True) == "+1.8\u2009pp [\u22120.5, ∞]"
    assert with_interval(interval, 2) == "1.80 [\u22120.50, ∞]"


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (1.0, "1.000"),
        (0.0476, ".048"),
        (0.001, ".001"),
        (0.00099, "<\u2009.001"),
        (0.0, "<\u2009.001"),
    ],
)
def test_a_p_value_has_no_leading_zero_and_never_rounds_to_nothing(p: float, text: str) -> None:
    assert p_value(p) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 s"),
        (4.25, "4.2 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (200.4, "3 min 20 s"),
        (3599.6, "1 h 00 min"),
        (3900.0, "1 h 05 min"),
    ],
)
def test_a_duration_carries_over_into_the_next_unit(seconds: float, text: str) -> None:
    assert duration(seconds) == text
    assert span(seconds) == text.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1000.0, "1,000"),
        (0.25, "0.25"),
        (-2.0, "\u22122"),
        (0.0001, "0.0001"),
        (1e-7, "10⁻⁷"),
        (-1e-11, "\u221210⁻¹¹"),
        (2.4e-7, "2.4\u2009×\u200910⁻⁷"),
        (1e8, "10⁸"),
        (0.1 + 0.2, "0.3"),
    ],
)
def test_a_plain_number_has_no_exponent_that_people_do_not_write(value: float, text: str) -> None:
    assert plain(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.95, "0.95"), (1.0, "1.0"), (92.0, "92"), (3.1e-13, "3 × 10⁻¹³"), (4000.0, "4 × 10³")],
)
def test_a_positive_number_is_told_by_its_size(value: float, text: str) -> None:
    assert rough(value).replace("\u00a0", " ") == text


def test_an_interval_is_called_by_its_level_and_several_by_what_they_do() -> None:
    assert interval_name(0.95, 0.95) == "95% interval"
    assert interval_name(1 - 0.05 / 8) == "99.38% interval"
    assert interval_name(0.95, 0.9) == interval_name() == "interval that decides"
