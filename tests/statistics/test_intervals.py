"""Every interval and test agrees with a hand computation or an independent one."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from bnreport.statistics.estimates import Fit, fit_of, oddities, paired
from bnreport.statistics.intervals import (
    Interval,
    MeanSquares,
    crossed_interval,
    mean_squares,
    median_interval,
    t_interval,
)
from bnreport.statistics.power import pairs_needed, spread_limit, tost_reach
from bnreport.statistics.significance import (
    discovery_rates,
    equivalence_p,
    holm,
    sign_flip_p,
    z_scores,
)

inf, nan = math.inf, math.nan


def half(interval: Interval) -> float:
    return (interval.high - interval.low) / 2


def crossed(
    rng: np.random.Generator, seeds: int, images: int, spread: tuple[float, float, float]
) -> NDArray[np.float64]:
    """Cells with that standard deviation of seeds, images and rest, around zero."""
    of_seed, of_image, rest = spread
    return (
        of_seed * rng.normal(size=(seeds, 1))
        + of_image * rng.normal(size=(1, images))
        + rest * rng.normal(size=(seeds, images))
    )


def test_the_t_interval_of_four_numbers_is_the_one_computed_by_hand() -> None:
    # Mean 2.5, variance 5/3, and the tables give 3.1824 for 3 degrees of freedom.
    found = t_interval([1, 2, 3, 4])
    reach = 3.182446 * math.sqrt(5 / 3) / 2
    assert (found.low, found.high) == pytest.approx((2.5 - reach, 2.5 + reach), abs=1e-6)
    assert (found.point, found.n, found.method) == (2.5, 4, "t")


def test_the_t_interval_is_the_one_of_scipy() -> None:
    x = np.random.default_rng(1).normal(3, 2, 12)
    found, expected = t_interval(x), stats.ttest_1samp(x, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-12)


@pytest.mark.parametrize(
    ("cells", "seeds", "images", "rest"),
    [
        ([[4, 0], [6, 2]], 4, 16, 0),  # rows 2 and 4, columns 5 and 1, nothing left over
        ([[14, 0], [16, 4]], 9, 169, 1),  # rows 7 and 10, columns 15 and 2, four times 1/2 left
    ],
)
def test_the_crossed_interval_of_two_by_two_cells_is_the_one_computed_by_hand(
    cells: list[list[int]], seeds: int, images: int, rest: int
) -> None:
    # From the mean squares: the variance of the mean, and Satterthwaite's degrees of freedom.
    parts = seeds + images - rest
    freedom = parts**2 / (seeds**2 + images**2 + rest**2)
    found = crossed_interval(cells)
    assert found.point == np.mean(cells)
    assert half(found) == pytest.approx(stats.t.ppf(0.975, freedom) * math.sqrt(parts / 4))
    assert (found.n, found.method) == (2, "seeds and images")


@pytest.mark.parametrize("spread", [(1.0, 4.0, 2.0), (1.0, 20.0, 2.0), (1.0, 0.0, 2.0)])
def test_the_crossed_interval_is_as_wide_as_a_bootstrap_of_seeds_and_images(
    spread: tuple[float, float, float],
) -> None:
    rng = np.random.default_rng(7)
    n, m, draws = 40, 400, 4000
    cells = crossed(rng, n, m, spread)
    of_seeds = rng.multinomial(n, np.full(n, 1 / n), size=draws)
    of_images = rng.multinomial(m, np.full(m, 1 / m), size=draws)
    means = ((of_seeds @ cells) * of_images).sum(axis=1) / (n * m)
    found = crossed_interval(cells)
    bootstrap = (np.quantile(means, 0.975) - np.quantile(means, 0.025)) / 2
    assert half(found) == pytest.approx(bootstrap, rel=0.06)


def test_the_crossed_interval_covers_the_mean_in_95_of_100_cases() -> None:
    rng = np.random.default_rng(3)
    found = [crossed_interval(crossed(rng, 12, 100, (1.0, 3.0, 3.0))) for _ in range(1000)]
    assert np.mean([interval.low <= 0 <= interval.high for interval in found]) == pytest.approx(
        0.95, abs=0.02
    )


def test_the_crossed_interval_is_the_t_interval_of_the_seeds_where_all_images_agree() -> None:
    seeds = np.random.default_rng(5).normal(1, 2, 12)
    found, expected = crossed_interval(np.tile(seeds[:, None], 50)), t_interval(seeds)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_the_crossed_interval_is_the_t_interval_of_the_images_where_all_seeds_agree() -> None:
    images = np.random.default_rng(6).normal(1, 2, 50)
    found, expected = crossed_interval(np.tile(images, (4, 1))), t_interval(images)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_the_crossed_interval_is_hardly_wider_than_that_of_the_seeds_without_image_variance() -> (
    None
):
    cells = crossed(np.random.default_rng(8), 12, 500, (1.0, 0.0, 1.0))
    ratio = half(crossed_interval(cells)) / half(t_interval(cells.mean(axis=1)))
    assert 1 <= ratio < 1.02


@pytest.mark.parametrize("seeds", range(2, 21))
def test_the_crossed_interval_is_never_narrower_than_that_of_the_seeds(seeds: int) -> None:
    rng = np.random.default_rng(seeds)
    for spread in np.exp(rng.uniform(-3, 3, size=(20, 3))):
        cells = crossed(rng, seeds, 60, tuple(spread))
        assert half(crossed_interval(cells)) >= half(t_interval(cells.mean(axis=1))) * (1 - 1e-12)


def test_the_crossed_interval_of_constant_cells_has_no_width() -> None:
    found = crossed_interval(np.full((3, 5), 0.25))
    assert (found.low, found.point, found.high) == (0.25, 0.25, 0.25)


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        ([1, 2], 2 / 4),  # sums 3, -1, 1, -3
        ([1, 2, 3], 2 / 8),
        ([3, -1, 1], 6 / 8),  # 5, 3, 3 and their opposites reach 3; 1 and -1 do not
        ([1, 2, 3, -4], 14 / 16),  # only 1 + 4 - 2 - 3 and its opposite are below 2
        ([1, 1, 1, 1, 1], 2 / 32),
        ([1, 1, 1, 1, -1], 12 / 32),  # at most one sign differs from the others
        ([0, 0, 0], 1),
        ([-2, 2], 1),
        ([1] * 12, 2 / 4096),
        ([1] * 24, 2 / 2**24),
        ([-5, -1, -3, -2, -2, -8, -1, -1, -1, -4, -9, -2], 2 / 4096),
    ],
)
def test_the_sign_flip_p_counts_the_patterns_that_reach_the_observed_sum(
    differences: list[float], p: float
) -> None:
    assert sign_flip_p(differences) == p


@pytest.mark.parametrize("differences", [[1, 2, -3, 4], [3, -1, 1], [1, 2, 3, -4, 5, -6]])
def test_the_sign_flip_p_counts_ties_despite_rounding(differences: list[int]) -> None:
    tenths = [value * 0.1 for value in differences]
    assert sign_flip_p(tenths) == sign_flip_p(differences)


@pytest.mark.parametrize("seed", range(3))
def test_the_sign_flip_p_is_that_of_the_exact_permutation_test_of_scipy(seed: int) -> None:
    # An even number of seeds and an odd one.
    d = np.random.default_rng(seed).normal(0.4, 1, 8 + seed)

    def size(x: NDArray[np.float64], axis: int) -> Any:
        return np.abs(x.mean(axis=axis))

    expected = stats.permutation_test(
        (d,), size, permutation_type="samples", n_resamples=np.inf, alternative="greater"
    )
    assert sign_flip_p(d) == pytest.approx(expected.pvalue, abs=1e-12)


def test_the_sign_flip_p_refuses_more_seeds_than_it_can_count() -> None:
    with pytest.raises(ValueError, match=r"at most 24 seeds. Received: 25"):
        sign_flip_p([1.0] * 25)


@pytest.mark.parametrize("value", [nan, inf])
def test_the_sign_flip_p_refuses_a_difference_that_is_not_finite(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        sign_flip_p([1.0, value, 2.0])


def test_the_median_interval_of_twelve_lies_between_the_third_and_the_tenth() -> None:
    # Two or fewer of twelve lie below the median in 79 of 4096 cases, three in 299.
    found = median_interval([7, 1, 12, 3, 9, 2, 8, 4, 11, 5, 10, 6])
    assert (found.low, found.point, found.high, found.n) == (3, 6.5, 10, 12)


@pytest.mark.parametrize("level", [0.8, 0.95, 1 - 0.05 / 8, 0.9999])
@pytest.mark.parametrize("n", range(6, 31))
def test_the_median_interval_is_the_narrowest_that_covers_at_its_level(
    n: int, level: float
) -> None:
    found = median_interval(np.arange(1, n + 1), level)
    if np.isinf(found.low):
        # Even the least and the largest cover it less often.
        assert 1 - 2 * 0.5**n < level
        return
    assert found.low == n + 1 - found.high
    rank = int(found.low)
    assert 1 - 2 * stats.binom.cdf(rank - 1, n, 0.5) >= level
    assert 1 - 2 * stats.binom.cdf(rank, n, 0.5) < level


@pytest.mark.parametrize("n", range(1, 6))
def test_the_median_interval_of_fewer_than_six_is_endless(n: int) -> None:
    found = median_interval(np.arange(n))
    assert (found.low, found.high) == (-inf, inf)


def test_infinite_values_take_part_in_the_median_interval() -> None:
    assert median_interval([*range(1, 11), inf, inf]).high == 10
    found = median_interval([-inf, *range(2, 10), inf, inf, inf])
    assert (found.low, found.point, found.high) == (3, 6.5, inf)


def test_a_paired_contrast_joins_the_t_interval_and_the_sign_flip_p() -> None:
    found = paired([1, 2, 3, 4])
    assert found.interval == t_interval([1, 2, 3, 4])
    assert (found.p, found.diverged) == (2 / 16, 0)


def test_a_paired_contrast_of_accuracies_covers_the_images_too() -> None:
    cells = crossed(np.random.default_rng(2), 4, 30, (1.0, 3.0, 1.0))
    found = paired(cells.mean(axis=1), cells=cells)
    assert found.interval == crossed_interval(cells)
    assert found.p == sign_flip_p(cells.mean(axis=1))


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        ([*range(1, 12), inf], 2 / 4096),
        ([*range(1, 10), inf, -1, -inf], 158 / 4096),  # 2 (1 + 12 + 66) patterns
        ([0, 0, 0, 1, 2, inf], 2 / 8),  # zeros have no sign
        ([0, 0], 1),
    ],
)
def test_a_paired_contrast_with_diverged_runs_is_judged_by_signs(
    differences: list[float], p: float
) -> None:
    found = paired(differences, diverged=1)
    assert found.interval == median_interval(differences)
    assert found.p == pytest.approx(p, rel=1e-12)
    assert found.diverged == 1


@pytest.mark.parametrize(("diverged", "value"), [(0, nan), (0, inf), (1, nan)])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_paired_contrast_refuses_a_difference_that_it_cannot_judge(
    diverged: int, value: float
) -> None:
    with pytest.raises(ValueError, match="Expected"):
        paired([1.0, 2.0, value], diverged)


@pytest.mark.parametrize(
    ("plain", "adjusted"),
    [
        ([], []),
        ([0.03], [0.03]),
        ([0.01, 0.04, 0.03], [0.03, 0.06, 0.06]),  # 3 x .01, 2 x .03, and .04 may not fall below
        ([0.02, 0.02, 0.02], [0.06, 0.06, 0.06]),
        ([0.9, 0.6, 0.001], [1.0, 1.0, 0.003]),
    ],
)
def test_holm_gives_the_values_computed_by_hand(plain: list[float], adjusted: list[float]) -> None:
    assert holm(plain) == pytest.approx(adjusted)


def test_holm_keeps_the_order_of_the_p_values() -> None:
    plain = np.random.default_rng(4).uniform(0, 0.2, 8)
    found = np.array(holm(list(plain)))
    assert (np.diff(found[np.argsort(plain)]) >= 0).all()
    assert (found >= plain).all()


def test_rates_of_false_discoveries_are_those_of_scipy() -> None:
    assert discovery_rates([]) == []
    # 3 / 1 x .01, 3 / 2 x .02, which the largest does not exceed, and .03.
    assert discovery_rates([0.03, 0.01, 0.02]) == pytest.approx([0.03, 0.03, 0.03])
    plain = np.random.default_rng(5).uniform(0, 0.2, 12).tolist()
    assert discovery_rates(plain) == pytest.approx(stats.false_discovery_control(plain).tolist())


def test_the_reach_of_two_one_sided_tests_is_the_one_computed_by_hand() -> None:
    # Spread 1 and n = 3. With two degrees of freedom t / sqrt(2 + t²) is 2 * 0.95 - 1, so that t²
    # is 2 * 0.81 / 0.19.
    assert tost_reach([1.0, 2.0, 3.0]) == pytest.approx(math.sqrt(1.62 / 0.19) / math.sqrt(3))
    # A margin that far from the mean is just refused at that level.
    reach = tost_reach([1.0, 2.0, 4.0], alpha=0.01)
    assert equivalence_p([1.0, 2.0, 4.0], 7 / 3 + reach) == pytest.approx(0.01)


def test_z_scores_count_standard_deviations_of_one_new_run() -> None:
    # Mean 2 and standard deviation 1; a new run strays from that mean by sqrt(1 + 1/3).
    found = z_scores([4, 2], [[1, 1], [2, 2], [3, 3]])
    assert found == pytest.approx([2 / math.sqrt(4 / 3), 0])


def test_mean_squares_part_what_seeds_and_images_differ_in() -> None:
    # Seeds differ by 2 and images by 1, and nothing is left; then one cell is off by 6.
    assert mean_squares([[0, 1, 2], [2, 3, 4]]) == MeanSquares(6, 2, 0, 3)
    squares = mean_squares([[0, 1, 2], [2, 3, 10]])
    assert (squares.seeds, squares.images, squares.rest) == pytest.approx((24, 14, 6))


def test_a_curve_far_off_gets_the_smallest_p() -> None:
    runs = np.random.default_rng(1).normal(size=(20, 3))
    found = fit_of([0, 0, 50], runs, offset=4)
    assert found.p == pytest.approx(1 / 21)
    assert found == Fit(
        float(np.abs(z_scores([0, 0, 50], runs)).max()),
        float(np.sqrt(np.mean(z_scores([0, 0, 50], runs) ** 2))),
        found.p,
        20,
        4,
        tuple(oddities(runs).tolist()),
    )


def test_the_rank_counts_the_runs_that_stray_as_far() -> None:
    # Left out in turn, 0 and 6 stray from (2, 4, 6) and (0, 2, 4) by 4 / (2 sqrt(4/3)), the other
    # two by less; 7 strays from all four by 4 / (sqrt(20/3) sqrt(5/4)) = 1.39, between the two.
    runs = [[0], [2], [4], [6]]
    assert fit_of([7], runs).p == pytest.approx((1 + 2) / 5)
    assert fit_of([3], runs).p == 1


def test_a_run_of_the_same_kind_is_refused_about_once_in_21_cases() -> None:
    rng = np.random.default_rng(11)
    p = np.array([fit_of(x[0], x[1:]).p for x in rng.normal(size=(1500, 21, 32))])
    assert (p < 0.05).mean() == pytest.approx(1 / 21, abs=0.015)
    assert p.mean() == pytest.approx(0.5, abs=0.05)


def test_runs_without_spread_fit_only_their_own_value() -> None:
    runs = np.ones((4, 2))
    assert fit_of([1, 1], runs) == Fit(0, 0, 1, 4, 0, (0, 0, 0, 0))
    assert fit_of([1, 2], runs).p == pytest.approx(1 / 5)
    assert fit_of([1, 2], runs).largest_z == inf


def test_a_diverged_run_cannot_be_fitted_and_is_not_dropped() -> None:
    with pytest.raises(ValueError, match="diverged"):
        fit_of([1.0, 1.0], [[1.0, 2.0], [2.0, nan], [3.0, 4.0]])


def test_a_published_value_must_be_a_number() -> None:
    with pytest.raises(ValueError, match="published"):
        fit_of([1.0, nan], [[1, 2], [2, 3], [3, 4]])


def test_a_pilot_of_ten_seeds_sets_a_limit_of_1_29_times_its_spread() -> None:
    values = np.random.default_rng(1).normal(size=10)
    assert spread_limit(values) / values.std(ddof=1) == pytest.approx(1.29, abs=0.005)


def test_the_true_spread_lies_below_the_limit_in_four_of_five_cases() -> None:
    draws = np.random.default_rng(2).normal(size=(4_000, 10))
    assert np.mean([spread_limit(each) > 1 for each in draws]) == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize(
    ("spread", "claims", "pairs"),
    # For one claim (2.201 + 0.876) / sqrt(12) = 0.888 and (2.069 + 0.858) / sqrt(24) = 0.597.
    [(1.12, 1, 12), (1.13, 1, 24), (1.67, 1, 24), (1.68, 1, 48), (3.0, 1, None), (1.12, 4, 24)],
)
def test_as_many_pairs_as_tell_the_margin_from_nothing(
    spread: float, claims: int, pairs: int | None
) -> None:
    assert pairs_needed(spread, 1.0, claims) == pairs
