"""What the page says of one batch in words is what the reference computes."""

import numpy as np
import pytest

from bnreport.lessons.by_hand import BATCH, BETA, GAMMA, OUTLIER, analyse, normalized, steps

ANALYSIS = analyse()


def test_the_batch_has_the_round_numbers_that_the_page_counts_with() -> None:
    x = np.array(BATCH)
    assert (x.sum(), x.mean(), x.var(), x.std()) == (40, 10, 25, 5)
    assert ANALYSIS.values["squares"].text == "49 + 1 + 1 + 49"


def test_the_output_has_beta_for_its_mean_and_gamma_for_its_spread() -> None:
    y = steps()["plus β, y"]
    assert y.mean() == pytest.approx(BETA)
    assert y.std() == pytest.approx(GAMMA, abs=1e-3)


def test_the_lines_of_the_picture_never_cross() -> None:
    assert all((np.diff(values) > 0).all() for name, values in steps().items() if "sq" not in name)


def test_an_outlier_leaves_its_neighbors_almost_no_distance() -> None:
    with_it, without = normalized(*OUTLIER), normalized(*BATCH)
    assert with_it[2] - with_it[0] < 0.02 * (without[2] - without[0])
    assert with_it[-1] < np.sqrt(len(OUTLIER) - 1)


def test_the_table_of_strange_batches_begins_with_one_that_is_alone() -> None:
    rows = {name: found for name, _, found in ANALYSIS.tables["strange"].rows}
    assert rows["one alone"] == "0.00"
    assert rows["two far apart"] == "−1.00, +1.00"
    assert set(rows["four that are equal"].split(", ")) == {"0.00"}
