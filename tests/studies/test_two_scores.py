"""BN by its moving averages and by precise statistics: which records each number comes from."""

import re
from collections.abc import Callable, Mapping

import pytest

from bnreport.presentation.tables import Value
from bnreport.records.collection import Records, by_trial
from bnreport.records.record import Record
from bnreport.studies import all_studies
from tests import fabricated

# A change of half a percentage point of each seed, as no spread of the seeds could make it.
STEP = 0.005


def changed(name: str, trial: str, change: Callable[[Record], Record]) -> Records:
    """Made-up records of a study with those of one trial changed."""
    study = all_studies()[name]
    found = {
        key: change(record) if record.identity.trial.name == trial else record
        for key, record in fabricated.records(study).items()
    }
    return Records("full", by_trial(found))


def raised(check: str) -> Callable[[Record], Record]:
    """Raise the last mark of a check by `STEP`."""

    def change(record: Record) -> Record:
        *before, end = record.checks[check]
        assert isinstance(end, float)
        return record.model_copy(update={"checks": {**record.checks, check: (*before, end + STEP)}})

    return change


def moved(before: Mapping[str, Value], after: Mapping[str, Value]) -> dict[str, float]:
    """By how much each number with the unit pp differs."""

    def points(value: Value) -> float:
        return float(value.text.split("\u2009")[0].replace("\u2212", "-"))

    return {
        name: round(points(after[name]) - points(value), 2)
        for name, value in before.items()
        if re.search(r"\d\u2009pp$", value.text) and after[name].text != value.text
    }


def values(name: str, records: Records) -> Mapping[str, Value]:
    return all_studies()[name].analyse(records).values


def test_precise_statistics_of_one_batch_size_move_the_precise_numbers_of_that_size_alone() -> None:
    before = values("batchsize", changed("batchsize", "none", raised("precise_accuracy")))
    after = values("batchsize", changed("batchsize", "bn-512", raised("precise_accuracy")))
    assert moved(before, after) == pytest.approx(
        {"precise-raw.512": 0.5, "precise-std.512": 0.5}, abs=0.011
    )


def test_precise_statistics_of_bn_move_what_the_dropout_claims_would_find() -> None:
    before = values("dropout", changed("dropout", "none", raised("anew_accuracy")))
    after = values("dropout", changed("dropout", "bn", raised("anew_accuracy")))
    assert moved(before, after) == pytest.approx(
        {
            "repaired.none": 0.5,
            "anew-raw": 0.5,
            "anew-std": 0.5,
            "anew-cost.0.2": 0.5,
            "anew-cost.0.5": 0.5,
            "anew-last.0.2": -0.5,
            "anew-last.0.5": -0.5,
        },
        abs=0.011,
    )


def test_dropout_after_every_block_is_the_one_that_is_behind() -> None:
    before = values("dropout", changed("dropout", "none", raised("anew_accuracy")))
    after = values("dropout", changed("dropout", "bn-between-0.5", raised("anew_accuracy")))
    assert moved(before, after) == pytest.approx(
        {"anew-cost.0.5": -0.5, "anew-place.0.5": -0.5}, abs=0.011
    )
