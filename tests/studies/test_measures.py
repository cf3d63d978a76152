"""Each measure, against two or three seeds worked out by hand."""

from functools import cache
from math import inf, log
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from bnreport.analysis.keras_facts import BACKENDS, NAMES
from bnreport.protocol.directions import Quantity, check, history, score
from bnreport.protocol.facts import MODES
from bnreport.protocol.trials import Trial
from bnreport.statistics.estimates import Contrast, Exact
from bnreport.studies import all_studies
from bnreport.studies.convolution import RATES as SWEPT
from bnreport.studies.factorial import CELLS
from bnreport.studies.gradients import SMALL, start, trained
from bnreport.studies.initialization import SCALES, named
from bnreport.studies.notebook.published import (
    METRICS,
    PRINTED_EPOCHS,
    PUBLISHED_BASELINE,
    PUBLISHED_BN,
)
from bnreport.studies.rates import RATES
from bnreport.studies.shift import STEPS
from bnreport.studies.speed import THRESHOLD as FAST_ENOUGH
from bnreport.studies.toy import RATES as TOY_RATES
from tests.directed import IMAGES, Directed, lose

Given: TypeAlias = dict[tuple[str, Quantity], Any]
STUDIES = all_studies()
STUDY_OF = {claim.id: study.name for study in STUDIES.values() for claim in study.claims}
# As many as a study trains; those that a case does not speak of are like its first seed.
SEEDS = 12


@cache
def made(study: str) -> Directed:
    return Directed(STUDIES[study])


def by_seed(*seeds: ArrayLike) -> NDArray[np.float64]:
    """Numbers of these seeds, and the first one's for all others, (seeds, places, layers)."""
    rows = [np.asarray(row, float) for row in (*seeds, *([seeds[0]] * (SEEDS - len(seeds))))]
    found = np.array(rows)
    return found.reshape((*found.shape, *(1,) * (3 - found.ndim)))


def found(claim: str, given: Given, lost: str = "") -> Any:
    """What a claim is judged by where a study found these numbers and lost a trial's first run."""
    study = STUDY_OF[claim]
    records = made(study).given(given)
    return STUDIES[study].estimates[claim](lose(records, [lost]) if lost else records)


def differences(
    claim: str, given: Given, setting: str = "", seeds: int = 1, lost: str = ""
) -> list[float]:
    """The differences of the first seeds."""
    estimate = found(claim, given, lost)
    contrast = estimate[setting] if setting else estimate
    assert isinstance(contrast, Contrast)
    return list(contrast.values[:seeds])


def right(*shares: float, part: str = "test") -> NDArray[np.float64]:
    """Marks of which these shares are right, by seed, (seeds, 1, images)."""
    images = IMAGES[part]
    return by_seed(*(np.arange(images) < share * images for share in shares)).swapaxes(1, 2)


def arrives(*places: int, marks: int, early: float = 0.1) -> NDArray[np.float64]:
    """Curves that rise above any level at these marks for good, and once, alone, at mark 1."""
    place = np.arange(marks)
    return by_seed(
        *(np.where(place >= at, 0.99, np.where(place == 1, early, 0.1)) for at in places)
    )


def test_a_gain_is_the_difference_of_the_shares_of_images_that_are_right() -> None:
    test = score("test", 8)
    given = {("bn", test): right(1.0, 0.5), ("raw", test): right(0.5, 0.75)}
    assert differences("alternatives-bn-raw", given, seeds=2) == pytest.approx([50.0, -25.0])


def test_a_lead_is_the_difference_of_the_last_validation_accuracies() -> None:
    end = history("val_accuracy", 1)
    given = {("relu-2-bn", end): by_seed([0.9], [0.8]), ("relu-30-bn", end): by_seed([0.7], [0.85])}
    assert differences("depth-decay", given, seeds=2) == pytest.approx([20.0, -5.0])


def test_a_speedup_is_the_ratio_of_the_first_steps_that_stay_above_the_threshold() -> None:
    curve = check("val_accuracy")
    given = {
        # Marks come every 200 steps; a lone one above the threshold is smoothed away.
        ("bn-same", curve): arrives(4, 10, 4, marks=86, early=0.99),
        ("raw-same", curve): arrives(8, 5, 99, marks=86),
    }
    assert differences("speed-same-raw", given, seeds=3) == pytest.approx([log(2), -log(2), inf])


def test_a_width_is_the_longest_stretch_at_most_two_points_below_the_best_on_raw_pixels() -> None:
    end = history("val_accuracy", 3)

    def sweep(of: str, good: float, *rates: tuple[float, ...]) -> Given:
        """Good at these rates, by seed."""
        return {
            (f"{of}-{rate:g}", end): by_seed(*([good if rate in row else 0.6] for row in rates))
            for rate in RATES
        }

    raw = sweep("raw", 0.9, (0.1,), (0.1,))
    # Below the best by 1.9 points, and then by 2.1; a rate stands for half a decade.
    bn = sweep("bn", 0.881, (0.03, 0.1, 0.3), (0.003, 0.1, 0.3, 3.0))
    assert differences("rates-width-raw", raw | bn, seeds=2) == pytest.approx([1.0, 0.5])
    bn = sweep("bn", 0.879, (0.03, 0.1, 0.3), ())
    assert differences("rates-width-raw", raw | bn, seeds=2) == pytest.approx([-0.5, -0.5])


def test_the_highest_rate_is_the_last_at_which_half_of_the_answers_are_right() -> None:
    end = history("val_accuracy", 3)
    given = {
        (f"{of}-{rate:g}", end): by_seed(*([0.5 if rate in row else 0.49] for row in rates))
        for of, rates in {
            "bn": ((0.01, 1.0), (0.01, 3.0), (10.0,)),
            "raw": ((0.1,), (0.03,), (0.1,)),
        }.items()
        for rate in RATES
    }
    expected = [log(10), log(100), inf]
    assert differences("rates-highest-raw", given, seeds=3) == pytest.approx(expected)


def test_the_best_accuracy_of_each_seed_is_at_a_rate_of_its_own() -> None:
    end = history("val_accuracy", 3)
    given = {
        (f"{of}-{rate:g}", end): by_seed([first[n % 3]], [second[n % 3]])
        for of, first, second in (
            ("bn", (0.7, 0.9, 0.8), (0.85, 0.7, 0.1)),
            ("raw", (0.85, 0.1, 0.2), (0.1, 0.2, 0.9)),
        )
        for n, rate in enumerate(RATES)
    }
    assert differences("rates-best-raw", given, seeds=2) == pytest.approx([5.0, -5.0])


def test_a_width_of_scales_is_measured_from_the_seed_on_raw_pixels_at_scale_one() -> None:
    end = history("val_accuracy", 1)

    def scales(of: str, good: float, *which: float) -> Given:
        return {
            (named(of, "hidden", scale), end): by_seed([good if scale in which else 0.6])
            for scale in SCALES
        }

    # From the middle of 1/2 and 1 to that of 1 and 2 is a factor of 2; from 1/4 to 4, of 4 * 2 * 2.
    given = scales("raw", 0.9, 1.0) | scales("bn", 0.89, 0.25, 0.5, 1.0, 2.0, 4.0)
    # Below the raw net's floor of 0.88, and above one that BN would set.
    given[named("bn", "hidden", 16.0), end] = by_seed([0.875])
    wide = np.log10(np.sqrt(4 * 16) / np.sqrt(1 / 4 / 16)) - np.log10(2)
    expected = pytest.approx([wide], abs=1e-8)
    assert differences("initialization-width-raw", given, "hidden kernels") == expected


