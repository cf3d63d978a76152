"""What the page says of the backward pass in words is what the reference computes."""

import numpy as np
import pytest

from bnreport.lessons.backward import ARRIVING, analyse, batch_of_four, below, checked, percent
from bnreport.reference import backward, forward

ANALYSIS = analyse()


def test_the_first_input_gets_about_a_quarter_of_the_plain_factor() -> None:
    done = batch_of_four()
    dx = backward(np.array(ARRIVING)[:, None], done).x[:, 0]
    assert dx[0] * done.nodes.deviation[0] / done.gamma[0] == pytest.approx(0.25, abs=0.02)
    assert ANALYSIS.values["arriving"].text == "1, 0, 0, 0"


def test_each_row_of_the_collapsed_form_loses_what_it_says() -> None:
    rows = {name: cells for name, *cells in ANALYSIS.tables["collapsed"].rows}
    assert rows["minus its mean"][-2] == "0.000"
    assert rows["minus its share along x̂"][-2:] == ["0.000", "0.000"]
    assert rows["g arrives"][-1] != "0.000"


def test_ten_times_as_loud_is_a_tenth_of_the_gradient() -> None:
    assert ANALYSIS.values["tenfold"].text == "0.10"
    lengths = [float(row[2]) for row in ANALYSIS.tables["loud"].rows]
    assert lengths == sorted(lengths, reverse=True)


def test_the_finite_differences_are_as_near_as_the_page_says() -> None:
    assert checked() < 1e-9
    assert [below(error) for error in (3e-10, 9.9e-5)] == ["10⁻⁹", "10⁻⁴"]
    assert [percent(share) for share in (0.286, 4e-5)] == ["29%", "< 0.01%"]


def test_the_sum_of_the_outputs_sends_no_gradient_back() -> None:
    assert ANALYSIS.values["sum"].text == "0"
    done = batch_of_four()
    moved = forward(np.array([[4.0], [2.0], [30.0], [-7.0]]), done.gamma, [0.0])
    assert moved.output.sum() == pytest.approx(done.output.sum(), abs=1e-12)
