"""Two implementations agree where their means lie within a standard deviation of our runs."""

import numpy as np
import pytest

from bnreport.analysis.comparisons import Sample
from bnreport.analysis.reimplementations import Pair, side_by_side
from bnreport.records.collection import Records
from bnreport.records.reimplementation import By, Reimplementation
from tests.records.test_reimplementation import content

OURS = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize(("mean", "agrees"), [(2.99, True), (1.01, True), (3.01, False)])
def test_means_agree_within_one_standard_deviation_of_ours(mean: float, agrees: bool) -> None:
    # Theirs scatter more, which is no excuse.
    assert Pair(OURS, mean + np.array([-9.0, 9.0])).agrees is agrees


def test_what_was_not_repeated_is_not_shown() -> None:
    found = side_by_side(Records("full", {}), "PyTorch", {}, {}, 0.5)
    assert (found.values, found.tables) == ({}, {})


def test_both_stand_side_by_side() -> None:
    theirs = Reimplementation.model_validate(content())
    records = Records("full", {}, {}, {"pytorch": theirs})
    # Theirs are 8.7 and 8.9 on average, each with an interval of 6.35 to either side.
    first: dict[tuple[str, int, By], Sample] = {
        ("slow", 2, "m0.99"): Sample((), lambda _: OURS + 5.8),
        ("slow", 4, "m0.99"): Sample((), lambda _: OURS),
    }
    others: dict[tuple[str, int, By], Sample] = {
        ("quick", 4, "m0.9"): Sample((), lambda _: OURS + 3),
    }
    found = side_by_side(records, "PyTorch", first, others, 2.4)
    texts = {name: value.text for name, value in found.values.items()}
    assert texts == {
        "pytorch.seeds": "2",
        "pytorch.agreeing": "1 of 2",
        "pytorch.others": "1 of 1",
        "pytorch.above": "1 of 2",
        "pytorch.version": "2",
    }
    table = found.tables["pytorch"]
    assert table.head[1:] == ("Keras", "PyTorch", "SD of Keras' seeds", "within one SD")
    assert table.rows[:2] == (
        ("slow, batches of 2", "+7.80 [+5.32, +10.28]", "+8.70 [+2.35, +15.05]", "1.00", "yes"),
        ("slow, batches of 4", "+2.00 [−0.48, +4.48]", "+8.90 [+2.55, +15.25]", "1.00", "no"),
    )
