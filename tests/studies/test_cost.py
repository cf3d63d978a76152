"""Which rounds of a timing were disturbed, by hand."""

import numpy as np
import pytest

from bnreport.analysis.timings import disturbed
from bnreport.records.collection import Records, by_trial
from bnreport.studies import all_studies
from tests import fabricated


def test_a_round_is_disturbed_from_a_third_above_the_median_on() -> None:
    # The median is 1.0: 1.3 is disturbed, 1.29 and the fast round are not.
    assert disturbed(np.array([1.0, 1.3, 0.4, 1.29, 1.0, 2.0, 1.0])) == [2, 6]


def timed(stalled: dict[str, int]) -> Records:
    """Made-up records in which every epoch takes a second but for a stalled round of some nets."""
    study = all_studies()["cost"]
    found = {}
    for key, record in fabricated.records(study).items():
        if record.identity.trial.name == "timing":
            history = {
                name: tuple(
                    3.0 if stalled.get(name) == place else 1.0
                    for place in range(1, len(values) + 1)
                )
                for name, values in record.history.items()
            }
            found[key] = record.model_copy(update={"history": history})
        else:
            found[key] = record
    return Records("full", by_trial(found))


@pytest.mark.parametrize(
    ("stalled", "words"),
    [
        ({}, "No epoch took 30% longer than the median of its 12 rounds, or more."),
        (
            {"fit_bn_128": 3, "compiled_raw_32": 12},
            "Some epochs took 30% longer than the median of their 12 rounds, or more "
            "(fit, 128, BN: round 3, up to 3.0 ×; compiled, 32, no normalizer: round 12, up to "
            "3.0 ×). With layer normalization and group normalization there was no such round. "
            "No cause was recorded.",
        ),
    ],
)
def test_the_page_names_the_rounds_that_were_disturbed(stalled: dict[str, int], words: str) -> None:
    study = all_studies()["cost"]
    assert study.analyse(timed(stalled)).tables["epochs"].note.endswith(f" {words}")


def test_one_stalled_round_moves_the_judged_ratio_and_not_the_median_one() -> None:
    table = all_studies()["cost"].analyse(timed({"fit_bn_128": 3})).tables["epochs"]
    row = next(row for row in table.rows if row[0] == "fit, 128: BN")
    # The geometric mean of eleven ones and one three is 3 ** (1 / 12).
    assert row == ("fit, 128: BN", "1.000", "1.10", "1.00")
