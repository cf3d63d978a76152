"""Rates that tuning runs choose, and sweeps: which trials they ask for and what they find."""

import numpy as np
import pytest

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import interval_of
from bnreport.analysis.comparisons import Sample
from bnreport.analysis.grids import Sweep, Tuned
from bnreport.analysis.range_views import good_counts, range_panels
from bnreport.errors import RecordError
from bnreport.protocol.nets import Net
from bnreport.protocol.runs import SEEDS, TUNING_SEEDS
from bnreport.records.collection import Records
from tests.directed import Directed
from tests.studies.test_measures import STUDIES

PLAIN = Arm("plain", "a plain net", colour="raw")
BN = Arm("bn", "BN", net={"normalizer": "batch"}, fields={"inputs": "std"})
NETS = Tuned(
    rates={PLAIN: 0.1, BN: 0.3},
    grid=(0.03, 0.1, 0.3, 1.0),
    setting={"batch_size": 16},
    tuning={"epochs": 2},
    judged={"epochs": 5, "score_epochs": (5,)},
)


def test_every_rate_is_tried_at_the_tuning_seeds_and_the_best_judged_at_others() -> None:
    runs = {run.trial.name: run for run in NETS.runs}
    assert list(runs) == [
        *(f"plain-tuning-{rate}" for rate in ("0.03", "0.1", "0.3", "1")),
        *(f"bn-tuning-{rate}" for rate in ("0.03", "0.1", "0.3", "1")),
        "plain",
        "bn",
    ]
    tried, judged = runs["bn-tuning-0.03"], runs["bn"]
    assert (tried.full, tried.quick, tried.tuning) == ((), (), TUNING_SEEDS)
    assert (judged.full, judged.quick, judged.tuning) == (SEEDS, (), ())
    rates = [getattr(runs[name].trial, "learning_rate", 0) for name in ("plain", "bn")]
    assert rates == [0.1, 0.3]
    for run, rate, epochs, scored in ((tried, 0.03, 2, ()), (judged, 0.3, 5, (5,))):
        trial = run.trial
        assert trial.kind == "train"
        assert isinstance(trial.net, Net)
        assert (trial.net.normalizer, trial.inputs, trial.batch_size) == ("batch", "std", 16)
        assert (trial.learning_rate, trial.epochs, trial.score_epochs) == (rate, epochs, scored)


def tuned_to(best: float) -> Records:
    """Records of alternatives in which BN's tuning runs find this rate best."""
    study = STUDIES["alternatives"]
    records = Directed(study).given({})
    of = dict(records.by_trial)
    for rate in (0.01, 0.03, 0.1, 0.3, 1.0, 3.0):
        name = f"bn-tuning-{rate:g}"
        history = {"val_accuracy": (0.1, 0.2, 0.9 if rate == best else 0.4)}
        of[name] = {
            seed: record.model_copy(update={"history": history})
            for seed, record in of[name].items()
        }
    return Records("full", of)


ALTERNATIVES = Tuned({BN: 0.1}, grid=(0.01, 0.03, 0.1, 0.3, 1.0, 3.0))


def test_rates_that_the_tuning_runs_do_not_find_best_are_refused() -> None:
    ALTERNATIVES.check(tuned_to(0.1))
    with pytest.raises(RecordError, match=r"Received: 0\.1 where 0\.3 is best"):
        ALTERNATIVES.check(tuned_to(0.3))
    with pytest.raises(RecordError, match=r"Received: 0\.1 where 0\.3 is best"):
        Tuned.check_each([Tuned({}, grid=()), ALTERNATIVES])(tuned_to(0.3))
    Tuned.check_each([ALTERNATIVES])(tuned_to(0.1))


def test_a_best_rate_may_lie_at_an_end_of_the_grid_where_a_study_says_so() -> None:
    lowest = Tuned({BN: 0.01}, ALTERNATIVES.grid)
    with pytest.raises(RecordError, match=r"Received: 0\.01 where 0\.01 is best"):
        lowest.check(tuned_to(0.01))
    lowest.check_to_the_ends(tuned_to(0.01))
    with pytest.raises(RecordError, match=r"Received: 0\.01 where 0\.1 is best"):
        lowest.check_to_the_ends(tuned_to(0.1))


def test_tuning_runs_are_shown_by_rate_and_those_that_fail_left_out() -> None:
    records = tuned_to(0.1)
    nets = Tuned({Arm("raw", "raw pixels"): 0.3, BN: 0.1}, ALTERNATIVES.grid)
    found = nets.accuracies(records, BN)
    assert found[:, 0].tolist() == pytest.approx([40.0, 40.0, 90.0, 40.0, 40.0, 40.0])
    assert nets.best(records, BN).tolist() == pytest.approx([90.0] * 3)
    curve = nets.curve(records, BN, floor=50.0)
    assert (curve.label, curve.x.tolist()) == ("BN", [0.1])
    assert curve.y.shape == (3, 1)
    assert curve.y[:, 0].tolist() == pytest.approx([90.0] * 3)
    # Where all fail, all are shown.
    assert len(nets.curve(records, BN, "x", floor=99.0).x) == 6


def test_a_panel_shows_the_rates_of_its_arms_by_the_names_that_it_gives_them() -> None:
    (panel,) = ALTERNATIVES.panels(tuned_to(0.1), {"BN alone": {BN: "b"}}, floor=50.0, shelf=70.0)
    assert (panel.title, panel.y_label, panel.shelf) == ("BN alone", "validation accuracy, %", 70.0)
    (curve,) = panel.series
    assert (curve.label, curve.x.tolist()) == ("b", [0.1])


