"""The textbook's printed curves: whole, distinct, and put to the test of the study."""

import re

import numpy as np
import pytest

from bnreport.records.collection import Records, by_trial
from bnreport.studies.notebook.published import METRICS, PRINTED_EPOCHS
from bnreport.studies.notebook.textbook import CURVES, FILE, compared, farther, textbook_table
from tests.golden import study_report


@pytest.fixture(scope="module")
def records() -> Records:
    return Records("full", by_trial(study_report("notebook").records))


def test_every_curve_names_its_commit_and_is_a_curve_of_its_own() -> None:
    assert len({curve.epochs.tobytes() for curve in CURVES}) == len(CURVES)
    for curve in CURVES:
        assert re.fullmatch(r"[0-9a-f]{7,40}", curve.commit)
        assert curve.epochs.shape == (10, len(METRICS))
        # A loss falls and an accuracy rises from the first epoch to the last.
        assert (np.sign(curve.epochs[-1] - curve.epochs[0]) == [-1, 1, -1, 1]).all()


def test_the_file_names_source_path_and_licence() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert all(f"\n{key} = " in text for key in ("author", "repository", "path", "license"))


def test_a_curve_that_is_one_of_our_runs_passes_and_a_shifted_one_does_not(
    records: Records,
) -> None:
    (curve, *_) = CURVES
    run = records.trial("baseline-0.001")[0]
    ours = np.stack([run.epochs(metric) for metric in METRICS], axis=1)
    for shift, far in ((0.0, False), (0.1, True)):
        made = type(curve)(curve.net, curve.date, curve.commit, "", ours + shift)
        fit = compared(made, records, "0.001")
        assert (farther(fit) == f"0 of {fit.n}") == far


def test_validation_alone_leaves_the_training_columns_out(records: Records) -> None:
    (curve, *_) = CURVES
    changed = curve.epochs.copy()
    changed[:PRINTED_EPOCHS, : METRICS.index("val_loss")] += 1.0
    made = type(curve)(curve.net, curve.date, curve.commit, "", changed)
    before, after = (compared(c, records, "0.001", "validation") for c in (curve, made))
    assert before == after
    assert compared(made, records, "0.001").largest_z > 100


def test_the_table_has_a_row_for_each_curve(records: Records) -> None:
    assert len(textbook_table(records).rows) == len(CURVES)


def test_a_curve_that_is_printed_again_has_one_row_that_says_so(records: Records) -> None:
    again = [curve for curve in CURVES if curve.again]
    assert again
    rows = [name for name, *_ in textbook_table(records).rows]
    assert len([name for name in rows if name.endswith(" and later")]) == len(again)
    for curve in again:
        assert curve.commit not in curve.again
