"""What studies take from their records, against numbers worked out by hand."""

from collections.abc import Callable

import numpy as np
import pytest

from bnreport.analysis.metrics import by_epoch, last, lost, smoothed, unjudged
from bnreport.analysis.ranges import (
    best_setting,
    check_chosen,
    chosen_by_others,
    cut_short,
    peak,
    spans,
    width,
)
from bnreport.errors import RecordError
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.records.collection import Records
from bnreport.records.record import Record
from bnreport.statistics.intervals import Interval

Make = Callable[..., Record]


def gone_from(record: Record) -> Record:
    """The same run, had it diverged; what it says then must not be read."""
    return record.model_copy(update={"diverged": True})


# Three good rates of five, in a row for the first seed and not for the second.
BY_RATE = {
    0.01: np.array([0.1, 0.8]),
    0.1: np.array([0.8, 0.8]),
    1.0: np.array([0.8, 0.1]),
    10.0: np.array([0.8, 0.8]),
    100.0: np.array([0.1, 0.1]),
}


def test_a_width_is_the_longest_unbroken_stretch_of_good_settings() -> None:
    # At the edge of the grid a setting stands for the half towards its one neighbour.
    assert width(BY_RATE, 0.5).tolist() == [3.0, 1.5]


def test_each_seed_may_have_a_floor_of_its_own() -> None:
    assert width(BY_RATE, np.array([0.9, 0.05])).tolist() == [0.0, 4.0]


def test_each_inner_rate_of_a_grid_of_ones_and_threes_is_worth_exactly_half_a_decade() -> None:
    rates = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
    stretches = [(first, last) for first in range(1, 8) for last in range(first, 8)]
    found = {
        rate: np.array([float(first <= i <= last) for first, last in stretches])
        for i, rate in enumerate(rates)
    }
    assert width(found, 0.5).tolist() == [(last - first + 1) / 2 for first, last in stretches]


def test_the_spans_of_all_settings_cover_the_grid_once() -> None:
    assert spans((0.01, 0.1, 10.0)).tolist() == [0.5, 1.5, 1.0]


def test_a_width_is_cut_short_where_an_end_of_the_grid_is_good() -> None:
    # The first seed is good at 1, the second at neither end.
    found = {0.01: np.array([0.2, 0.2]), 0.1: np.array([0.9, 0.9]), 1.0: np.array([0.9, 0.3])}
    assert cut_short(found, 0.5) == 1
    assert cut_short(found, np.array([0.95, 0.1])) == 1
    assert cut_short(found, 0.95) == 0


def test_the_peak_of_each_seed_is_over_the_settings() -> None:
    found = peak({0.1: np.array([1.0, 4.0]), 0.2: np.array([3.0, 2.0])})
    assert found.tolist() == [3.0, 4.0]


def test_a_number_that_no_claim_judges_says_so_and_comes_with_its_interval() -> None:
    found = unjudged("x", Interval(-0.125, 1.5, 3.0, 12, "t"), "BN less raw")
    assert {name: value.text for name, value in found.items()} == {
        "x": "+1.50\u2009pp",
        "x.interval": "[\u22120.12, +3.00]",
        "x.where": "on both sides of zero",
    }
    assert {value.origin for value in found.values()} == {
        "BN less raw; 95% interval over 12 seeds (t); unjudged"
    }


@pytest.mark.parametrize(
    ("low", "high", "where"),
    [(0.1, 2.0, "above zero"), (-2.0, -0.1, "below zero"), (0.0, 2.0, "on both sides of zero")],
)
def test_words_say_on_which_side_of_zero_an_unjudged_interval_lies(
    low: float, high: float, where: str
) -> None:
    found = unjudged("x", Interval(low, (low + high) / 2, high, 12, "t"), "BN less raw")
    assert found["x.where"].text == where


def test_a_curve_is_smoothed_by_medians_of_three_and_its_ends_keep_the_nearest_two() -> None:
    # The medians of (1, 1, 5), (1, 5, 2), (5, 2, 4) and (2, 4, 4).
    assert smoothed(np.array([[1.0, 5.0, 2.0, 4.0]])).tolist() == [[1.0, 2.0, 4.0, 4.0]]


