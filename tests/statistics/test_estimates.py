"""What claims are judged by, against numbers worked out by hand."""

import math

import numpy as np
import pytest
from scipy import stats

from bnreport.statistics.estimates import log_ratio, paired
from bnreport.statistics.power import detectable
from bnreport.statistics.significance import equivalence_p

inf = math.inf


def test_a_ratio_is_judged_on_its_logarithm() -> None:
    # ln 2 and ln 4: their mean is ln of the square root of 8.
    found = log_ratio([4.0, 8.0], [2.0, 2.0])
    assert math.exp(found.interval.point) == pytest.approx(math.sqrt(8))
    assert found.values == pytest.approx((math.log(2), math.log(4)))
    # Of the four patterns of signs, the observed one and its mirror image are as extreme.
    assert found.p == 0.5
    assert (found.diverged, found.censored) == (0, 0)


def test_a_run_that_never_arrives_is_a_sign_and_two_are_a_tie() -> None:
    # Slow over fast, in steps: the slow one never arrives twice, both never once.
    slow = [400.0, inf, inf, inf, 300.0, 500.0]
    fast = [200.0, 200.0, 100.0, inf, 100.0, 400.0]
    found = log_ratio(slow, fast)
    assert found.censored == 3
    assert found.values[3] == 0.0
    assert found.values[1] == inf
    # Five signs, all positive: two-sided 2 / 2^5.
    assert found.p == pytest.approx(2 / 32)
    # Sorted: 0, ln 1.25, ln 2, ln 3, infinity, infinity.
    assert found.interval.point == pytest.approx((math.log(2) + math.log(3)) / 2)
    assert found.interval.method == "median, sign test"


def test_when_either_side_loses_half_of_the_runs_nobody_is_ahead() -> None:
    found = log_ratio([inf, inf, 1.0, 1.0], [1.0, 1.0, inf, inf])
    assert found.interval.point == 0.0
    assert found.p == 1.0


def test_a_diverged_pair_is_judged_by_its_sign() -> None:
    # Accuracy in pp with one control at chance: the mean would be ruled by that one run.
    found = paired([1.0, 2.0, 1.5, 70.0, 0.5, 1.0], diverged=1)
    assert found.p == pytest.approx(2 / 64)
    assert found.interval.point == pytest.approx(1.25)
    assert found.diverged == 1


def test_equivalence_is_the_worse_of_two_one_sided_tests() -> None:
    # Mean 2, spread 1, n = 3: t = (2 - 5) / (1 / sqrt 3) = -5.196 with two degrees of freedom,
    # whose tail is 1/2 - t / (2 sqrt(2 + t²)).
    t = 3 * math.sqrt(3)
    assert equivalence_p([1.0, 2.0, 3.0], 5.0) == pytest.approx(0.5 - t / (2 * math.sqrt(2 + t**2)))
    assert equivalence_p([-1.0, -2.0, -3.0], 5.0) == pytest.approx(0.01755, abs=1e-5)
    assert equivalence_p([1.0, 2.0, 3.0], 2.0) == pytest.approx(0.5)


def test_the_detectable_effect_is_that_of_the_tables_of_power() -> None:
    # A paired t test at .05 finds an effect of one spread with ten pairs in .803 of the cases.
    values = np.array([-1.0, 1.0] * 5)
    spread = float(values.std(ddof=1))
    assert detectable(values, 0.05, power=0.803) == pytest.approx(spread, rel=0.005)
    assert detectable(3 * values, 0.05) == pytest.approx(3 * detectable(values, 0.05))
    assert detectable(values, 0.05 / 8) > detectable(values, 0.05)


@pytest.mark.parametrize("n", [12, 20])
@pytest.mark.parametrize("family", range(1, 25))
def test_the_detectable_effect_is_found_for_every_family(n: int, family: int) -> None:
    values = np.arange(n, dtype=float)
    assert 0 < detectable(values, 0.05 / family) < 3 * values.std(ddof=1)


def test_more_pairs_than_signs_can_be_flipped_of_are_tested_by_t() -> None:
    draws = np.random.default_rng(5).normal(0.5, 1.0, 48)
    p = paired(draws).p
    # Student's t by hand: mean over standard error, with 47 degrees of freedom.
    t = draws.mean() / (draws.std(ddof=1) / np.sqrt(48))
    assert p == pytest.approx(2 * stats.t.sf(abs(t), 47))
    # At the most pairs whose signs can be flipped both say much the same.
    some = draws[:24]
    assert paired(some).p == pytest.approx(stats.ttest_1samp(some, 0).pvalue, rel=0.2)
