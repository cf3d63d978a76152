"""The facts that the protocol names are those that training finds, no more and no fewer."""

from typing import Any

import numpy as np
import pytest

from bnreport.protocol.facts import FACTS, LINGER, TUNED
from bnreport.training.facts import ask, courses, differences, numbers, spoiled, switches, tuned

# By part, what has a function for each group.
GROUPS = {
    "switches": switches.GROUPS,
    "numbers": numbers.GROUPS,
    "reference": differences.INPUTS,
    "spoiled": spoiled.GROUPS,
    "tuned": tuned.NETS,
}


@pytest.fixture
def _quick_to_fit(keras_ready: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """Fit each net with a step that is traced once, since its optimizer is built, without XLA."""
    import keras

    ordinary = keras.Model.compile

    def compiled(model: Any, *arguments: Any) -> None:
        ordinary(model, *arguments, jit_compile=False)
        model.optimizer.build(model.trainable_variables)

    monkeypatch.setattr(keras.Model, "compile", compiled)


def test_every_group_of_facts_has_what_finds_it_and_the_other_way_round() -> None:
    assert {part: set(groups) for part, groups in GROUPS.items()} == {
        part: set(groups) for part, groups in FACTS.items()
    }
    assert ask.FINDERS.keys() == FACTS.keys()


def test_no_fact_has_two_groups() -> None:
    names = [name for groups in FACTS.values() for facts in groups.values() for name in facts]
    assert len(names) == len(set(names))


@pytest.mark.train
@pytest.mark.usefixtures("_quick_to_fit")
# NumPy warns of how it reads the variables of Keras.
@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")
@pytest.mark.parametrize("part", FACTS)
def test_keras_is_asked_for_the_facts_that_are_named(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The fewest for which each size of batches has a number of steps of its own.
    monkeypatch.setattr(numbers, "IMAGES", 4096)
    monkeypatch.setattr(differences, "CASES", 1)
    monkeypatch.setattr(spoiled, "MANY", 1)
    monkeypatch.setattr(spoiled, "LINGER", LINGER._replace(within=1e4))
    monkeypatch.setattr(courses, "AROUND", 1)
    monkeypatch.setattr(tuned, "EPOCHS", 1)
    # Whatever a net goes through, its facts have the same names.
    monkeypatch.setattr(spoiled, "course", lambda net, *_: courses.course(net, "plain", None, 1))
    for group, names in FACTS[part].items():
        found = [name for name, _ in ask.FINDERS[part](group, 1)]
        assert sorted(found) == sorted(names), group


def test_numbers_are_apart_where_a_single_bit_is() -> None:
    numbers = np.array([1.0, 2.0, np.nan, 0.0], np.float32)
    assert tuned.apart(numbers, numbers.copy()) == 0
    others = np.array([1.0, np.nextafter(np.float32(2), np.float32(3)), np.nan, -0.0], np.float32)
    assert tuned.apart(numbers, others) == 0.5


@pytest.mark.train
@pytest.mark.usefixtures("_quick_to_fit")
@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")
@pytest.mark.parametrize("net", TUNED)
def test_a_net_is_tuned_from_the_same_start_and_its_frozen_averages_stay(
    net: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuned, "EPOCHS", 1)
    plain, frozen = (tuned.tune(net, way, 1) for way in ("plain", "frozen"))
    assert np.array_equal(plain.began, frozen.began)
    assert np.array_equal(frozen.averages, frozen.began)
    assert not np.any(plain.averages == plain.began)
    # Two BN of twelve units each, or three where a base has one more.
    assert plain.averages.size == 2 * tuned.UNITS * (3 if net == "nested" else 2)