def test_a_width_of_a_convolutional_net_is_taken_after_its_last_step() -> None:
    end = check("val_accuracy", 313)
    # Good is 0.79, two points below the best on raw pixels, whatever an arm's own best is.
    found = {
        "bn": {0.03: 0.8, 0.1: 0.8, 0.3: 0.8, 1.0: 0.785},
        "raw": {0.1: 0.81},
        "std": {0.1: 0.9, 0.3: 0.8},
    }
    given = {
        (f"{of}-rate-{rate:g}", end): by_seed([by_rate.get(rate, 0.5)])
        for of, by_rate in found.items()
        for rate in SWEPT
    }
    assert differences("convolution-width-std", given) == pytest.approx([0.5])


def test_a_slowdown_is_the_ratio_of_the_seconds_of_each_round() -> None:
    given = {
        ("timing", history("fit_bn_32", 1, 2)): [[[3.0], [2.0]]],
        ("timing", history("fit_raw_32", 1, 2)): [[[2.0], [4.0]]],
    }
    found = differences("cost-bn-fit", given, "batch 32", seeds=2)
    assert found == pytest.approx([log(1.5), -log(2)])


def test_the_time_to_an_accuracy_is_its_steps_times_the_median_of_the_seconds() -> None:
    curve = check("val_accuracy")
    rounds = np.array([99.0] * 3 + [1.0] * 9)[None, :, None]
    given = {
        ("bn", curve): arrives(4, marks=52),
        ("raw", curve): arrives(12, marks=52),
        ("timing", history("fit_bn_32")): 2 * rounds,
        ("timing", history("fit_raw_32")): 1.0,
    }
    # A third of the steps at twice the time each.
    assert differences("cost-wall-raw", given, "fit") == pytest.approx([log(1.5)])


def test_what_dropout_costs_bn_more_is_a_difference_of_differences() -> None:
    test = score("test", 6)
    given = {
        ("bn", test): right(0.9),
        ("bn-between-0.5", test): right(0.7),
        ("raw", test): right(0.8),
        ("raw-dropout-0.5", test): right(0.75),
    }
    assert differences("dropout-more-raw", given) == pytest.approx([15.0])
    given = {**given, ("std", test): right(0.6), ("std-dropout-0.5", test): right(0.65)}
    assert differences("dropout-more-std", given) == pytest.approx([25.0])


def test_a_shift_is_that_of_the_variance_that_the_second_layer_meets() -> None:
    met = check("shift_ratio", 2580)
    given = {("bn-between-0.2", met): by_seed([[7.0, 0.5]], [[7.0, 4.0]])}
    found = differences("dropout-shift-between", given, "dropout 0.2", seeds=2)
    assert found == pytest.approx([log(2), -log(4)])


def test_statistics_taken_anew_are_compared_with_the_moving_averages_of_one_net() -> None:
    net = "bn-between-0.2"
    given = {
        (net, check("anew_accuracy", 2580)): by_seed([0.9]),
        (net, check("moving_accuracy", 2580)): by_seed([0.87]),
    }
    assert differences("dropout-anew", given, "dropout 0.2") == pytest.approx([3.0])
    given = {
        ("momentum-0.99", check("precise_accuracy", 100)): by_seed([0.8]),
        ("momentum-0.99", check("moving_accuracy", 100)): by_seed([0.3]),
    }
    assert differences("batchsize-lag", given) == pytest.approx([50.0])
    given = {
        ("bn-512", check("precise_accuracy", 80)): by_seed([0.8]),
        ("bn-512", history("val_accuracy", 2)): by_seed([0.75]),
    }
    assert differences("batchsize-precise-512", given) == pytest.approx([5.0])


def test_the_effect_of_a_factor_is_a_difference_of_means_over_the_other_nets() -> None:
    end = check("train_loss", 5157)
    nets = {inputs: [c for c in CELLS if c.inputs == inputs] for inputs in ("raw", "std")}

    def losses(inputs: str, plain: list[float], hidden: list[float]) -> Given:
        return {
            ("-".join(cell), end): by_seed([loss])
            for cell, loss in zip(nets[inputs], plain + hidden, strict=True)
        }

    # Means of 0.5 and 0.2 on raw pixels, and of 0.3 and 0.25 on standardized inputs.
    given = losses("raw", [0.4, 0.4, 0.4, 0.8], [0.1, 0.1, 0.1, 0.5])
    given = {**given, **losses("std", [0.3] * 4, [0.2, 0.2, 0.2, 0.4])}
    assert differences("factorial-hidden-raw", given) == pytest.approx([0.3])
    assert differences("factorial-interaction", given) == pytest.approx([0.25])
    assert differences("factorial-inputs", given) == pytest.approx([0.2])


@pytest.mark.slow
def test_nearer_to_one_is_judged_on_logarithms_whether_gradients_grow_or_vanish() -> None:
    def norms(*factors: float) -> NDArray[np.float64]:
        """Norms that change by a factor from each layer to the one before it; the output's own."""
        return by_seed(*([[*(f ** (19.0 - np.arange(20))), 77.0]] for f in factors))

    given = {
        (start("tanh", "bn", SMALL), check("slopes_outputs", 0)): norms(0.5, 2.0),
        (start("tanh", "none", SMALL), check("slopes_outputs", 0)): norms(4.0, 1.0),
    }
    found = differences("gradients-improve", given, "tanh", seeds=2)
    assert found == pytest.approx([log(4) - log(2), -log(2)])
    net = trained("bn", 0.1)
    given = {
        (net, check("slopes_outputs", 0)): norms(3.0),
        (net, check("slopes_outputs", 1)): norms(0.5),
    }
    assert differences("gradients-one-step", given, "rate 0.1") == pytest.approx([log(1.5)])


def test_a_loss_is_as_rough_as_the_geometric_mean_of_its_marks_during_training() -> None:
    def marks(high: int, least: float, *most: float) -> NDArray[np.float64]:
        """At each mark the largest number at so many of eight lengths, the least at the others."""
        return by_seed([[*[least] * (8 - high), *[x] * high] for x in most])

    raw, bn, setting = "2-raw-0.01", "2-bn-0.01", "depth 2, rate 0.01"
    beta, loss = check("along_beta"), check("along_loss")
    given = {(raw, beta): marks(1, 1.0, 100, 8, 8, 8), (bn, beta): marks(4, 0.5, 50, 1, 4, 16)}
    assert differences("landscape-beta-raw", given, setting) == pytest.approx([log(2)])
    assert differences("landscape-start-raw", given, setting) == pytest.approx([log(2)])
    # Ranges of 8, 8, 8 and of 1, 4, 16, at whatever level.
    given = {(raw, loss): marks(1, 2, 9, 10, 10, 10), (bn, loss): marks(4, 0.5, 9, 1.5, 4.5, 16.5)}
    assert differences("landscape-range-raw", given, setting) == pytest.approx([log(2)])
    longest = check("share_relative", layers=(2,))
    given = {
        (raw, longest): by_seed([[9.0], [6.0], [6.0], [6.0]]),
        (bn, longest): by_seed([[1.0], [1.0], [2.0], [4.0]]),
    }
    assert differences("landscape-share-raw", given, setting) == pytest.approx([log(3)])


