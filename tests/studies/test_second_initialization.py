"""The second edition of initialization: which widths and losses are compared, at which rates."""

from typing import Any

import numpy as np
import pytest

from bnreport.protocol.directions import Quantity, check
from bnreport.protocol.nets import Net
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.statistics.estimates import Contrast
from bnreport.studies.second.initialization import (
    BN,
    FACTORS,
    NETS,
    RAW,
    SCALES,
    SECOND,
    SEEDS,
    STD,
    STEPS,
    named,
    reached,
    sweep,
)
from tests.directed import Directed

MADE = Directed(SECOND)
BY_NAME = {arm.name: arm for arm in NETS.rates}
BOTH = [("fresh", ""), ("deployed", "-deployed")]
# The best of a net without BN, just good beside it, just not good, and failed.
BEST, GOOD, BAD, FAILED = 0.85, 0.831, 0.829, 0.1
Given = dict[tuple[str, Quantity], Any]


def end(by: str = "fresh") -> Quantity:
    """The accuracy after two epochs of 160 steps."""
    return check(f"end_{by}_val_accuracy", 320)


def swept(arm: str, by: str, fine: tuple[float, ...], factor: str, best: float = GOOD) -> Given:
    """Accuracies at the end at one rate: good at these scales, and bad at all others and rates."""
    return {
        (named(BY_NAME[arm], scale, each), end(by)): best
        if scale in fine and each == factor
        else FAILED
        for scale in SCALES
        for each in FACTORS
    }


def found(claim: str, given: Given) -> Contrast:
    """What judges a claim where these accuracies are given."""
    contrast = SECOND.estimates[f"initialization-2-{claim}"](MADE.given(given))
    assert isinstance(contrast, Contrast)
    return contrast


@pytest.mark.parametrize(("by", "ending"), BOTH)
@pytest.mark.parametrize(
    ("pair", "wide", "narrow"),
    [("raw", "bn", "raw"), ("std", "bn", "std"), ("std-bn", "std-bn", "std")],
)
def test_a_width_counts_factors_of_four_at_the_rate_of_the_usual_scale(
    pair: str, wide: str, narrow: str, by: str, ending: str
) -> None:
    # The last stands alone behind a gap, and the ends of the grid count for half a step.
    given = swept(wide, by, (1 / 64, 1 / 16, 1 / 4, 1.0, 16.0), "own")
    given |= swept(narrow, by, (1.0,), "own", best=BEST)
    contrast = found(f"width-{pair}{ending}", given)
    assert contrast.values == pytest.approx([3.5 - 1.0] * len(contrast.values))


@pytest.mark.parametrize(("by", "ending"), BOTH)
@pytest.mark.parametrize(("pair", "wide", "narrow"), [("raw", "bn", "raw"), ("std", "bn", "std")])
def test_with_three_rates_each_scale_takes_its_best(
    pair: str, wide: str, narrow: str, by: str, ending: str
) -> None:
    given = swept(wide, by, (1 / 4, 1.0), "own")
    given |= {(named(BY_NAME[wide], 4.0, "tenth"), end(by)): GOOD}
    given |= {(named(BY_NAME[wide], 16.0, "tenfold"), end(by)): GOOD}
    given |= swept(narrow, by, (1.0,), "tenth", best=BEST)
    contrast = found(f"width-{pair}-three{ending}", given)
    assert contrast.values == pytest.approx([4.0 - 1.0] * len(contrast.values))


@pytest.mark.parametrize(("level", "width"), [(GOOD, 2.0), (BAD, 1.0)])
def test_a_scale_may_cost_two_points_of_the_best_without_bn(level: float, width: float) -> None:
    given = swept("raw", "fresh", (1.0,), "own", best=BEST)
    given |= swept("bn", "fresh", (1.0,), "own", best=BEST)
    given |= {(named(BN, 4.0), end()): level}
    contrast = found("width-raw", given)
    assert contrast.values == pytest.approx([width - 1.0] * len(contrast.values))


