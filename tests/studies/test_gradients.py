"""The study of gradients: its slopes, and what its page shows of runs that diverged."""

import numpy as np
import pytest

from bnreport.presentation.plots import Curves
from bnreport.records.collection import Records, by_trial
from bnreport.records.record import Record
from bnreport.studies.gradients import SMALL, STUDY, factors, start, trained, unbroken
from tests import fabricated

LOST = trained("none", 1.0)


@pytest.fixture(scope="module")
def found() -> dict[str, Record]:
    return fabricated.records(STUDY, frozenset({LOST}))


def test_the_factor_per_layer_is_that_of_a_geometric_series(found: dict[str, Record]) -> None:
    name = start("tanh", "bn", SMALL)
    # From input to output each norm is half the one before; the output's own layer is no part.
    norms = (*(8.0 * 0.5**layer for layer in range(20)), 77.0)
    halved = {
        key: record.model_copy(update={"checks": {"slopes_outputs": (norms,)}})
        for key, record in found.items()
        if record.identity.trial.name == name
    }
    records = Records("full", by_trial(halved))
    assert np.exp(factors(name)(records)) == pytest.approx(np.full((12, 1), 2.0))


def test_a_curve_ends_at_the_first_step_that_a_run_has_lost() -> None:
    runs = np.array([[1.0, 2.0, np.nan, 4.0], [1.0, 2.0, 3.0, 4.0]])
    assert unbroken(runs).tolist() == [[1.0, 2.0], [1.0, 2.0]]


def test_the_page_counts_the_runs_without_a_normalizer_that_diverged(
    found: dict[str, Record],
) -> None:
    analysis = STUDY.analyse(Records("full", by_trial(found)))
    assert analysis.values["lost"].text == "6 of 12 runs at rate 1"
    plot = analysis.plots["training"]
    assert isinstance(plot, Curves)
    assert all(np.isfinite(series.y).all() for panel in plot.panels for series in panel.series)
    (row,) = (row for row in analysis.tables["training"].rows if row[0] == "none, rate 1")
    assert row[1].endswith(" (6)")
    assert row[-2] == "6 of 12"