def test_what_repeated_batches_add_is_less_where_others_gain_too() -> None:
    last, mates = history("accuracy", 10), check("mates_accuracy", 17190)
    given = {
        ("bn-fixed", last): by_seed([0.95]),
        ("bn-fresh", last): by_seed([0.9]),
        ("bn-fixed", mates): by_seed([0.87]),
        ("bn-fresh", mates): by_seed([0.85]),
    }
    assert differences("memorization-bn", given) == pytest.approx([5.0])
    setting = "raw pixels and BN"
    assert differences("memorization-mates", given, setting) == pytest.approx([3.0])


def test_late_validation_is_the_mean_of_the_last_three_epochs() -> None:
    late = history("val_accuracy", 7, 8, 9, 10)
    given = {
        ("bn-fresh", late): by_seed([0.1, 0.9, 0.6, 0.9]),
        ("bn-fixed", late): by_seed([0.9, 0.9, 0.6, 0.6]),
    }
    found = differences("memorization-validation", given, "raw pixels and BN")
    assert found == pytest.approx([10.0])


def test_the_accuracy_at_a_loss_is_interpolated_on_the_losss_logarithm() -> None:
    train, test = check("train_loss"), check("test_accuracy")
    # 0.3 is halfway from 0.6 to 0.15; the spike to 2.0 between them is no fall.
    losses = [1.2, 0.6, 2.0, 0.15, *[0.1] * 12]
    given = {
        ("bn-1024", train): by_seed(losses, [1.0] * 16),
        ("bn-1024", test): by_seed([0.7, 0.8, 0.1, 0.9, *[0.95] * 12]),
        ("raw-1024", train): by_seed(losses),
        ("raw-1024", test): by_seed([0.7, 0.8, 0.1, 0.84, *[0.85] * 12]),
    }
    # The second seed never falls so far, which counts as a tie.
    found = differences("regularization-same-raw", given, "1,024 images", seeds=2)
    assert found == pytest.approx([3.0, 0.0])
    given = {(f"ghost-{size}", train): by_seed(losses) for size in (8, 32, 512)}
    for size, end in ((8, 0.9), (32, 0.86), (512, 0.84)):
        given["ghost-" + str(size), test] = by_seed([0.7, 0.8, 0.1, end, *[0.95] * 12])
    assert differences("regularization-ghosts", given) == pytest.approx([2.0])


def test_a_test_loss_is_that_after_the_last_step() -> None:
    end = check("test_loss", 1920)
    given = {("bn-1024", end): by_seed([0.9]), ("raw-1024", end): by_seed([0.6])}
    found = differences("regularization-loss-raw", given, "1,024 images")
    assert found == pytest.approx([log(1.5)])


def test_a_drift_is_a_mean_over_layers_and_over_the_steps_that_follow_the_marks() -> None:
    def drift(found: str) -> Quantity:
        return check(f"drift_{found}", *(step + 1 for step in STEPS))

    first, rest = [9.0, 9.0], [[0.1, 0.5]] * 6
    setting = "depth 2, rate 0.01"
    given = {
        # Means of 0.4 and 0.1; what comes before the first step does not count.
        ("2-raw-0.01", drift("hidden")): by_seed([first, *rest, [1.0, 1.0]]),
        ("2-bn-0.01", drift("norm")): by_seed([first, *[[0.05, 0.15]] * 7]),
        ("2-bn-0.01", drift("hidden")): by_seed([first, *[[0.6, 1.0]] * 7]),
    }
    assert differences("shift-received-raw", given, setting) == pytest.approx([log(4)])
    assert differences("shift-outputs-raw", given, setting) == pytest.approx([-log(2)])


def test_gradients_change_by_the_layers_that_have_others_before_them() -> None:
    marks = check("ahead_distance", *STEPS[1:])
    given = {
        # The first layer has none before it.
        ("2-raw-0.01", marks): by_seed([[9.0, 0.2, 0.4]] * 7),
        ("2-bn-0.01", marks): by_seed([[0.0, 0.5, 0.7]] * 7),
    }
    found = differences("shift-ahead-raw", given, "depth 2, rate 0.01")
    assert found == pytest.approx([-log(2)])


def test_noisy_bn_is_held_against_three_quarters_of_what_bn_adds() -> None:
    end = history("val_accuracy", 2)
    given = {
        ("2-raw-0.01", end): by_seed([0.8]),
        ("2-bn-0.01", end): by_seed([0.84]),
        ("2-noisy-0.01", end): by_seed([0.85]),
    }
    found = differences("shift-noisy-gain", given, "depth 2, rate 0.01")
    assert found == pytest.approx([2.0])


def test_alikeness_is_a_difference_of_cosines_and_a_ratio_of_ranks() -> None:
    cosine, rank = check("last_cosine", 0), check("last_rank", 0)
    given = {
        ("none-50-raw", cosine): by_seed([0.9]),
        ("bn-50-raw", cosine): by_seed([0.2]),
        ("none-50-raw", rank): by_seed([5.0]),
        ("bn-50-raw", rank): by_seed([20.0]),
    }
    assert differences("collapse-cosine", given, "raw pixels") == pytest.approx([0.7])
    assert differences("collapse-rank", given, "raw pixels") == pytest.approx([log(4)])


def test_a_descent_is_measured_by_the_powers_of_ten_that_it_falls() -> None:
    name, setting = "condition-100", "condition 100"
    rates = np.array(TOY_RATES)

    def left(good: tuple[float, ...], best: float) -> NDArray[np.float64]:
        return by_seed(np.where(np.isin(rates, good), best, -1.0))

    given = {
        (name, history("bngd")): left((0.1, 0.1778, 0.3162, 10_000.0), -5.0),
        (name, history("gd")): left((0.1778,), -3.0),
    }
    # Four rates a decade.
    assert differences("toy-width", given, setting) == pytest.approx([0.5])
    assert differences("toy-large-rate", given, setting) == pytest.approx([3.0])
    name, setting = "condition-1000", "condition 1,000"
    given = {(name, quantity): values for (_, quantity), values in given.items()}
    # At 0.1 the one has fallen by five powers of ten, and the other by one; it falls more later.
    given[name, history("gd", 10_000.0)] = by_seed([-2.0])
    assert differences("toy-same-rate", given, setting) == pytest.approx([4.0])
    assert differences("toy-best-rate", given, setting) == pytest.approx([2.0])