def test_no_seed_takes_part_in_the_choice_of_its_own_rate() -> None:
    seeds = len(reached(STD, 4.0)(MADE.given({})))
    lucky = np.full((seeds, 1, 1), 0.5)
    lucky[0] = 0.9
    given = {
        (named(STD, 4.0, "tenth"), end()): lucky,
        (named(STD, 4.0, "own"), end()): 0.6,
        (named(STD, 4.0, "tenfold"), end()): 0.1,
    }
    accuracies = sweep(STD, "fresh", tuple(FACTORS))[4.0](MADE.given(given))
    assert accuracies[0] == pytest.approx(0.6)


@pytest.mark.parametrize(("by", "ending"), BOTH)
def test_losses_are_those_of_bn_at_its_own_rate(by: str, ending: str) -> None:
    given = {
        (named(BN, 1 / 64), end(by)): 0.84,
        (named(BN, 1.0), end(by)): 0.85,
        (named(BN, 16.0), end(by)): 0.8,
    }
    small, large = found(f"small{ending}", given), found(f"large{ending}", given)
    assert small.values == pytest.approx([-1.0] * len(small.values))
    assert large.values == pytest.approx([5.0] * len(large.values))


def test_nets_train_alike_but_for_what_their_names_say() -> None:
    alike, given = set(), {}
    for runs in SECOND.runs:
        trial = runs.trial
        assert isinstance(trial, Recipe)
        assert isinstance(trial.net, Net)
        assert (trial.schedule, trial.steps) == (LINEAR, STEPS)
        free = {"name": "", "net": None, "inputs": "raw", "learning_rate": 1, "kernel_scale": 1.0}
        alike.add(trial.model_copy(update=free))
        if runs.full:
            assert runs.full == SEEDS
            given[trial.name] = (trial.inputs, trial.net.normalizer, trial.kernel_scale)
        else:
            assert runs.tuning == TUNING_SEEDS
            assert trial.kernel_scale == 1.0
    assert len(alike) == 1
    assert len(given) == 4 * 7 * 3
    assert given["std-bn-16-tenth"] == ("std", "batch", 16.0)
    assert given["raw-0.015625-tenfold"] == ("raw", "none", 1 / 64)


def test_three_rates_lie_a_factor_of_ten_apart() -> None:
    rates = {runs.trial.name: runs.trial.learning_rate for runs in SECOND.runs}  # type: ignore[union-attr]
    for arm, rate in NETS.rates.items():
        three = [rates[named(arm, 4.0, factor)] for factor in ("tenth", "own", "tenfold")]
        assert three == pytest.approx([rate / 10, rate, 10 * rate])


def test_one_claim_alone_expects_no_difference() -> None:
    alike = {claim.id for claim in SECOND.claims if claim.kind == "equivalence"}
    assert alike == {f"initialization-2-small{ending}" for _, ending in BOTH}
    assert [f"{name}-deployed" for name in SECOND.families[0]] == [*SECOND.families[1]]


def test_the_page_says_over_which_scales_most_seeds_learn_well() -> None:
    given = swept("raw", "fresh", (1.0,), "own", best=BEST)
    given |= swept("bn", "fresh", (1 / 64, 1 / 16, 1 / 4, 1.0, 4.0), "own")
    values = SECOND.analyse(MADE.given(given)).values
    assert values["span.raw"].text == "1"
    assert values["span.bn"].text == "1/64 to 4"


def test_the_page_says_what_a_smaller_rate_makes_of_large_kernels() -> None:
    given = {
        (named(RAW, 4.0, factor), end()): level
        for factor, level in (("tenth", 0.74), ("own", 0.14), ("tenfold", 0.1))
    }
    values = SECOND.analyse(MADE.given(given)).values
    assert (values["four.raw"].text, values["four.raw.three"].text) == ("14.0", "74.0")
