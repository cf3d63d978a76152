"""Arms crossed with depths and learning rates: trials, settings of claims and curves, by hand."""

import numpy as np
import pytest

from bnreport.analysis.arms import usual
from bnreport.analysis.comparisons import Sample
from bnreport.analysis.crossed import Crossed, measured, named
from bnreport.protocol.checks import Score
from bnreport.protocol.directions import check, history, less, more
from bnreport.protocol.nets import Net
from bnreport.protocol.trials import Trial
from tests.directed import Directed
from tests.studies.test_measures import STUDIES

RAW, BN = usual("raw", "bn")
SCORE = Score(name="val", steps=(0,))
NETS = Crossed(
    depths=(2, 8), rates=(0.01, 0.1), steps=(0, 50, 150, 300), words="nets", setting={"epochs": 3}
)


def test_every_arm_trains_at_each_depth_and_rate_with_its_own_checks() -> None:
    trials = [run.trial for run in NETS.runs({RAW: (), BN: (SCORE,)})]
    assert [trial.name for trial in trials] == [
        *("2-raw-0.01", "2-raw-0.1", "2-bn-0.01", "2-bn-0.1"),
        *("8-raw-0.01", "8-raw-0.1", "8-bn-0.01", "8-bn-0.1"),
    ]
    last = trials[-1]
    assert isinstance(last, Trial)
    assert last.net == Net(hidden=(100,) * 8, normalizer="batch")
    assert (last.learning_rate, last.epochs, last.checks) == (0.1, 3, (SCORE,))
    assert [len(trial.checks) for trial in trials if isinstance(trial, Trial)] == [0, 0, 1, 1] * 2


def test_the_settings_of_claims_and_the_rows_of_tables_are_the_cells_of_the_plan() -> None:
    assert NETS.cells["depth 8, rate 0.01"] == (8, 0.01)
    assert [*NETS.nets(RAW, BN).items()][:3] == [
        ("depth 2, rate 0.01: raw pixels", ("raw", 2, 0.01)),
        ("depth 2, rate 0.01: BN", ("bn", 2, 0.01)),
        ("depth 2, rate 0.1: raw pixels", ("raw", 2, 0.1)),
    ]


def test_a_direction_is_that_of_each_cell_and_may_depend_on_the_depth() -> None:
    end = history("loss", 3)
    assert NETS.less("bn", "raw", end)["depth 8, rate 0.1"] == less("8-bn-0.1", "8-raw-0.1", end)
    deeper = NETS.more("bn", "raw", lambda depth: history("loss", depth), measure="largest")
    expected = more("2-bn-0.1", "2-raw-0.1", history("loss", 2), "largest")
    assert deeper["depth 2, rate 0.1"] == expected


def test_a_ratio_is_that_of_the_first_arm_over_the_second_in_the_same_cell() -> None:
    records = Directed(STUDIES["landscape"]).given({})

    def factor(arm: str, depth: int, rate: float) -> Sample:
        size = {"raw": 3.0, "bn": 1.0}[arm] * depth * rate
        return Sample((named(depth, arm, rate),), lambda _: np.full(12, size))

    judges = NETS.times(factor, "raw", "bn")
    effects = [judge(records).interval.point for judge in judges.values()]
    assert effects == pytest.approx([np.log(3.0)] * 4)


def test_a_curve_has_gaps_where_a_run_diverged_and_a_panel_a_learning_rate() -> None:
    along = np.ones((12, 4, 8))
    along[0, 2:] = np.nan
    given = {("8-bn-0.1", check("along_beta")): along}
    records = Directed(STUDIES["landscape"]).given(given)
    figure = NETS.by_step(
        lambda *net: measured("along_beta")(*net).map(lambda x: x.max(axis=2)),
        8,
        (RAW, BN),
        "Beta",
        "beta",
    )(records)
    # A page may put another title in place of this one, so the depth is below it.
    assert figure.title == "Beta"
    assert figure.subtitle.startswith("nets, 8 layers. Thin lines: 12 seeds; th")
    assert [panel.title for panel in figure.panels] == ["learning rate 0.01", "learning rate 0.1"]
    (_, bn) = figure.panels[1].series
    assert bn.x.tolist() == [0, 50, 150, 300]
    assert np.isnan(bn.y).tolist() == [[False, False, True, True], *[[False] * 4] * 11]