def test_a_slowdown_in_per_cent_and_a_loss_above_the_printed_one() -> None:
    given: Given = {
        ("timing", history("compiled_bn", 1)): 1.3,
        ("timing", history("compiled_baseline", 1)): 1.0,
    }
    assert differences("d-compiled-time", given) == pytest.approx([30.0])
    names = ("bn-0.001", "bn-0.01", *(f"bn-one-epoch-{r:g}" for r in (0.003, 0.03, 0.1, 0.3, 1)))
    losses = (0.9, 0.5, 0.8, 0.4264, 0.6, 0.7, 2.0)
    given = {
        (name, history("loss", 1)): by_seed([loss])
        for name, loss in zip(names, losses, strict=True)
    }
    assert differences("b-any-rate", given) == pytest.approx([0.2])


def test_identities_count_their_largest_error() -> None:
    nets = ("before", "after", "notebook")
    given: Given = {(net, check("folding_agreement")): 1.0 for net in nets}
    given["after", check("folding_agreement", 313)] = by_seed([1.0], [0.9998])
    # Two of 10,000 images, in one of the runs, by step and by net.
    assert found("identities-classes", given) == Exact(2.0, SEEDS * 2 * 3)
    given = {
        ("before", check("biases_bias")): 0.01,
        ("before", check("biases_beta")): by_seed([[0.5, 0.2]] * 2, [[0.5, 0.1]] * 2),
    }
    assert found("identities-bias-before", given).largest == pytest.approx(0.1)
    given = {("before-exact", check("scaling_gradient")): by_seed([[0.9, 1.0, 1.0, 1.3]] * 2)}
    assert found("identities-scale-gradient", given).largest == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("claim", "setting", "kept", "lost", "expected"),
    [
        # Chance is a tenth, of the images or of a metric: in history, in marks, after a check.
        ("depth-decay", "", {("relu-2-bn", history("val_accuracy", 1)): 0.9}, "relu-30-bn", 80.0),
        ("alternatives-bn-raw", "", {("bn", score("test", 8)): 1.0}, "raw", 90.0),
        (
            "batchsize-precise-2",
            "raw",
            {("raw-2", history("val_accuracy", 2)): 0.6},
            "bn-2",
            50.0,
        ),
        (
            "convolution-small",
            "raw",
            {("bn-batch-2", check("val_accuracy", 5000)): 0.3},
            "raw-batch-2",
            -20.0,
        ),
        (
            "memorization-validation",
            "raw pixels and BN",
            {("bn-fresh", history("val_accuracy", 8, 9, 10)): 0.9},
            "bn-fixed",
            80.0,
        ),
        # Without bound: a drift, a roughness, a test loss, and the steps to an accuracy.
        ("shift-received-raw", "depth 2, rate 0.01", {}, "2-raw-0.01", inf),
        ("shift-received-raw", "depth 2, rate 0.01", {}, "2-bn-0.01", -inf),
        ("landscape-beta-raw", "depth 2, rate 0.01", {}, "2-bn-0.01", -inf),
        ("landscape-range-raw", "depth 2, rate 0.01", {}, "2-raw-0.01", inf),
        ("regularization-loss-raw", "1,024 images", {}, "bn-1024", inf),
        (
            "speed-same-raw",
            "",
            {("raw-same", check("val_accuracy")): arrives(6, marks=86)},
            "bn-same",
            -inf,
        ),
        # A shift that nobody can measure is none.
        ("dropout-shift-between", "dropout 0.2", {}, "bn-between-0.2", 0.0),
    ],
)
def test_a_lost_run_counts_as_chance_or_without_bound(
    claim: str, setting: str, kept: Given, lost: str, expected: float
) -> None:
    assert differences(claim, kept, setting, lost=lost) == pytest.approx([expected])


def test_a_lost_net_of_the_factorial_has_the_loss_of_guessing() -> None:
    end = check("train_loss", 5157)
    given: Given = {("-".join(cell), end): 0.3 for cell in CELLS}
    lost = next("-".join(c) for c in CELLS if (c.hidden, c.inputs) == ("plain", "raw"))
    # One of the four nets that are averaged.
    expected = pytest.approx([(log(10) - 0.3) / 4])
    assert differences("factorial-hidden-raw", given, lost=lost) == expected


VAL, VAL2, RUNNING = (
    history("val_accuracy", 1),
    history("val_accuracy", 2),
    history("accuracy", 10),
)
COSINE = check("last_cosine", 0)


@pytest.mark.parametrize(
    ("claim", "setting", "quantity", "first", "second"),
    [
        ("batchsize-small", "raw, 2", VAL2, "raw-2", "bn-2"),
        ("batchsize-small", "std, 2", VAL2, "std-2", "bn-2"),
        ("batchsize-large-raw", "32", VAL2, "bn-32", "raw-32"),
        ("batchsize-large-std", "512", VAL2, "bn-512", "std-512"),
        ("batchsize-others", "ln", VAL2, "ln-2", "bn-2"),
        ("batchsize-others", "gn", VAL2, "gn-2", "bn-2"),
        ("depth-relu-std", "depth 20", VAL, "relu-20-bn", "relu-20-std"),
        ("depth-relu-raw", "depth 30", VAL, "relu-30-bn", "relu-30-raw"),
        ("depth-tanh-raw", "depth 20", VAL, "tanh-20-bn", "tanh-20-raw"),
        ("depth-tanh-std", "depth 20", VAL, "tanh-20-bn", "tanh-20-std"),
        ("depth-sigmoid-raw", "depth 10", VAL, "sigmoid-10-bn", "sigmoid-10-raw"),
        ("depth-sigmoid-std", "depth 10", VAL, "sigmoid-10-bn", "sigmoid-10-std"),
        ("depth-decay-std", "", VAL, "relu-2-std", "relu-30-std"),
        ("initialization-small", "hidden kernels", VAL, "bn-hidden-0.015625", "bn-1"),
        ("initialization-large", "hidden kernels", VAL, "bn-1", "bn-hidden-64"),
        ("initialization-start-raw", "", VAL, "bn-1", "raw-unit-1"),
        ("initialization-start-std", "", VAL, "bn-1", "std-unit-1"),
        ("memorization-std-bn", "", RUNNING, "std-bn-fixed", "std-bn-fresh"),
        ("memorization-none", "raw pixels", RUNNING, "raw-fixed", "raw-fresh"),
        ("memorization-ln", "", RUNNING, "ln-fixed", "ln-fresh"),
        ("memorization-shuffled", "", RUNNING, "bn-shuffled", "bn-fresh"),
        (
            "convolution-large-raw",
            "32",
            check("val_accuracy", 313),
            "bn-rate-0.1",
            "raw-rate-0.1",
        ),
        (
            "convolution-large-std",
            "32",
            check("val_accuracy", 313),
            "bn-rate-0.1",
            "std-rate-0.1",
        ),
        (
            "convolution-small",
            "std",
            check("val_accuracy", 5000),
            "std-batch-2",
            "bn-batch-2",
        ),
    ],
)
def test_one_arm_is_ahead_of_another_by_percentage_points(
    claim: str, setting: str, quantity: Quantity, first: str, second: str
) -> None:
    given: Given = {
        (first, quantity): by_seed([0.75], [0.5]),
        (second, quantity): by_seed([0.5], [0.625]),
    }
    assert differences(claim, given, setting, seeds=2) == pytest.approx([25.0, -12.5])


