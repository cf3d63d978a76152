"""Accuracies at the same loss: interpolated between marks, averaged over levels, and paired."""

from collections.abc import Sequence

import numpy as np
import pytest

from bnreport.analysis.arms import usual
from bnreport.analysis.cells import reached
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.design import study
from bnreport.protocol.directions import check
from bnreport.protocol.scorings import Scoring
from bnreport.records.collection import Records
from tests.directed import Directed

MARKS, SEEDS = (1, 2, 3, 4), tuple(range(200, 212))
LOSS, ACCURACY = "path_fresh_train_loss", "path_fresh_val_accuracy"
RUNS = tuple(
    arm.recipes(
        SEEDS,
        learning_rate=0.1,
        images=128,
        batch_size=32,
        epochs=1,
        measures=(Scoring(name="path", steps=MARKS, parts=("train", "val")),),
    )
    for arm in usual("raw", "bn")
)
MADE = Directed(study("s", (), RUNS, number=2))
RISING = (0.5, 0.6, 0.1, 0.8)
FALLING = (0.8, 0.4, 3.0, 0.1)


def records(**losses: Sequence[float]) -> Records:
    """Runs of each net with these losses, and accuracies that rise but at the third mark."""
    given = {}
    for name, loss in losses.items():
        given[name, check(LOSS)] = np.array(loss)[None, :, None]
        given[name, check(ACCURACY)] = np.array(RISING)[None, :, None]
    return MADE.given(given)


def accuracy(name: str, *levels: float) -> Sample:
    """The accuracy of a net at these levels of its loss."""
    return runs_of(name).at_loss(LOSS, ACCURACY, levels)


def test_an_accuracy_is_read_on_the_logarithm_of_the_loss_and_a_spike_is_no_fall() -> None:
    # From 0.4 to 0.1 the loss has fallen half its way at 0.2.
    assert accuracy("bn", 0.2)(records(bn=FALLING)) == pytest.approx([0.7] * 12)


def test_several_levels_count_alike() -> None:
    found = accuracy("bn", 0.4, 0.2, 0.1)(records(bn=FALLING))
    assert found == pytest.approx([(0.6 + 0.7 + 0.8) / 3] * 12)


def test_a_run_that_never_falls_to_the_last_level_has_no_accuracy_and_ties() -> None:
    made = records(bn=FALLING, raw=(0.8, 0.6, 0.4, 0.3))
    assert np.isnan(accuracy("raw", 0.4, 0.2)(made)).all()
    contrast = (accuracy("bn", 0.4, 0.2) - accuracy("raw", 0.4, 0.2)).contrast(ties=True)(made)
    assert (contrast.values, contrast.censored) == ((0.0,) * 12, 12)


def test_who_is_ahead_at_the_same_loss_is_told() -> None:
    made = records(bn=FALLING, raw=(0.8, 0.2, 0.15, 0.1))
    contrast = (accuracy("bn", 0.2) - accuracy("raw", 0.2)).contrast(ties=True)(made)
    assert contrast.values == pytest.approx([0.1] * 12)
    assert contrast.censored == 0


def test_runs_that_fell_are_counted_where_not_all_did() -> None:
    values, few = reached(np.array([50.0, np.nan, 75.0]))
    assert (values.tolist(), few) == ([50.0, 75.0], "2 of 3")
    assert reached(np.array([50.0]))[1] == ""
