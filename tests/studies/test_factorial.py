"""The shares of the factors, by hand."""

import numpy as np
import pytest

from bnreport.studies.factorial import FACTORS, LEVELS, REST, shares


def test_the_shares_of_a_table_of_two_factors_are_those_found_by_hand() -> None:
    # The mean is 5, those of the rows 2 and 8, those of the columns 3 and 7; what is left is ± 1.
    found = shares(np.array([[1.0, 3.0], [5.0, 11.0]]), ("a", "b"))
    assert found == pytest.approx({"a": 36 / 56, "b": 16 / 56, "a × b": 4 / 56, REST: 0.0})


def test_a_factor_of_three_levels_counts_each_level() -> None:
    # The means of the columns are 0, 0 and 3: squares about the mean 1 are 1, 1 and 4.
    found = shares(np.array([[0.0, 0.0, 3.0], [0.0, 0.0, 3.0]]), ("a", "b"))
    assert found == pytest.approx({"a": 0.0, "b": 1.0, "a × b": 0.0, REST: 0.0})


def test_what_three_factors_do_only_together_is_left_over() -> None:
    sign = np.array([-1.0, 1.0])
    together = sign[:, None, None] * sign[:, None] * sign
    alone = together + 2 * sign[:, None, None]
    assert shares(together, "abc")[REST] == pytest.approx(1.0)
    assert shares(alone, "abc")["a"] == pytest.approx(4 / 5)
    assert shares(alone, "abc")[REST] == pytest.approx(1 / 5)


def test_the_study_has_as_many_nets_as_its_factors_have_combinations() -> None:
    assert dict(zip(FACTORS, LEVELS, strict=True)) == {
        "hidden BN": 2,
        "activation": 2,
        "initializer": 2,
        "inputs": 3,
    }