@pytest.mark.parametrize(
    ("claim", "setting", "epoch", "first", "second"),
    [
        ("alternatives-bn-std", "", 8, "bn", "std"),
        ("alternatives-ln", "", 8, "ln", "bn"),
        ("alternatives-gn", "", 8, "gn", "bn"),
        ("alternatives-ws", "", 8, "ws", "bn"),
        ("alternatives-input-bn", "", 8, "input-bn", "std"),
        ("alternatives-unit", "", 8, "unit", "raw"),
        ("alternatives-centring", "", 8, "centred", "scaled"),
        ("dropout-place", "dropout 0.2", 6, "bn-last-0.2", "bn-between-0.2"),
        ("dropout-cost", "dropout 0.2", 6, "bn", "bn-between-0.2"),
        ("dropout-last", "dropout 0.2", 6, "bn-last-0.2", "bn"),
        ("placement-same-relu", "", 6, "relu-after", "relu-before"),
        ("placement-same-tanh", "", 6, "tanh-after", "tanh-before"),
        ("placement-before-relu", "", 6, "relu-before", "relu-after"),
        ("placement-after-tanh", "", 6, "tanh-after", "tanh-before"),
        ("placement-raw-relu", "before", 6, "relu-before", "relu-raw"),
        ("placement-std-relu", "after", 6, "relu-after", "relu-std"),
        ("placement-raw-tanh", "after", 6, "tanh-after", "tanh-raw"),
        ("placement-std-tanh", "before", 6, "tanh-before", "tanh-std"),
        ("regularization-end-raw", "1,024 images", 60, "bn-1024", "raw-1024"),
        ("regularization-end-std", "1,024 images", 60, "bn-1024", "std-1024"),
    ],
)
def test_one_arm_has_more_test_images_right_than_another(
    claim: str, setting: str, epoch: int, first: str, second: str
) -> None:
    test = score("test", epoch)
    given: Given = {(first, test): right(0.75, 0.5), (second, test): right(0.5, 0.75)}
    assert differences(claim, given, setting, seeds=2) == pytest.approx([25.0, -25.0])


@pytest.mark.parametrize(
    ("claim", "more", "less"),
    [
        ("collapse-plain", "none-50-raw", "none-2-raw"),
        ("collapse-depth", "bn-50-raw", "bn-2-raw"),
        ("collapse-layer", "none-50-raw", "ln-50-raw"),
        ("collapse-batch-layer", "ln-50-raw", "bn-50-raw"),
        ("collapse-shallow", "none-2-raw", "bn-2-raw"),
    ],
)
def test_inputs_are_more_alike_by_a_difference_of_cosines(claim: str, more: str, less: str) -> None:
    given: Given = {(more, COSINE): by_seed([0.9], [0.1]), (less, COSINE): by_seed([0.2], [0.4])}
    assert differences(claim, given, "raw pixels", seeds=2) == pytest.approx([0.7, -0.3])


def test_bn_on_raw_pixels_is_beside_no_normalizer_on_standardized_inputs() -> None:
    given: Given = {("bn-50-raw", COSINE): by_seed([0.2]), ("none-50-std", COSINE): by_seed([0.6])}
    found = differences("collapse-cosine", given, "BN on raw, none on standardized")
    assert found == pytest.approx([0.4])


@pytest.mark.parametrize(
    ("claim", "fast", "slow"),
    [
        ("convolution-speed-raw", "bn-rate-0.1", "raw-rate-0.1"),
        ("convolution-speed-std", "bn-rate-0.1", "std-rate-0.1"),
        ("speed-same-std", "bn-same", "std-same"),
        ("speed-best-raw", "bn-best", "raw-best"),
        ("speed-best-std", "bn-best", "std-best"),
    ],
)
def test_a_speedup_of_each_pair_is_the_slow_ones_steps_over_the_fast_ones(
    claim: str, fast: str, slow: str
) -> None:
    curve = check("val_accuracy")
    steps = next(
        trial.checks[0].steps
        for runs in STUDIES[STUDY_OF[claim]].runs
        if isinstance(trial := runs.trial, Trial) and trial.name == fast
    )
    given: Given = {
        (fast, curve): arrives(2, marks=len(steps)),
        (slow, curve): arrives(4, marks=len(steps)),
    }
    assert differences(claim, given) == pytest.approx([log(steps[4] / steps[2])])


def test_a_threshold_is_reached_where_it_is_met() -> None:
    curve, marks = check("val_accuracy"), np.arange(86)
    given: Given = {
        ("bn-same", curve): by_seed(np.where(marks >= 4, FAST_ENOUGH, 0.1)),
        ("raw-same", curve): by_seed(np.where(marks >= 8, FAST_ENOUGH, 0.1)),
    }
    assert differences("speed-same-raw", given) == pytest.approx([log(2)])


def test_each_normalizers_slowdown_is_beside_bn() -> None:
    given: Given = {
        ("timing", history("fit_bn_32", 1)): 2.0,
        ("timing", history("fit_ln_32", 1)): 3.0,
        ("timing", history("fit_gn_32", 1)): 5.0,
        ("timing", history("compiled_bn_32", 1)): 8.0,
        ("timing", history("compiled_raw_32", 1)): 4.0,
    }
    assert differences("cost-ln", given, "fit, batch 32") == pytest.approx([log(1.5)])
    assert differences("cost-gn", given, "fit, batch 32") == pytest.approx([log(2.5)])
    assert differences("cost-bn-compiled", given, "batch 32") == pytest.approx([log(2)])


def test_standardized_inputs_with_bn_take_the_time_of_a_net_with_bn() -> None:
    curve = check("val_accuracy")
    given: Given = {
        ("std-bn", curve): arrives(4, marks=52),
        ("bn", curve): arrives(6, marks=52),
        ("std", curve): arrives(12, marks=52),
        ("timing", history("compiled_bn_32")): 4.0,
        ("timing", history("compiled_raw_32")): 2.0,
    }
    # A third, or a half, of the steps at twice the time each.
    assert differences("cost-wall-std-bn", given, "compiled") == pytest.approx([log(1.5)])
    assert differences("cost-wall-std", given, "compiled") == pytest.approx([0.0])


