"""The facts that the protocol names are those that training finds, no more and no fewer."""

import pytest

from bnreport.protocol.facts import FACTS
from bnreport.training.facts import ask, courses, differences, numbers, spoiled, switches

# By part, what has a function for each group.
GROUPS = {
    "switches": switches.GROUPS,
    "numbers": numbers.GROUPS,
    "reference": differences.INPUTS,
    "spoiled": spoiled.GROUPS,
}


def test_every_group_of_facts_has_what_finds_it_and_the_other_way_round() -> None:
    assert {part: set(groups) for part, groups in GROUPS.items()} == {
        part: set(groups) for part, groups in FACTS.items()
    }
    assert ask.FINDERS.keys() == FACTS.keys()


def test_no_fact_has_two_groups() -> None:
    names = [name for groups in FACTS.values() for facts in groups.values() for name in facts]
    assert len(names) == len(set(names))


@pytest.mark.train
@pytest.mark.usefixtures("keras_ready")
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
    monkeypatch.setattr(courses, "AROUND", 1)
    # Whatever a net goes through, its facts have the same names.
    monkeypatch.setattr(spoiled, "course", lambda net, *_: courses.course(net, "plain", None, 1))
    for group, names in FACTS[part].items():
        found = [name for name, _ in ask.FINDERS[part](group, 1)]
        assert sorted(found) == sorted(names), group
