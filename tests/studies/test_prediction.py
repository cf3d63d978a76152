"""The lag, predicted: what is compared, worked out for costs that are made up."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bnreport.protocol.directions import Quantity, check
from bnreport.records.archive import Archive
from bnreport.records.collection import Records, by_trial
from bnreport.statistics.estimates import Contrast
from bnreport.studies.lag import STUDY as LAGGING
from bnreport.studies.lag import runs as lag
from bnreport.studies.lag.runs import MOMENTA, SETTINGS, length, named
from bnreport.studies.prediction import STUDY
from bnreport.studies.prediction.averages import AVERAGES, PREDICTED, SEEDS, THIRDS, LaggingAverage
from tests.directed import Directed
from tests.golden import LAYOUT

MADE = Directed(STUDY)


def made(cost: Callable[[LaggingAverage], float]) -> Records:
    """Records in which each average costs so many points of 90% by fresh statistics."""
    given: dict[tuple[str, Quantity], Any] = {}
    for one in AVERAGES:
        trial = named(one.arm, one.size, one.schedule, one.rate)
        end = length(one.size)
        given[trial, check("end_fresh_val_accuracy", end)] = 0.9
        given[trial, check(f"end_{one.name}_val_accuracy", end)] = 0.9 - cost(one) / 100
    return MADE.given(given)


def contrasts(claim: str, records: Records) -> dict[str, float]:
    """What the first seed says, by setting."""
    estimate = STUDY.estimates[f"prediction-{claim}"](records)
    settings = estimate if isinstance(estimate, dict) else {"": estimate}
    return {name: first(found) for name, found in settings.items()}


def first(estimate: object) -> float:
    assert isinstance(estimate, Contrast)
    return estimate.values[0]


def test_thirds_hold_the_averages_by_their_offset() -> None:
    assert {name: len(third) for name, third in THIRDS.items()} == dict.fromkeys(THIRDS, 16)
    highest = {name: max(one.offset for one in third) for name, third in THIRDS.items()}
    assert all(one.offset >= highest["least"] for one in THIRDS["middle"])
    assert all(one.offset >= highest["middle"] for one in THIRDS["most"])
    keras = {one for one in AVERAGES if one.momentum == pytest.approx(0.99)}
    assert {one for third in THIRDS.values() for one in third} == keras


def test_a_third_is_held_against_the_one_before_and_the_last_against_the_first() -> None:
    points = {"least": 0.5, "middle": 2.5, "most": 3.0}
    costs = {one: points[name] for name, third in THIRDS.items() for one in third}
    # Of other momenta nothing is read.
    records = made(lambda one: costs.get(one, 9.0))
    assert contrasts("order", records) == pytest.approx(
        {"middle over least": 2.0, "most over middle": 0.5}
    )
    assert contrasts("most", records) == pytest.approx({"": 2.5})
    assert contrasts("least", records) == pytest.approx({"": 0.5})


def test_the_momentum_with_the_least_offset_is_held_against_that_of_keras() -> None:
    # Ten points for every place by which an average is further off than the best of its setting.
    def place(one: LaggingAverage) -> int:
        offsets = PREDICTED[named(one.arm, one.size, one.schedule, one.rate)]
        return sorted(offsets).index(one.offset)

    keras = [place(one) for one in AVERAGES if one.momentum == pytest.approx(0.99)]
    assert contrasts("momentum", made(lambda one: 10.0 * place(one))) == pytest.approx(
        {"": 10 * np.mean(keras)}
    )


def test_what_was_predicted_is_what_the_runs_of_lagging_averages_say() -> None:
    archive = Archive(LAYOUT, lambda _: None)
    records = Records("full", by_trial(archive.records("lag", "full")))
    for setting in SETTINGS:
        offsets = [
            lag.offset(*setting, momentum)(records)[: lag.PICTURED].mean()
            for momentum in MOMENTA.values()
        ]
        assert PREDICTED[named(*setting)] == pytest.approx(offsets, abs=5.1e-5)


def test_the_runs_are_those_of_lagging_averages_at_other_seeds() -> None:
    earlier = {runs.trial: runs.full for runs in LAGGING.runs}
    assert {runs.trial: runs.full for runs in STUDY.runs} == dict.fromkeys(earlier, SEEDS)
    assert not {seed for seeds in earlier.values() for seed in seeds} & {*SEEDS}