def test_factors_per_layer_are_held_against_theory_and_against_other_batches() -> None:
    def norms(factor: float) -> NDArray[np.float64]:
        return by_seed([[*(factor ** (19.0 - np.arange(20))), 77.0]])

    at_start = check("slopes_outputs", 0)
    small, large = (f"relu-he-bn-{size}-raw-20" for size in (32, 256))
    given: Given = {(small, at_start): norms(3.0), (large, at_start): norms(1.5)}
    assert differences("gradients-batch", given, "ReLU from He") == pytest.approx([log(2)])
    # Wide layers of ReLU and BN: the root of pi / (pi - 1) a layer.
    theory = np.sqrt(np.pi / (np.pi - 1))
    found = differences("gradients-theory", given, "20 layers")
    assert found == pytest.approx([log(1.5 / theory)])
    given = {
        ("relu-he-none-32-raw-20", at_start): norms(1.5),
        ("relu-he-ln-32-raw-20", at_start): norms(0.5),
        ("relu-he-bn-32-raw-20", at_start): norms(3.0),
    }
    found = differences("gradients-explode", given, "ReLU from He")
    assert found == pytest.approx([log(2)])
    found = differences("gradients-layer", given, "ReLU from He")
    assert found == pytest.approx([log(1.5)])
    given = {
        ("trained-bn-0.1", check("slopes_outputs", 0)): norms(3.0),
        ("trained-bn-0.1", check("slopes_outputs", 400)): norms(2.0),
    }
    assert differences("gradients-later", given, "rate 0.1") == pytest.approx([log(1.5)])


def test_factors_of_the_net_are_averaged_over_the_others_alone() -> None:
    end = check("train_loss", 5157)

    def losses(factor: str, first: str, level: float) -> Given:
        return {
            ("-".join(cell), end): by_seed([level if getattr(cell, factor) == first else 0.25])
            for cell in CELLS
        }

    given = losses("activation", "leaky", 0.75)
    assert differences("factorial-activation", given) == pytest.approx([0.5])
    given = losses("initializer", "he", 0.5)
    assert differences("factorial-initializer", given) == pytest.approx([0.25])
    levels = {"raw": 0.5, "std": 0.75, "bn": 1.0}
    given = {
        ("-".join(cell), end): levels[cell.inputs] if cell.hidden == "plain" else 0.25
        for cell in CELLS
    }
    assert differences("factorial-hidden-std", given) == pytest.approx([0.5])
    assert differences("factorial-hidden-bn", given) == pytest.approx([0.75])
    given = {
        ("-".join(cell), history("val_accuracy", 3)): 0.5 if cell.hidden == "plain" else 0.75
        for cell in CELLS
    }
    assert differences("factorial-validation", given, "raw pixels") == pytest.approx([25.0])


def test_scales_that_a_start_undoes_change_nothing() -> None:
    given: Given = {
        (f"raw-unit-{scale:g}", VAL): by_seed([0.5], [accuracy])
        for scale, accuracy in ((1, 0.5), (1 / 64, 0.505), (64, 0.48))
    }
    # 0.5 and 2 points in the second seed; the largest counts.
    largest = found("initialization-unit", given)
    assert (largest.largest, largest.checks) == (pytest.approx(2.0), 2 * SEEDS)


def test_identities_are_held_against_what_each_of_them_says() -> None:
    nets = ("before", "after", "notebook")
    for claim, quantity, of in (
        ("identities-folding", "folding_difference", nets),
        ("identities-mates-training", "mates_batch", nets),
        ("identities-mates-inference", "mates_inference", nets),
        ("identities-alone", "mates_alone", nets),
        ("identities-scale-logits", "scaling_logits", ("before-exact",)),
        ("identities-scale-epsilon", "scaling_logits", ("before",)),
        ("identities-orthogonal", "scaling_cosine", ("before-exact",)),
        ("identities-orthogonal-epsilon", "scaling_cosine", ("before",)),
    ):
        for wrong in of:
            given: Given = {(net, check(quantity)): 0.001 for net in of}
            first = {(wrong, check(quantity, 0)): np.full((SEEDS, 1, 1), 0.001)}
            first[wrong, check(quantity, 0)][1] = -0.25
            assert found(claim, given | first).largest == pytest.approx(0.25), (claim, wrong)
    for wrong in ("after", "notebook"):
        given = {
            **{(net, check("biases_bias")): 0.25 for net in ("after", "notebook")},
            **{(net, check("biases_beta")): 2.5 for net in ("after", "notebook")},
            (wrong, check("biases_beta", 313)): 0.5,
        }
        assert found("identities-bias-after", given).largest == pytest.approx(0.5)


def test_a_method_fails_at_any_rate_at_which_it_ends_above_its_start() -> None:
    conditions = {runs.trial.name for runs in STUDIES["toy"].runs}
    given: Given = {(name, history("bngd")): -1.0 for name in conditions}
    good = found("toy-any-rate", given)
    assert (good.largest, good.checks) == (0.0, len(conditions) * SEEDS * len(TOY_RATES))
    name = sorted(conditions)[0]
    given[name, history("bngd", TOY_RATES[0])] = by_seed([-1.0], [0.5], [0.5])
    # A fall of less than nothing, in two seeds at one rate.
    assert found("toy-any-rate", given).largest == 2.0


def test_what_a_run_loses_on_its_way_has_no_bound() -> None:
    marks = check("along_beta")
    lost_later = np.ones((SEEDS, 4, 8))
    lost_later[0, 2:] = np.nan
    given: Given = {("2-bn-0.01", marks): 2.0, ("2-raw-0.01", marks): lost_later}
    expected = pytest.approx([inf, -log(2)])
    assert differences("landscape-beta-raw", given, "depth 2, rate 0.01", seeds=2) == expected


def keras_facts(part: str, backend: str) -> str:
    """The trial that finds the facts of a part on a backend."""
    return f"{part}-{backend}"


def facts(part: str, **values: float) -> Given:
    """Facts that both backends share."""
    return {
        (keras_facts(part, backend), history(name)): value
        for name, value in values.items()
        for backend in BACKENDS
    }


def test_a_use_counts_once_whatever_it_does_and_on_each_backend() -> None:
    states = ("frozen", "parent")
    names = [f"{s}_{m}_{what}" for s in states for m in MODES for what in ("batch", "moved")]
    nothing = facts("switches", **dict.fromkeys(names, 0.0))
    # Two states, five modes and two backends.
    assert found("keras-frozen", nothing) == Exact(0.0, 20)
    one, other = (keras_facts("switches", backend) for backend in BACKENDS)
    some = {
        (one, history("frozen_fit_batch")): 1.0,
        (one, history("frozen_fit_moved")): 1.0,
        (other, history("parent_true_moved")): 1.0,
        (other, history("parent_none_batch")): 1.0,
    }
    assert found("keras-frozen", nothing | some) == Exact(3.0, 20)


def test_what_is_not_compiled_again_stays_as_it_was_where_it_is_not_refused() -> None:
    late = "uncompiled_fit"
    stays = facts("switches", **{f"{late}_refused": 0, f"{late}_moved": 1, f"{late}_learned": 1})
    assert found("keras-compile", stays) == Exact(0.0, 2)
    for what, value in (("refused", 1.0), ("moved", 0.0), ("learned", 0.0)):
        given = {**stays, (keras_facts("switches", "jax"), history(f"{late}_{what}")): value}
        assert found("keras-compile", given).largest == 1.0, what
    assert found("keras-one", facts("numbers", **{"few_one-refused": 1.0})) == Exact(0.0, 2)
    assert found("keras-one", facts("numbers", **{"few_one-refused": 0.0})) == Exact(2.0, 2)