def test_a_pair_is_lost_with_either_of_its_runs(make_record: Make) -> None:
    fine = [make_record(seed=seed) for seed in range(4)]
    gone = [gone_from(record) for record in fine]
    one, other = [gone[0], *fine[1:3], gone[3]], [fine[0], gone[1], fine[2], gone[3]]
    assert lost(one, other) == 3
    # Only some arms have a seed: it makes no pair.
    assert lost(one[:3], other) == lost(other, one[:3]) == 2


def test_the_last_epoch_counts_and_a_lost_run_as_it_is_told(make_record: Make) -> None:
    runs = [make_record(), gone_from(make_record())]
    assert last(runs, "val_accuracy").tolist() == [0.6, 0.1]
    assert last(runs, "val_accuracy", 0.5).tolist() == [0.6, 0.5]
    whole = last(runs, "val_accuracy", epochs=9).tolist()
    assert whole == pytest.approx([np.mean(runs[0].epochs("val_accuracy")), 0.1])
    assert whole[0] != 0.6


def test_a_metric_is_read_epoch_by_epoch_and_counts_as_told_from_where_a_run_is_lost(
    make_record: Make,
) -> None:
    whole = make_record()
    one, two = whole.history["val_accuracy"]
    short = {**whole.history, "val_accuracy": (one,)}
    gone = gone_from(whole).model_copy(update={"history": short})
    assert by_epoch([whole, gone], "val_accuracy").tolist() == [[one, two], [one, 0.1]]
    assert by_epoch([gone], "val_accuracy", lost=2.0).tolist() == [[one, 2.0]]


def tuned(make_record: Make, **accuracies: tuple[float, ...]) -> Records:
    """Tuning runs of these trials with these final accuracies; their losses say the opposite."""
    history = make_record().history
    of = {
        name: {
            seed: make_record(
                history={**history, "val_accuracy": (0.5, value), "val_loss": (0.5, 1 - value)}
            )
            if value
            else gone_from(make_record())
            for seed, value in zip(TUNING_SEEDS, values, strict=True)
        }
        for name, values in accuracies.items()
    }
    return Records("full", of)


GRID = {"bn": {0.1: "low", 0.3: "middle", 1.0: "high"}}


def test_the_best_setting_has_the_highest_mean_and_not_the_highest_median(
    make_record: Make,
) -> None:
    # Means of 0.6, 0.65 and 0.55, the last with a run that counts as chance.
    runs = tuned(make_record, low=(0.6, 0.6, 0.6), middle=(0.55, 0.55, 0.85), high=(0.75, 0.8, 0.0))
    of = {setting: runs.tuning(name) for setting, name in GRID["bn"].items()}
    assert best_setting(of, "val_accuracy") == 0.3


def test_a_setting_that_tuning_does_not_ask_for_is_refused(make_record: Make) -> None:
    runs = tuned(make_record, low=(0.5,) * 3, middle=(0.8,) * 3, high=(0.6,) * 3)
    check_chosen(runs, {"bn": 0.3}, GRID)
    with pytest.raises(RecordError, match=r"Received: 0\.1 where 0\.3 is best"):
        check_chosen(runs, {"bn": 0.1}, GRID)
    edge = tuned(make_record, low=(0.9,) * 3, middle=(0.8,) * 3, high=(0.6,) * 3)
    with pytest.raises(RecordError, match=r"Received: 0\.1 where 0\.1 is best"):
        check_chosen(edge, {"bn": 0.1}, GRID)
    check_chosen(edge, {"bn": 0.1}, GRID, ends=True)
    with pytest.raises(RecordError, match=r"of their grid.*Received: 0\.3 where 0\.1 is best"):
        check_chosen(edge, {"bn": 0.3}, GRID, ends=True)


def test_the_other_seeds_choose_the_rate_that_scores_a_seed() -> None:
    # The third seed alone does well at 1; its own best is not what the other two would choose.
    found = {0.1: np.array([0.8, 0.7, 0.1]), 1.0: np.array([0.5, 0.6, 0.9])}
    # The first seed: the others have 0.8 at 0.1 and 1.5 at 1. The second: 0.9 and 1.4.
    assert chosen_by_others(found).tolist() == [0.5, 0.6, 0.1]
