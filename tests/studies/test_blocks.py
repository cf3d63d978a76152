"""Deep residual nets: what each arm is, what each claim reads, and what the page reckons."""

from typing import Any

import numpy as np
import pytest

from bnreport.protocol.directions import Quantity, check
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.residual import Residual
from bnreport.statistics.estimates import Contrast
from bnreport.statistics.power import pairs_needed
from bnreport.studies.blocks import STUDY
from bnreport.studies.blocks.claims import NARROW, WIDE
from bnreport.studies.blocks.drawn import falling, slopes
from bnreport.studies.blocks.runs import (
    ARMS,
    BN,
    DEPTHS,
    GRID,
    NONE,
    SEEDS,
    SKIPINIT,
    STARTED,
    accuracy,
    limit,
    named,
    start_of,
)
from bnreport.studies.blocks.shown import TABLES, exponent, grown, values
from tests.directed import Directed

MADE = Directed(STUDY)
TRIALS = {runs.trial.name: runs.trial for runs in STUDY.runs}
Given = dict[tuple[str, Quantity], Any]
BY = {"": "fresh", "-deployed": "deployed"}


def end(by: str = "fresh") -> Quantity:
    """The accuracy at the end by those statistics."""
    return check(f"end_{by}_val_accuracy", 80)


def swept(arm: str, blocks: int, reached: Any, by: str = "fresh") -> Given:
    """An arm's accuracies at all rates, one for each."""
    each = np.broadcast_to(reached, len(GRID))
    return {
        (f"{arm}-{blocks}-{rate:g}", end(by)): value for rate, value in zip(GRID, each, strict=True)
    }


@pytest.mark.parametrize(("suffix", "by"), BY.items())
@pytest.mark.parametrize(
    ("claim", "better", "worse", "blocks"),
    [
        ("none", "bn", "none", 10),
        ("none", "bn", "none", 30),
        ("none", "bn", "none", 100),
        ("skipinit", "skipinit", "bn", 100),
        ("zero", "zero-gamma", "bn", 100),
        ("alike", "skipinit", "zero-gamma", 10),
        ("deep", "zero-gamma", "skipinit", 100),
    ],
)
def test_two_arms_are_compared_at_the_best_rate_of_each(
    claim: str, better: str, worse: str, blocks: int, suffix: str, by: str
) -> None:
    one, other = (0.1, 0.2, 0.8, 0.3, 0.2, 0.1), (0.775, 0.5, 0.4, 0.3, 0.2, 0.1)
    given = swept(better, blocks, one, by) | swept(worse, blocks, other, by)
    found: Any = STUDY.estimates[f"blocks-{claim}{suffix}"](MADE.given(given))
    found = found if isinstance(found, Contrast) else found[str(blocks)]
    assert found.values == pytest.approx([2.5] * len(found.values))


@pytest.mark.parametrize(
    ("arm", "normalizer", "start"),
    [
        ("none", "none", "drawn"),
        ("bn", "batch", "drawn"),
        ("zero-gamma", "batch", "zero gamma"),
        ("skipinit", "none", "skipinit"),
    ],
)
@pytest.mark.parametrize("blocks", DEPTHS)
def test_an_arm_is_what_its_name_says(arm: str, normalizer: str, start: str, blocks: int) -> None:
    for rate in GRID:
        trial = TRIALS[f"{arm}-{blocks}-{rate:g}"]
        assert isinstance(trial, Recipe)
        assert isinstance(trial.net, Residual)
        assert (trial.net.normalizer, trial.net.start) == (normalizer, start)
        assert (trial.net.hidden, trial.net.blocks, trial.net.shortcut) == (
            (64,),
            blocks,
            "identity",
        )
        assert (trial.learning_rate, trial.steps, trial.inputs) == (rate, 80, "std")


def test_arms_differ_in_nothing_but_net_and_rate() -> None:
    bared = [
        TRIALS[named(arm, blocks, rate)].model_dump(exclude={"name", "net", "learning_rate"})
        for arm in ARMS
        for blocks in DEPTHS
        for rate in GRID
    ]
    assert bared == bared[:1] * 72
    assert (bared[0]["optimizer"]["rule"], bared[0]["schedule"]["name"]) == ("momentum", "linear")
    assert bared[0]["images"] == 80 * bared[0]["batch_size"]


def test_the_margins_are_what_the_seeds_tell_from_nothing() -> None:
    # The upper limits of paired deviations that the pilot found, in points: with BN, without it.
    assert pairs_needed(3.01, WIDE, claims=8) == len(SEEDS) == 12
    assert pairs_needed(1.58, NARROW, claims=8) == len(SEEDS)


