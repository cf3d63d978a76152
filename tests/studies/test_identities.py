"""Small errors can be read, and are drawn."""

import pytest

from bnreport.presentation.formats import scientific
from bnreport.presentation.plots import Dots
from bnreport.records.collection import Records, by_trial
from bnreport.studies.identities import FLOOR, STUDY
from tests import fabricated


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (0.0, "0"),
        (4.96e-6, "5.0 × 10⁻⁶"),
        (0.0016, "0.0016"),
        (7.97, "8.0"),
        (9.96, "10"),
        (5312.0, "5,312"),
    ],
)
def test_an_error_of_any_size_can_be_read(error: float, text: str) -> None:
    assert scientific(error) == text


def test_an_error_of_zero_is_drawn_at_the_floor_and_said_to_be_zero() -> None:
    found = fabricated.records(STUDY)
    perfect = {
        name: record.model_copy(
            update={"checks": record.checks | {"mates_inference": (0.0, 0.0)}}
            if "mates_inference" in record.checks
            else {}
        )
        for name, record in found.items()
    }
    plot = STUDY.analyse(Records("full", by_trial(perfect))).plots["errors"]
    assert isinstance(plot, Dots)
    (row,) = (row for row in plot.rows if row.label == "batch-mates, inference")
    assert row.point == 0.0
    assert set(row.values) == {FLOOR}
    assert "10⁻⁹" in plot.x_label
