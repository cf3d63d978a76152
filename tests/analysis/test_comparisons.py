"""Numbers of runs, reckoned seed by seed, and what judges by them; worked out by hand."""

from collections.abc import Callable
from math import inf, log

import numpy as np
import pytest

from bnreport.analysis.comparisons import Sample, gain, lead, ranked, runs_of, sign_tests, sooner
from bnreport.records.collection import Records
from bnreport.records.record import Record
from tests.directed import IMAGES, Directed, lose
from tests.studies.test_measures import STUDIES, by_seed, right

from bnreport.protocol.directions import check, history, score  # isort: skip

NOTHING = Records("full", {})


def given(*numbers: float, trial: str = "a") -> Sample:
    """A sample of these numbers, whatever the records."""
    return Sample((trial,), lambda _: np.array(numbers))


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        (given(3.0, 5.0) + given(1.0, 4.0), [4.0, 9.0]),
        (given(3.0, 5.0) - given(1.0, 4.0), [2.0, 1.0]),
        (given(3.0, 5.0) + 1, [4.0, 6.0]),
        (given(3.0, 5.0) - 1, [2.0, 4.0]),
        (2 * given(3.0, 5.0), [6.0, 10.0]),
        (given(3.0, 5.0) / 2, [1.5, 2.5]),
        (given(3.0, 5.0) * given(2.0, 4.0), [6.0, 20.0]),
        (given(3.0, 5.0) / given(2.0, 4.0), [1.5, 1.25]),
        (-given(3.0, -5.0), [-3.0, 5.0]),
        (abs(given(3.0, -5.0)), [3.0, 5.0]),
        (given(3.0, 5.0)[1:], [5.0]),
        (given(1.0, 4.0).map(np.sqrt), [1.0, 2.0]),
    ],
)
def test_samples_are_reckoned_seed_by_seed(sample: Sample, expected: list[float]) -> None:
    assert sample(NOTHING).tolist() == expected


def test_a_difference_is_read_from_the_trials_of_both_sides_each_once() -> None:
    both = given(1.0, trial="b") - given(1.0, trial="a") + given(1.0, trial="b")
    assert both.trials == ("b", "a")


def test_a_contrast_counts_lost_runs_of_any_of_its_trials_unless_they_are_what_is_measured(
    make_record: Callable[..., Record],
) -> None:
    def runs(*diverged: bool) -> dict[int, Record]:
        return {
            seed: make_record(seed).model_copy(update={"diverged": gone})
            for seed, gone in enumerate(diverged)
        }

    records = Records("full", {"a": runs(True, False, False), "b": runs(True, True, False)})
    sample = given(1.0, 2.0, 3.0, trial="a") - given(0.0, 0.0, 0.0, trial="b")
    found = sample.contrast()(records)
    assert (found.values, found.diverged) == ((1.0, 2.0, 3.0), 2)
    assert sample.contrast(lost=False)(records).diverged == 0
    one, other = given(4.0, 2.0, inf, trial="a"), given(2.0, 2.0, 1.0, trial="b")
    ratio = one.ratio(other)(records)
    assert ratio.values == pytest.approx((log(2), 0.0, inf))
    assert (ratio.diverged, ratio.censored) == (2, 1)
    assert one.ratio(other, lost=False)(records).diverged == 0


def test_the_interval_of_differences_by_image_covers_the_images_too() -> None:
    cells = np.array([[0.0, 2.0, 1.0], [2.0, 0.0, 4.0], [1.0, 1.0, 4.0]])
    found = Sample((), lambda _: cells).contrast(lost=False)(NOTHING)
    seeds_alone = Sample((), lambda _: cells.mean(axis=1)).contrast(lost=False)(NOTHING)
    assert found.values == seeds_alone.values == (1.0, 2.0, 2.0)
    assert found.interval.low < seeds_alone.interval.low


def test_arms_are_ranked_by_their_means() -> None:
    order = ranked(NOTHING, {"low": given(1.0, 9.0), "high": given(5.0, 6.0)})
    assert list(order) == ["high", "low"]
    assert order["low"].tolist() == [1.0, 9.0]


def test_the_sign_test_asks_how_many_seeds_and_not_how_far() -> None:
    judges = {
        name: given(*values).contrast(lost=False)
        for name, values in {"far": (9.0, 9.0, 9.0, 9.0), "mixed": (9.0, 9.0, -1.0, -1.0)}.items()
    }
    # Two of 16 patterns of signs are as far out as four alike; Holm doubles the least.
    assert sign_tests(NOTHING, judges) == {"far": pytest.approx(0.25), "mixed": 1.0}


def test_a_gain_counts_images_and_a_lost_run_counts_as_chance() -> None:
    test = score("test", 8)
    records = Directed(STUDIES["alternatives"]).given(
        {("bn", test): right(1.0, 0.5), ("raw", test): right(0.5, 0.75)}
    )
    found = gain("bn", "raw", 8)(records)
    assert found.values[:2] == pytest.approx((50.0, -25.0))
    assert (found.interval.method, found.diverged) == ("seeds and images", 0)
    found = gain("bn", "raw", 8)(lose(records, ["bn"]))
    assert found.values[:2] == pytest.approx((10.0 - 50.0, -25.0))
    assert found.diverged == 1
    assert runs_of("bn").correct(8)(lose(records, ["bn"])).shape == (12, IMAGES["test"])
    assert runs_of("bn").accuracy(8)(records)[:2].tolist() == [1.0, 0.5]


def test_a_history_is_that_of_all_epochs() -> None:
    given = np.broadcast_to(np.linspace(0.2, 0.9, 8)[:, None], (12, 8, 1))
    records = Directed(STUDIES["alternatives"]).given(
        {("bn", history("val_accuracy", *range(1, 9))): given}
    )
    assert runs_of("bn").history("val_accuracy")(records) == pytest.approx(given[:, :, 0])


def test_what_a_check_scored_of_a_run_that_diverged_is_chance() -> None:
    records = Directed(STUDIES["speed"]).given({("bn-same", check("val_accuracy")): by_seed([0.9])})
    scored = runs_of("bn-same").scored("val")(lose(records, ["bn-same"]))
    assert scored[:2, -1].tolist() == [0.1, 0.9]


def test_a_lead_is_that_of_the_last_epoch() -> None:
    end = history("val_accuracy", 1)
    records = Directed(STUDIES["depth"]).given(
        {("relu-2-bn", end): by_seed([0.9]), ("relu-30-bn", end): by_seed([0.7])}
    )
    assert lead("relu-2-bn", "relu-30-bn")(records).values[0] == pytest.approx(20.0)
    found = lead("relu-2-bn", "relu-30-bn")(lose(records, ["relu-30-bn"]))
    # 0.9 against chance.
    assert found.values[0] == pytest.approx(80.0)
    assert found.diverged == 1


def test_who_needs_fewer_steps_is_sooner() -> None:
    curve, marks = check("val_accuracy"), np.arange(86)
    records = Directed(STUDIES["speed"]).given(
        {
            ("bn-same", curve): by_seed(np.where(marks >= 4, 0.9, 0.1)),
            ("raw-same", curve): by_seed(np.where(marks >= 8, 0.9, 0.1)),
        }
    )
    assert sooner("bn-same", "raw-same", "val", 0.87)(records).values[0] == pytest.approx(log(2))
    assert runs_of("bn-same").steps_until("val", 0.87)(records)[0] == 800