# Three good rates of five, in a row for the first seed and not for the second.
BY_RATE = {
    0.01: (0.1, 0.8),
    0.1: (0.8, 0.7),
    1.0: (0.7, 0.1),
    10.0: (0.7, 0.7),
    100.0: (0.1, 0.1),
}


def sample(values: tuple[float, ...], trial: str) -> Sample:
    return Sample((trial,), lambda _: np.array(values))


SWEEP = Sweep({rate: sample(values, f"at-{rate:g}") for rate, values in BY_RATE.items()})
FLOOR = sample((0.5, 0.6), "floor")
NOTHING = Records("full", {})


GOOD = SWEEP.above(FLOOR)


def test_a_sweep_is_read_setting_by_setting() -> None:
    assert SWEEP[10.0](NOTHING).tolist() == [0.7, 0.7]
    assert SWEEP.best(NOTHING).tolist() == [0.8, 0.8]
    assert SWEEP.curves(NOTHING).tolist() == [list(x) for x in zip(*BY_RATE.values(), strict=True)]
    assert SWEEP.highest(0.75)(NOTHING).tolist() == [0.1, 0.01]
    assert SWEEP.highest(0.1)(NOTHING).tolist() == [np.inf, np.inf]
    assert SWEEP.highest(0.9)(NOTHING).tolist() == [0.0, 0.0]
    assert (SWEEP.top(NOTHING, 0.6), SWEEP.top(NOTHING, 0.7)) == ("10", "none")
    # The other seed is best at 0.01 and at 0.1.
    assert SWEEP.chosen_by_others(NOTHING).tolist() == [0.1, 0.7]
    assert SWEEP.best.trials == tuple(f"at-{rate:g}" for rate in BY_RATE)


def test_the_numbers_of_a_sweep_are_curves_over_its_settings() -> None:
    curve = (100 * SWEEP).curve(NOTHING, BN, "x")
    assert (curve.label, curve.x.tolist()) == ("x", list(BY_RATE))
    assert curve.y[0].tolist() == pytest.approx([10.0, 80.0, 70.0, 70.0, 10.0])
    assert SWEEP.curve(NOTHING, BN).y[1].tolist() == [0.8, 0.7, 0.1, 0.7, 0.1]


def test_good_settings_are_those_at_which_each_seed_is_at_or_above_its_floor() -> None:
    assert GOOD.width(NOTHING).tolist() == [3.0, 1.5]
    assert GOOD.covered(NOTHING).tolist() == [3.0, 2.5]
    assert GOOD.good(NOTHING).sum(axis=1).tolist() == [1, 2, 1, 2, 0]
    assert GOOD.cut_short(NOTHING) == 1


def test_a_width_is_read_from_the_trials_of_its_settings_and_of_its_floor() -> None:
    assert GOOD.width.trials == (*(f"at-{rate:g}" for rate in BY_RATE), "floor")


def test_widths_are_shown_as_lower_bounds_where_the_grid_cuts_them_short() -> None:
    assert GOOD.cell(NOTHING) == "≥ 2.25 " + interval_of([3.0, 1.5], 2)
    row = GOOD.row(NOTHING, BN)
    assert (row.label, row.arm, row.values.tolist()) == ("BN, at least", "neutral", [3.0, 1.5])
    # At this floor no seed is good at an end of the grid.
    whole = SWEEP.above(sample((0.75, 0.85), "higher"))
    assert whole.cell(NOTHING).startswith("0.50 [")
    assert whole.row(NOTHING, BN, "x").label == "x"


def test_the_panels_of_ranges_show_sweeps_in_per_cent_and_from_where_settings_are_good() -> None:
    (panel,) = range_panels(NOTHING, {BN: GOOD}, {"BN alone": {BN: "b"}}, from_zero=True)
    assert (panel.title, panel.y_label) == ("BN alone", "validation accuracy, %")
    assert (panel.level, panel.from_zero) == ((55.0, "good from"), True)
    (curve,) = panel.series
    assert curve.label == "b"
    assert curve.y[0].tolist() == pytest.approx([10.0, 80.0, 70.0, 70.0, 10.0])


def test_what_is_good_begins_at_the_mean_of_the_floors() -> None:
    assert SWEEP.above(sample((0.5126, 0.5), "floor")).level(NOTHING) == (50.6, "good from")


def test_a_table_counts_the_seeds_at_which_each_setting_is_good() -> None:
    higher = SWEEP.above(sample((0.75, 0.85), "higher"))
    table = good_counts(NOTHING, {"low": GOOD, "high": higher}, "floor", "Good", "A note.")
    assert (table.caption, table.note) == ("Good", "A note.")
    assert table.head == ("floor", *(f"{rate:g}" for rate in BY_RATE))
    counts = [[str(good.sum()) for good in each.good(NOTHING)] for each in (GOOD, higher)]
    assert table.rows == (("low", *counts[0]), ("high", *counts[1]))
    assert counts[0] != counts[1]
    halves = good_counts(NOTHING, {"low": GOOD}, "", "", "", lambda rate: f"{rate / 2:g}")
    assert halves.head[1:] == tuple(f"{rate / 2:g}" for rate in BY_RATE)