def test_what_only_looks_at_a_start_takes_no_step() -> None:
    trials = [TRIALS[start_of(arm, 100)] for arm in STARTED]
    assert [trial.epochs for trial in trials if isinstance(trial, Recipe)] == [0, 0, 0]
    nets = [trial.net for trial in trials if isinstance(trial, Recipe)]
    assert [net.normalizer for net in nets] == ["none", "batch", "layer"]


def test_the_highest_rate_at_which_a_net_trains_is_counted_in_steps_of_the_grid() -> None:
    high = (0.6, 0.3, 0.7, 0.51, 0.5, 0.1)
    records = MADE.given(swept("skipinit", 10, high) | swept("skipinit", 100, 0.2))
    assert limit(SKIPINIT, 10)(records).tolist() == [4.0] * len(SEEDS)
    assert limit(SKIPINIT, 100)(records).tolist() == [0.0] * len(SEEDS)
    found = STUDY.estimates["blocks-falls"](records)
    assert isinstance(found, Contrast)
    assert found.values == (4.0,) * len(SEEDS)


@pytest.mark.parametrize(("claim", "arm"), [("branch", "bn"), ("steady", "none")])
def test_the_share_of_the_first_branch_is_compared_with_that_of_the_last(
    claim: str, arm: str
) -> None:
    blocks = np.arange(1.0, 101)
    given: Given = {
        (f"{arm}-100-start", check("sizes_branch", 0)): 3 / blocks,
        (f"{arm}-100-start", check("sizes_shortcut", 0)): 2 * np.sqrt(blocks),
    }
    found = STUDY.estimates[f"blocks-{claim}"](MADE.given(given))
    assert isinstance(found, Contrast)
    assert np.exp(found.values) == pytest.approx([1000.0] * len(found.values))


def test_a_share_that_goes_with_a_power_of_the_block_has_it_as_its_exponent() -> None:
    blocks = np.arange(1.0, 101)
    given: Given = {
        ("bn-100-start", check("sizes_branch", 0)): np.ones(100),
        ("bn-100-start", check("sizes_shortcut", 0)): 2 * np.sqrt(blocks),
    }
    assert exponent(BN)(MADE.given(given)) == pytest.approx([-0.5] * len(SEEDS))


def test_a_shortcut_that_doubles_in_each_block_grows_twofold() -> None:
    given: Given = {("none-100-start", check("sizes_shortcut", 0)): 2.0 ** np.arange(100)}
    assert np.exp(grown(NONE)(MADE.given(given))) == pytest.approx([2.0] * len(SEEDS))


def test_a_block_has_the_gradients_of_its_two_kernels() -> None:
    given: Given = {("bn-100-start", check("slopes_weights", 0)): np.arange(202.0)}
    records = MADE.given(given)
    norms = slopes(BN)(records)[0]
    assert norms.shape == (100,)
    assert norms[[0, -1]] == pytest.approx([np.hypot(1, 2), np.hypot(199, 200)])
    assert falling(BN)(records) == pytest.approx([np.log(norms[0] / norms[-1])] * len(SEEDS))


def test_tables_take_a_rate_that_others_choose_and_name_the_highest_that_trains() -> None:
    # One seed is best at another rate than all others, and does badly at theirs.
    odd = np.arange(len(SEEDS)) == 0
    given = swept("bn", 10, 0.3)
    given["bn-10-0.01", end()] = np.where(odd, 0.9, 0.2)[:, None, None]
    given["bn-10-0.1", end()] = np.where(odd, 0.4, 0.8)[:, None, None]
    records = MADE.given(given)
    assert accuracy(BN, 10).best(records)[0] == pytest.approx(90)
    assert accuracy(BN, 10).chosen_by_others(records)[0] == pytest.approx(40)
    rows = {row[0]: row for row in TABLES["highest"](records).rows}
    assert rows["BN"][1] == "0.1"
    assert {row[0]: row for row in TABLES["others"](records).rows}["BN"][1].startswith("76.7")


def test_prose_names_the_highest_rate_at_which_most_seeds_train() -> None:
    most = np.where(np.arange(len(SEEDS)) < 7, 0.8, 0.2)[:, None, None]
    given = swept("skipinit", 10, 0.3) | swept("skipinit", 100, 0.3)
    given[("skipinit-10-0.1", end())] = most
    given[("skipinit-100-0.3", end())] = np.where(most > 0.5, 0.2, 0.8)
    told = values(MADE.given(given))
    assert told["top.skipinit.10"].text == "0.1"
    assert told["top.skipinit.100"].text == "none"