def test_numbers_of_keras_are_held_against_what_is_known_of_them() -> None:
    # The biased variance of 0, 1, 2 and 3 is (9 + 1 + 1 + 9) / 16.
    of = {"averages_variance-dense": 1.25, "averages_variance-image": 1.25}
    assert found("keras-biased", facts("numbers", **of)).largest == pytest.approx(0.0)
    of["averages_variance-image"] = 5 / 3
    biased = found("keras-biased", facts("numbers", **of))
    assert (biased.largest, biased.checks) == (pytest.approx(5 / 12), 4)
    # 55,000 images make 1,719 batches of 32, of which the last is smaller, and 14 of 4,096.
    batches = {32: 1719, 64: 860, 128: 430, 256: 215, 512: 108, 1024: 54, 2048: 27, 4096: 14}
    kept = {f"left_after-{size}": 0.99**count for size, count in batches.items()}
    left = found("keras-left", facts("numbers", **kept))
    assert (left.largest, left.checks) == (pytest.approx(0.0), 16)
    kept["left_after-4096"] += 0.125
    assert found("keras-left", facts("numbers", **kept)).largest == pytest.approx(0.125)


def test_backends_part_on_a_fact_by_more_than_rounding() -> None:
    alike = facts("switches", **dict.fromkeys(NAMES["switches"], 0.0))
    alike |= facts("numbers", **dict.fromkeys(NAMES["numbers"], 0.5))
    jax = keras_facts("numbers", "jax")
    rounded = {
        (jax, history(NAMES["numbers"][0])): 0.5 + 5e-6,
        (jax, history(NAMES["numbers"][1])): 0.5 - 5e-6,
    }
    count = len(NAMES["switches"]) + len(NAMES["numbers"])
    assert found("keras-backends", alike | rounded) == Exact(0.0, count)
    apart = {**rounded, (jax, history(NAMES["numbers"][1])): 0.5 - 2e-5}
    assert found("keras-backends", alike | apart) == Exact(1.0, count)
    errors = facts("reference", **dict.fromkeys(NAMES["reference"], 0.25))
    errors[keras_facts("reference", "jax"), history(NAMES["reference"][-1])] = 0.5
    assert found("keras-reference", errors) == Exact(0.5, 2 * len(NAMES["reference"]))


@pytest.mark.parametrize(
    ("claim", "gains"),
    [
        ("c-test", [25.0, -25.0]),
        ("c-printed-gap", [25.0, -25.0]),
        ("c-validation", [50.0, 0.0]),
    ],
)
def test_the_notebooks_nets_are_compared_on_one_part_after_ten_epochs(
    claim: str, gains: list[float]
) -> None:
    given: Given = {
        ("bn-0.01", score("test", 10)): right(0.75, 0.5),
        ("baseline-0.01", score("test", 10)): right(0.5, 0.75),
        ("bn-0.01", score("val", 10)): right(0.75, 0.5, part="val"),
        ("baseline-0.01", score("val", 10)): right(0.25, 0.5, part="val"),
    }
    assert differences(claim, given, seeds=2) == pytest.approx(gains)


@pytest.mark.parametrize(
    ("claim", "wide", "narrow"),
    [
        ("rates-width-std", "bn", "std"),
        ("rates-width-std-bn", "std-bn", "std"),
        ("rates-width-ln", "bn", "ln"),
    ],
)
def test_each_width_of_rates_is_beside_that_of_its_control(
    claim: str, wide: str, narrow: str
) -> None:
    end = history("val_accuracy", 3)
    good = {"raw": (0.1,), narrow: (0.03, 0.1), wide: (0.003, 0.01, 0.03, 0.1)}
    given: Given = {
        (f"{of}-{rate:g}", end): by_seed([0.9 if rate in rates else 0.6])
        for of, rates in good.items()
        for rate in RATES
    }
    # Two rates more, of half a decade each.
    assert differences(claim, given) == pytest.approx([1.0])


@pytest.mark.parametrize(
    ("claim", "wide"),
    [("initialization-width-std", "bn"), ("initialization-width-std-bn", "std-bn")],
)
def test_each_width_of_scales_is_beside_that_on_standardized_inputs(claim: str, wide: str) -> None:
    end = history("val_accuracy", 1)
    good = {"raw": (1.0,), "std": (1.0,), wide: (0.5, 1.0, 2.0)}
    given: Given = {
        (named(of, "all", scale), end): by_seed([0.9 if scale in scales else 0.6])
        for of, scales in good.items()
        for scale in SCALES
    }
    # From the middle of 1/4 and 1/2 to that of 2 and 4, less from that of 1/2 and 1 to its mirror.
    wider = np.log10(np.sqrt(2 * 4) ** 2) - np.log10(np.sqrt(2) ** 2)
    assert differences(claim, given, "all kernels") == pytest.approx([wider], abs=1e-8)


def test_a_width_of_the_convolutional_net_beside_raw_pixels() -> None:
    end = check("val_accuracy", 313)
    given: Given = {
        (f"{of}-rate-{rate:g}", end): by_seed([0.8 if rate in good else 0.5])
        for of, good in {"bn": (0.03, 0.1, 0.3), "raw": (0.1,)}.items()
        for rate in SWEPT
    }
    assert differences("convolution-width-raw", given) == pytest.approx([1.0])


@pytest.mark.parametrize("claim", ["rates-best-std", "rates-highest-std"])
def test_standardized_inputs_are_compared_at_their_own_rates(claim: str) -> None:
    end = history("val_accuracy", 3)
    found = {"bn": {0.3: 0.9, 1.0: 0.6}, "std": {0.03: 0.7, 0.1: 0.6}}
    given: Given = {
        (f"{of}-{rate:g}", end): by_seed([by_rate.get(rate, 0.1)])
        for of, by_rate in found.items()
        for rate in RATES
    }
    expected = {"rates-best-std": 20.0, "rates-highest-std": log(10)}
    assert differences(claim, given) == pytest.approx([expected[claim]])


@pytest.mark.parametrize(
    ("claim", "of_std", "of_bn"),
    [
        ("shift-ahead-std", "ahead_distance", "ahead_distance"),
        ("shift-received-std", "drift_hidden", "drift_norm"),
        ("shift-outputs-std", "drift_hidden", "drift_hidden"),
        ("landscape-beta-std", "along_beta", "along_beta"),
        ("landscape-start-std", "along_beta", "along_beta"),
        ("landscape-share-std", "share_relative", "share_relative"),
    ],
)
def test_standardized_inputs_are_beside_bn_in_each_ratio(
    claim: str, of_std: str, of_bn: str
) -> None:
    given: Given = {("2-std-0.01", check(of_std)): 6.0, ("2-bn-0.01", check(of_bn)): 2.0}
    assert differences(claim, given, "depth 2, rate 0.01") == pytest.approx([log(3)])


def test_a_range_of_losses_on_standardized_inputs() -> None:
    loss = check("along_loss")
    lengths = np.linspace(0, 1, 8)
    given: Given = {
        ("2-std-0.01", loss): by_seed([7 + 6 * lengths] * 4),
        ("2-bn-0.01", loss): by_seed([1 + 2 * lengths] * 4),
    }
    found = differences("landscape-range-std", given, "depth 2, rate 0.01")
    assert found == pytest.approx([log(3)])


