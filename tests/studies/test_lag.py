"""The cost of lagging averages: what each claim reads, and the predicted offset."""

from typing import Any

import numpy as np
import pytest

from bnreport.protocol.directions import Quantity, check
from bnreport.protocol.nets import Net
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.scorings import Scoring
from bnreport.records.archive import Archive
from bnreport.statistics.estimates import Contrast
from bnreport.studies.lag import STUDY
from bnreport.studies.lag import runs as lag
from bnreport.studies.lag.runs import (
    RATES,
    RAW,
    SIZES,
    STD,
    age,
    length,
    named,
    offset,
    step,
    window,
)
from tests.directed import Directed
from tests.golden import LAYOUT

MADE = Directed(STUDY)


def read(what: str, size: int, at: int = 0) -> Quantity:
    """An accuracy at the end of a run, or after a step."""
    return check(f"{what}_val_accuracy", at or length(size))


def difference(claim: str, setting: str, given: dict[tuple[str, Quantity], Any]) -> float:
    """What the first seed says where the runs hold these numbers."""
    estimate = STUDY.estimates[claim](MADE.given(given))
    contrast = estimate[setting] if isinstance(estimate, dict) else estimate
    assert isinstance(contrast, Contrast)
    return contrast.values[0]


def test_a_loss_swings_by_its_changes_between_the_last_three_marks() -> None:
    losses = dict(zip((0.05, 0.2, 0.4, 0.6, 0.8), (9.0, 5.0, 0.5, 0.7, 0.3), strict=True))
    given = {
        (named(RAW, 128, "constant", 1.0), check("path_deployed_val_loss", step(at, 128))): loss
        for at, loss in losses.items()
    }
    assert lag.swing("deployed")(MADE.given(given))[0] == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("claim", "arm", "schedule", "better", "worse"),
    [
        ("lag-constant", RAW, "constant", "fresh", "deployed"),
        ("lag-standardized", STD, "constant", "fresh", "deployed"),
        ("lag-falling", RAW, "linear", "fresh", "deployed"),
        ("lag-momentum", RAW, "constant", "m0.9", "deployed"),
        ("lag-means", RAW, "constant", "fresh", "means"),
    ],
)
@pytest.mark.parametrize("size", SIZES)
def test_one_net_is_scored_in_two_ways(
    claim: str, arm: Any, schedule: str, better: str, worse: str, size: int
) -> None:
    settings = next(each.settings for each in STUDY.claims if each.id == claim)
    if str(size) not in settings:
        assert (claim, size) == ("lag-falling", 512)
        return
    trial = named(arm, size, schedule, 0.1)
    given = {
        (trial, read(f"end_{better}", size)): 0.9,
        (trial, read(f"end_{worse}", size)): 0.875,
    }
    assert difference(claim, str(size), given) == pytest.approx(2.5)


@pytest.mark.parametrize("size", [128, 512])
def test_correction_is_held_against_the_middle_of_both_scores_early_in_the_run(size: int) -> None:
    trial, early = named(RAW, size, "constant", 0.1), step(0.1, size)
    assert early == {128: 64, 512: 16}[size]
    given = {
        (trial, read("path_fresh", size, early)): 0.8,
        (trial, read("path_deployed", size, early)): 0.5,
        (trial, read("path_m0.99-corrected", size, early)): 0.75,
    }
    assert difference("lag-corrected", str(size), given) == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("claim", "dear", "cheap"),
    [
        ("lag-drift", named(RAW, 128, "constant", 0.1), named(STD, 128, "constant", 0.1)),
        ("lag-rate", named(RAW, 128, "constant", 1.0), named(RAW, 128, "constant", 0.1)),
    ],
)
def test_two_costs_are_compared(claim: str, dear: str, cheap: str) -> None:
    given = {
        (dear, read("end_fresh", 128)): 0.9,
        (dear, read("end_deployed", 128)): 0.85,
        (cheap, read("end_fresh", 128)): 0.88,
        (cheap, read("end_deployed", 128)): 0.87,
    }
    assert difference(claim, "", given) == pytest.approx(4.0)


def test_an_average_is_as_old_as_the_batches_in_it() -> None:
    # Weights 1/2 and 1 of the batch before and of the last one.
    assert age(0.5, 2) == pytest.approx(1 / 3)
    assert age(0.99, 100_000) == pytest.approx(99)
    assert age(0.999, 160) == pytest.approx(79.5, abs=3)
    assert [window(0.9, size) for size in SIZES] == [9, 9, 9]


@pytest.mark.parametrize("drift", [0.0, 0.01])
@pytest.mark.parametrize("momentum", [0.9, 0.99, 0.999])
def test_the_offset_is_that_of_an_average_of_drifting_batches(
    momentum: float, drift: float
) -> None:
    size, steps = 512, length(512)
    back = window(momentum, size)
    trial = named(RAW, size, "constant", 0.1)
    quantity = check(f"drift-{back}_mean-{back}", steps - back)
    records = MADE.given({(trial, quantity): drift})
    (predicted, *_) = offset(RAW, size, "constant", 0.1, momentum)(records)
    # Means of batches that move by so much a step, and scatter as means of 512 numbers do.
    draws = np.random.default_rng(3).normal(size=(4_000, steps)) / np.sqrt(size)
    means = drift * np.arange(1 - steps, 1) + draws
    weights = momentum ** np.arange(steps)[::-1]
    off = means @ weights / weights.sum()
    assert predicted == pytest.approx(np.sqrt(np.mean(off**2)), rel=0.05)


def test_every_setting_is_scored_by_all_averages() -> None:
    assert len(lag.RUNS) == 2 * 2 * len(SIZES) * len(RATES)
    for runs in lag.RUNS:
        assert isinstance(runs.trial, Recipe)
        (end,) = (each for each in runs.trial.measures if each.name == "end")
        assert isinstance(end, Scoring)
        assert {"fresh", "means", "deployed", "m0.9", "m0.999-corrected"} <= set(end.by)


def test_the_runs_in_pytorch_are_those_of_the_claim_at_seeds_of_their_own() -> None:
    torch = Archive(LAYOUT, print).reimplementations("lag")["pytorch"]
    trial = next(
        runs.trial for runs in lag.RUNS if runs.trial.name == named(RAW, 128, "constant", 0.1)
    )
    assert isinstance(trial, Recipe)
    assert isinstance(trial.net, Net)
    protocol = torch.protocol
    assert (protocol.epochs, protocol.images) == (trial.epochs, trial.images)
    assert (protocol.rate, protocol.epsilon) == (trial.learning_rate, trial.net.epsilon)
    assert protocol.widths == (784, *trial.net.hidden, 10)
    assert {run.batch_size for run in torch.runs} == set(SIZES)
    assert not set(torch.seeds) & set(lag.MANY)
