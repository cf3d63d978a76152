"""The two horizons of drift: one step after a mark, and the 39 steps between two marks."""

import numpy as np
import pytest

from bnreport.studies import all_studies
from bnreport.studies.shift import DRIFT, NETS, NOISE, many_steps, one_step
from tests.golden import study_report

STUDY = all_studies()["shift"]


def test_the_marks_of_a_drift_alternate_between_both_horizons() -> None:
    assert DRIFT.steps[:6] == (0, 1, 40, 41, 80, 81)
    # One seed, one layer: the drift that arrives at each mark is its number in the list.
    drift = np.arange(len(DRIFT.steps), dtype=float)[None, :, None]
    later = range(3, len(DRIFT.steps), 2)
    assert one_step(drift).tolist() == [pytest.approx(np.mean(list(later)))]
    before = range(2, len(DRIFT.steps), 2)
    assert many_steps(drift).tolist() == [pytest.approx(np.mean(list(before)))]


def test_what_one_step_shows_is_what_the_claims_judge() -> None:
    report = study_report("shift")
    rows = rows_of_horizons()
    for where in NETS.cells:
        interval = report.verdicts["shift-noisy-drift"].findings[where].interval
        told = float(rows[NOISE, where][0].split()[0])
        assert told == pytest.approx(np.exp(interval.point), rel=5e-3)


def test_over_many_steps_the_noise_does_not_add_drift_everywhere() -> None:
    values = study_report("shift").analysis.values
    more, less, nets = (int(values[f"long.{what}"].text) for what in ("more", "less", "nets"))
    assert 0 < more < nets
    assert more + less <= nets


def test_every_statement_on_drift_names_its_horizon_and_says_what_was_changed() -> None:
    report = study_report("shift")
    for claim in STUDY.claims:
        shown = report.shown(claim.id)
        assert ("in one step" in shown.statement) == (" drift " in claim.statement)
        assert bool(shown.changed) == (" drift " in claim.statement)


def rows_of_horizons() -> dict[tuple[str, str], tuple[str, ...]]:
    """The intervals of the table of horizons, by drift and net."""
    table = study_report("shift").analysis.tables["horizons"]
    return {(row[0], row[1]): row[2:] for row in table.rows}