def test_noisy_bn_drifts_in_what_its_activations_receive() -> None:
    given: Given = {
        ("2-noisy-0.01", check("drift_norm")): 6.0,
        ("2-noisy-0.01", check("drift_hidden")): 1.0,
        ("2-raw-0.01", check("drift_hidden")): 2.0,
    }
    found = differences("shift-noisy-drift", given, "depth 2, rate 0.01")
    assert found == pytest.approx([log(3)])


@pytest.mark.parametrize(
    ("claim", "first", "second"),
    [
        ("regularization-same-std", "bn-1024", "std-1024"),
        ("regularization-dropout", "dropout-1024", "raw-1024"),
    ],
)
def test_each_pair_is_compared_at_the_same_training_loss(
    claim: str, first: str, second: str
) -> None:
    train, test = check("train_loss"), check("test_accuracy")
    losses = [1.2, 0.3, *[0.1] * 14]
    given: Given = {
        (first, train): by_seed(losses),
        (second, train): by_seed(losses),
        (first, test): by_seed([0.1, 0.8, *[0.9] * 14]),
        (second, test): by_seed([0.1, 0.75, *[0.95] * 14]),
    }
    assert differences(claim, given, "1,024 images") == pytest.approx([5.0])


def test_what_is_left_of_the_differences_and_ratios() -> None:
    given: Given = {
        ("momentum-0.99", check("precise_accuracy", 640)): by_seed([0.8]),
        ("momentum-0.99", check("moving_accuracy", 640)): by_seed([0.75]),
    }
    assert differences("batchsize-caught-up", given) == pytest.approx([5.0])
    given = {("bn-last-0.2", check("shift_ratio", 2580)): by_seed([[7.0, 0.25]])}
    assert differences("dropout-shift-last", given, "dropout 0.2") == pytest.approx([log(4)])
    end = check("test_loss", 1920)
    given = {("bn-1024", end): by_seed([0.9]), ("std-1024", end): by_seed([0.3])}
    assert differences("regularization-loss-std", given, "1,024 images") == pytest.approx([log(3)])
    last, moving = history("accuracy", 10), check("moving_accuracy", 17190)
    given = {
        ("bn-fixed", last): by_seed([0.95]),
        ("bn-fresh", last): by_seed([0.9]),
        ("bn-fixed", moving): by_seed([0.7]),
        ("bn-fresh", moving): by_seed([0.8]),
    }
    assert differences("memorization-moving", given, "raw pixels and BN") == pytest.approx([15.0])
    at_start = check("slopes_outputs", 0)
    given = {
        (f"sigmoid-{norm}-32-raw-20", at_start): by_seed([[*(f ** (19.0 - np.arange(20))), 77.0]])
        for norm, f in (("bn", 0.5), ("none", 0.25))
    }
    assert differences("gradients-sigmoid", given, "sigmoid") == pytest.approx([log(2)])
    given = {("timing", history("fit_bn", 1)): 1.5, ("timing", history("fit_baseline", 1)): 1.0}
    assert differences("d-fit-time", given) == pytest.approx([50.0])


@pytest.mark.parametrize(
    ("claim", "uses", "count"),
    [
        ("keras-thawed", ["thawed_true", "thawed_fit"], 4),
        (
            "keras-evaluation",
            [
                f"{state}_{mode}"
                for state in ("trainable", "frozen", "parent", "thawed")
                for mode in ("none", "false", "evaluate")
            ],
            24,
        ),
        ("keras-told", ["told-model_fit", "told-layer_fit"], 4),
        ("keras-method", ["told-method_fit"], 2),
    ],
)
def test_each_use_is_asked_on_both_backends(claim: str, uses: list[str], count: int) -> None:
    names = [f"{use}_{what}" for use in uses for what in ("batch", "moved")]
    nothing = facts("switches", **dict.fromkeys(names, 0.0))
    assert found(claim, nothing) == Exact(0.0, count)
    for name in names:
        one = {(keras_facts("switches", "jax"), history(name)): 1.0}
        assert found(claim, nothing | one) == Exact(1.0, count), name


def printed(trial: str, shown: NDArray[np.float64], start: int, off: float = 0.0) -> Given:
    """Runs that scatter by 0.01 to both sides of a printed curve, or of one that lies so far off.

    The curve is met from the epoch after `start`.
    """
    sides = np.array([0.01, -0.01] * (SEEDS // 2))[:, None, None]
    at = range(start + 1, start + 1 + PRINTED_EPOCHS)
    return {
        (trial, history(metric, *at)): shown[:, column][None, :, None] + off + sides
        for column, metric in enumerate(METRICS)
    }


@pytest.mark.parametrize(
    ("claim", "trial", "shown", "start"),
    [
        ("a-rate-0.01", "baseline-0.01", PUBLISHED_BASELINE, 0),
        ("a-rate-0.001", "baseline-0.001", PUBLISHED_BASELINE, 0),
        ("a-follow-up", "baseline-0.01-follow-up", PUBLISHED_BASELINE, 0),
        ("a-follow-up-training", "baseline-0.01-follow-up", PUBLISHED_BASELINE, 0),
        ("b-fresh", "bn-0.01", PUBLISHED_BN, 0),
        ("b-new-batches", "bn-0.01", PUBLISHED_BN, 3),
        ("b-replayed-batches", "bn-0.01-replayed", PUBLISHED_BN, 10),
    ],
)
def test_a_printed_curve_is_counted_in_standard_deviations_of_one_more_run(
    claim: str, trial: str, shown: NDArray[np.float64], start: int
) -> None:
    fit = found(claim, printed(trial, shown, start))
    assert (fit.largest_z, fit.p, fit.n) == (pytest.approx(0.0, abs=1e-9), 1.0, SEEDS)
    assert fit.offset == start
    fit = found(claim, printed(trial, shown, start, off=0.005))
    # Twelve runs scatter by the root of 12 / 11 hundredths, and one more by that of 13 / 12 more.
    assert fit.largest_z == pytest.approx(0.5 / np.sqrt(12 / 11 * 13 / 12))
    assert fit.rms == pytest.approx(fit.largest_z)


def test_every_claim_has_a_case_worked_out_by_hand() -> None:
    here = Path(__file__)
    text = here.read_text(encoding="utf-8")
    # A study may have a file of cases of its own.
    own = {name: here.with_name(f"test_{name}.py") for name in STUDIES}
    cases = {name: path.read_text(encoding="utf-8") for name, path in own.items() if path.exists()}
    # The claims of later studies are made in loops, and worked out by hand in a file of the study's
    # own, part by part: their ids are put together there, too.
    looped = {
        claim.id
        for study in STUDIES.values()
        for edition in study.by_edition()
        for claim in edition.claims
        if claim.decided == "interval"
    }
    assert [
        claim
        for claim, study in STUDY_OF.items()
        if f'"{claim}"' not in text + cases.get(study, "")
        and not (claim in looped and study in cases)
    ] == []
