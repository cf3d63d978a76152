"""Printed curves beside runs of ours, by hand."""

from collections.abc import Callable

import numpy as np
import pytest

from bnreport.analysis.printed import Printed, passing
from bnreport.errors import RecordError
from bnreport.records.collection import Records
from bnreport.records.record import Record
from bnreport.statistics.estimates import fit_of

METRICS = ("loss", "accuracy")
CURVE = Printed(METRICS, np.array([[0.5, 0.8], [0.25, 0.9]]))
# By epoch: each of three runs has these, and 0.01 or 0.02 more.
LOSSES, ACCURACIES = (1.0, 0.5, 0.25, 0.125), (0.6, 0.7, 0.8, 0.9)


@pytest.fixture
def runs(make_record: Callable[..., Record]) -> list[Record]:
    """Three runs of four epochs."""

    def history(more: float) -> dict[str, tuple[float, ...]]:
        by_metric = zip(METRICS, (LOSSES, ACCURACIES), strict=True)
        return {metric: tuple(x + more for x in values) for metric, values in by_metric}

    return [
        make_record(seed).model_copy(update={"history": history(seed / 100)}) for seed in range(3)
    ]


def test_a_curve_is_compared_with_the_epochs_from_its_start_on(runs: list[Record]) -> None:
    window = CURVE.window(runs, 1)
    assert window.shape == (3, 2, 2)
    assert window[0].tolist() == [[0.5, 0.7], [0.25, 0.8]]
    # The mean of the runs is 0.01 more than the first of them, their standard deviation 0.01.
    z = CURVE.z(runs, 1)
    assert z[:, 0] == pytest.approx([-np.sqrt(3 / 4)] * 2)
    assert z[:, 1] == pytest.approx([9 * np.sqrt(3 / 4)] * 2)
    assert CURVE.fit(runs, 1).largest_z == pytest.approx(9 * np.sqrt(3 / 4))


def test_a_curve_may_start_wherever_it_ends_with_the_runs(runs: list[Record]) -> None:
    fits = CURVE.fits(runs)
    assert [fit.offset for fit in fits] == [0, 1, 2]
    records = Records("full", {"slow": dict(enumerate(runs))})
    assert CURVE.passes("slow", 2)(records) == fits[2]


def test_one_metric_alone_leaves_the_others_out(runs: list[Record]) -> None:
    accuracy = CURVE.only("accuracy")
    assert (accuracy.metrics, accuracy.epochs.tolist()) == (("accuracy",), [[0.8], [0.9]])
    assert CURVE.only("loss").fit(runs, 1).largest_z == pytest.approx(np.sqrt(3 / 4))


def test_none_of_three_runs_is_as_far_off_as_a_far_curve_and_two_are_as_far_as_a_near_one(
    runs: list[Record],
) -> None:
    # The third run lies between the other two.
    far, near = CURVE.fit(runs, 1), CURVE.only("loss").fit(runs, 1)
    assert (far.as_far, near.as_far) == (0, 2)
    assert (far.p, near.p) == (0.25, 0.75)


def test_numbers_stand_as_crosses_at_their_epochs() -> None:
    marks = CURVE.marks("accuracy", start=11)
    assert (marks.x.tolist(), marks.y.tolist()) == ([11.0, 12.0], [0.8, 0.9])


def test_a_run_that_diverged_is_named_and_not_dropped(runs: list[Record]) -> None:
    lost = runs[1].model_copy(update={"diverged": True})
    with pytest.raises(RecordError, match=f"run {lost.id}, which diverged"):
        CURVE.fit([runs[0], lost, runs[2]])


def test_a_curve_passes_where_the_test_of_printed_curves_says_so() -> None:
    draw = np.random.default_rng(0)
    runs = draw.normal(size=(20, 3, 2))
    curves = draw.normal(size=(40, 3, 2)) * np.linspace(0.5, 3, 40)[:, None, None]
    each = [fit_of(curve.ravel(), runs.reshape(20, -1)).p for curve in curves]
    assert 0 < passing(curves, runs) == sum(p >= 0.05 for p in each) < 40
